// FunctionPool: functions, their execution environments, and the caps.
//
// Life of an environment: init (sampled) -> idle <-> busy -> reclaimed by the keep-alive policy
// (see keep_alive.h), or lost by a crash, timeout, reset or change of configuration.  Each runs one
// invocation at a time; the most recently used idle one is taken first.  Concurrency counts
// invocations from the start of their init.
//
// An invocation starts warm in an idle environment.  If none is idle, it waits for an unbound one
// that is being initialised (waited).  If there is none of those, one is initialised for it (cold),
// within the caps.  If another environment becomes free first, the longest-waiting invocation runs
// there at once (waited), and the environment that was being initialised for it becomes unbound.
//
// Every invocation that ran, and every one refused for good, leaves a row in the invocation log.
// Billed time is init + run of that row, rounded up to 1 ms: managed runtimes bill init since
// 2025-08-01
// (https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/loop/event.h"
#include "emulator/base/time_histogram.h"
#include "functions/pool/batch_response.h"
#include "functions/pool/concurrency.h"
#include "functions/pool/environment_host.h"
#include "functions/pool/function.h"
#include "functions/pool/keep_alive.h"
#include "functions/pool/telemetry.h"
#include "functions/pool/writer_log.h"
#include "store/invocation_log.h"

namespace kless {

struct PoolOptions {
  int account_concurrency = 1000;  // at least 1; the thesis has 10
  std::uint64_t seed = 0;
  std::uint64_t invocation_retention = 1'000'000;  // rows kept in the log
  Telemetry* telemetry = nullptr;                  // must outlive the pool
  KeepAlivePolicy keep_alive_policy = KeepAlivePolicy::kTtl;
  // lru: the total memory of environments above which idle ones are reclaimed.  It never delays an
  // invocation.
  std::int64_t keep_alive_memory_mb = 10'240;
};

struct FunctionStats {
  std::uint64_t invocations = 0, cold_starts = 0, waited_starts = 0, warm_starts = 0;
  // Like Lambda's Errors, `errors` counts timeouts and crashes, too.
  std::uint64_t throttles = 0, errors = 0, timeouts = 0, crashes = 0;
  int initializing = 0, busy = 0, idle = 0;  // current environments
  int environments_peak = 0;                 // since the start of the process
  std::uint64_t environments_started = 0;
  std::uint64_t async_queued = 0;  // asynchronous events that are waiting or running
  // Upper bounds in seconds: from one write to the longest timeout.
  static constexpr std::array<double, 14> kBuckets = {
      0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 900};
  // They count the invocations that ran, as in their rows of the log; init leaves out warm ones.
  TimeHistogram run{kBuckets}, init{kBuckets}, queued{kBuckets};
};

struct InvokeOptions {
  std::string trigger = "sync";  // "sync", "async", "mapping"
  std::string request_id;        // empty: make a new one
  // When the work became ready, for queued time; nullopt: now.
  std::optional<TimePoint> requested_at;
  int throttles = 0;  // previous refusals of the same work
  // The payload may name failed records (see batch_response.h).
  bool report_batch_item_failures = false;
};

struct InvokeResult {
  Result<std::string>
      payload;  // kThrottled (nothing ran), kTimedOut, kCancelled (crash), or the handler's
  std::string request_id;
  bool ran = false;
  std::string throttle_reason;  // AWS's: "ReservedFunctionConcurrentInvocationLimitExceeded", ...
  BatchResponse response;       // parsed from the payload, with report_batch_item_failures
  std::string error_body;       // see InvocationContext
  std::string log_tail;
};

class Environment;

// Limit of the init of a hosted environment; beyond it the init is repeated as a part of the
// invocation, under the function's timeout.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html (2026-11)
constexpr Duration kInitLimit = std::chrono::seconds(10);
// The limit of provisioned environments, from the same page.
constexpr Duration kProvisionedInitLimit = std::chrono::minutes(15);

// Limit of a payload and of a result: Lambda's 6 MB.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (2026-11)
constexpr std::size_t kMaxPayloadBytes = 6'291'556;
// Says that a payload of this size is above the limit.
std::string PayloadProblem(std::size_t bytes);

class FunctionPool {
 public:
  // All references must outlive the pool.
  FunctionPool(EventLoop& event_loop, Store& store, const LatencyProfile& profile, Faults& faults,
               PoolOptions options);
  ~FunctionPool();

  // Errors: kAlreadyExists, kInvalidArgument (also if the latency profile does not have the
  // runtime, or if the init is measured and there is no host).  `host`, if it is not null, gets the
  // life of each environment; it must outlive the pool.
  Result<void> Register(FunctionConfig config, Handler handler, EnvironmentHost* host = nullptr);
  // Replaces the configuration.  If runtime, init, memory or timeout change, idle environments are
  // reclaimed at once and busy ones after their invocation.  Errors: kNotFound, kInvalidArgument
  // (also when the reserved concurrencies exceed the account's).
  Result<void> Configure(const std::string& name, FunctionConfig config);
  // Removes the function: it can no longer be invoked, its idle environments are reclaimed, running
  // invocations finish, and queued asynchronous events are dropped.  Errors: kNotFound.
  Result<void> Unregister(const std::string& name);
  Result<FunctionConfig> Config(const std::string& name) const;
  std::vector<std::string> Names() const;
  Result<FunctionStats> Stats(const std::string& name) const;

