// The part of the pool that moves environments through their states.
#include <algorithm>
#include <utility>

#include "emulator/base/json.h"
#include "functions/pool/pool_function.h"

namespace kless {

FunctionPool::EnvironmentPtr FunctionPool::StartEnvironment(Function& function,
                                                            Duration init_limit) {
  if (options_.keep_alive_policy == KeepAlivePolicy::kLru) MakeRoom(function.config.memory_mb);
  const auto salt = static_cast<std::uint32_t>(random_.Bits());
  auto environment = std::make_shared<Environment>(event_loop_, store_, profile_, faults_,
                                                   function.config, function.next_number++, salt,
                                                   options_.seed, options_.telemetry);
  environment->client.SetWriterLog(writers_);
  function.environments.emplace(environment->number, environment);
  memory_mb_ += environment->memory_mb;
  ++function.stats.environments_started;
  ++function.stats.initializing;
  function.stats.environments_peak =
      std::max(function.stats.environments_peak, static_cast<int>(function.environments.size()));
  environment->init = function.init.Sample(environment->random);
  if (faults_.any()) {
    const auto slow = faults_.Fires(FaultKind::kSlowInit, function.config.name);
    if (slow) environment->init += *slow;
  }
  environment->ready_at = event_loop_.Now() + environment->init;
  if (function.host != nullptr) {
    environment->ready_at = TimePoint::max();
    EnvironmentStart start;
    start.environment = environment->name;
    start.provisioned =
        static_cast<int>(function.environments.size()) <= function.config.provisioned_concurrency;
    start.init_limit = start.provisioned ? kProvisionedInitLimit : init_limit;
    start.memory_mb = environment->memory_mb;
    function.host->Start(start, [this, &function, environment,
                                 started = event_loop_.Now()](std::optional<InitFailure> failure) {
      if (environment->state != Environment::State::kInitializing) return;
      if (failure) return FailInit(function, environment, *failure);
      EndHostedInit(function, environment, started);
    });
  } else if (environment->init > Duration::zero()) {
    environment->SetTimer(event_loop_, environment->ready_at,
                          [this, &function, environment] { EndInit(function, environment); });
  }
  ObserveEnvironments(function);
  return environment;
}

// The process is ready; what is modelled may take longer.
void FunctionPool::EndHostedInit(Function& function, const EnvironmentPtr& environment,
                                 TimePoint started) {
  const TimePoint now = event_loop_.Now();
  const bool both = function.config.init_mode == InitMode::kBoth;
  const TimePoint end = (both ? now : started) + environment->init;
  if (end <= now) return EndInit(function, environment);
  environment->SetTimer(event_loop_, end,
                        [this, &function, environment] { EndInit(function, environment); });
}

// An invocation that waits for this init gets it repeated once, under the function's timeout, as on
// AWS; then it fails.  Others are not concerned, and nothing is started in its place: it would fail
// again and again.
void FunctionPool::FailInit(Function& function, const EnvironmentPtr& environment,
                            const InitFailure& failure) {
  --function.stats.initializing;
  function.unbound.erase({environment->ready_at, environment->number});
  const auto bound =
      std::find_if(function.waiting.begin(), function.waiting.end(),
                   [&](const RunPtr& run) { return run->environment == environment; });
  const RunPtr run = bound == function.waiting.end() ? nullptr : *bound;
  Lose(function, environment);
  ObserveEnvironments(function);
  if (run == nullptr) return changed_.NotifyAll();
  if (!std::exchange(run->init_repeated, true) && !function.removed) {
    run->environment = StartEnvironment(function, environment->timeout);
    return;
  }
  function.waiting.erase(bound);
  run->started_at = event_loop_.Now();
  const std::string message = "RequestId: " + run->options.request_id + " " + failure.message;
  run->result.error_body = failure.error_body;
  if (run->result.error_body.empty()) {
    run->result.error_body = R"({"errorType":)";
    AppendJsonString(run->result.error_body, failure.error_type);
    run->result.error_body += R"(,"errorMessage":)";
    AppendJsonString(run->result.error_body, message);
    run->result.error_body += '}';
  }
  ++function.stats.busy;
  ++function.stats.invocations;
  ++(run->start == StartKind::kCold ? function.stats.cold_starts : function.stats.waited_starts);
  run->context = MakeContext(event_loop_, environment, run->options.request_id, run->started_at,
                             run->start == StartKind::kCold);
  EndRun(run, MakeError(ErrorCode::kCancelled, message), "crash");
}

void FunctionPool::ObserveEnvironments(const Function& function) {
  if (options_.telemetry == nullptr) return;
  const FunctionStats& stats = function.stats;
  options_.telemetry->OnEnvironments(event_loop_.Now(), function.config.name,
                                     {stats.initializing, stats.busy, stats.idle});
}

// Runs the invocation that the environment was initialised for, even if others have waited longer;
// an unbound environment is free.
void FunctionPool::EndInit(Function& function, const EnvironmentPtr& environment) {
  environment->CancelTimer(event_loop_);
  --function.stats.initializing;
  function.unbound.erase({environment->ready_at, environment->number});
  const auto bound =
      std::find_if(function.waiting.begin(), function.waiting.end(),
                   [&](const RunPtr& run) { return run->environment == environment; });
  if (bound == function.waiting.end()) {
    Offer(function, environment);
    return;
  }
  const RunPtr run = *bound;
  function.waiting.erase(bound);
  StartRun(run, environment);
}

// Gives a free environment to the invocation that has waited longest, or makes it idle.
void FunctionPool::Offer(Function& function, EnvironmentPtr environment) {
  if (function.waiting.empty()) {
    Rest(function, environment);
    return;
  }
  const RunPtr run = function.waiting.front();
  function.waiting.pop_front();
  run->start = StartKind::kWaited;
  const EnvironmentPtr bound = std::move(run->environment);
  if (bound->retiring) {
    --function.stats.initializing;
    Lose(function, bound);
  } else {
    function.unbound.emplace(bound->ready_at, bound->number);
  }
  StartRun(run, std::move(environment));
}

void FunctionPool::Rest(Function& function, const EnvironmentPtr& environment) {
  environment->state = Environment::State::kIdle;
  environment->idle_since = event_loop_.Now();
  function.idle.push_back(environment);
  ++function.stats.idle;
  ObserveEnvironments(function);
  ArmKeepAlive(function, environment);
}

// (Re)starts the keep-alive of an idle environment.
void FunctionPool::ArmKeepAlive(Function& function, const EnvironmentPtr& environment) {
  if (options_.keep_alive_policy == KeepAlivePolicy::kLru) return;
  Duration keep_alive = function.config.keep_alive;
  if (options_.keep_alive_policy == KeepAlivePolicy::kHistogram) {
    const auto window = function.idle_times.Predict();
    if (window) keep_alive = window->keep_alive;
  }
  const TimePoint end = std::max(
      event_loop_.Now(), environment->keep_until.value_or(environment->idle_since + keep_alive));
  environment->SetTimer(event_loop_, end, [this, &function, environment] {
    environment->CancelTimer(event_loop_);
    if (MayReclaim(function)) Reclaim(function, environment);
  });
}

// Environments that provisioned concurrency needs are kept.
bool FunctionPool::MayReclaim(const Function& function) const {
  return static_cast<int>(function.environments.size()) > function.config.provisioned_concurrency;
}

void FunctionPool::Reclaim(Function& function, const EnvironmentPtr& environment) {
  std::erase(function.idle, environment);
  --function.stats.idle;
  Lose(function, environment);
  ObserveEnvironments(function);
  changed_.NotifyAll();
}

// Applies the lru policy before an environment of this size is started.
void FunctionPool::MakeRoom(int memory_mb) {
  while (memory_mb_ + memory_mb > options_.keep_alive_memory_mb) {
    Function* owner = nullptr;
    for (const auto& [name, function] : functions_) {
      if (function->idle.empty() || !MayReclaim(*function)) continue;
      // The first idle environment of a function has been idle longest.
      const TimePoint since = function->idle.front()->idle_since;
      if (owner == nullptr || since < owner->idle.front()->idle_since) owner = function.get();
    }
    if (owner == nullptr) return;
    Reclaim(*owner, EnvironmentPtr(owner->idle.front()));
  }
}

// Applies the histogram policy when the last invocation of a function has ended: if no invocation
// is expected before the predicted window, its environments are reclaimed, and one is started at
// the beginning of the window.
void FunctionPool::BecomeIdle(Function& function) {
  if (options_.keep_alive_policy != KeepAlivePolicy::kHistogram || function.removed) return;
  const TimePoint now = event_loop_.Now();
  function.idle_since = now;
  const auto window = function.idle_times.Predict();
  if (!window || window->prewarm == Duration::zero()) return;
  while (!function.idle.empty() && MayReclaim(function)) {
    Reclaim(function, EnvironmentPtr(function.idle.front()));
  }
  function.prewarming = event_loop_.CallAt(
      now + window->prewarm, [this, &function, keep_until = now + window->keep_alive] {
        function.prewarming.reset();
        Prewarm(function, keep_until);
      });
}

void FunctionPool::EndIdle(Function& function) {
  if (!function.idle_since) return;
  function.idle_times.Add(event_loop_.Now() - *std::exchange(function.idle_since, std::nullopt));
  if (function.prewarming) event_loop_.Cancel(*std::exchange(function.prewarming, std::nullopt));
}

void FunctionPool::Prewarm(Function& function, TimePoint keep_until) {
  if (!function.environments.empty() || account_.Ceiling(function.share) < 1 ||
      !function.scale_up.TryTake(event_loop_.Now())) {
    return;
  }
  StartUnbound(function, keep_until);
}

void FunctionPool::Lose(Function& function, EnvironmentPtr environment) {
  environment->CancelTimer(event_loop_);
  if (environment->state != Environment::State::kGone && function.host != nullptr) {
    function.host->End(environment->name);
  }
  environment->state = Environment::State::kGone;
  environment->client.Revoke();
  if (function.environments.erase(environment->number) > 0) memory_mb_ -= environment->memory_mb;
}

// Reclaims idle and unbound environments at once, the others after their invocation.
int FunctionPool::Retire(Function& function) {
  int retired = 0;
  for (const EnvironmentPtr& environment : std::exchange(function.idle, {})) {
    --function.stats.idle;
    Lose(function, environment);
    ++retired;
  }
  for (const auto& [ready_at, number] : std::exchange(function.unbound, {})) {
    --function.stats.initializing;
    Lose(function, function.environments.at(number));
    ++retired;
  }
  if (retired > 0) ObserveEnvironments(function);
  for (const auto& [number, environment] : function.environments) {
    if (!std::exchange(environment->retiring, true)) ++retired;
  }
  return retired;
}

void FunctionPool::KeepProvisioned(Function& function) {
  const auto lasting = [&] {
    return std::count_if(function.environments.begin(), function.environments.end(),
                         [](const auto& entry) { return !entry.second->retiring; });
  };
  if (function.config.provisioned_concurrency == 0) return;
  for (auto count = lasting(); count < function.config.provisioned_concurrency; ++count) {
    StartUnbound(function);
  }
}

void FunctionPool::StartUnbound(Function& function, std::optional<TimePoint> keep_until) {
  const EnvironmentPtr environment = StartEnvironment(function);
  environment->keep_until = keep_until;
  if (function.host == nullptr && environment->init == Duration::zero()) {
    EndInit(function, environment);
  } else {
    function.unbound.emplace(environment->ready_at, environment->number);
  }
}

Result<int> FunctionPool::Reset(const std::string& name) {
  Function* function = Find(name);
  if (function == nullptr) {
    return MakeError(ErrorCode::kNotFound, "there is no function '" + name + "'");
  }
  if (function->prewarming) {
    event_loop_.Cancel(*std::exchange(function->prewarming, std::nullopt));
  }
  const int retired = Retire(*function);
  KeepProvisioned(*function);
  changed_.NotifyAll();
  return retired;
}

Result<int> FunctionPool::Warm(const std::string& name, int count, std::string* limit) {
  Function* function = Find(name);
  if (function == nullptr) {
    return MakeError(ErrorCode::kNotFound, "there is no function '" + name + "'");
  }
  if (count < 0) {
    return MakeError(ErrorCode::kInvalidArgument, "the count of environments to warm is negative");
  }
  const int ceiling = account_.Ceiling(function->share);
  const auto fits = [&] {
    return options_.keep_alive_policy != KeepAlivePolicy::kLru ||
           memory_mb_ + function->config.memory_mb <= options_.keep_alive_memory_mb;
  };
  const auto ready = [&] {
    return static_cast<int>(function->idle.size() + function->unbound.size());
  };
  std::string reached;
  int started = 0;
  while (ready() < count) {
    if (!fits()) {
      reached = "keep_alive_memory_mb of " + std::to_string(options_.keep_alive_memory_mb);
    } else if (static_cast<int>(function->environments.size()) >= ceiling) {
      reached = function->share.reserved
                    ? "reserved_concurrency of " + std::to_string(*function->share.reserved)
                    : "account_concurrency of " + std::to_string(account_.limit()) +
                          ", less what is reserved";
    } else if (!function->scale_up.TryTake(event_loop_.Now())) {
      reached = "scale_up_per_10s of " + std::to_string(function->config.scale_up_per_10s);
    }
    if (!reached.empty()) break;
    StartUnbound(*function);
    ++started;
  }
  if (limit != nullptr) *limit = std::move(reached);
  return started;
}

}  // namespace kless
