// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/nodelifecycle/node_lifecycle_controller.go
#include "functions/controllers/node/node_health.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/strings.h"
#include "functions/controllers/loop/periodic_ticks.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/controllers/node/node_lifecycle_loop.h"
#include "functions/controllers/node/taints.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr std::int64_t kGraceNanos = 50 * kNanosPerSecond;         // --node-monitor-grace-period
constexpr std::int64_t kStartupGraceNanos = 60 * kNanosPerSecond;  // --node-startup-grace-period
constexpr const char* kNoSchedule = "NoSchedule";
constexpr const char* kTtlAnnotation = "node.alpha.kubernetes.io/ttl";

std::int64_t TimeAt(const json& object, std::initializer_list<const char*> path) {
  return ParseTime(StringAt(object, path)).value_or(0);
}

std::string NodeStatusOf(const json& node, const char* type) {
  const json* condition = FindCondition(node, type);
  return condition == nullptr ? std::string() : StringAt(*condition, "status");
}

// The keys of NoSchedule taints, each with whether the node should have it.
std::vector<std::pair<const char*, bool>> WantedTaints(const json& node) {
  const std::string ready = ReadyStatus(node);
  const json* spec = kubernetes::Find(node, "spec");
  return {{kNotReadyTaint, ready == "False"},
          {kUnreachableTaint, ready == "Unknown"},
          {"node.kubernetes.io/memory-pressure", NodeStatusOf(node, "MemoryPressure") == "True"},
          {"node.kubernetes.io/disk-pressure", NodeStatusOf(node, "DiskPressure") == "True"},
          {"node.kubernetes.io/pid-pressure", NodeStatusOf(node, "PIDPressure") == "True"},
          {"node.kubernetes.io/network-unavailable",
           NodeStatusOf(node, "NetworkUnavailable") == "True"},
          {"node.kubernetes.io/unschedulable",
           spec != nullptr && kubernetes::BoolAt(*spec, "unschedulable")}};
}

// Sets labels[to] to labels[from].
bool CopyLabel(json& labels, const char* from, const char* to) {
  const std::string value = StringAt(labels, from);
  if (value.empty() || StringAt(labels, to) == value) return false;
  labels[to] = value;
  return true;
}

bool FollowMetadata(json& node) {
  json* metadata = kubernetes::ObjectAt(node, "metadata");
  if (metadata == nullptr) return false;
  bool changed = false;
  if (json* labels = kubernetes::Find(*metadata, "labels"); labels && labels->is_object()) {
    changed |= CopyLabel(*labels, "kubernetes.io/os", "beta.kubernetes.io/os");
    changed |= CopyLabel(*labels, "kubernetes.io/arch", "beta.kubernetes.io/arch");
  }
  json* annotations = kubernetes::ObjectAt(*metadata, "annotations");
  // In small clusters, kubelets re-read Secrets and ConfigMaps without delay.
  if (annotations != nullptr && StringAt(*annotations, kTtlAnnotation) != "0") {
    (*annotations)[kTtlAnnotation] = "0";
    changed = true;
  }
  return changed;
}

}  // namespace

std::string ReadyStatus(const json& node) { return NodeStatusOf(node, "Ready"); }

bool SendsHeartbeats(const json& node) {
  return StringAt(node, {"metadata", "annotations", kHeartbeatsAnnotation}) != "off";
}

std::optional<std::int64_t> DeathTick(const json& node, const json& lease) {
  if (!SendsHeartbeats(node)) return std::nullopt;
  const std::int64_t created = TimeAt(node, {"metadata", "creationTimestamp"});
  const json* ready = FindCondition(node, "Ready");
  if (ready == nullptr) return TickAt(created + kStartupGraceNanos, kNodeMonitorNanos);
  if (StringAt(*ready, "status") == "Unknown") return std::nullopt;
  const std::int64_t heard = std::max(
      {created, TimeAt(*ready, {"lastHeartbeatTime"}), TimeAt(lease, {"spec", "renewTime"})});
  return TickAt(heard + kGraceNanos, kNodeMonitorNanos);
}

bool MarkUnknown(json& node, std::int64_t unix_nanos) {
  const std::string created = StringAt(node, {"metadata", "creationTimestamp"});
  json* status = kubernetes::ObjectAt(node, "status");
  if (status == nullptr) return false;
  json& conditions = (*status)["conditions"];
  if (!conditions.is_array()) conditions = json::array();
  const std::string now = FormatTime(unix_nanos);
  bool changed = false;
  for (const char* type : {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}) {
    const auto condition =
        std::find_if(conditions.begin(), conditions.end(),
                     [&](const json& entry) { return StringAt(entry, "type") == type; });
    if (condition == conditions.end()) {
      conditions.push_back({{"type", type},
                            {"status", "Unknown"},
                            {"reason", "NodeStatusNeverUpdated"},
                            {"message", "Kubelet never posted node status."},
                            {"lastHeartbeatTime", created},
                            {"lastTransitionTime", now}});
    } else if (StringAt(*condition, "status") != "Unknown") {
      (*condition)["status"] = "Unknown";
      (*condition)["reason"] = "NodeStatusUnknown";
      (*condition)["message"] = "Kubelet stopped posting node status.";
      (*condition)["lastTransitionTime"] = now;
    } else {
      continue;
    }
    changed = true;
  }
  return changed;
}

bool FollowConditions(json& node, std::int64_t unix_nanos) {
  bool changed = false;
  for (const auto& [key, wanted] : WantedTaints(node)) {
    changed |=
        wanted ? AddTaint(node, key, kNoSchedule, unix_nanos) : RemoveTaint(node, key, kNoSchedule);
  }
  changed |= FollowMetadata(node);
  return changed;
}

}  // namespace kless::controllers
