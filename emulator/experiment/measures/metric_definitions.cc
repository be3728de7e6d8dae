#include "emulator/experiment/measures/metric_definitions.h"

#include <functional>
#include <map>

#include "emulator/experiment/measures/run_result.h"

namespace kless::experiment {
namespace {

using NameParts = std::vector<std::string>;

// Returns the parts for which a capital in a name of the table stands.
const NameParts& PartsFor(std::string_view capital) {
  static const NameParts quantiles = {"p50", "p90", "p99", "p999", "max"};
  static const NameParts starts = {"cold", "waited", "warm"};
  static const NameParts planes = {"eks", "nodes"};
  static const NameParts units = {"jobs", "pods"};
  static const NameParts none;
  if (capital == "Q") return quantiles;
  if (capital == "S") return starts;
  if (capital == "C") return CauseNames();
  if (capital == "P") return planes;
  return capital == "U" ? units : none;
}

// Returns all names for which an entry of the table stands, in a fixed order.
NameParts ConcreteNames(std::string_view name) {
  NameParts names = {""};
  while (!name.empty()) {
    const std::size_t end = name.find('_');
    const std::string_view part = name.substr(0, end);
    const NameParts& choices = PartsFor(part);
    NameParts longer;
    for (const std::string& begun : names) {
      const std::string prefix = begun.empty() ? "" : begun + "_";
      if (choices.empty()) longer.push_back(prefix + std::string(part));
      for (const std::string& choice : choices) longer.push_back(prefix + choice);
    }
    names = std::move(longer);
    name = end == std::string_view::npos ? "" : name.substr(end + 1);
  }
  return names;
}

}  // namespace

const std::vector<MetricDefinition>& MetricDefinitions() {
  static const std::vector<MetricDefinition> definitions = {
      {"jobs", "jobs", "Jobs that the workload submits"},
      {"pods", "pods", "pods created"},
      {"pods_missing", "pods missing", "pods that Jobs wanted and that were not created"},
      {"first_pod_s", "first pod", "time from the first submission until the first pod is written"},
      {"last_pod_s", "last pod", "time from the first submission until the last pod is written"},
      {"pods_succeeded", "", "pods that ended and succeeded"},
      {"pods_failed", "", "pods that ended and failed"},
      {"last_pod_end_s", "end of the last pod",
       "time from the first submission until the last pod has ended"},
      {"pods_per_s", "pods per second", "pods divided by last_pod_s"},
      {"pod_latency_Q_ms", "latency of a pod",
       "time from the moment a pod's Job was due until the pod is written; quantile over the pods"},
      {"pods_S", "",
       "pods written by an invocation whose environment was cold, was waited for, or "
       "was warm"},
      {"pod_latency_S_Q_ms", "", "pod_latency of the pods of such invocations alone"},
      {"cause_C_mean_ms", "",
       "part of a pod's latency with this cause, mean over all pods; the parts sum to the mean "
       "latency"},
      {"startup_ms", "start-up", "stages of a cold start that the first Job waits for, together"},
      {"api_calls", "", "calls that the classic control plane makes to its API server"},
      {"events", "", "Event objects written"},
      {"user_writes", "", "writes of the workload: Jobs"},
      {"store_writes", "", "write request units, as DynamoDB bills them"},
      {"store_reads", "", "read request units, as DynamoDB bills them"},
      {"feed_records", "", "records of the change feed"},
      {"delivered", "", "records that an event source mapping delivered to a function"},
      {"filtered", "", "records that an event source mapping's filter refused"},
      {"faults_fired", "", "injected faults that took effect"},
      {"jobs_deleted_early", "", "Jobs that a replayed session deleted before they had their pods"},
      {"event_amplification", "", "feed_records divided by user_writes"},
      {"filtered_percent", "", "filtered, of the records filtered or delivered"},
      {"iterator_age_Q_ms", "iterator age",
       "age of the oldest record not yet processed; quantile over samples at regular instants"},
      {"queue_depth_max", "records waiting",
       "most records not yet processed at one sample; in the classic plane, keys in the work "
       "queue"},
      {"invocations", "invocations", "invocations that ran; refused ones do not count"},
      {"S_starts", "starts",
       "invocations by the start of their environment: cold: started for this invocation; waited: "
       "being started for another one; warm: ready"},
      {"errors", "", "invocations that failed: with an error, at the timeout, or by a crash"},
      {"timeouts", "", "those of the errors that were ended at the function's timeout"},
      {"crashes", "", "those of the errors whose environment crashed"},
      {"partial_responses", "", "invocations that reported a part of their batch as failed"},
      {"throttles", "throttles",
       "refusals at a concurrency cap, also of work that ran after another attempt"},
      {"invocations_refused", "", "invocations given up after refusals"},
      {"invocation_latency_Q_ms", "latency of an invocation",
       "waiting, init and run time of an invocation; quantile over the invocations"},
      {"invocation_latency_S_Q_ms", "",
       "invocation_latency of the invocations of one kind of start"},
      {"slowdown_Q", "slowdown",
       "invocation latency divided by the duration that the workload gives; quantile"},
      {"environments_started", "", "execution environments started"},
      {"environments_peak", "environments", "most execution environments at one time"},
      {"busy_gb_s", "", "memory of environments with an invocation, over time; GB of 1,024 MB"},
      {"init_gb_s", "", "memory of environments that initialise, over time"},
      {"idle_gb_s", "", "memory of environments without an invocation, over time"},
      {"idle_share_percent", "idle share", "idle_gb_s, of the sum of busy, init and idle"},
      {"elasticity_under_accuracy_percent", "",
       "environments lacking against the demand, mean over time, in percent of the most there can "
       "be"},
      {"elasticity_over_accuracy_percent", "",
       "environments beyond the demand, mean over time, in percent of the most there can be"},
      {"elasticity_under_accuracy_relative_percent", "",
       "environments lacking, in percent of the demand at each time"},
      {"elasticity_over_accuracy_relative_percent", "",
       "environments beyond the demand, in percent of the demand at each time; above 100 %: more "
       "than twice the demand"},
      {"elasticity_under_timeshare_percent", "",
       "share of the time with fewer environments than "
       "the demand"},
      {"elasticity_over_timeshare_percent", "",
       "share of the time with more environments than the "
       "demand"},
      {"elasticity_instability_percent", "",
       "share of the time in which supply and demand move in different directions"},
      {"elasticity_jitter_per_s", "",
       "changes of supply less changes of demand, per second; negative: supply changes more seldom "
       "than demand"},
      {"cost_requests_usd", "", "Lambda's requests, at list price"},
      {"cost_compute_usd", "", "Lambda's GB-seconds, at list price"},
      {"cost_provisioned_usd", "",
       "Lambda's provisioned concurrency during the run, used or not, at list price"},
      {"cost_writes_usd", "", "DynamoDB's write request units, at list price"},
      {"cost_reads_usd", "", "DynamoDB's read request units, at list price"},
      {"cost_total_usd", "cost of the run",
       "what the run costs at list price; classic: a managed control plane for the run's time"},
      {"cost_per_1000_pods_usd", "cost of 1,000 pods", "cost_total_usd per 1,000 pods"},
      {"cost_idle_usd_per_month", "",
       "what a month without any request costs; classic: the managed control plane"},
      {"cost_idle_nodes_usd_per_month", "",
       "what a month without any request costs with a control plane on three nodes"},
      {"break_even_P_U_per_h", "",
       "jobs or pods per hour from which on a classic control plane is cheaper; eks: managed; "
       "nodes: on three nodes"}};
  return definitions;
}

const std::vector<MetricDefinition>& CauseDefinitions() {
  static const std::vector<MetricDefinition> definitions = {
      {"submit", "", "submitter: its queue, the start of its process, the way to the server"},
      {"commit", "", "server's work on the Job until it is written"},
      {"feed", "",
       "from the write until the change feed delivers the record; classic: until the "
       "informer has it"},
      {"lane", "", "behind other batches of the same lane of a shard; classic: in the work queue"},
      {"throttle", "",
       "refused at a concurrency cap, until admitted; classic: waiting for the "
       "client's token bucket"},
      {"wait", "", "for an environment that another invocation uses or has started"},
      {"init", "",
       "start of the environment for this invocation; classic: start of the control "
       "plane"},
      {"batch", "", "behind other Jobs of the same batch, whatever they spend it on"},
      {"first_request", "", "CPU time of an environment's first datastore request"},
      {"compute", "", "CPU time of the control loop and of its datastore requests"},
      {"store", "", "network and server time of datastore calls; classic: API calls"},
      {"other", "", "faults, waits for a lagging index, earlier attempts"}};
  return definitions;
}

const MetricDefinition* FindMetricDefinition(std::string_view metric) {
  static const auto by_name = [] {
    std::map<std::string, const MetricDefinition*, std::less<>> made;
    for (const MetricDefinition& each : MetricDefinitions()) {
      for (std::string& name : ConcreteNames(each.name)) made.emplace(std::move(name), &each);
    }
    return made;
  }();
  const auto found = by_name.find(metric);
  return found == by_name.end() ? nullptr : found->second;
}

std::string MetricLabel(std::string_view metric, std::string_view unit) {
  const MetricDefinition* const found = FindMetricDefinition(metric);
  std::string label(found == nullptr || found->label.empty() ? metric : found->label);
  if (found != nullptr && !found->label.empty()) {
    // The replacement of a part of the entry's name precedes its label.
    for (const char* part : {"p50", "p90", "p99", "p999", "max", "cold", "waited", "warm"}) {
      const std::string own = std::string("_") + part + "_";
      if (("_" + std::string(metric) + "_").find(own) == std::string::npos) continue;
      if (("_" + std::string(found->name) + "_").find(own) != std::string::npos) continue;
      label = part + (" " + label);
    }
  }
  if (!unit.empty() && unit != "1") label += " (" + std::string(unit) + ")";
  return label;
}

}  // namespace kless::experiment
