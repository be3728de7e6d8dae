#include "functions/kubernetes/objects/pod_admission.h"

#include <nlohmann/json.hpp>

#include "functions/kubernetes/objects/pod_defaults.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

std::string MustNotBeProvided(const std::string& what, const std::string& given,
                              const std::string& computed) {
  return "the " + what + " (" + given +
         ") must not be provided in pod spec; priority admission controller computed " + computed +
         " from the given PriorityClass name";
}

}  // namespace

json InitialPodStatus(const json& spec) {
  json status = {{"phase", "Pending"}, {"qosClass", QosClass(spec)}};
  if (SizeOf(Find(spec, "schedulingGates")) == 0) return status;
  status["conditions"] = json::array({{{"lastProbeTime", nullptr},
                                       {"lastTransitionTime", nullptr},
                                       {"message", kSchedulingGatedMessage},
                                       {"reason", "SchedulingGated"},
                                       {"status", "False"},
                                       {"type", "PodScheduled"}}});
  return status;
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/plugin/pkg/admission/priority/admission.go
std::optional<std::string> AdmitPriority(json& spec, const FindObject& find_class) {
  if (!spec.is_object()) return std::nullopt;
  const std::string name = StringAt(spec, "priorityClassName");
  const auto found = find_class ? find_class(name) : nullptr;
  if (found == nullptr && !name.empty()) {
    return "no PriorityClass with name " + name + " was found";
  }
  std::int64_t priority = 0;
  std::string policy = "PreemptLowerPriority";
  if (found != nullptr) {
    priority = IntegerAt(*found, "value").value_or(0);
    policy = StringAt(*found, "preemptionPolicy");
    spec["priorityClassName"] = StringAt(*found, {"metadata", "name"});
  }
  const auto given = IntegerAt(spec, "priority");
  if (given && *given != priority) {
    return MustNotBeProvided("integer value of priority", std::to_string(*given),
                             std::to_string(priority));
  }
  spec["priority"] = priority;
  if (policy.empty()) return std::nullopt;
  const std::string given_policy = StringAt(spec, "preemptionPolicy");
  if (!given_policy.empty() && given_policy != policy) {
    return MustNotBeProvided("string value of PreemptionPolicy", given_policy, policy);
  }
  spec["preemptionPolicy"] = policy;
  return std::nullopt;
}

std::optional<std::string> AdmitPod(json& pod, const FindObject& find_class,
                                    const FindObject& find_node) {
  json* spec = ObjectAt(pod, "spec");
  if (spec == nullptr) return std::nullopt;
  Set(pod, "status", InitialPodStatus(*spec));
  spec = Find(pod, "spec");
  if (auto refusal = AdmitPriority(*spec, find_class)) return refusal;
  ApplyPodAdmission(*spec);
  const std::string node = StringAt(*spec, "nodeName");
  if (node.empty() || !find_node) return std::nullopt;
  const auto found = find_node(node);
  CopyTopologyLabels(found.get(), pod);
  return std::nullopt;
}

void CopyTopologyLabels(const json* node, json& pod) {
  if (node == nullptr) return;
  for (const char* key : {"topology.kubernetes.io/region", "topology.kubernetes.io/zone"}) {
    const std::string value = StringAt(*node, {"metadata", "labels", key});
    if (value.empty()) continue;
    json* metadata = ObjectAt(pod, "metadata");
    json* labels = metadata == nullptr ? nullptr : ObjectAt(*metadata, "labels");
    if (labels != nullptr) (*labels)[key] = value;
  }
}

}  // namespace kless::kubernetes
