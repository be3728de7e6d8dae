// Jobs, CronJobs, Deployments and the other kinds that own pods, and the kinds that scale and
// record them.
#include <cctype>
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/kubernetes/columns/cells.h"
#include "functions/kubernetes/columns/column_lists.h"
#include "functions/kubernetes/values/human_duration.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

const Path kPodSpec = {"spec", "template", "spec"};
const Path kSelector = {"spec", "selector"};

std::int64_t ReplicaNumber(const json& object, std::initializer_list<const char*> path) {
  return IntegerAt(object, path).value_or(0);
}

std::string JobStatus(const json& job) {
  if (HasCondition(job, "Complete")) return "Complete";
  if (HasCondition(job, "Failed")) return "Failed";
  if (!StringAt(job, {"metadata", "deletionTimestamp"}).empty()) return "Terminating";
  for (const char* type : {"Suspended", "FailureTarget", "SuccessCriteriaMet"}) {
    if (HasCondition(job, type)) return type;
  }
  return "Running";
}

std::string Completions(const json& job) {
  const std::string succeeded = std::to_string(ReplicaNumber(job, {"status", "succeeded"}));
  if (const auto wanted = IntegerAt(job, {"spec", "completions"})) {
    return succeeded + "/" + std::to_string(*wanted);
  }
  const std::int64_t parallelism = ReplicaNumber(job, {"spec", "parallelism"});
  if (parallelism > 1) return succeeded + "/1 of " + std::to_string(parallelism);
  return succeeded + "/1";
}

json JobDuration(const json& job, std::int64_t now) {
  const auto start = ParseTime(StringAt(job, {"status", "startTime"}));
  if (!start) return "";
  const auto end = ParseTime(StringAt(job, {"status", "completionTime"}));
  return HumanDuration(end.value_or(now) - *start);
}

Column CronJobSuspend() {
  Column column = TextColumn("Suspend", "Whether it starts no more jobs.", TextCell());
  column.type = "boolean";
  column.cell = [](const json& cron_job, std::int64_t) -> json {
    const json& suspend = At(cron_job, {"spec", "suspend"});
    if (!suspend.is_boolean()) return "<unset>";
    return suspend.get<bool>() ? "True" : "False";
  };
  return column;
}

Column CronJobActive() {
  Column column = NumberColumn("Active", "Jobs that run now.", {});
  column.cell = [](const json& cron_job, std::int64_t) -> json {
    return SizeOf(Find(cron_job, {"status", "active"}));
  };
  return column;
}

Column CronJobLastSchedule() {
  Column column = TextColumn("Last Schedule", "Time since the last start of a job.", TextCell());
  column.cell = [](const json& cron_job, std::int64_t now) -> json {
    return Since(cron_job, {"status", "lastScheduleTime"}, now, "<none>");
  };
  return column;
}

std::string ReadyReplicas(const json& object) {
  return std::to_string(ReplicaNumber(object, {"status", "readyReplicas"})) + "/" +
         std::to_string(ReplicaNumber(object, {"spec", "replicas"}));
}

// Returns "deployment.apps/web", the owner that is the controller.
std::string ControllerText(const json& object) {
  const json* owners = Find(object, {"metadata", "ownerReferences"});
  for (std::size_t i = 0; i < SizeOf(owners); ++i) {
    const json& owner = (*owners)[i];
    if (!BoolAt(owner, "controller")) continue;
    std::string kind = LowerCase(StringAt(owner, "kind"));
    const std::string version = StringAt(owner, "apiVersion");
    const auto slash = version.find('/');
    if (slash != std::string::npos) kind += "." + version.substr(0, slash);
    return kind + "/" + StringAt(owner, "name");
  }
  return "<none>";
}

// The target or current value of an autoscaler's metric: "80%", "200m".
std::string MetricValue(const json& value) {
  if (const auto share = IntegerAt(value, "averageUtilization"))
    return std::to_string(*share) + "%";
  const std::string average = IntOrString(value, {"averageValue"}, "");
  return average.empty() ? IntOrString(value, {"value"}, "") : average;
}

// "cpu: 12%/80%" for each metric.
std::string TargetsText(const json& autoscaler) {
  std::vector<std::string> parts;
  const json* metrics = Find(autoscaler, {"spec", "metrics"});
  const json* current = Find(autoscaler, {"status", "currentMetrics"});
  for (std::size_t i = 0; i < SizeOf(metrics); ++i) {
    const std::string type = StringAt((*metrics)[i], "type");
    std::string member = type;
    if (!member.empty()) {
      member[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(member[0])));
    }
    const json& source = FindOrEmpty((*metrics)[i], member.c_str());
    std::string now;
    if (i < SizeOf(current)) {
      now = MetricValue(FindOrEmpty(FindOrEmpty((*current)[i], member.c_str()), "current"));
    }
    const std::string name = StringAt(source, "name");
    parts.push_back((name.empty() ? "" : name + ": ") + OrNone(std::move(now), "<unknown>") + "/" +
                    MetricValue(FindOrEmpty(source, "target")));
  }
  return OrNone(Shortened(parts, 2));
}

