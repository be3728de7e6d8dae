// The health of a node by its conditions and heartbeats.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace kless::controllers {

// The status of the condition Ready: "True", "False", "Unknown"; "" if there is none.
std::string ReadyStatus(const nlohmann::json& node);
// False if the annotation kless.dev/heartbeats is "off".
bool SendsHeartbeats(const nlohmann::json& node);

// The tick at which the node is declared dead without further heartbeats: 50 s after the last one
// (status or lease), or 60 s after its creation if there never was one. nullopt: it is Unknown
// already, or sends no heartbeats.
std::optional<std::int64_t> DeathTick(const nlohmann::json& node, const nlohmann::json& lease);
// Sets Ready, MemoryPressure, DiskPressure and PIDPressure to Unknown (NL4, NL7).
bool MarkUnknown(nlohmann::json& node, std::int64_t unix_nanos);

// Sets taints of effect NoSchedule, labels and annotations according to conditions and spec (NL1,
// NL2, NL13).  Returns false if nothing changed.
bool FollowConditions(nlohmann::json& node, std::int64_t unix_nanos);

}  // namespace kless::controllers
