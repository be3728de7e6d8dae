#include "store/record_ring.h"

#include <utility>

#include "store/resource_fields.h"

namespace kless {
namespace {

// What an image keeps in memory, strings' and allocations' overhead roughly included.
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

// The old image is counted with its record although the record before may hold it, too: once that
// one has left the ring, this is what keeps it.
std::size_t RecordBytes(const ChangeRecord& record) {
  return sizeof(ChangeRecord) + 64 + record.key.partition.size() + record.key.sort.size() +
         ImageBytes(record.old_image) + ImageBytes(record.new_image);
}

}  // namespace

void RecordRing::Push(RecordPtr record) {
  const std::size_t bytes = RecordBytes(*record);
  bytes_ += bytes;
  records_.push_back({std::move(record), bytes});
  while (records_.size() > 1 && (records_.size() > records_max_ || bytes_ > bytes_max_)) {
    bytes_ -= records_.front().bytes;
    records_.pop_front();
  }
}

}  // namespace kless
