#include "functions/kubernetes/pod_binding.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/json_access.h"
#include "functions/kubernetes/pod_admission.h"

namespace kless::kubernetes {

using nlohmann::json;

void SetPodCondition(json& pod, const std::string& type, const std::string& status,
                     const std::string& reason, const std::string& message,
                     std::int64_t unix_nanos) {
  json* pod_status = ObjectAt(pod, "status");
  if (pod_status == nullptr) return;
  json& conditions = (*pod_status)["conditions"];
  if (!conditions.is_array()) conditions = json::array();
  json condition = {{"lastProbeTime", nullptr},
                    {"lastTransitionTime", FormatTime(unix_nanos)},
                    {"status", status},
                    {"type", type}};
  if (!reason.empty()) condition["reason"] = reason;
  if (!message.empty()) condition["message"] = message;
  for (json& old : conditions) {
    if (StringAt(old, "type") != type) continue;
    if (StringAt(old, "status") == status) {
      condition["lastTransitionTime"] = ValueOrNull(old, "lastTransitionTime");
    }
    old = std::move(condition);
    return;
  }
  conditions.push_back(std::move(condition));
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/registry/core/pod/storage/storage.go
std::optional<std::string> BindPod(json& pod, const std::string& node, const json* node_object,
                                   std::int64_t unix_nanos) {
  const std::string name = StringAt(pod, {"metadata", "name"});
  json* spec = ObjectAt(pod, "spec");
  if (spec == nullptr) return "pod " + name + " has no spec";
  if (Find(pod, {"metadata", "deletionTimestamp"}) != nullptr) {
    return "pod " + name + " is being deleted, cannot be assigned to a host";
  }
  const std::string bound = StringAt(*spec, "nodeName");
  if (!bound.empty()) {
    return "pod " + name + " is already assigned to node " + DumpJson(json(bound));
  }
  if (SizeOf(Find(*spec, "schedulingGates")) > 0) {
    return "pod " + name + " has non-empty .spec.schedulingGates";
  }
  (*spec)["nodeName"] = node;
  CopyTopologyLabels(node_object, pod);
  SetPodCondition(pod, "PodScheduled", "True", "", "", unix_nanos);
  return std::nullopt;
}

}  // namespace kless::kubernetes
