// Taints of nodes and tolerations of pods, as the node controllers need them.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace kless::controllers {

constexpr const char* kNotReadyTaint = "node.kubernetes.io/not-ready";
constexpr const char* kUnreachableTaint = "node.kubernetes.io/unreachable";

// Whether spec.taints has such a taint.
bool HasTaint(const nlohmann::json& node, std::string_view key, std::string_view effect);
// Both return whether they changed something.  An added taint has timeAdded.
bool AddTaint(nlohmann::json& node, const std::string& key, const std::string& effect,
              std::int64_t unix_nanos);
bool RemoveTaint(nlohmann::json& node, std::string_view key, std::string_view effect);

// The NoExecute taints as an array; empty if there is none.
nlohmann::json NoExecuteTaints(const nlohmann::json& node);
// How long a pod stays on a node with these taints; nullopt: forever, 0: not at all.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/tainteviction/taint_eviction.go
std::optional<std::int64_t> ToleratedSeconds(const nlohmann::json& pod,
                                             const nlohmann::json& taints);

}  // namespace kless::controllers
