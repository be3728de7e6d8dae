#include "functions/pool/mapping/mapping_lane.h"

#include <algorithm>
#include <limits>

#include "functions/pool/mapping/tumbling_window.h"
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

MappingLane::MappingLane(int batch_size, Duration window, Duration tumbling)
    : batch_size_(static_cast<std::size_t>(batch_size)),
      window_(window),
      tumbling_(tumbling),
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

std::int64_t MappingLane::WindowEnd() const {
  if (open) return open->end_nanos;
  if (tumbling_ == Duration::zero() || queue_.empty()) {
    return std::numeric_limits<std::int64_t>::max();
  }
  return WindowStartOf(queue_.front().record->unix_nanos, tumbling_) + tumbling_.count();
}

// The index of the first record of a later window; that of none if there is none.
std::size_t MappingLane::IndexOfLater(std::int64_t window_end) const {
  if (queue_.empty() || queue_.back().record->unix_nanos < window_end) return queue_.size();
  const auto later = std::partition_point(queue_.begin(), queue_.end(), [&](const Queued& queued) {
    return queued.record->unix_nanos < window_end;
  });
  return static_cast<std::size_t>(later - queue_.begin());
}

std::optional<TimePoint> MappingLane::DueAt() const {
  if (open && open->terminated_early) return TimePoint{};
  const std::size_t later = IndexOfLater(WindowEnd());
  if (later == 0 && open) {
    return queue_.empty() ? open_until : std::min(open_until, queue_.front().visible_at);
  }
  if (queue_.empty()) return std::nullopt;
  TimePoint due = queue_.front().visible_at + window_;
  if (queue_.size() >= batch_size_) due = std::min(due, queue_[batch_size_ - 1].visible_at);
  if (bytes_ >= kBatchBytes) due = std::min(due, queue_.back().visible_at);
  if (later < queue_.size()) due = std::min(due, queue_[later].visible_at);
  return due;
}

bool MappingLane::WindowIsOver(TimePoint now) const {
  if (!open) return false;
  if (open->terminated_early) return true;
  if (IndexOfLater(open->end_nanos) > 0) return false;
  return now >= open_until || (!queue_.empty() && queue_.front().visible_at <= now);
}

std::vector<RecordPtr> MappingLane::Cut(TimePoint now) {
  std::vector<RecordPtr> batch;
  std::size_t batch_bytes = 0;
  const std::int64_t window_end = WindowEnd();
  while (!queue_.empty() && batch.size() < batch_size_) {
    Queued& next = queue_.front();
    if (next.visible_at > now || next.record->unix_nanos >= window_end) break;
    if (!batch.empty() && batch_bytes + next.bytes > kBatchBytes) break;
    batch_bytes += next.bytes;
    bytes_ -= next.bytes;
    batch.push_back(std::move(next.record));
    queue_.pop_front();
  }
  return batch;
}

}  // namespace kless
