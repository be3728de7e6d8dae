#include "functions/kubernetes/objects/pod_binding.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/objects/pod_admission.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

bool SetCondition(json& status, json condition, std::int64_t unix_nanos) {
  json& conditions = status["conditions"];
  if (!conditions.is_array()) conditions = json::array();
  condition["lastProbeTime"] = nullptr;
  condition["lastTransitionTime"] = FormatTime(unix_nanos);
  for (json& held : conditions) {
    if (StringAt(held, "type") != StringAt(condition, "type")) continue;
    bool same = true;
    for (const char* key : {"status", "reason", "message"}) {
      same = same && StringAt(held, key) == StringAt(condition, key);
    }
    if (same) return false;
    if (StringAt(held, "status") == StringAt(condition, "status")) {
      if (const json* since = Find(held, "lastTransitionTime")) {
        condition["lastTransitionTime"] = *since;
      }
    }
    held = std::move(condition);
    return true;
  }
  conditions.push_back(std::move(condition));
  return true;
}

void SetPodCondition(json& pod, const std::string& type, const std::string& status,
                     const std::string& reason, const std::string& message,
                     std::int64_t unix_nanos) {
  json* pod_status = ObjectAt(pod, "status");
  if (pod_status == nullptr) return;
  json condition = {{"status", status}, {"type", type}};
  if (!reason.empty()) condition["reason"] = reason;
  if (!message.empty()) condition["message"] = message;
  SetCondition(*pod_status, std::move(condition), unix_nanos);
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
