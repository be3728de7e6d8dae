// What a node's conditions and heartbeats say of it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace kless::controllers {

// Status of the condition Ready: "True", "False", "Unknown"; "" if there is none.
std::string ReadyStatus(const nlohmann::json& node);
// Not false by the annotation kless.dev/heartbeats: "off".
bool SendsHeartbeats(const nlohmann::json& node);

// The tick at which the node is taken for dead, if nothing is heard of it: 50 s after the last
// heartbeat (status or lease), 60 s after its creation if there never was one.  nullopt: it is
// Unknown already, or sends no heartbeats.
std::optional<std::int64_t> DeathTick(const nlohmann::json& node, const nlohmann::json& lease);
// Sets Ready, MemoryPressure, DiskPressure and PIDPressure to Unknown (NL4, NL7).
bool MarkUnknown(nlohmann::json& node, std::int64_t unix_nanos);

// Taints of effect NoSchedule, labels and annotations as conditions and spec want them (NL1, NL2,
// NL13).  False: they are so.
bool FollowConditions(nlohmann::json& node, std::int64_t unix_nanos);

}  // namespace kless::controllers
