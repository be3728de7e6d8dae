#include "emulator/experiment/measures/metrics.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "emulator/base/check.h"
#include "emulator/base/clock.h"
#include "emulator/experiment/measures/costs.h"

namespace kless::experiment {
namespace {

constexpr double kNanosPerMilli = 1e6;
constexpr double kMbPerGb = 1024;
constexpr double kPodStartupLimitSeconds = 5;
constexpr double kMutatingCallLimitSeconds = 1;

constexpr std::array<const char*, 10> kCountsShown = {
    "api_calls",    "events",    "user_writes", "store_writes", "store_reads",
    "feed_records", "delivered", "filtered",    "faults_fired", "jobs_deleted_early"};
const std::array<std::string, 3> kStarts = {"cold", "waited", "warm"};
using QuantileNames = std::vector<std::pair<std::string, double>>;
const QuantileNames kQuantiles = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}};
const QuantileNames kPodQuantiles = {
    {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1}};

double Seconds(std::int64_t nanos) { return static_cast<double>(nanos) / kNanosPerSecond; }
double Millis(std::int64_t nanos) { return static_cast<double>(nanos) / kNanosPerMilli; }

// The list that MeasureRun fills.
class MetricList {
 public:
  void Add(std::string name, std::string unit, double value) {
    list_.push_back({std::move(name), std::move(unit), value});
  }
  void AddCount(std::string name, std::uint64_t count) {
    Add(std::move(name), "1", static_cast<double>(count));
  }
  // Adds `prefix`_p50`suffix`, ...; nothing if there are no values.
  void AddQuantiles(const std::string& prefix, const std::string& suffix, const std::string& unit,
                    const QuantileNames& quantiles, std::vector<double> values) {
    if (values.empty()) return;
    std::sort(values.begin(), values.end());
    for (const auto& [name, q] : quantiles) {
      Add(prefix + "_" + name + suffix, unit, QuantileOfSorted(values, q));
    }
  }
  std::vector<Metric> Take() { return std::move(list_); }

 private:
  std::vector<Metric> list_;
};

std::optional<std::uint64_t> Count(const RunResult& run, const std::string& name) {
  const auto found = run.counts.find(name);
  if (found == run.counts.end()) return std::nullopt;
  return found->second;
}

std::int64_t Latency(const RunResult& run, const PodTiming& pod) {
  KLESS_CHECK(pod.job >= 0 && static_cast<std::size_t>(pod.job) < run.jobs.size(),
              "a pod of no Job");
  return pod.created - run.jobs[static_cast<std::size_t>(pod.job)].due;
}

std::int64_t Latency(const InvocationTiming& row) { return row.queued + row.init + row.run; }

bool Ran(const InvocationTiming& row) { return row.outcome != "throttled"; }

std::uint64_t PodsMissing(const RunResult& run) {
  std::uint64_t missing = 0;
  for (const JobTiming& job : run.jobs) {
    missing += static_cast<std::uint64_t>(std::max(0, job.pods_wanted - job.pods));
  }
  return missing;
}

void AddPodLatencies(const RunResult& run, MetricList& metrics) {
  std::vector<double> all;
  std::array<std::vector<double>, kStarts.size()> by_start;
  all.reserve(run.pods.size());
  for (const PodTiming& pod : run.pods) {
    const double latency = Millis(Latency(run, pod));
    all.push_back(latency);
    for (std::size_t i = 0; i < kStarts.size(); ++i) {
      if (pod.start == kStarts[i]) by_start[i].push_back(latency);
    }
  }
  metrics.AddQuantiles("pod_latency", "_ms", "ms", kPodQuantiles, std::move(all));
  if (IsClassic(run)) return;
  for (std::size_t i = 0; i < kStarts.size(); ++i) {
    metrics.AddCount("pods_" + kStarts[i], by_start[i].size());
    metrics.AddQuantiles("pod_latency_" + kStarts[i], "_ms", "ms", kPodQuantiles,
                         std::move(by_start[i]));
  }
}

