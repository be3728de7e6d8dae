// Definitions of all metrics and causes in one table, for reports, `kless experiment explain` and
// DESIGN.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kless::experiment {

struct MetricDefinition {
  std::string_view name;   // of MeasureRun; capitals stand for parts, as the comment of each says
  std::string_view label;  // for axes: "last pod"; "" for metrics that no figure shows
  std::string_view text;   // a sentence without its full stop
};

// Q: p50, p90, p99, p999, max.  S: cold, waited, warm.  C: a cause.  P: eks, nodes.  U: jobs, pods.
const std::vector<MetricDefinition>& MetricDefinitions();
// Returns them in the order of CauseNames().
const std::vector<MetricDefinition>& CauseDefinitions();
// How the parts of a latency are to be read: sentences below every table and figure of them.
inline constexpr const char* kReadingOfCauses =
    "Each part is what the pods themselves went through: while a Job waits for another one's first "
    "request, init or datastore calls, its time is batch, lane or wait. So a part is not what its "
    "cause costs the whole run; 'kless experiment run SCENARIO --without CAUSE' measures that "
    "(submit, feed, throttle, init, first_request, compute or store).";

// Returns the entry for a metric's name, null if there is none.  "pod_latency_cold_p99_ms" finds
// "pod_latency_S_Q_ms".
const MetricDefinition* FindMetricDefinition(std::string_view metric);
// Returns "last pod (s)", for axes; the metric's own name if the table has no label.
std::string MetricLabel(std::string_view metric, std::string_view unit);

}  // namespace kless::experiment
