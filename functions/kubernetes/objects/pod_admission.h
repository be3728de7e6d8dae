// The effect of admission plugins on a new pod, created by the door or by a controller: priority,
// default tolerations, topology labels, the condition of gated pods.  Pure functions: lookups are
// passed in.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace kless::kubernetes {

constexpr const char* kSchedulingGatedMessage =
    "Scheduling is blocked due to non-empty scheduling gates";

// Finds an object by its name; null if there is none.
using FindObject = std::function<std::shared_ptr<const nlohmann::json>(const std::string&)>;

// Priority (SC38) for the spec of a new pod: sets priorityClassName, priority and preemptionPolicy.
// `find_class` returns the PriorityClass of a name, and for "" the one with globalDefault; an empty
// function finds none.  Returns why the pod is forbidden ("no PriorityClass with name x was
// found"), or nullopt.
std::optional<std::string> AdmitPriority(nlohmann::json& spec, const FindObject& find_class);

// The initial status of a pod with this spec: phase, qosClass, and the condition of gated pods
// (SC31).
nlohmann::json InitialPodStatus(const nlohmann::json& spec);

// Admits a pod with defaults: AdmitPriority, ApplyPodAdmission (SC18), topology labels if
// spec.nodeName is set (CM12), and InitialPodStatus.
std::optional<std::string> AdmitPod(nlohmann::json& pod, const FindObject& find_class,
                                    const FindObject& find_node);

// Copies the labels topology.kubernetes.io/zone and /region of `node` to `pod` (CM12); `node` may
// be null.
void CopyTopologyLabels(const nlohmann::json* node, nlohmann::json& pod);

}  // namespace kless::kubernetes