void AddCauses(const RunResult& run, MetricList& metrics) {
  std::array<std::int64_t, kCauses> sums{};
  for (const PodTiming& pod : run.pods) {
    for (std::size_t i = 0; i < kCauses; ++i) sums[i] += pod.causes[i];
  }
  for (std::size_t i = 0; i < kCauses; ++i) {
    metrics.Add("cause_" + CauseNames()[i] + "_mean_ms", "ms",
                Millis(sums[i]) / static_cast<double>(run.pods.size()));
  }
}

void AddPods(const RunResult& run, MetricList& metrics) {
  if (run.jobs.empty()) return;
  metrics.AddCount("jobs", run.jobs.size());
  metrics.AddCount("pods", run.pods.size());
  metrics.AddCount("pods_missing", PodsMissing(run));
  if (run.pods.empty()) return;
  const auto [first, last] = std::minmax_element(
      run.pods.begin(), run.pods.end(),
      [](const PodTiming& a, const PodTiming& b) { return a.created < b.created; });
  metrics.Add("first_pod_s", "s", Seconds(first->created));
  metrics.Add("last_pod_s", "s", Seconds(last->created));
  if (run.last_pod_end >= 0) {
    metrics.AddCount("pods_succeeded", Count(run, "pods_succeeded").value_or(0));
    metrics.AddCount("pods_failed", Count(run, "pods_failed").value_or(0));
    metrics.Add("last_pod_end_s", "s", Seconds(run.last_pod_end));
  }
  if (last->created > 0) {
    metrics.Add("pods_per_s", "1/s", static_cast<double>(run.pods.size()) / Seconds(last->created));
  }
  AddPodLatencies(run, metrics);
  AddCauses(run, metrics);
}

void AddStartup(const RunResult& run, MetricList& metrics) {
  if (run.startup.empty()) return;
  std::int64_t sum = 0;
  for (const StartupStage& stage : run.startup) sum += stage.duration;
  metrics.Add("startup_ms", "ms", Millis(sum));
}

void AddFeed(const RunResult& run, MetricList& metrics) {
  for (const char* name : kCountsShown) {
    if (const auto count = Count(run, name)) metrics.AddCount(name, *count);
  }
  const auto delivered = Count(run, "delivered"), filtered = Count(run, "filtered");
  auto records = Count(run, "feed_records");
  if (!records && delivered && filtered) records = *delivered + *filtered;
  const std::uint64_t user_writes = Count(run, "user_writes").value_or(0);
  if (records && user_writes > 0) {
    metrics.Add("event_amplification", "1",
                static_cast<double>(*records) / static_cast<double>(user_writes));
  }
  if (delivered && filtered && *delivered + *filtered > 0) {
    metrics.Add("filtered_percent", "%",
                100 * static_cast<double>(*filtered) / static_cast<double>(*delivered + *filtered));
  }
  if (run.feed.empty()) return;
  std::vector<double> ages;
  ages.reserve(run.feed.size());
  std::uint64_t depth = 0;
  for (const FeedSample& sample : run.feed) {
    ages.push_back(Millis(sample.iterator_age));
    depth = std::max(depth, sample.queued);
  }
  metrics.AddQuantiles("iterator_age", "_ms", "ms", {{"p99", 0.99}, {"max", 1}}, std::move(ages));
  metrics.AddCount("queue_depth_max", depth);
}

