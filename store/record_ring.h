// RecordRing: the newest committed change records, in memory, shared by all readers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "store/item.h"

namespace kless {

class RecordRing {
 public:
  RecordRing(std::size_t records_max, std::size_t bytes_max)
      : records_max_(records_max), bytes_max_(bytes_max) {}

  // Records come in order of sequence, without holes.  The oldest leave when there are too many, or
  // too many bytes; the newest one always stays.
  void Push(RecordPtr record);
  bool empty() const { return records_.empty(); }
  // Of the oldest and newest record; the ring is not empty.
  std::uint64_t first() const { return records_.front().record->sequence; }
  std::uint64_t last() const { return records_.back().record->sequence; }
  bool Contains(std::uint64_t sequence) const {
    return !empty() && sequence >= first() && sequence <= last();
  }
  const RecordPtr& At(std::uint64_t sequence) const {
    return records_[static_cast<std::size_t>(sequence - first())].record;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  const std::size_t records_max_;
  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  struct Entry {
    RecordPtr record;
    std::size_t bytes = 0;  // so that a leaving record, long out of the CPU's cache, is not walked
  };
  std::deque<Entry> records_;
};

}  // namespace kless
