// The part of the pool that carries out an invocation: admission, run, end, and its row in the log.
#include <fmt/core.h>

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

#include "emulator/base/system/log.h"
#include "functions/pool/pool_function.h"

namespace kless {
namespace {

constexpr std::uint64_t kTrimEvery = 1024;  // rows between two trims of the log

std::int64_t BilledNanos(Duration duration) {
  return std::chrono::ceil<std::chrono::milliseconds>(duration).count() * 1'000'000;
}

void LogInvocation(const InvocationRecord& row, std::uint64_t id) {
  Log(LogLevel::kDebug, "functions", "invocation",
      {{"id", id},
       {"function", row.function},
       {"start", std::string_view(StartKindName(row.start))},
       {"trigger", row.trigger},
       {"queued_ms", ToMilliseconds(Duration(row.queued))},
       {"init_ms", ToMilliseconds(Duration(row.init))},
       {"duration_ms", ToMilliseconds(Duration(row.run))},
       {"throttles", std::uint64_t(row.throttles)},
       {"outcome", row.outcome},
       {"request_id", row.request_id},
       {"error", row.error}});
}

}  // namespace

Task<InvokeResult> FunctionPool::Invoke(std::string name,
                                        std::shared_ptr<const FunctionEvent> event,
                                        InvokeOptions options) {
  if (options.request_id.empty()) options.request_id = random_.Uuid();
  InvokeResult refused;
  refused.request_id = options.request_id;
  Function* function = Find(name);
  if (function == nullptr) {
    refused.payload = MakeError(ErrorCode::kNotFound, "there is no function '" + name + "'");
    co_return refused;
  }
  if (event->payload.size() > kMaxPayloadBytes) {
    refused.payload = MakeError(ErrorCode::kInvalidArgument, PayloadProblem(event->payload.size()));
    co_return refused;
  }
  refused.throttle_reason = ThrottleReason(*function);
  if (!refused.throttle_reason.empty()) {
    refused.payload = MakeError(ErrorCode::kThrottled,
                                "function '" + name + "' is throttled: " + refused.throttle_reason);
    Refuse(*function, *event, options, refused.throttle_reason);
    co_return refused;
  }
  const RunPtr run = Admit(*function, std::move(event), std::move(options));
  if (!run->ended) co_await Ended(run->ticket);
  co_return std::move(run->result);
}

Task<> FunctionPool::Ended(std::uint64_t ticket) {
  auto enqueue = [this](auto handler, std::uint64_t awaited) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([this, awaited](asio::cancellation_type) {
        CompleteCaller(awaited, asio::error::operation_aborted);
      });
    }
    callers_.emplace(awaited, Caller(std::move(handler)));
  };
  auto ended = asio::async_initiate<const asio::use_awaitable_t<>, void(boost::system::error_code)>(
      enqueue, asio::use_awaitable, ticket);
  co_await std::move(ended);
}

void FunctionPool::CompleteCaller(std::uint64_t ticket, boost::system::error_code error) {
  auto node = callers_.extract(ticket);
  if (node.empty()) return;
  Caller caller = std::move(node.mapped());
  if (!error) {
    auto slot = asio::get_associated_cancellation_slot(caller);
    if (slot.is_connected()) slot.clear();
  }
  asio::post(event_loop_.context(),
             [caller = std::move(caller), error]() mutable { std::move(caller)(error); });
}

// Returns why the invocation is throttled.  If empty, it may start, and the scale-up rate has
// granted a new environment if it needs one.
std::string FunctionPool::ThrottleReason(Function& function) {
  if (faults_.any() && faults_.Fires(FaultKind::kThrottle, function.config.name)) {
    return "ConcurrentInvocationLimitExceeded";
  }
  if (!account_.MayStart(function.share)) {
    return function.share.reserved ? "ReservedFunctionConcurrentInvocationLimitExceeded"
                                   : "ConcurrentInvocationLimitExceeded";
  }
  if (function.idle.empty() && function.unbound.empty() &&
      !function.scale_up.TryTake(event_loop_.Now())) {
    return function.share.reserved ? "ReservedFunctionInvocationRateLimitExceeded"
                                   : "FunctionInvocationRateLimitExceeded";
  }
  return {};
}

