// RecordRing: the store's in-memory cache for all readers: the newest committed change records, and
// current images that are older than those.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "store/item/item.h"

namespace kless {

class RecordRing {
 public:
  // Bytes of images count once, however many records share them; the overhead of strings and
  // allocations is roughly included.
  RecordRing(std::size_t records_max, std::size_t bytes_max, std::size_t images_bytes_max)
      : records_max_(records_max), bytes_max_(bytes_max), images_bytes_max_(images_bytes_max) {}

  // Records are pushed in order of sequence, without gaps.  The oldest are dropped when there are
  // too many records or bytes; the newest always stays.
  void Push(RecordPtr record);
  bool empty() const { return records_.empty(); }
  // Sequence of the oldest and newest record; the ring must not be empty.
  std::uint64_t first() const { return records_.front().record->sequence; }
  std::uint64_t last() const { return records_.back().record->sequence; }
  bool Contains(std::uint64_t sequence) const {
    return !empty() && sequence >= first() && sequence <= last();
  }
  const RecordPtr& At(std::uint64_t sequence) const {
    return records_[static_cast<std::size_t>(sequence - first())].record;
  }
  std::size_t bytes() const { return bytes_; }

  // Returns the image that record `sequence` wrote: any image of a record in the ring, or one of
  // the most recent current images that are older.  Null if it is not cached.
  ItemPtr Image(std::uint64_t sequence) const;
  std::size_t images_bytes() const { return images_bytes_; }

 private:
  struct Entry {
    RecordPtr record;
    ItemPtr image;  // the record's new image, here to be found without a look at the record
    // Stored so that removing the record need not walk an image that has long left the CPU's cache.
    std::size_t bytes = 0;            // of the record and the images that only it keeps
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
  // Images of records that have left the ring, by sequence: those unchanged for longest are dropped
  // first.  unordered: a lookup in a tree of 50,000 images is a dozen misses of the CPU's cache,
  // and the order is that of the numbers from `images_first_` on.
  boost::unordered_flat_map<std::uint64_t, KeptImage> images_;
  std::uint64_t images_first_ = 0;  // no image has a lower sequence
  std::size_t images_bytes_ = 0;
};

}  // namespace kless