void AddOutcomes(const RunResult& run, MetricList& metrics) {
  std::uint64_t ran = 0;
  std::array<std::uint64_t, kStarts.size()> starts{};
  const std::array<std::pair<std::string, std::string>, 4> names = {
      {{"error", "errors"},
       {"timeout", "timeouts"},
       {"crash", "crashes"},
       {"partial", "partial_responses"}}};
  std::array<std::uint64_t, 4> outcomes{};
  for (const InvocationTiming& row : run.invocations) {
    if (!Ran(row)) continue;
    ++ran;
    for (std::size_t i = 0; i < starts.size(); ++i) starts[i] += row.start == kStarts[i] ? 1 : 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
      outcomes[i] += row.outcome == names[i].first ? 1 : 0;
    }
  }
  // Like Lambda's Errors: timeouts and crashes, too.
  outcomes[0] += outcomes[1] + outcomes[2];
  metrics.AddCount("invocations", ran);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    metrics.AddCount(kStarts[i] + "_starts", starts[i]);
  }
  for (std::size_t i = 0; i < names.size(); ++i) metrics.AddCount(names[i].second, outcomes[i]);
  metrics.AddCount("throttles", run.throttles.size());
  metrics.AddCount("invocations_refused", run.invocations.size() - ran);
}

void AddInvocations(const RunResult& run, MetricList& metrics) {
  if (run.invocations.empty() && (IsClassic(run) || run.throttles.empty())) return;
  AddOutcomes(run, metrics);
  std::vector<double> all, slowdowns;
  std::array<std::vector<double>, kStarts.size()> by_start;
  for (const InvocationTiming& row : run.invocations) {
    if (!Ran(row)) continue;
    const double latency = Millis(Latency(row));
    all.push_back(latency);
    for (std::size_t i = 0; i < kStarts.size(); ++i) {
      if (row.start == kStarts[i]) by_start[i].push_back(latency);
    }
    if (row.ideal > 0) {
      slowdowns.push_back(static_cast<double>(Latency(row)) / static_cast<double>(row.ideal));
    }
  }
  metrics.AddQuantiles("invocation_latency", "_ms", "ms", kQuantiles, std::move(all));
  for (std::size_t i = 0; i < kStarts.size(); ++i) {
    metrics.AddQuantiles("invocation_latency_" + kStarts[i], "_ms", "ms", kQuantiles,
                         std::move(by_start[i]));
  }
  metrics.AddQuantiles("slowdown", "", "1", kQuantiles, std::move(slowdowns));
}

// The memory of an environment, for runs with functions of several sizes; 0 if unknown.
double EnvironmentMemoryMb(const RunResult& run) {
  double weighted = 0, weights = 0;
  bool equal = true;
  int first = 0;
  for (const InvocationTiming& row : run.invocations) {
    if (!Ran(row)) continue;
    if (first == 0) first = row.memory_mb;
    equal = equal && row.memory_mb == first;
    weighted += static_cast<double>(row.run) * row.memory_mb;
    weights += static_cast<double>(row.run);
  }
  if (first > 0 && equal) return first;
  if (weights > 0) return weighted / weights;
  return run.environment_memory_mb;
}

void AddEnvironments(const RunResult& run, MetricList& metrics) {
  if (const auto started = Count(run, "environments_started")) {
    metrics.AddCount("environments_started", *started);
  }
  int peak = 0;
  // Environments times nanoseconds, as whole numbers.
  std::int64_t initializing = 0, busy = 0, idle = 0;
  for (std::size_t i = 0; i < run.environments.size(); ++i) {
    const EnvironmentSample& sample = run.environments[i];
    peak = std::max(peak, sample.initializing + sample.busy + sample.idle);
    const std::int64_t until =
        i + 1 < run.environments.size() ? std::min(run.environments[i + 1].at, run.end) : run.end;
    const std::int64_t span =
        std::max<std::int64_t>(0, until - std::max<std::int64_t>(0, sample.at));
    initializing += span * sample.initializing;
    busy += span * sample.busy;
    idle += span * sample.idle;
  }
  if (const auto counted = Count(run, "environments_peak")) {
    metrics.AddCount("environments_peak", *counted);
  } else if (!run.environments.empty()) {
    metrics.AddCount("environments_peak", static_cast<std::uint64_t>(peak));
  }
  const double gb = EnvironmentMemoryMb(run) / kMbPerGb;
  if (run.environments.empty() || gb <= 0) return;
  metrics.Add("busy_gb_s", "GB*s", Seconds(busy) * gb);
  metrics.Add("init_gb_s", "GB*s", Seconds(initializing) * gb);
  metrics.Add("idle_gb_s", "GB*s", Seconds(idle) * gb);
  const std::int64_t total = busy + initializing + idle;
  if (total > 0) {
    metrics.Add("idle_share_percent", "%",
                100 * static_cast<double>(idle) / static_cast<double>(total));
  }
}

