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
    std::vector<RecordPtr> batch;
    if (!lane->WindowIsOver(event_loop_.Now())) {
      OpenWindow(*lane);
      batch = lane->Cut(event_loop_.Now());
    }
    co_await Deliver(lane, std::move(batch));
    if (halted()) break;
    if (shard.behind && shard.full_lane == lane && lane->HasRoom()) SchedulePump();
  }
  if (closed_) co_return;
  lane->running = false;
  Consider(*lane);
}

// An empty batch is the end of the lane's tumbling window.
Task<> MappingPoller::Deliver(MappingLane* lane, std::vector<RecordPtr> batch) {
  Shard& shard = shards_[static_cast<std::size_t>(lane->shard)];
  const bool is_end = batch.empty();
  BatchDelivery delivery(config_, std::move(batch));
  InvokeOptions options;
  options.trigger = "mapping";
  options.report_batch_item_failures = config_.report_batch_item_failures;
  options.requested_at = event_loop_.Now();
  std::optional<InvokeResult> last;
  Duration delay{};
  if (Fires(FaultKind::kDelay, &delay)) co_await event_loop_.SleepFor(delay);
  while (!delivery.finished() && !halted()) {
    if (is_end && EndIsTooOld(*lane)) break;
    const BatchDelivery::Step expired =
        delivery.DropExpired(event_loop_.UnixNanos(), store_.feed().LowWaterMark());
    Settle(shard, expired, last ? &*last : nullptr);
    if (delivery.finished()) break;

    const auto event = MakeEvent(delivery.next(), *lane);
    const std::uint64_t records = event->records.size();
    status_.in_flight += records;
    ++running_;
    InvokeOptions attempt = options;
    InvokeResult result = co_await pool_.Invoke(config_.function, event, std::move(attempt));
    if (closed_) co_return;
    status_.in_flight -= records;
    --running_;

    const BatchDelivery::Step step = Judge(result, delivery, *lane);
    if (status_.last_processing_result != saved_result_) ScheduleSave();
    options.throttles = result.ran ? 0 : options.throttles + 1;
    if (result.ran) options.requested_at = event_loop_.Now() + step.wait;
    Settle(shard, step, &result);
    if (result.payload.has_value() && Fires(FaultKind::kDuplicate, &delay)) {
      ++redeliveries_;
      Spawn(event_loop_, "redelivery", DeliverAgain(shared_from_this(), event, delay));
    }
    if (result.ran) last = std::move(result);
    if (step.wait > Duration::zero()) co_await event_loop_.SleepFor(step.wait);
  }
  if (is_end && (delivery.finished() || !halted())) CloseWindow(*lane);
}

BatchDelivery::Step MappingPoller::Judge(const InvokeResult& result, BatchDelivery& delivery,
                                         MappingLane& lane) {
  if (!result.ran) {
    ++status_.throttles;
    status_.last_processing_result = kResultThrottled;
    status_.last_error = result.payload.error().message;
    return delivery.OnThrottle();
  }
  ++status_.batches;
  std::string problem;
  bool is_partial = false;
  if (result.payload.has_error()) {
    problem = result.payload.error().message;
  } else if (lane.open) {
    problem = TakeState(lane, result, delivery);
  }
  if (problem.empty() && !result.response.all_done()) {
    problem = result.response.problem;
    is_partial = true;
  }
  status_.last_processing_result = problem.empty() ? kResultOk : kResultFailed;
  status_.last_error = problem;
  if (problem.empty()) return delivery.OnSuccess();
  ++status_.errors;
  return is_partial ? delivery.OnPartial(result.response.first_failed) : delivery.OnError();
}

void MappingPoller::Settle(Shard& shard, const BatchDelivery::Step& step,
                           const InvokeResult* last) {
  if (step.done.empty() && step.given_up.empty()) return;
  for (const RecordPtr& record : step.done) shard.position.Settle(record->sequence);
  for (const RecordPtr& record : step.given_up) shard.position.Settle(record->sequence);
  status_.delivered += step.done.size();
  status_.discarded += step.given_up.size();
  if (!step.given_up.empty()) GiveUp(step, last);
  ScheduleSave();
}

void MappingPoller::GiveUp(const BatchDelivery::Step& step, const InvokeResult* last) {
  WarnOfDiscarded(step);
  if (!config_.on_failure) return;
  FailedBatch failed{step.given_up, step.condition, step.invocations, "", false};
  if (step.invocations > 0 && last != nullptr) {
    failed.request_id = last->request_id;
    failed.function_error = last->payload.has_error();
  } else {
    failed.request_id = random_.Uuid();
  }
  config_.on_failure(failed);
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

std::shared_ptr<const FunctionEvent> MappingPoller::MakeEvent(const std::vector<RecordPtr>& records,
                                                              const MappingLane& lane) {
  auto event = std::make_shared<FunctionEvent>();
  event->records = records;
  event->source = config_.source;
  if (lane.open) {
    auto window = std::make_shared<EventWindow>(*lane.open);
    window->is_final = records.empty();
    event->window = std::move(window);
  }
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
