// Defaults of pod specs, for templates and pods alike, and those that only a new pod gets.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/v1/defaults.go
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace kless::kubernetes {

// SetDefaults_PodSpec and those of containers, probes, ports, environment and volumes.  Idempotent;
// values of the wrong type are left alone.
void ApplyPodSpecDefaults(nlohmann::json& spec);

// SetDefaults_Pod: requests from limits, enableServiceLinks.
void ApplyPodOnlyDefaults(nlohmann::json& spec);

// The admission plugins Priority and DefaultTolerationSeconds (reference CM13): priority,
// preemptionPolicy, tolerations of not-ready and unreachable nodes for 300 s.
void ApplyPodAdmission(nlohmann::json& spec);

// Returns "BestEffort", "Burstable" or "Guaranteed" for a spec with defaults.
std::string QosClass(const nlohmann::json& spec);

}  // namespace kless::kubernetes