void AddElasticity(const RunResult& run, MetricList& metrics) {
  if (run.invocations.empty() || run.environments.empty() || run.end <= 0) return;
  const Steps demand = Demand(run), supply = Supply(run);
  double most = run.concurrency_cap;
  if (run.concurrency_cap <= 0) {
    for (const auto& [time, value] : demand) most = std::max(most, value);
    for (const auto& [time, value] : supply) most = std::max(most, value);
  }
  const Elasticity e = MeasureElasticity(demand, supply, run.end, most);
  metrics.Add("elasticity_under_accuracy_percent", "%", e.under_accuracy);
  metrics.Add("elasticity_over_accuracy_percent", "%", e.over_accuracy);
  metrics.Add("elasticity_under_accuracy_relative_percent", "%", e.under_accuracy_relative);
  metrics.Add("elasticity_over_accuracy_relative_percent", "%", e.over_accuracy_relative);
  metrics.Add("elasticity_under_timeshare_percent", "%", e.under_timeshare);
  metrics.Add("elasticity_over_timeshare_percent", "%", e.over_timeshare);
  metrics.Add("elasticity_instability_percent", "%", e.instability);
  metrics.Add("elasticity_jitter_per_s", "1/s", e.jitter_per_s);
}

void AddPer1000Pods(const RunResult& run, double total_usd, MetricList& metrics) {
  if (run.pods.empty()) return;
  metrics.Add("cost_per_1000_pods_usd", "USD",
              total_usd / static_cast<double>(run.pods.size()) * 1000);
}

void AddBreakEven(const RunResult& run, const ServerlessCosts& costs, MetricList& metrics) {
  const std::array<std::pair<std::string, double>, 2> planes = {
      {{"eks", kEksUsdPerHour}, {"nodes", kOwnControlPlaneUsdPerHour}}};
  const std::array<std::pair<std::string, std::size_t>, 2> units = {
      {{"jobs", run.jobs.size()}, {"pods", run.pods.size()}}};
  for (const auto& [plane, usd_per_hour] : planes) {
    for (const auto& [unit, count] : units) {
      if (count == 0) continue;
      const double each = costs.use_usd() / static_cast<double>(count);
      const auto rate = BreakEvenPerHour(each, costs.idle_usd_per_month(), usd_per_hour);
      if (rate) metrics.Add("break_even_" + plane + "_" + unit + "_per_h", "1/h", *rate);
    }
  }
}

void AddCosts(const RunResult& run, MetricList& metrics) {
  if (const auto costs = MeasureServerlessCosts(run)) {
    metrics.Add("cost_requests_usd", "USD", costs->requests_usd);
    metrics.Add("cost_compute_usd", "USD", costs->compute_usd);
    if (!run.provisioned.empty()) {
      metrics.Add("cost_provisioned_usd", "USD", costs->provisioned_usd);
    }
    metrics.Add("cost_writes_usd", "USD", costs->writes_usd);
    metrics.Add("cost_reads_usd", "USD", costs->reads_usd);
    metrics.Add("cost_total_usd", "USD", costs->total_usd());
    AddPer1000Pods(run, costs->total_usd(), metrics);
    metrics.Add("cost_idle_usd_per_month", "USD/month", costs->idle_usd_per_month());
    AddBreakEven(run, *costs, metrics);
  } else if (IsClassic(run) && run.end > 0) {
    // The managed plane for the duration of the run.
    const double total = kEksUsdPerHour * (Seconds(run.end) / 3600);
    metrics.Add("cost_total_usd", "USD", total);
    AddPer1000Pods(run, total, metrics);
    metrics.Add("cost_idle_usd_per_month", "USD/month", kEksUsdPerHour * kHoursPerMonth);
    metrics.Add("cost_idle_nodes_usd_per_month", "USD/month",
                kOwnControlPlaneUsdPerHour * kHoursPerMonth);
  }
}

