#include "store/sqlite/record_ring.h"

#include <utility>

#include "store/item/resource_fields.h"

namespace kless {
namespace {

// The memory that an image occupies, in bytes.
std::size_t ImageBytes(const ItemPtr& image) {
  if (!image) return 0;
  std::size_t bytes = sizeof(Item) + 64 + image->document.size() + image->attributes.size() +
                      image->key.partition.size() + image->key.sort.size();
  if (image->fields) {
    bytes += sizeof(ResourceFields) + 256;
    for (const auto& [key, value] : image->fields->labels) bytes += 64 + key.size() + value.size();
  }
  return bytes;
}

std::size_t RecordBytes(const ChangeRecord& record) {
  return sizeof(ChangeRecord) + 64 + record.key.partition.size() + record.key.sort.size();
}

}  // namespace

void RecordRing::Push(RecordPtr record) {
  const std::size_t image_bytes = ImageBytes(record->new_image);
  std::size_t bytes = RecordBytes(*record) + image_bytes;
  if (record->old_image) {
    const std::uint64_t before = record->old_image->version;
    if (Contains(before)) {
      records_[static_cast<std::size_t>(before - first())].superseded_by = record->sequence;
    } else {
      bytes += ImageBytes(record->old_image);
      DropImage(before);
    }
  }
  bytes_ += bytes;
  ItemPtr image = record->new_image;
  records_.push_back({std::move(record), std::move(image), bytes, image_bytes, 0});
  while (records_.size() > 1 && (records_.size() > records_max_ || bytes_ > bytes_max_)) {
    PopFront();
  }
}

void RecordRing::PopFront() {
  Entry entry = std::move(records_.front());
  records_.pop_front();
  bytes_ -= entry.bytes;
  if (entry.image_bytes == 0) return;
  if (entry.superseded_by == 0) {
    KeepImage(std::move(entry.image), entry.image_bytes);
  } else {  // the record whose old image it is keeps it
    records_[static_cast<std::size_t>(entry.superseded_by - first())].bytes += entry.image_bytes;
    bytes_ += entry.image_bytes;
  }
}

void RecordRing::KeepImage(ItemPtr image, std::size_t bytes) {
  images_bytes_ += bytes;
  const std::uint64_t sequence = image->version;
  if (images_.empty()) images_first_ = sequence;
  images_.emplace(sequence, KeptImage{std::move(image), bytes});
  while (images_bytes_ > images_bytes_max_) DropImage(images_first_++);
}

void RecordRing::DropImage(std::uint64_t sequence) {
  const auto found = images_.find(sequence);
  if (found == images_.end()) return;
  images_bytes_ -= found->second.bytes;
  images_.erase(found);
}

ItemPtr RecordRing::Image(std::uint64_t sequence) const {
  if (Contains(sequence)) return records_[static_cast<std::size_t>(sequence - first())].image;
  const auto found = images_.find(sequence);
  return found == images_.end() ? nullptr : found->second.image;
}

}  // namespace kless
