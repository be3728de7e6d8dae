// The cells of `kubectl get pods`.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/printers/internalversion/printers.go
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/base/strings.h"
#include "functions/kubernetes/columns/cells.h"
#include "functions/kubernetes/columns/column_lists.h"
#include "functions/kubernetes/values/human_duration.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// The totals of a pod's container statuses.
struct Summary {
  std::string status;
  std::int64_t ready = 0;
  std::int64_t restarts = 0;
  std::optional<std::int64_t> last_restart;  // ns since the epoch
};

bool IsSidecar(const json& container) { return StringAt(container, "restartPolicy") == "Always"; }

bool IsSidecar(const json& pod, const std::string& name) {
  const json* containers = Find(pod, {"spec", "initContainers"});
  for (std::size_t i = 0; i < SizeOf(containers); ++i) {
    if (StringAt((*containers)[i], "name") == name) return IsSidecar((*containers)[i]);
  }
  return false;
}

// The reason of a container's end, or its signal or exit code.
std::string EndText(const json& terminated) {
  const std::string reason = StringAt(terminated, "reason");
  if (!reason.empty()) return reason;
  const std::int64_t signal = IntegerAt(terminated, "signal").value_or(0);
  if (signal != 0) return "Signal:" + std::to_string(signal);
  return "ExitCode:" + std::to_string(IntegerAt(terminated, "exitCode").value_or(0));
}

void AddRestarts(const json& status, Summary& summary) {
  summary.restarts += IntegerAt(status, "restartCount").value_or(0);
  const auto ended = ParseTime(StringAt(status, {"lastState", "terminated", "finishedAt"}));
  if (ended) summary.last_restart = std::max(*ended, summary.last_restart.value_or(*ended));
}

// Adds init containers up to the first that has not completed; returns true if there is one.
// `sidecars` gets the restarts that count once the pod is initialized.
bool AddInitContainers(const json& pod, Summary& summary, Summary& sidecars) {
  const json* statuses = Find(pod, {"status", "initContainerStatuses"});
  for (std::size_t i = 0; i < SizeOf(statuses); ++i) {
    const json& status = (*statuses)[i];
    const bool sidecar = IsSidecar(pod, StringAt(status, "name"));
    AddRestarts(status, summary);
    if (sidecar) AddRestarts(status, sidecars);
    const json* terminated = Find(status, {"state", "terminated"});
    const std::string waiting = StringAt(status, {"state", "waiting", "reason"});
    if (terminated != nullptr && IntegerAt(*terminated, "exitCode").value_or(0) == 0) continue;
    if (sidecar && BoolAt(status, "started")) {
      if (BoolAt(status, "ready")) ++summary.ready;
      continue;
    }
    if (terminated != nullptr) {
      summary.status = "Init:" + EndText(*terminated);
    } else if (!waiting.empty() && waiting != "PodInitializing") {
      summary.status = "Init:" + waiting;
    } else {
      summary.status = "Init:" + std::to_string(i) + "/" +
                       std::to_string(SizeOf(Find(pod, {"spec", "initContainers"})));
    }
    return true;
  }
  return false;
}

void AddContainers(const json& pod, Summary& summary) {
  bool running = false;
  const json* statuses = Find(pod, {"status", "containerStatuses"});
  for (std::size_t i = SizeOf(statuses); i-- > 0;) {
    const json& status = (*statuses)[i];
    AddRestarts(status, summary);
    const std::string waiting = StringAt(status, {"state", "waiting", "reason"});
    if (!waiting.empty()) {
      summary.status = waiting;
    } else if (const json* terminated = Find(status, {"state", "terminated"})) {
      summary.status = EndText(*terminated);
    } else if (BoolAt(status, "ready") && Find(status, {"state", "running"}) != nullptr) {
      running = true;
      ++summary.ready;
    }
  }
  if (summary.status == "Completed" && running) {
    summary.status = HasCondition(pod, "Ready") ? "Running" : "NotReady";
  }
}

Summary Summarize(const json& pod) {
  Summary summary;
  const std::string phase = StringAt(pod, {"status", "phase"});
  const std::string reason = StringAt(pod, {"status", "reason"});
  summary.status = reason.empty() ? phase : reason;
  const json* conditions = Find(pod, {"status", "conditions"});
  for (std::size_t i = 0; i < SizeOf(conditions); ++i) {
    if (StringAt((*conditions)[i], "type") == "PodScheduled" &&
        StringAt((*conditions)[i], "reason") == "SchedulingGated") {
      summary.status = "SchedulingGated";
    }
  }
  Summary sidecars;
  const bool initializing = AddInitContainers(pod, summary, sidecars);
  if (!initializing || HasCondition(pod, "Initialized")) {
    summary.restarts = sidecars.restarts;
    summary.last_restart = sidecars.last_restart;
    AddContainers(pod, summary);
  }
  if (!StringAt(pod, {"metadata", "deletionTimestamp"}).empty()) {
    if (reason == "NodeLost") {
      summary.status = "Unknown";
    } else if (phase != "Succeeded" && phase != "Failed") {
      summary.status = "Terminating";
    }
  }
  return summary;
}

std::string ReadyText(const json& pod) {
  std::size_t total = SizeOf(Find(pod, {"spec", "containers"}));
  const json* init = Find(pod, {"spec", "initContainers"});
  for (std::size_t i = 0; i < SizeOf(init); ++i) {
    if (IsSidecar((*init)[i])) ++total;
  }
  return std::to_string(Summarize(pod).ready) + "/" + std::to_string(total);
}

json RestartsCell(const json& pod, std::int64_t now) {
  const Summary summary = Summarize(pod);
  std::string text = std::to_string(summary.restarts);
  if (summary.restarts != 0 && summary.last_restart) {
    text += " (" + HumanDuration(now - *summary.last_restart) + " ago)";
  }
  return text;
}

std::string IpText(const json& pod) {
  const json* addresses = Find(pod, {"status", "podIPs"});
  std::string ip = SizeOf(addresses) > 0 ? StringAt((*addresses)[0], "ip") : std::string();
  return OrNone(std::move(ip));
}

std::string GatesText(const json& pod) {
  const json* gates = Find(pod, {"spec", "readinessGates"});
  const std::size_t total = SizeOf(gates);
  if (total == 0) return "<none>";
  std::size_t open = 0;
  for (std::size_t i = 0; i < total; ++i) {
    if (HasCondition(pod, StringAt((*gates)[i], "conditionType").c_str())) ++open;
  }
  return std::to_string(open) + "/" + std::to_string(total);
}

}  // namespace

void AddPodColumns(ColumnLists& lists) {
  Column restarts = TextColumn("Restarts", "Restarts of its containers.", TextCell());
  restarts.cell = RestartsCell;
  lists["Pod"] = {NameColumn(),
                  TextColumn("Ready", "Containers that are ready, and all.", ReadyText),
                  TextColumn("Status", "What the pod is doing.",
                             [](const json& pod) { return Summarize(pod).status; }),
                  std::move(restarts),
                  AgeColumn(),
                  TextColumn("IP", "Its address.", IpText, 1),
                  TextColumn("Node", "The node that runs it.", {"spec", "nodeName"}, "<none>", 1),
                  TextColumn("Nominated Node", "Where preemption makes room for it.",
                             {"status", "nominatedNodeName"}, "<none>", 1),
                  TextColumn("Readiness Gates", "Conditions that must hold too.", GatesText, 1)};
}

}  // namespace kless::kubernetes
