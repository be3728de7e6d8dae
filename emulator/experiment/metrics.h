// Metrics: numbers derived from the facts of a run.  Pure functions; equal runs give equal bits on
// every machine.  Definitions and their sources stand beside each name; each is checked against a
// value computed by hand (tests/experiment).
//
// The names of MeasureRun, in its order.  Unless said otherwise, times count from the run's first
// submission, and quantiles are of type 7 (statistics.h).  Qn: p50, p90, p99.
//
//   jobs                          that the workload has
//   pods                          created
//   pods_missing                  sum over Jobs of the pods wanted and not created
//   first_pod_s, last_pod_s       first and last write of a pod
//   pods_succeeded, pods_failed, last_pod_end_s
//                                 pods that ended, and when the last one did; of runs in which any
//                                 did
//   pods_per_s                    pods / last_pod_s
//   pod_latency_X_ms              X: Qn, p999, max; write of the pod - its Job was due
//   pods_S                        S: cold, waited, warm; pods of invocations that started so
//   pod_latency_S_X_ms            the same of those
//   cause_C_mean_ms               C: each of CauseNames(); over all pods.  Their sum is the mean
//                                 latency
//   startup_ms                    sum of RunResult::startup
//   api_calls, events, user_writes, store_writes, store_reads, feed_records, delivered, filtered,
//   faults_fired, jobs_deleted_early
//                                 RunResult::counts as they are
//   event_amplification           feed_records / user_writes: change records per write of a user
//   filtered_percent              of the records delivered or filtered
//   iterator_age_p99_ms, iterator_age_max_ms, queue_depth_max
//                                 of the samples, which stand at regular instants
//   invocations                   that ran; refused ones are in none of the next but throttles
//   cold_starts, waited_starts, warm_starts
//   errors, timeouts, crashes, partial_responses           by outcome
//   throttles                     refusals, also those of work that ran later
//   invocations_refused           given up after refusals
//   invocation_latency_Qn_ms, invocation_latency_S_Qn_ms   queued + init + run
//   slowdown_Qn                   (queued + init + run) / ideal, of invocations with an ideal
//   environments_started, environments_peak                counts; else the samples' peak
//   busy_gb_s, init_gb_s, idle_gb_s   environments by state x their memory x time until the end;
//                                 GB of 1,024 MB.  Functions of several sizes: at the mean memory
//                                 of the invocations, weighted by run time
//   idle_share_percent            idle / (busy + init + idle)
//   elasticity_*                  elasticity.h; R is the concurrency cap, or without one the peak
//                                 of demand and supply
//   cost_*, break_even_*          costs.h: of the run, per month of idling, per 1,000 pods; jobs or
//                                 pods per hour from which on the classic plane is cheaper (eks:
//                                 managed; nodes: three of one's own)
#pragma once

#include <string>
#include <vector>

#include "emulator/experiment/elasticity.h"
#include "emulator/experiment/run_result.h"
#include "emulator/experiment/statistics.h"

namespace kless::experiment {

struct Metric {
  std::string name;  // snake_case with its unit last: "last_pod_s", "cost_total_usd"
  std::string unit;  // "s", "ms", "1", "1/s", "1/h", "USD", "USD/month", "GB*s", "%"
  double value = 0;
};

// Everything that can be said of the run, in a fixed order; what the run has no facts for is left
// out (no invocations: no cold starts; no cold pod: no latency of cold pods).  O(n log n).
std::vector<Metric> MeasureRun(const RunResult& run);

// Every name that MeasureRun can give a run of a control plane, in its order.
const std::vector<std::string>& MetricNames(bool classic);

// A service level objective of Kubernetes, applied to the run.
struct SloOutcome {
  std::string name;  // "pod_startup_p99"
  std::string text;  // "99 % of pods written within 5 s of their Job being due"
  double limit_s = 0;
  double measured_s = 0;
  bool ok = false;
};
// In a fixed order; what the run has no facts for is left out.
//   pod_startup_p99    5 s.  Pod written - its Job due: Kubernetes counts from the pod's creation
//                      until it runs, image pulls left out; this is the control plane's part before
//                      that.  Not met if a pod is missing; such a pod counts as one written at
//                      the run's end.
//                      https://github.com/kubernetes/community/blob/master/sig-scalability/slos/pod_startup_latency.md
//   mutating_call_p99  1 s.  Job written - its submitter began, so with the submitter's process
//                      start: never less than what Kubernetes counts.
//                      https://github.com/kubernetes/community/blob/master/sig-scalability/slos/api_call_latency.md
std::vector<SloOutcome> CheckSlos(const RunResult& run);

}  // namespace kless::experiment
