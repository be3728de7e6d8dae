// Metrics: numbers derived from the facts of a run.  Pure functions; equal runs give equal bits on
// every machine.  The meaning of each name is in metric_definitions.cc; each is checked against a
// value computed by hand (tests/emulator/experiment).
//
// Times count from the run's first submission, and quantiles are of type 7 (statistics.h).  The
// memory of environments of several functions is the mean over the invocations, weighted by run
// time.  The largest possible number of resources in elasticity.h is the concurrency cap, or
// without one the peak of demand and supply.
#pragma once

#include <string>
#include <vector>

#include "emulator/experiment/measures/elasticity.h"
#include "emulator/experiment/measures/run_result.h"
#include "emulator/experiment/measures/statistics.h"

namespace kless::experiment {

struct Metric {
  std::string name;  // snake_case with its unit last: "last_pod_s", "cost_total_usd"
  std::string unit;  // "s", "ms", "1", "1/s", "1/h", "USD", "USD/month", "GB*s", "%"
  double value = 0;
};

// All metrics of the run, in a fixed order; those without facts are left out (no invocations: no
// cold starts; no cold pod: no latency of cold pods).  O(n log n).
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
// In a fixed order; objectives without facts in the run are left out.
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
