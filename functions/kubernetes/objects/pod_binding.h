// Conditions of pods, and the binding of a pod to a node (the subresource pods/binding).
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace kless::kubernetes {

// Like the API server's UpdatePodCondition: replaces the condition of that type; its transition
// time changes only with the status.  Returns false if status, reason and message are unchanged.
bool SetCondition(nlohmann::json& status, nlohmann::json condition, std::int64_t unix_nanos);
// The same for a pod.  An empty reason or message is omitted.
void SetPodCondition(nlohmann::json& pod, const std::string& type, const std::string& status,
                     const std::string& reason, const std::string& message,
                     std::int64_t unix_nanos);

// Assigns a pod to a node: nodeName, PodScheduled=True, topology labels of `node_object` (CM12; may
// be null).  Returns why it cannot (SC31, SC33), or nullopt.
std::optional<std::string> BindPod(nlohmann::json& pod, const std::string& node,
                                   const nlohmann::json* node_object, std::int64_t unix_nanos);

}  // namespace kless::kubernetes
