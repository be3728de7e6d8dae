// RecordRing: what the store keeps in memory for all readers: the newest committed change records,
// and behind them the images that items still have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>

#include "store/item.h"

namespace kless {

class RecordRing {
 public:
  // Bytes of images count once, however many records share them; strings' and allocations' overhead
  // is roughly included.
  RecordRing(std::size_t records_max, std::size_t bytes_max, std::size_t images_bytes_max)
      : records_max_(records_max), bytes_max_(bytes_max), images_bytes_max_(images_bytes_max) {}

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

  // The image that record `sequence` wrote: of the ring's records any, of older ones the most
  // recent of those that items still have.  Null: it is not here.
  ItemPtr Image(std::uint64_t sequence) const;
  std::size_t images_bytes() const { return images_bytes_; }

 private:
  struct Entry {
    RecordPtr record;
    // Known when it leaves: an image that is long out of the CPU's cache is not walked again.
    std::size_t bytes = 0;            // of the record with the images that it alone keeps
    std::size_t image_bytes = 0;      // of its new image; 0: none
    std::uint64_t superseded_by = 0;  // the record whose old image is this one's new image
  };

  struct KeptImage {
    ItemPtr image;
    std::size_t bytes = 0;
  };

  void PopFront();
  void KeepImage(ItemPtr image, std::size_t bytes);
  void DropImage(std::uint64_t sequence);

  const std::size_t records_max_;
  const std::size_t bytes_max_;
  const std::size_t images_bytes_max_;
  std::size_t bytes_ = 0;
  std::deque<Entry> records_;
  // Images of records that have left, by sequence: the longest unchanged leave first.
  std::map<std::uint64_t, KeptImage> images_;
  std::size_t images_bytes_ = 0;
};

}  // namespace kless
