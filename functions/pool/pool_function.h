// The pool's state of a function and of an invocation: private to pool.cc,
// pool_async_invocations.cc, pool_environments.cc and pool_invocations.cc.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/seldom.h"
#include "functions/pool/environment.h"
#include "functions/pool/pool.h"

namespace kless {

struct FunctionPool::Function {
  Function(FunctionConfig config, Distribution init, Handler handler, EnvironmentHost* host)
      : config(std::move(config)),
        init(std::move(init)),
        handler(std::move(handler)),
        host(host),
        task_name("function " + this->config.name),
        scale_up(this->config.scale_up_per_10s) {}

  FunctionConfig config;
  Distribution init;            // InitOf(config)
  const Handler handler;        // outlives the coroutines that it makes
  EnvironmentHost* const host;  // null: environments exist only here
  const std::string task_name;
  ConcurrencyShare share;
  ScaleUpRate scale_up;
  std::map<std::uint64_t, EnvironmentPtr> environments;  // all that exist, by number
  std::vector<EnvironmentPtr> idle;                      // the most recently used is last
  // each is bound to an environment that is initialising
  std::deque<RunPtr> waiting;
  std::set<std::pair<TimePoint, std::uint64_t>>
      unbound;  // (ready_at, number): initialising without an invocation
  FunctionStats stats;
  std::uint64_t next_number = 1;
  bool removed = false;  // by Unregister
  Seldom timeout_warnings;
  // State of the histogram policy.
  IdleTimes idle_times;
  // set while nothing runs, after the first invocation
  std::optional<TimePoint> idle_since;
  std::optional<EventLoop::TimerId> prewarming;  // starts an environment ahead of its use
};

// An invocation from admission to completion.  It is shared by the caller, the handler's coroutine
// and the timers; the first of them to end it ends it for all.
struct FunctionPool::Run {
  std::uint64_t ticket = 0;  // identifies its caller
  Function* function = nullptr;
  std::shared_ptr<const FunctionEvent> event;
  InvokeOptions options;
  TimePoint admitted_at{};
  TimePoint started_at{};
  TimePoint ended_at{};
  StartKind start = StartKind::kWarm;
  EnvironmentPtr environment;  // at first the one being initialised for it, then the one it runs in
  std::shared_ptr<InvocationContext> context;
  std::optional<EventLoop::TimerId> deadline;
  bool ended = false;
  bool init_repeated = false;  // The init of its first environment has failed.
  InvokeResult result;
};

}  // namespace kless
