// What the pool keeps of a function and of an invocation: private to pool.cc, environments.cc and
// invoke_queue.cc.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "functions/environment.h"
#include "functions/pool.h"

namespace kless {

struct FunctionPool::Function {
  Function(FunctionConfig config, Distribution init, Handler handler)
      : config(std::move(config)),
        init(std::move(init)),
        handler(std::move(handler)),
        task_name("function " + this->config.name),
        scale_up(this->config.scale_up_per_10s) {}

  FunctionConfig config;
  Distribution init;      // as InitOf(config)
  const Handler handler;  // outlives the coroutines made by it
  const std::string task_name;
  ConcurrencyShare share;
  ScaleUpRate scale_up;
  std::map<std::uint64_t, EnvironmentPtr> environments;  // all that live, by number
  std::vector<EnvironmentPtr> idle;                      // the most recently used last
  std::deque<RunPtr> waiting;                            // each bound to an environment under init
  std::set<std::pair<TimePoint, std::uint64_t>>
      unbound;  // (ready_at, number): under init, for nobody
  FunctionStats stats;
  std::uint64_t next_number = 1;
  bool removed = false;  // by Unregister
  // Histogram policy.
  IdleTimes idle_times;
  std::optional<TimePoint> idle_since;           // nothing runs, something did
  std::optional<Scheduler::TimerId> prewarming;  // the start of an environment ahead of its use
};

// From admission to completion.  Shared by the caller, the handler's coroutine and the timers; the
// first of them that ends it does so for all.
struct FunctionPool::Run {
  std::uint64_t ticket = 0;  // names its caller
  Function* function = nullptr;
  std::shared_ptr<const FunctionEvent> event;
  InvokeOptions options;
  TimePoint admitted_at{};
  TimePoint started_at{};
  TimePoint ended_at{};
  StartKind start = StartKind::kWarm;
  EnvironmentPtr environment;  // being initialised for it, then the one it runs in
  std::shared_ptr<InvocationContext> context;
  std::optional<Scheduler::TimerId> deadline;
  bool ended = false;
  InvokeResult result;
};

}  // namespace kless
