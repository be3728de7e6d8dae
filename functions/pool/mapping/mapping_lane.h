// MappingLane: the records of one lane of a shard that wait for delivery, in order.
//
// Bounded: a full lane accepts no records, and its shard resumes reading once the lane has drained.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "emulator/base/loop/event_loop.h"
#include "store/item/item.h"

namespace kless {

class MappingLane {
 public:
  // `window` is how long a batch may wait for more records, counted from its first one.
  MappingLane(int batch_size, Duration window);

  // `visible_at` is when the mapping sees the record; it must not be earlier than that of the
  // previous record.
  void Add(RecordPtr record, TimePoint visible_at);
  bool Full() const;
  // Whether the lane has drained far enough to resume reading.
  bool HasRoom() const;
  // Returns when a batch is due: once it is full (by records or bytes), or when its window ends.
  std::optional<TimePoint> DueAt() const;
  // Removes and returns the next batch, of records visible at `now`; never empty if a batch is due.
  std::vector<RecordPtr> Cut(TimePoint now);
  std::size_t size() const { return queue_.size(); }

  int shard = 0;
  bool running = false;                     // a batch is being delivered, or is about to be
  std::optional<EventLoop::TimerId> timer;  // wakes the lane when a batch is due

 private:
  struct Queued {
    RecordPtr record;
    std::size_t bytes;
    TimePoint visible_at;
  };
  const std::size_t batch_size_;
  const Duration window_;
  const std::size_t capacity_;
  std::deque<Queued> queue_;
  std::size_t bytes_ = 0;
};

}  // namespace kless
