#include "functions/pool/mapping/mapping_lane.h"

#include <algorithm>

#include "store/item/resource_fields.h"

namespace kless {
namespace {

// A batch is at most 6 MB, like every payload of an invocation.
constexpr std::size_t kBatchBytes = 6'000'000;
constexpr std::size_t kLaneBytes = 2 * kBatchBytes;
constexpr std::size_t kLaneBatches = 10;
// The minimum keeps lanes with small batches from alternating between draining and reading record
// by record.
constexpr std::size_t kLaneRecordsMinimum = 256;
// The names, types and numbers that surround the images.
constexpr std::size_t kRecordOverhead = 200;

std::size_t ImageBytes(const ItemPtr& image) {
  return image ? image->document.size() + image->attributes.size() : 0;
}

std::size_t RecordBytes(const ChangeRecord& record) {
  return kRecordOverhead + record.key.partition.size() + record.key.sort.size() +
         ImageBytes(record.old_image) + ImageBytes(record.new_image);
}

}  // namespace

MappingLane::MappingLane(int batch_size, Duration window)
    : batch_size_(static_cast<std::size_t>(batch_size)),
      window_(window),
      capacity_(std::max(kLaneBatches * batch_size_, kLaneRecordsMinimum)) {}

void MappingLane::Add(RecordPtr record, TimePoint visible_at) {
  const std::size_t bytes = RecordBytes(*record);
  bytes_ += bytes;
  queue_.push_back({std::move(record), bytes, visible_at});
}

bool MappingLane::Full() const { return queue_.size() >= capacity_ || bytes_ >= kLaneBytes; }

bool MappingLane::HasRoom() const {
  return queue_.size() <= capacity_ / 2 && bytes_ <= kLaneBytes / 2;
}

std::optional<TimePoint> MappingLane::DueAt() const {
  if (queue_.empty()) return std::nullopt;
  const TimePoint window_end = queue_.front().visible_at + window_;
  if (queue_.size() >= batch_size_) {
    return std::min(window_end, queue_[batch_size_ - 1].visible_at);
  }
  if (bytes_ >= kBatchBytes) return std::min(window_end, queue_.back().visible_at);
  return window_end;
}

std::vector<RecordPtr> MappingLane::Cut(TimePoint now) {
  std::vector<RecordPtr> batch;
  std::size_t batch_bytes = 0;
  while (!queue_.empty() && batch.size() < batch_size_) {
    Queued& next = queue_.front();
    if (next.visible_at > now) break;
    if (!batch.empty() && batch_bytes + next.bytes > kBatchBytes) break;
    batch_bytes += next.bytes;
    bytes_ -= next.bytes;
    batch.push_back(std::move(next.record));
    queue_.pop_front();
  }
  return batch;
}

}  // namespace kless