std::string ReferenceText(const json& autoscaler) {
  return StringAt(autoscaler, {"spec", "scaleTargetRef", "kind"}) + "/" +
         StringAt(autoscaler, {"spec", "scaleTargetRef", "name"});
}

void AddBatchColumns(ColumnLists& lists) {
  Column duration = TextColumn("Duration", "How long it has run.", TextCell());
  duration.cell = JobDuration;
  lists["Job.batch"] = {NameColumn(),
                        TextColumn("Status", "State of the job.", JobStatus),
                        TextColumn("Completions", "Pods that succeeded, and wanted.", Completions),
                        std::move(duration),
                        AgeColumn(),
                        ContainersColumn(kPodSpec),
                        ImagesColumn(kPodSpec),
                        SelectorColumn(kSelector)};
  const Path pod_spec = {"spec", "jobTemplate", "spec", "template", "spec"};
  lists["CronJob.batch"] = {
      NameColumn(),
      TextColumn("Schedule", "When it starts a job, as cron spells it.", {"spec", "schedule"}, ""),
      TextColumn("Timezone", "Time zone of the schedule.", {"spec", "timeZone"}, "<none>"),
      CronJobSuspend(),
      CronJobActive(),
      CronJobLastSchedule(),
      AgeColumn(),
      ContainersColumn(pod_spec),
      ImagesColumn(pod_spec),
      SelectorColumn({"spec", "jobTemplate", "spec", "selector"})};
}

}  // namespace

void AddWorkloadColumns(ColumnLists& lists) {
  AddBatchColumns(lists);
  lists["Deployment.apps"] = {
      NameColumn(),
      TextColumn("Ready", "Pods that are ready, and wanted.", ReadyReplicas),
      NumberColumn("Up-to-date", "Pods of the newest template.", {"status", "updatedReplicas"},
                   "string"),
      NumberColumn("Available", "Pods that have been ready for long enough.",
                   {"status", "availableReplicas"}, "string"),
      AgeColumn(),
      ContainersColumn(kPodSpec),
      ImagesColumn(kPodSpec),
      SelectorColumn(kSelector)};
  lists["ReplicaSet.apps"] = {NameColumn(),
                              NumberColumn("Desired", "Pods wanted.", {"spec", "replicas"}),
                              NumberColumn("Current", "Pods there are.", {"status", "replicas"}),
                              NumberColumn("Ready", "Pods ready.", {"status", "readyReplicas"}),
                              AgeColumn(),
                              ContainersColumn(kPodSpec),
                              ImagesColumn(kPodSpec),
                              SelectorColumn(kSelector)};
  lists["StatefulSet.apps"] = {
      NameColumn(), TextColumn("Ready", "Pods that are ready, and wanted.", ReadyReplicas),
      AgeColumn(), ContainersColumn(kPodSpec), ImagesColumn(kPodSpec)};
  lists["DaemonSet.apps"] = {
      NameColumn(),
      NumberColumn("Desired", "Nodes that should run a pod.", {"status", "desiredNumberScheduled"}),
      NumberColumn("Current", "Nodes that run a pod.", {"status", "currentNumberScheduled"}),
      NumberColumn("Ready", "Nodes whose pod is ready.", {"status", "numberReady"}),
      NumberColumn("Up-to-date", "Nodes with a pod of the newest template.",
                   {"status", "updatedNumberScheduled"}),
      NumberColumn("Available", "Nodes whose pod is available.", {"status", "numberAvailable"}),
      TextColumn("Node Selector", "Labels of the nodes that should run a pod.",
                 [](const json& object) {
                   return LabelsText(At(object, {"spec", "template", "spec", "nodeSelector"}));
                 }),
      AgeColumn(),
      ContainersColumn(kPodSpec),
      ImagesColumn(kPodSpec),
      SelectorColumn(kSelector)};
  lists["ControllerRevision.apps"] = {
      NameColumn(), TextColumn("Controller", "What it is a revision of.", ControllerText),
      NumberColumn("Revision", "Its number.", {"revision"}, "string"), AgeColumn()};
  lists["HorizontalPodAutoscaler.autoscaling"] = {
      NameColumn(),
      TextColumn("Reference", "What it scales.", ReferenceText),
      TextColumn("Targets", "Measured and wanted values.", TargetsText),
      TextColumn("MinPods", "Fewest pods.",
                 [](const json& object) {
                   return IntOrString(object, {"spec", "minReplicas"}, "<unset>");
                 }),
      NumberColumn("MaxPods", "Most pods.", {"spec", "maxReplicas"}, "string"),
      NumberColumn("Replicas", "Pods there are.", {"status", "currentReplicas"}, "string"),
      AgeColumn()};
}

}  // namespace kless::kubernetes
