// What admission plugins make of a pod that is created, by the door or by a controller: priority,
// default tolerations, topology labels, the condition of gated pods.  Pure: what it looks up is
// given to it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "functions/kubernetes/kind.h"

namespace kless::kubernetes {

constexpr const char* kSchedulingGatedMessage =
    "Scheduling is blocked due to non-empty scheduling gates";

// Priority (SC38) over the spec of a pod that is created: priorityClassName, priority and
// preemptionPolicy.  find_class: the PriorityClass of a name, and of "" the one with globalDefault;
// an empty function finds none.  Why the pod is forbidden ("no PriorityClass with name x was
// found"), or nullopt.
std::optional<std::string> AdmitPriority(nlohmann::json& spec, const FindObject& find_class);

// The status that a pod with this spec begins with: phase, qosClass, and of gated pods the
// condition (SC31).
nlohmann::json InitialPodStatus(const nlohmann::json& spec);

// The whole of it for a pod with defaults: AdmitPriority, ApplyPodAdmission (SC18), topology labels
// where spec.nodeName is set (CM12), and InitialPodStatus.
std::optional<std::string> AdmitPod(nlohmann::json& pod, const FindObject& find_class,
                                    const FindObject& find_node);

// The labels topology.kubernetes.io/zone and /region of `node` onto `pod` (CM12); node may be null.
void CopyTopologyLabels(const nlohmann::json* node, nlohmann::json& pod);

}  // namespace kless::kubernetes