FunctionPool::RunPtr FunctionPool::Admit(Function& function,
                                         std::shared_ptr<const FunctionEvent> event,
                                         InvokeOptions options) {
  auto run = std::make_shared<Run>();
  run->ticket = next_ticket_++;
  run->function = &function;
  run->event = std::move(event);
  run->admitted_at = event_loop_.Now();
  run->options = std::move(options);
  run->result.request_id = run->options.request_id;
  run->result.ran = true;
  if (function.share.in_flight == 0) EndIdle(function);
  account_.Start(function.share);
  if (!function.idle.empty()) {
    EnvironmentPtr environment = std::move(function.idle.back());
    function.idle.pop_back();
    --function.stats.idle;
    StartRun(run, std::move(environment));
    return run;
  }
  function.waiting.push_back(run);
  if (!function.unbound.empty()) {
    run->start = StartKind::kWaited;
    const std::uint64_t number = function.unbound.begin()->second;
    function.unbound.erase(function.unbound.begin());
    run->environment = function.environments.at(number);
    return run;
  }
  run->start = StartKind::kCold;
  run->environment = StartEnvironment(function);
  if (function.host == nullptr && run->environment->init == Duration::zero()) {
    EndInit(function, run->environment);
  }
  return run;
}

void FunctionPool::StartRun(RunPtr run, EnvironmentPtr environment) {
  Function& function = *run->function;
  environment->CancelTimer(event_loop_);
  environment->keep_until.reset();
  environment->state = Environment::State::kBusy;
  environment->client.BeginInvocation(run->options.request_id);
  ++function.stats.busy;
  ++function.stats.invocations;
  ++(run->start == StartKind::kCold     ? function.stats.cold_starts
     : run->start == StartKind::kWaited ? function.stats.waited_starts
                                        : function.stats.warm_starts);
  run->started_at = event_loop_.Now();
  const TimePoint deadline = run->started_at + environment->timeout;
  run->context = MakeContext(event_loop_, environment, run->options.request_id, deadline,
                             run->start == StartKind::kCold);
  if (run->context->cold_start) run->context->init = run->started_at - run->admitted_at;
  run->environment = std::move(environment);
  ObserveStart(*run);
  run->deadline = event_loop_.CallAt(deadline, [this, run] { OnTimeout(run); });
  // Posted, so that a chain of short invocations does not become a chain of nested calls.
  event_loop_.Post([this, run] { Spawn(event_loop_, run->function->task_name, RunHandler(run)); });
}

void FunctionPool::ObserveStart(const Run& run) {
  ObserveEnvironments(*run.function);
  if (options_.telemetry == nullptr) return;
  WorkTrace work;
  work.work = run.options.request_id;
  work.place = run.environment->name;
  work.requested_at = run.options.requested_at.value_or(run.admitted_at);
  work.admitted_at = run.admitted_at;
  work.started_at = run.started_at;
  work.start = run.start;
  work.throttles = run.options.throttles;
  for (const RecordPtr& record : run.event->records) work.caused_by.push_back(record->sequence);
  options_.telemetry->OnWorkStarted(work);
}

Task<> FunctionPool::RunHandler(RunPtr run) {
  Result<std::string> payload = std::string();
  try {
    payload = co_await run->function->handler(run->event, run->context);
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) {
      payload = MakeError(ErrorCode::kCancelled, "the handler was cancelled");
    } else {
      payload = MakeError(ErrorCode::kInternal, error.what());
    }
  } catch (const std::exception& error) {
    payload = MakeError(ErrorCode::kInternal, error.what());
  } catch (...) {
    payload = MakeError(ErrorCode::kInternal, "the handler threw something unknown");
  }
  if (run->ended) co_return;  // It timed out before.
  run->result.error_body = std::move(run->context->error_body);
  run->result.log_tail = std::move(run->context->log_tail);
  if (run->context->environment_lost && payload.has_error()) {
    EndRun(run, std::move(payload), "crash");
    co_return;
  }
  if (run->environment->client.crashed()) {
    const Error crash =
        MakeError(ErrorCode::kCancelled, "RequestId: " + run->options.request_id +
                                             " Error: Runtime exited without providing a reason");
    EndRun(run, crash, "crash");
    co_return;
  }
  if (payload.has_value() && payload.value().size() > kMaxPayloadBytes) {
    payload = MakeError(ErrorCode::kInvalidArgument,
                        "Response payload size exceeded maximum allowed payload size (6291556 "
                        "bytes).");
  }
  std::string outcome = payload.has_value() ? "ok" : "error";
  if (payload.has_value() && run->options.report_batch_item_failures) {
    run->result.response = ParseBatchResponse(payload.value(), run->event->records);
    if (!run->result.response.all_done()) outcome = "partial";
  }
  EndRun(run, std::move(payload), std::move(outcome));
}

