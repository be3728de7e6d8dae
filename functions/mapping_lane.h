// MappingLane: the records of one lane of a shard that wait for their batch, in order.
//
// Bounded: a lane that is full takes no more, and its shard is read on once it has drained.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "emulator/base/scheduler.h"
#include "store/item.h"

namespace kless {

class MappingLane {
 public:
  // window: how long a batch may wait for more records, from its first one.
  MappingLane(int batch_size, Duration window);

  // visible_at: when the mapping gets to see the record; not before that of the record before it.
  void Add(RecordPtr record, TimePoint visible_at);
  bool Full() const;
  // Has drained far enough that reading on is worth it.
  bool HasRoom() const;
  // When a batch is due: once it is full (by records or bytes), or its window is over.
  std::optional<TimePoint> DueAt() const;
  // The next batch, of records visible at `now`; never empty if a batch is due.
  std::vector<RecordPtr> Cut(TimePoint now);
  std::size_t size() const { return queue_.size(); }

  int shard = 0;
  bool running = false;                     // a batch is being delivered, or is about to be
  std::optional<Scheduler::TimerId> timer;  // wakes the lane when a batch is due

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
