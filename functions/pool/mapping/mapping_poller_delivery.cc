// The part of the mapping poller that cuts batches and delivers them.
#include <algorithm>
#include <utility>

#include "emulator/base/system/log.h"
#include "functions/pool/mapping/mapping_poller.h"

namespace kless {
namespace {

constexpr const char* kResultOk = "OK";
constexpr const char* kResultFailed = "PROBLEM: Function call failed";
constexpr const char* kResultThrottled = "PROBLEM: throttled";

}  // namespace

// Starts the lane if a batch is due; otherwise sets a timer for when one will be.
void MappingPoller::Consider(MappingLane& lane) {
  if (lane.running || halted()) return;
  const auto due = lane.DueAt();
  if (!due) return;
  if (*due > event_loop_.Now()) {
    if (lane.timer && lane.timer->deadline == *due) return;
    if (lane.timer) event_loop_.Cancel(*lane.timer);
    lane.timer = event_loop_.CallAt(*due, [self = shared_from_this(), &lane] {
      if (!self->closed_) self->Consider(lane);
    });
    return;
  }
  if (lane.timer) event_loop_.Cancel(*lane.timer);
  lane.timer.reset();
  lane.running = true;
  // Posted, so that the batch is cut after all records of this reading step are in the lane.
  event_loop_.Post([self = shared_from_this(), &lane] {
    if (self->closed_) return;
    Spawn(self->event_loop_, "event source mapping " + self->config_.name,
          self->RunLane(self, &lane));
  });
}

Task<> MappingPoller::RunLane([[maybe_unused]] std::shared_ptr<MappingPoller> self,
                              MappingLane* lane) {
  Shard& shard = shards_[static_cast<std::size_t>(lane->shard)];
  while (!halted()) {
    const auto due = lane->DueAt();
    if (!due || *due > event_loop_.Now()) break;
    std::vector<RecordPtr> batch = lane->Cut(event_loop_.Now());
    co_await Deliver(&shard, std::move(batch));
    if (halted()) break;
    if (shard.behind && shard.full_lane == lane && lane->HasRoom()) SchedulePump();
  }
  if (closed_) co_return;
  lane->running = false;
  Consider(*lane);
}

Task<> MappingPoller::Deliver(Shard* shard, std::vector<RecordPtr> batch) {
  BatchDelivery delivery(config_, std::move(batch));
  InvokeOptions options;
  options.trigger = "mapping";
  options.report_batch_item_failures = config_.report_batch_item_failures;
  options.requested_at = event_loop_.Now();
  Duration delay{};
  if (Fires(FaultKind::kDelay, &delay)) co_await event_loop_.SleepFor(delay);
  while (!delivery.finished() && !halted()) {
    const BatchDelivery::Step expired =
        delivery.DropExpired(event_loop_.UnixNanos(), store_.feed().LowWaterMark());
    Settle(*shard, expired);
    if (delivery.finished()) break;

    const auto event = MakeEvent(delivery.next());
    const std::uint64_t records = event->records.size();
    status_.in_flight += records;
    InvokeOptions attempt = options;
    const InvokeResult result = co_await pool_.Invoke(config_.function, event, std::move(attempt));
    if (closed_) co_return;
    status_.in_flight -= records;

    const BatchDelivery::Step step = Judge(result, delivery);
    options.throttles = result.ran ? 0 : options.throttles + 1;
    if (result.ran) options.requested_at = event_loop_.Now() + step.wait;
    Settle(*shard, step);
    if (result.payload.has_value() && Fires(FaultKind::kDuplicate, &delay)) {
      ++redeliveries_;
      Spawn(event_loop_, "redelivery", DeliverAgain(shared_from_this(), event, delay));
    }
    if (step.wait > Duration::zero()) co_await event_loop_.SleepFor(step.wait);
  }
}

BatchDelivery::Step MappingPoller::Judge(const InvokeResult& result, BatchDelivery& delivery) {
  if (!result.ran) {
    ++status_.throttles;
    status_.last_processing_result = kResultThrottled;
    status_.last_error = result.payload.error().message;
    return delivery.OnThrottle();
  }
  ++status_.batches;
  if (result.payload.has_error()) {
    ++status_.errors;
    status_.last_processing_result = kResultFailed;
    status_.last_error = result.payload.error().message;
    return delivery.OnError();
  }
  if (!result.response.all_done()) {
    ++status_.errors;
    status_.last_processing_result = kResultFailed;
    status_.last_error = result.response.problem;
    return delivery.OnPartial(result.response.first_failed);
  }
  status_.last_processing_result = kResultOk;
  status_.last_error.clear();
  return delivery.OnSuccess();
}

void MappingPoller::Settle(Shard& shard, const BatchDelivery::Step& step) {
  if (step.done.empty() && step.given_up.empty()) return;
  for (const RecordPtr& record : step.done) shard.position.Settle(record->sequence);
  for (const RecordPtr& record : step.given_up) shard.position.Settle(record->sequence);
  status_.delivered += step.done.size();
  status_.discarded += step.given_up.size();
  if (!step.given_up.empty()) WarnOfDiscarded(step);
  if (!step.given_up.empty() && config_.on_failure) {
    config_.on_failure(step.given_up, step.condition);
  }
  ScheduleSave();
}

void MappingPoller::WarnOfDiscarded(const BatchDelivery::Step& step) {
  const auto left_out = discard_warnings_.Due(event_loop_.Now());
  if (!left_out) return;
  const std::size_t count = step.given_up.size();
  std::string text = "discarded " + std::to_string(count) + (count == 1 ? " record" : " records") +
                     ", from " + std::to_string(step.given_up.front()->sequence) + ": " +
                     step.condition;
  if (!status_.last_error.empty()) text += "; last error: " + status_.last_error;
  Log(LogLevel::kWarning, "function " + config_.function, text + LeftOutText(*left_out));
}

// Implements the duplicate fault: delivers the same batch again, concurrently with what its lane
// delivers by then.
Task<> MappingPoller::DeliverAgain([[maybe_unused]] std::shared_ptr<MappingPoller> self,
                                   std::shared_ptr<const FunctionEvent> event, Duration delay) {
  InvokeOptions options;
  options.trigger = "mapping";
  options.report_batch_item_failures = config_.report_batch_item_failures;
  if (delay > Duration::zero()) co_await event_loop_.SleepFor(delay);
  options.requested_at = event_loop_.Now();
  Duration wait = config_.retry_initial;
  while (!halted()) {
    InvokeOptions attempt = options;
    const InvokeResult result = co_await pool_.Invoke(config_.function, event, std::move(attempt));
    if (closed_ || result.ran) break;
    ++status_.throttles;
    ++options.throttles;
    co_await event_loop_.SleepFor(wait);
    wait = std::min(2 * wait, config_.retry_maximum);
  }
  --redeliveries_;
}

std::shared_ptr<const FunctionEvent> MappingPoller::MakeEvent(
    const std::vector<RecordPtr>& records) {
  auto event = std::make_shared<FunctionEvent>();
  event->records = records;
  Duration unused{};
  if (records.size() > 1 && Fires(FaultKind::kReorder, &unused)) {
    for (std::size_t left = records.size(); left > 1; --left) {
      std::swap(event->records[left - 1], event->records[faults_.random().Below(left)]);
    }
  }
  return event;
}

bool MappingPoller::Fires(FaultKind kind, Duration* delay) {
  if (!faults_.any()) return false;
  const auto fired = faults_.Fires(kind, config_.function);
  if (fired) *delay = *fired;
  return fired.has_value();
}

}  // namespace kless