void FunctionPool::OnTimeout(const RunPtr& run) {
  run->deadline.reset();
  if (run->ended) return;
  const std::string message =
      fmt::format("RequestId: {} Error: Task timed out after {:.2f} seconds",
                  run->options.request_id, ToMilliseconds(run->environment->timeout) / 1000);
  Function& function = *run->function;
  if (const auto left_out = function.timeout_warnings.Due(event_loop_.Now())) {
    Log(LogLevel::kWarning, function.task_name, message + LeftOutText(*left_out));
  }
  EndRun(run, MakeError(ErrorCode::kTimedOut, message), "timeout");
}

void FunctionPool::EndRun(const RunPtr& run, Result<std::string> payload, std::string outcome) {
  Function& function = *run->function;
  run->ended = true;
  run->ended_at = event_loop_.Now();
  run->result.payload = std::move(payload);
  if (run->deadline) event_loop_.Cancel(*run->deadline);
  const bool lost = outcome == "crash" || outcome == "timeout";
  if (lost || outcome == "error") ++function.stats.errors;
  if (outcome == "timeout") ++function.stats.timeouts;
  if (outcome == "crash") ++function.stats.crashes;
  account_.End(function.share);
  --function.stats.busy;
  Record(*run, outcome);
  EnvironmentPtr environment = std::move(run->environment);
  run->context.reset();  // The handler's coroutine holds its own reference.
  if (lost || environment->retiring) {
    Lose(function, std::move(environment));
    ObserveEnvironments(function);
    KeepProvisioned(function);
  } else {
    Offer(function, std::move(environment));
  }
  if (function.share.in_flight == 0) BecomeIdle(function);
  CompleteCaller(run->ticket, boost::system::error_code{});
  changed_.NotifyAll();
}

void FunctionPool::Record(const Run& run, const std::string& outcome) {
  const TimePoint requested = run.options.requested_at.value_or(run.admitted_at);
  const bool waited_for_init = run.start != StartKind::kWarm;
  const Duration init = waited_for_init ? run.started_at - run.admitted_at : Duration::zero();
  InvocationRecord row;
  row.function = run.function->config.name;
  row.request_id = run.options.request_id;
  row.environment = run.environment->name;
  row.start = run.start;
  row.trigger = run.options.trigger;
  row.requested_unix_nanos = event_loop_.UnixNanos() - (run.ended_at - requested).count();
  row.queued = (run.admitted_at - requested).count();
  row.init = init.count();
  row.run = (run.ended_at - run.started_at).count();
  row.store = run.environment->client.store_time().count();
  row.billed = BilledNanos(init + (run.ended_at - run.started_at));
  row.memory_mb = run.environment->memory_mb;
  row.throttles = run.options.throttles;
  row.outcome = outcome;
  if (run.result.payload.has_error()) {
    row.error = run.result.payload.error().message;
  } else {
    row.error = run.result.response.problem;
  }
  row.caused_by.reserve(run.event->records.size());
  for (const RecordPtr& record : run.event->records) row.caused_by.push_back(record->sequence);
  FunctionStats& stats = run.function->stats;
  stats.run.Add(run.ended_at - run.started_at);
  stats.queued.Add(run.admitted_at - requested);
  if (waited_for_init) stats.init.Add(init);
  Append(std::move(row));
}

// Counts the refusal.  Only a synchronous one is final: a mapping and the queue retry, and then
// report how often they were refused.
void FunctionPool::Refuse(Function& function, const FunctionEvent& event,
                          const InvokeOptions& options, const std::string& reason) {
  ++function.stats.throttles;
  if (options_.telemetry != nullptr) {
    options_.telemetry->OnThrottle(event_loop_.Now(), function.config.name);
  }
  if (options.trigger != "sync") return;
  RecordRefusal(function, event, options, "Rate Exceeded: " + reason);
}

void FunctionPool::RecordRefusal(Function& function, const FunctionEvent& event,
                                 const InvokeOptions& options, std::string error) {
  const TimePoint now = event_loop_.Now();
  const Duration queued = now - options.requested_at.value_or(now);
  InvocationRecord row;
  row.function = function.config.name;
  row.request_id = options.request_id;
  row.trigger = options.trigger;
  row.requested_unix_nanos = event_loop_.UnixNanos() - queued.count();
  row.queued = queued.count();
  row.memory_mb = function.config.memory_mb;
  row.throttles = options.throttles + 1;
  row.outcome = "throttled";
  row.error = std::move(error);
  for (const RecordPtr& record : event.records) row.caused_by.push_back(record->sequence);
  Append(std::move(row));
  changed_.NotifyAll();
}

void FunctionPool::Append(InvocationRecord row) {
  if (LogEnabled(LogLevel::kDebug)) LogInvocation(row, store_.invocations().LatestId() + 1);
  store_.invocations().Append(std::move(row));
  if (++rows_ % kTrimEvery == 0) store_.invocations().Trim(options_.invocation_retention);
}

}  // namespace kless