  int account_concurrency() const { return account_.limit(); }
  // kInvalidArgument: below 1, or below the reserved and provisioned concurrency.
  Result<void> SetAccountConcurrency(int concurrency);
  int concurrency() const { return account_.in_flight(); }  // current invocations of all functions

  // Runs the event in an environment and completes with the handler's result.  Never waits for
  // capacity: kThrottled at a cap.  Other errors: kNotFound; kInvalidArgument (payload above
  // kMaxPayloadBytes).  Cancelling the caller discards the result but does not stop the invocation.
  Task<InvokeResult> Invoke(std::string name, std::shared_ptr<const FunctionEvent> event,
                            InvokeOptions options);
  // Queues the event and immediately returns its request id.  Errors are retried after 1 min, then
  // 2 min; throttles with a back-off from 1 s to 5 min until the maximum event age.
  Result<std::string> InvokeAsync(const std::string& name, std::string payload);

  // Reclaims every environment (a busy one once its invocation has ended), so that the next start
  // is cold.  Returns how many are or will be reclaimed.
  Result<int> Reset(const std::string& name);
  // Initialises environments until `count` are idle or initialising, within the caps (and, under
  // lru, within its memory).  Returns how many it starts; `limit` gets the cap that allows no more:
  // "reserved_concurrency of 10", or "".
  Result<int> Warm(const std::string& name, int count, std::string* limit = nullptr);

  KeepAlivePolicy keep_alive_policy() const { return options_.keep_alive_policy; }
  std::int64_t keep_alive_memory_mb() const { return options_.keep_alive_memory_mb; }
  // Memory of all environments, whatever their state.
  std::int64_t memory_mb() const { return memory_mb_; }

  // Which function wrote which record, for those who see a function's writes from elsewhere, too.
  WriterLog& writers() { return writers_; }

  // Whether nothing runs, initialises for an invocation, or waits in an asynchronous queue.
  bool Idle() const;
  // Notified when an invocation ends or is finally refused, and when capacity becomes free.
  Event& changed() { return changed_; }

 private:
  struct Function;
  struct Run;
  using RunPtr = std::shared_ptr<Run>;
  using EnvironmentPtr = std::shared_ptr<Environment>;

  using Caller = asio::any_completion_handler<void(boost::system::error_code)>;

  // Admission.
  Function* Find(const std::string& name) const;
  std::string ThrottleReason(Function& function);
  RunPtr Admit(Function& function, std::shared_ptr<const FunctionEvent> event,
               InvokeOptions options);
  void Refuse(Function& function, const FunctionEvent& event, const InvokeOptions& options,
              const std::string& reason);
  void RecordRefusal(Function& function, const FunctionEvent& event, const InvokeOptions& options,
                     std::string error);

  // The life of an environment.
  EnvironmentPtr StartEnvironment(Function& function, Duration init_limit = kInitLimit);
  void EndHostedInit(Function& function, const EnvironmentPtr& environment, TimePoint started);
  void FailInit(Function& function, const EnvironmentPtr& environment, const InitFailure& failure);
  void StartUnbound(Function& function, std::optional<TimePoint> keep_until = std::nullopt);
  void EndInit(Function& function, const EnvironmentPtr& environment);
  void Offer(Function& function, EnvironmentPtr environment);
  void Rest(Function& function, const EnvironmentPtr& environment);
  void ArmKeepAlive(Function& function, const EnvironmentPtr& environment);
  bool MayReclaim(const Function& function) const;
  void Reclaim(Function& function, const EnvironmentPtr& environment);
  void MakeRoom(int memory_mb);
  void BecomeIdle(Function& function);
  void EndIdle(Function& function);
  void Prewarm(Function& function, TimePoint keep_until);
  void Lose(Function& function, EnvironmentPtr environment);
  int Retire(Function& function);
  void KeepProvisioned(Function& function);
  void ObserveEnvironments(const Function& function);

  // The life of an invocation.
  void StartRun(RunPtr run, EnvironmentPtr environment);
  void ObserveStart(const Run& run);
  Task<> RunHandler(RunPtr run);
  void OnTimeout(const RunPtr& run);
  void EndRun(const RunPtr& run, Result<std::string> payload, std::string outcome);
  void Record(const Run& run, const std::string& outcome);
  void Append(InvocationRecord row);

  // The coroutines that wait for a run.  They are not in Events of the runs, because a run may be
  // destroyed with the handlers left in the I/O context, after the scheduler.
  Task<> Ended(std::uint64_t ticket);
  void CompleteCaller(std::uint64_t ticket, boost::system::error_code error);

  // Asynchronous invocations (pool_async_invocations.cc).
  Task<> RunQueued(Function* function, std::string request_id,
                   std::shared_ptr<const FunctionEvent> event);

  EventLoop& event_loop_;
  Store& store_;
  const LatencyProfile& profile_;
  Faults& faults_;
  PoolOptions options_;
  Random random_;
  WriterLog writers_;
  Event changed_;
  std::map<std::string, std::unique_ptr<Function>> functions_;
  // Functions that were unregistered.  They are kept because a handler that timed out may still be
  // running.
  std::vector<std::unique_ptr<Function>> removed_;
  AccountConcurrency account_;
  std::map<std::uint64_t, Caller> callers_;  // by the ticket of their run
  std::uint64_t next_ticket_ = 1;
  std::uint64_t rows_ = 0;  // number of rows appended to the log
  std::int64_t memory_mb_ = 0;
};

}  // namespace kless
