#include "functions/pool/pool.h"

#include <algorithm>
#include <utility>

#include "emulator/base/check.h"
#include "functions/pool/pool_function.h"

namespace kless {
namespace {

Error NotFound(const std::string& name) {
  return MakeError(ErrorCode::kNotFound, "there is no function '" + name + "'");
}

Result<void> CheckInitMode(const FunctionConfig& config, const EnvironmentHost* host) {
  if (host != nullptr || config.init_mode == InitMode::kModelled) return {};
  return MakeError(ErrorCode::kInvalidArgument,
                   "function '" + config.name +
                       "': 'init_mode' must be modelled, since it does not run as a process of its "
                       "own; a function with a 'handler' does");
}

}  // namespace

std::string PayloadProblem(std::size_t bytes) {
  return "the payload has " + std::to_string(bytes) + " bytes; the limit is " +
         std::to_string(kMaxPayloadBytes) + " (6 MB)";
}

FunctionPool::FunctionPool(EventLoop& event_loop, Store& store, const LatencyProfile& profile,
                           Faults& faults, PoolOptions options)
    : event_loop_(event_loop),
      store_(store),
      profile_(profile),
      faults_(faults),
      options_(options),
      random_(options.seed, "function pool"),
      changed_(event_loop),
      account_(options.account_concurrency) {
  KLESS_CHECK(options.account_concurrency >= 1, "the account concurrency is at least 1");
}

// A caller's coroutine may refer to members of the pool, so it is destroyed first.
FunctionPool::~FunctionPool() { std::exchange(callers_, {}).clear(); }

FunctionPool::Function* FunctionPool::Find(const std::string& name) const {
  const auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : found->second.get();
}

Result<void> FunctionPool::Register(FunctionConfig config, Handler handler, EnvironmentHost* host) {
  KLESS_TRY_VOID(ValidateFunctionConfig(config));
  KLESS_TRY_VOID(CheckInitMode(config, host));
  KLESS_TRY(auto init, InitOf(config, profile_));
  if (Find(config.name) != nullptr) {
    return MakeError(ErrorCode::kAlreadyExists, "function '" + config.name + "' exists");
  }
  ConcurrencyShare share;
  share.reserved = config.reserved_concurrency;
  share.provisioned = config.provisioned_concurrency;
  if (account_.guaranteed() + share.guaranteed() > account_.limit()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "function '" + config.name +
                         "': reserved and provisioned concurrency exceed " + "the account's " +
                         std::to_string(account_.limit()));
  }
  const std::string name = config.name;
  auto made =
      std::make_unique<Function>(std::move(config), std::move(init), std::move(handler), host);
  account_.Change(made->share, share.reserved, share.provisioned);
  Function& function = *functions_.emplace(name, std::move(made)).first->second;
  KeepProvisioned(function);
  return {};
}

Result<void> FunctionPool::Configure(const std::string& name, FunctionConfig config) {
  Function* function = Find(name);
  if (function == nullptr) return NotFound(name);
  if (config.name != name) {
    return MakeError(ErrorCode::kInvalidArgument, "the name of a function cannot change");
  }
  KLESS_TRY_VOID(ValidateFunctionConfig(config));
  KLESS_TRY_VOID(CheckInitMode(config, function->host));
  KLESS_TRY(auto init, InitOf(config, profile_));
  ConcurrencyShare share;
  share.reserved = config.reserved_concurrency;
  share.provisioned = config.provisioned_concurrency;
  if (account_.guaranteed() - function->share.guaranteed() + share.guaranteed() >
      account_.limit()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "function '" + name + "': reserved and provisioned concurrency exceed the " +
                         "account's " + std::to_string(account_.limit()));
  }
  account_.Change(function->share, share.reserved, share.provisioned);
  const bool same = SameEnvironments(function->config, config);
  function->scale_up.SetRate(config.scale_up_per_10s, event_loop_.Now());
  function->config = std::move(config);
  function->init = std::move(init);
  if (!same) Retire(*function);
  for (const EnvironmentPtr& environment : function->idle) ArmKeepAlive(*function, environment);
  KeepProvisioned(*function);
  changed_.NotifyAll();
  return {};
}

Result<void> FunctionPool::Unregister(const std::string& name) {
  auto node = functions_.extract(name);
  if (node.empty()) return NotFound(name);
  Function& function = *node.mapped();
  removed_.push_back(std::move(node.mapped()));
  function.removed = true;
  if (function.prewarming) {
    event_loop_.Cancel(*std::exchange(function.prewarming, std::nullopt));
  }
  account_.Change(function.share, std::nullopt, 0);
  function.config.reserved_concurrency.reset();
  function.config.provisioned_concurrency = 0;
  Retire(function);
  changed_.NotifyAll();
  return {};
}

Result<FunctionConfig> FunctionPool::Config(const std::string& name) const {
  const Function* function = Find(name);
  if (function == nullptr) return NotFound(name);
  return function->config;
}

std::vector<std::string> FunctionPool::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, function] : functions_) names.push_back(name);
  return names;
}

Result<FunctionStats> FunctionPool::Stats(const std::string& name) const {
  const Function* function = Find(name);
  if (function == nullptr) return NotFound(name);
  return function->stats;
}

Result<void> FunctionPool::SetAccountConcurrency(int concurrency) {
  if (concurrency < std::max(1, account_.guaranteed())) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "the account concurrency must be at least 1 and cover what is reserved and "
                     "provisioned (" +
                         std::to_string(account_.guaranteed()) + ")");
  }
  account_.set_limit(concurrency);
  changed_.NotifyAll();
  return {};
}

bool FunctionPool::Idle() const {
  return std::all_of(functions_.begin(), functions_.end(),
                     [](const auto& entry) {
                       return entry.second->share.in_flight == 0 &&
                              entry.second->stats.async_queued == 0;
                     }) &&
         std::all_of(removed_.begin(), removed_.end(),
                     [](const auto& function) { return function->share.in_flight == 0; });
}

}  // namespace kless
