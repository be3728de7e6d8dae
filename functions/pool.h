// FunctionPool: functions, their execution environments, and the caps.
//
// Life of an environment: init (sampled) -> idle <-> busy -> reclaimed after keep-alive, or lost by
// crash, timeout, reset or a change of configuration.  One invocation at a time each; the most
// recently used idle one first.  Concurrency counts invocations from the start of their init.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "emulator/base/event.h"
#include "functions/function.h"
#include "store/invocation_log.h"

namespace kless {

struct PoolOptions {
  int account_concurrency = 1000;  // the thesis: 10.  At least 1
  std::uint64_t seed = 0;
  std::uint64_t invocation_retention = 1'000'000;  // rows kept in the log
};

struct FunctionStats {
  std::uint64_t invocations = 0, cold_starts = 0, waited_starts = 0, warm_starts = 0;
  std::uint64_t throttles = 0, errors = 0, timeouts = 0, crashes = 0;
  int initializing = 0, busy = 0, idle = 0;  // environments now
  int environments_peak = 0;                 // since the start of the process
  std::uint64_t environments_started = 0;
  std::uint64_t async_queued = 0;
};

struct InvokeOptions {
  std::string trigger = "sync";  // "sync", "async", "mapping"
  std::string request_id;        // empty: a new one
  TimePoint requested_at{};      // when the work became ready; for queued time
  int throttles = 0;             // refusals of the same work so far
};

struct InvokeResult {
  Result<std::string>
      payload;  // kThrottled (nothing ran), kTimedOut, kCancelled (crash), or the handler's
  std::string request_id;
  bool ran = false;
  std::string
      throttle_reason;  // AWS's Reason: "ReservedFunctionConcurrentInvocationLimitExceeded", ...
};

class Environment;

class FunctionPool {
 public:
  // All references outlive the pool.
  FunctionPool(Scheduler& scheduler, Store& store, const LatencyProfile& profile, Faults& faults,
               PoolOptions options);
  ~FunctionPool();

  // kAlreadyExists, kInvalidArgument.
  Result<void> Register(FunctionConfig config, Handler handler);
  // Replaces the configuration; idle environments are reclaimed if init, memory or timeout changed,
  // busy ones after their invocation.  kNotFound, kInvalidArgument (also when the reserved
  // concurrencies exceed the account's).
  Result<void> Configure(const std::string& name, FunctionConfig config);
  Result<FunctionConfig> Config(const std::string& name) const;
  std::vector<std::string> Names() const;
  Result<FunctionStats> Stats(const std::string& name) const;

  int account_concurrency() const { return options_.account_concurrency; }
  Result<void> SetAccountConcurrency(int concurrency);
  int concurrency() const { return concurrency_; }  // invocations now, all functions

  // Runs the event in an environment; completes with the handler's result.  Never waits for
  // capacity: kThrottled at a cap.
  Task<InvokeResult> Invoke(std::string name, std::shared_ptr<const FunctionEvent> event,
                            InvokeOptions options);
  // Queues the event and returns its request id at once.  Errors are retried after 1 min, then 2
  // min; throttles with back-off from 1 s to 5 min until the maximum event age.
  Result<std::string> InvokeAsync(const std::string& name, std::string payload);

  // Reclaims every environment (a busy one once its invocation ended): the next start is cold.
  // Returns how many are reclaimed now or then.
  Result<int> Reset(const std::string& name);
  // Initialises environments until `count` are idle or initialising (within the caps).  Returns how
  // many it starts.
  Result<int> Warm(const std::string& name, int count);

  // Nothing runs, initialises for an invocation, or waits in an asynchronous queue.
  bool Idle() const;
  // Notified when an invocation ends or capacity is freed.
  Event& changed() { return changed_; }

 private:
  struct Function;
  struct Run;

  Scheduler& scheduler_;
  Store& store_;
  const LatencyProfile& profile_;
  Faults& faults_;
  PoolOptions options_;
  Random random_;
  Event changed_;
  std::map<std::string, std::unique_ptr<Function>> functions_;
  int concurrency_ = 0;
};

}  // namespace kless
