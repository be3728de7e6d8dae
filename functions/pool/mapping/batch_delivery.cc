#include "functions/pool/mapping/batch_delivery.h"

#include <algorithm>
#include <iterator>

#include "functions/pool/mapping/event_source_mapping.h"

namespace kless {
namespace {

constexpr const char* kExhausted = "RetryAttemptsExhausted";
constexpr const char* kTooOld = "RecordAgeExceeded";

std::vector<RecordPtr> TakeFirst(std::vector<RecordPtr>& records, std::size_t count) {
  const auto end = records.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<RecordPtr> taken(std::make_move_iterator(records.begin()),
                               std::make_move_iterator(end));
  records.erase(records.begin(), end);
  return taken;
}

}  // namespace

BatchDelivery::BatchDelivery(const EventSourceMappingConfig& config, std::vector<RecordPtr> batch)
    : config_(config) {
  portions_.push_back({std::move(batch), 0});
}

Duration BatchDelivery::NextWait() {
  Duration wait = config_.retry_initial;
  for (int i = 0; i < failures_in_row_ && wait < config_.retry_maximum; ++i) wait *= 2;
  ++failures_in_row_;
  return std::min(wait, config_.retry_maximum);
}

BatchDelivery::Step BatchDelivery::DropExpired(std::int64_t unix_nanos,
                                               std::uint64_t low_water_mark) {
  Portion& portion = portions_.front();
  const auto expired = [&](const RecordPtr& record) {
    if (config_.maximum_record_age >= Duration::zero()) {
      return unix_nanos - record->unix_nanos > config_.maximum_record_age.count();
    }
    return portion.attempts > 0 && record->sequence <= low_water_mark;
  };
  Step step;
  const auto end = std::find_if_not(portion.records.begin(), portion.records.end(), expired);
  const auto count = static_cast<std::size_t>(end - portion.records.begin());
  if (count == 0) return step;
  step.condition = kTooOld;
  step.invocations = portion.attempts;
  step.given_up = TakeFirst(portion.records, count);
  portion.attempts = 0;
  if (portion.records.empty()) portions_.pop_front();
  return step;
}

BatchDelivery::Step BatchDelivery::OnSuccess() {
  Step step;
  step.done = std::move(portions_.front().records);
  portions_.pop_front();
  failures_in_row_ = 0;
  return step;
}

BatchDelivery::Step BatchDelivery::OnPartial(std::uint64_t first_failed) {
  Portion& portion = portions_.front();
  const auto from =
      std::find_if(portion.records.begin(), portion.records.end(),
                   [&](const RecordPtr& record) { return record->sequence >= first_failed; });
  const auto count = static_cast<std::size_t>(from - portion.records.begin());
  if (count == 0) return OnError();
  if (from == portion.records.end()) return OnSuccess();
  Step step;
  step.done = TakeFirst(portion.records, count);
  portion.attempts = 0;
  failures_in_row_ = 0;
  step.wait = NextWait();
  return step;
}

BatchDelivery::Step BatchDelivery::OnError() {
  Portion& portion = portions_.front();
  Step step;
  if (config_.bisect_batch_on_function_error && portion.records.size() > 1) {
    Portion first{TakeFirst(portion.records, portion.records.size() / 2), 0};
    portions_.push_front(std::move(first));
    step.wait = NextWait();
    return step;
  }
  ++portion.attempts;
  if (config_.maximum_retry_attempts >= 0 && portion.attempts > config_.maximum_retry_attempts) {
    step.given_up = std::move(portion.records);
    step.condition = kExhausted;
    step.invocations = portion.attempts;
    portions_.pop_front();
    failures_in_row_ = 0;
    return step;
  }
  step.wait = NextWait();
  return step;
}

BatchDelivery::Step BatchDelivery::OnThrottle() {
  Step step;
  step.wait = NextWait();
  return step;
}

}  // namespace kless
