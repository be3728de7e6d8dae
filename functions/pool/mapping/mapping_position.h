// ShardPosition: the progress of an event source mapping in one shard.
//
// Records are added in the order of the shard and settled (delivered or given up) in any order; all
// records up to the position are settled.  Adding is O(1), settling O(log n).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "store/item/item.h"

namespace kless {

class ShardPosition {
 public:
  void Add(const ChangeRecord& record) {
    open_.push_back({record.sequence, record.unix_nanos, false});
    ++unsettled_;
  }
  void Settle(std::uint64_t sequence);

  // Sequence of the oldest record that is not settled.
  std::optional<std::uint64_t> OldestSequence() const;
  std::optional<std::int64_t> OldestUnixNanos() const;
  std::uint64_t unsettled() const { return unsettled_; }

 private:
  struct Open {
    std::uint64_t sequence;
    std::int64_t unix_nanos;
    bool settled;
  };
  std::deque<Open> open_;  // the first one is not settled
  std::uint64_t unsettled_ = 0;
};

}  // namespace kless
