// MappingLane: the records of one lane of a shard that wait for delivery, in order.
//
// With tumbling windows a lane is a shard and has at most one window open.
//
// Bounded: a full lane accepts no records, and its shard resumes reading once the lane has drained.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "emulator/base/loop/event_loop.h"
#include "functions/pool/function_event.h"
#include "store/item/item.h"

namespace kless {

class MappingLane {
 public:
  // `window` is how long a batch may wait for more records, counted from its first one; `tumbling`
  // is the length of tumbling windows, 0: none.
  MappingLane(int batch_size, Duration window, Duration tumbling);

  // `visible_at` is when the mapping sees the record; it must not be earlier than that of the
  // previous record.
  void Add(RecordPtr record, TimePoint visible_at);
  bool Full() const;
  // Whether the lane has drained far enough to resume reading.
  bool HasRoom() const;
  // Returns when a batch is due: once it is full (by records or bytes), or when its window ends; or
  // when the end of the open tumbling window is due.
  std::optional<TimePoint> DueAt() const;
  // Whether the open tumbling window has ended: nothing of it is in the queue, and a record of a
  // later one is visible, or the time to wait for its records is over, or its state was too large.
  bool WindowIsOver(TimePoint now) const;
  // Removes and returns the next batch, of records visible at `now` and of one tumbling window;
  // never empty if a batch is due and the open window is not over.
  std::vector<RecordPtr> Cut(TimePoint now);
  std::size_t size() const { return queue_.size(); }
  // The next record; null if there is none.
  RecordPtr front() const { return queue_.empty() ? nullptr : queue_.front().record; }

  int shard = 0;
  bool running = false;                     // a batch is being delivered, or is about to be
  std::optional<EventLoop::TimerId> timer;  // wakes the lane when a batch is due
  std::optional<EventWindow> open;          // tumbling window
  TimePoint open_until{};                   // when its end is due at the latest

 private:
  struct Queued {
    RecordPtr record;
    std::size_t bytes;
    TimePoint visible_at;
  };
  // Where the tumbling window of the next batch ends, in Unix time; the maximum without windows.
  std::int64_t WindowEnd() const;
  std::size_t IndexOfLater(std::int64_t window_end) const;

  const std::size_t batch_size_;
  const Duration window_;
  const Duration tumbling_;
  const std::size_t capacity_;
  std::deque<Queued> queue_;
  std::size_t bytes_ = 0;
};

}  // namespace kless
