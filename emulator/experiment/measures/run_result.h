// RunResult: the facts of one run of one case with one seed, as whole numbers (nanoseconds of
// emulated time since the run's first submission began), so that they are passed between processes
// bit by bit; everything printed is derived from them (metrics.h).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/base/error.h"

namespace kless::experiment {

// How the time of a pod was spent, in order.  The sum over all causes is the pod's latency: from
// when its Job was due to be submitted until its write.
enum class Cause {
  kSubmit,        // the submitter: its queue, its process start, the way to the server
  kCommit,        // the server's work on the Job until it was written (classic: API server)
  kFeed,          // from the write until visible to the mapping's lane (classic: to the informer)
  kLane,          // waiting for other batches of the lane (classic: in the work queue)
  kThrottle,      // refused at a cap (classic: waiting for the client's token bucket)
  kWait,          // waiting for an environment of another invocation, or one that it had started
  kInit,          // of the environment started for it (classic: start of the control plane)
  kBatch,         // waiting for other Jobs of the same batch
  kFirstRequest,  // CPU of the environment's first datastore request
  kCompute,       // CPU of the reconcile and of its requests
  kStore,         // network and server side of datastore calls (classic: API calls)
  kOther,         // faults, waits for a lagging index, earlier attempts
};
constexpr std::size_t kCauses = 12;
const char* CauseName(Cause cause);  // "submit", "first_request", ...
// Names in the order of the enumeration.
const std::vector<std::string>& CauseNames();

struct JobTiming {
  std::string name;
  std::int64_t due = 0;      // when the workload wanted it
  std::int64_t begun = 0;    // when its submitter began (process start, or the request was sent)
  std::int64_t written = 0;  // when its item was written
  std::int64_t reconciled = -1;  // when a controller first reconciled it; -1: never
  std::int64_t answered = -1;    // when the submitter had the reply; -1: never
  int pods_wanted = 0;
  int pods = 0;  // total number created
};

struct PodTiming {
  int job = 0;  // index into RunResult::jobs
  std::string name;
  std::int64_t created = 0;                    // when its item was written
  std::string start;                           // "cold", "waited", "warm"; "" in the classic plane
  std::array<std::int64_t, kCauses> causes{};  // sum: created - due of its Job
};

// A row of the invocation log.
struct InvocationTiming {
  std::string function;
  std::string environment;
  std::string start;    // "cold", "waited", "warm"
  std::string outcome;  // "ok", "error", "timeout", "crash", "throttled", "partial"
  std::int64_t requested = 0;
  std::int64_t queued = 0, init = 0, run = 0, store = 0, billed = 0;
  int memory_mb = 0;
  int throttles = 0;
  std::int64_t ideal = -1;  // duration in the workload; -1: none
};

struct EnvironmentSample {  // total of all functions, after a change
  std::int64_t at = 0;
  int initializing = 0, busy = 0, idle = 0;
};

struct FeedSample {  // at regular instants, the last one at the run's end
  std::int64_t at = 0;
  std::int64_t iterator_age = 0;
  std::uint64_t queued = 0;  // records not yet processed (classic: keys in the work queue)
};

// The provisioned concurrency of a function.
struct Provisioned {
  int environments = 0;
  int memory_mb = 0;
  bool operator==(const Provisioned&) const = default;
};

struct StartupStage {
  std::string name;
  std::int64_t duration = 0;
};

struct RunResult {
  std::uint64_t seed = 0;
  std::vector<JobTiming> jobs;                // in the order of the workload
  std::vector<PodTiming> pods;                // in the order of creation
  std::vector<InvocationTiming> invocations;  // in the order of their end
  std::vector<EnvironmentSample> environments;
  std::vector<std::int64_t> throttles;  // their times
  std::vector<FeedSample> feed;
  // of a cold start: the stages that the first Job had to wait for
  std::vector<StartupStage> startup;
  std::int64_t end = 0;            // when the world was idle again
  std::int64_t last_pod_end = -1;  // the last pod succeeded or failed; -1: none did
  int concurrency_cap = 0;         // account concurrency; 0: none (classic)
  int environment_memory_mb = 0;   // of the control loop's function; 0: classic
  std::map<std::string, Provisioned>
      provisioned;  // at the end, by function; only those that have it
  // The most environments that ran or initialised at once, even for no time.
  int concurrency_peak = 0;
  // Counted between the first submission and the end: "feed_records", "delivered", "filtered",
  // "user_writes", "store_reads", "store_writes" (items as DynamoDB bills them), "api_calls",
  // "events", "environments_started", "environments_peak", "item_bytes", ...
  std::map<std::string, std::uint64_t> counts;
  // Empty, or why the run did not end properly: "3 jobs without all their pods after 1h".
  std::string problem;
};

nlohmann::json RunResultToJson(const RunResult& result);
// kInvalidArgument: it is not such a document.
Result<RunResult> RunResultFromJson(const nlohmann::json& json);

}  // namespace kless::experiment
