// The pool's part that moves environments through their lives.
#include <algorithm>

#include "functions/pool_function.h"

namespace kless {

FunctionPool::EnvironmentPtr FunctionPool::StartEnvironment(Function& function) {
  const auto salt = static_cast<std::uint32_t>(random_.Bits());
  auto environment = std::make_shared<Environment>(scheduler_, store_, profile_, faults_,
                                                   function.config, function.next_number++, salt,
                                                   options_.seed, options_.telemetry);
  function.environments.emplace(environment->number, environment);
  ++function.stats.environments_started;
  ++function.stats.initializing;
  function.stats.environments_peak =
      std::max(function.stats.environments_peak, static_cast<int>(function.environments.size()));
  environment->init = function.init.Sample(environment->random);
  if (faults_.any()) {
    const auto slow = faults_.Fires(FaultKind::kSlowInit, function.config.name);
    if (slow) environment->init += *slow;
  }
  environment->ready_at = scheduler_.Now() + environment->init;
  if (environment->init > Duration::zero()) {
    environment->SetTimer(scheduler_, environment->ready_at,
                          [this, &function, environment] { EndInit(function, environment); });
  }
  ObserveEnvironments(function);
  return environment;
}

void FunctionPool::ObserveEnvironments(const Function& function) {
  if (options_.telemetry == nullptr) return;
  const FunctionStats& stats = function.stats;
  options_.telemetry->OnEnvironments(scheduler_.Now(), function.config.name,
                                     {stats.initializing, stats.busy, stats.idle});
}

// The invocation it was initialised for runs in it, whoever else waits longer; an unbound one is
// free.
void FunctionPool::EndInit(Function& function, const EnvironmentPtr& environment) {
  environment->CancelTimer(scheduler_);
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

// A free environment serves the invocation that waits longest, else it rests.
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
  environment->idle_since = scheduler_.Now();
  function.idle.push_back(environment);
  ++function.stats.idle;
  ObserveEnvironments(function);
  ArmKeepAlive(function, environment);
}

// (Re)starts the keep-alive of an idle environment.  Those that provisioned concurrency needs stay.
void FunctionPool::ArmKeepAlive(Function& function, const EnvironmentPtr& environment) {
  const TimePoint end =
      std::max(scheduler_.Now(), environment->idle_since + function.config.keep_alive);
  environment->SetTimer(scheduler_, end, [this, &function, environment] {
    environment->CancelTimer(scheduler_);
    if (static_cast<int>(function.environments.size()) <= function.config.provisioned_concurrency) {
      return;
    }
    std::erase(function.idle, environment);
    --function.stats.idle;
    Lose(function, environment);
    ObserveEnvironments(function);
    changed_.NotifyAll();
  });
}

void FunctionPool::Lose(Function& function, EnvironmentPtr environment) {
  environment->CancelTimer(scheduler_);
  environment->state = Environment::State::kGone;
  environment->client.Revoke();
  function.environments.erase(environment->number);
}

// Idle and unbound environments go at once, the others after their invocation.
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

void FunctionPool::StartUnbound(Function& function) {
  const EnvironmentPtr environment = StartEnvironment(function);
  if (environment->init == Duration::zero()) {
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
  const int retired = Retire(*function);
  KeepProvisioned(*function);
  changed_.NotifyAll();
  return retired;
}

Result<int> FunctionPool::Warm(const std::string& name, int count) {
  Function* function = Find(name);
  if (function == nullptr) {
    return MakeError(ErrorCode::kNotFound, "there is no function '" + name + "'");
  }
  if (count < 0) {
    return MakeError(ErrorCode::kInvalidArgument, "the count of environments to warm is negative");
  }
  const int ceiling = account_.Ceiling(function->share);
  int started = 0;
  while (static_cast<int>(function->idle.size() + function->unbound.size()) < count &&
         static_cast<int>(function->environments.size()) < ceiling &&
         function->scale_up.TryTake(scheduler_.Now())) {
    StartUnbound(*function);
    ++started;
  }
  return started;
}

}  // namespace kless