// Returns a small run that has a fact for each metric of its control plane: MeasureRun returns all
// names for it.
RunResult RunWithEveryFact(bool classic) {
  constexpr std::int64_t kSpan = 1'000'000;
  RunResult run;
  run.end = 10 * kSpan;
  run.last_pod_end = kSpan;
  run.jobs.emplace_back();
  run.jobs.back().answered = run.jobs.back().reconciled = kSpan;
  run.startup.push_back({"init", kSpan});
  run.feed.push_back({kSpan, kSpan, 1});
  for (const char* name : kCountsShown) run.counts[name] = 1;
  run.counts["item_bytes"] = 1;
  for (const char* name : {"delivered", "filtered", "faults_fired"}) {
    if (classic) run.counts.erase(name);  // there are no mappings
  }
  for (const std::string& start : kStarts) {
    PodTiming pod;
    pod.created = kSpan;
    pod.start = classic ? "" : start;
    run.pods.push_back(std::move(pod));
    if (classic) continue;
    InvocationTiming row;
    row.start = start;
    row.outcome = "ok";
    row.run = row.billed = row.ideal = kSpan;
    row.memory_mb = 128;
    run.invocations.push_back(std::move(row));
  }
  if (classic) return run;
  run.concurrency_cap = 1;
  run.environment_memory_mb = 128;
  run.provisioned["f"] = {1, 128};
  run.counts["environments_started"] = 1;
  run.environments.push_back({0, 1, 1, 1});
  return run;
}

std::vector<std::string> NamesOf(const RunResult& run) {
  std::vector<std::string> names;
  for (Metric& metric : MeasureRun(run)) names.push_back(std::move(metric.name));
  return names;
}

}  // namespace

std::vector<Metric> MeasureRun(const RunResult& run) {
  MetricList metrics;
  AddPods(run, metrics);
  AddStartup(run, metrics);
  AddFeed(run, metrics);
  AddInvocations(run, metrics);
  AddEnvironments(run, metrics);
  AddElasticity(run, metrics);
  AddCosts(run, metrics);
  return metrics.Take();
}

const std::vector<std::string>& MetricNames(bool classic) {
  static const std::vector<std::string> serverless_names = NamesOf(RunWithEveryFact(false));
  static const std::vector<std::string> classic_names = NamesOf(RunWithEveryFact(true));
  return classic ? classic_names : serverless_names;
}

std::vector<SloOutcome> CheckSlos(const RunResult& run) {
  std::vector<SloOutcome> outcomes;
  std::vector<double> pods, calls;
  for (const PodTiming& pod : run.pods) pods.push_back(Seconds(Latency(run, pod)));
  for (const JobTiming& job : run.jobs) {
    for (int i = job.pods; i < job.pods_wanted; ++i) pods.push_back(Seconds(run.end - job.due));
    if (job.written >= job.begun) calls.push_back(Seconds(job.written - job.begun));
  }
  const auto add = [&outcomes](SloOutcome slo, std::vector<double> values, bool complete) {
    if (values.empty()) return;
    slo.measured_s = Quantile(std::move(values), 0.99);
    slo.ok = complete && slo.measured_s <= slo.limit_s;
    outcomes.push_back(std::move(slo));
  };
  add({.name = "pod_startup_p99",
       .text = "99 % of pods written within 5 s of their Job being due",
       .limit_s = kPodStartupLimitSeconds},
      std::move(pods), PodsMissing(run) == 0);
  add({.name = "mutating_call_p99",
       .text = "99 % of Jobs written within 1 s of their submitter's beginning",
       .limit_s = kMutatingCallLimitSeconds},
      std::move(calls), true);
  return outcomes;
}

}  // namespace kless::experiment
