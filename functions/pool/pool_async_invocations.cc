// The pool's queue of asynchronous invocations: one coroutine per event, from its acceptance until
// it has succeeded or is given up.
#include <algorithm>

#include "functions/pool/pool_function.h"

namespace kless {
namespace {

// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html (2026-11):
// function errors are retried after one minute, then two; throttles from 1 s, doubling to 5
// minutes.
constexpr Duration kRetryDelays[] = {std::chrono::minutes(1), std::chrono::minutes(2)};
constexpr Duration kThrottleInitial = std::chrono::seconds(1);
constexpr Duration kThrottleMaximum = std::chrono::minutes(5);

}  // namespace

Result<std::string> FunctionPool::InvokeAsync(const std::string& name, std::string payload) {
  Function* function = Find(name);
  if (function == nullptr) {
    return MakeError(ErrorCode::kNotFound, "there is no function '" + name + "'");
  }
  if (payload.size() > kMaxPayloadBytes) {
    return MakeError(ErrorCode::kInvalidArgument, PayloadProblem(payload.size()));
  }
  auto event = std::make_shared<FunctionEvent>();
  event->payload = std::move(payload);
  std::string request_id = random_.Uuid();
  ++function->stats.async_queued;
  Spawn(event_loop_, "queue of " + name, RunQueued(function, request_id, std::move(event)));
  return request_id;
}

Task<> FunctionPool::RunQueued(Function* function, std::string request_id,
                               std::shared_ptr<const FunctionEvent> event) {
  const TimePoint accepted = event_loop_.Now();
  InvokeOptions options;
  options.trigger = "async";
  options.request_id = request_id;
  options.requested_at = accepted;
  Duration throttle_delay = kThrottleInitial;
  int errors = 0;
  for (;;) {
    InvokeOptions attempt = options;
    InvokeResult result = co_await Invoke(function->config.name, event, std::move(attempt));
    if (result.payload.has_value()) break;
    // It was unregistered.
    if (!result.ran && result.payload.error().code == ErrorCode::kNotFound) break;
    Duration delay{};
    if (!result.ran) {
      ++options.throttles;
      delay = throttle_delay;
      throttle_delay = std::min(2 * throttle_delay, kThrottleMaximum);
    } else {
      if (errors >= function->config.async_maximum_retry_attempts) break;
      delay = kRetryDelays[errors++];
      options.throttles = 0;
    }
    const bool refused_for_ever = !result.ran && function->share.reserved == 0;
    const TimePoint next = event_loop_.Now() + delay;
    if (refused_for_ever || next > accepted + function->config.async_maximum_event_age) {
      if (!result.ran) {
        --options.throttles;  // RecordRefusal counts the last one itself.
        RecordRefusal(*function, *event, options,
                      refused_for_ever ? "ZeroReservedConcurrency" : "EventAgeExceeded");
      }
      break;
    }
    if (result.ran) options.requested_at = next;
    co_await event_loop_.SleepUntil(next);
  }
  --function->stats.async_queued;
  changed_.NotifyAll();
}

}  // namespace kless
