// Loops of kinds whose objects control those that their selector matches: ReplicaSets their pods,
// Deployments their ReplicaSets.  An object without a controller is adopted by the first owner that
// selects it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/controllers/loop/control_loop.h"

namespace kless::controllers {

struct SelectingKind {
  const char* type;       // of the owners: "replicaset"
  const char* dependent;  // of what they control: "pod"
  // Plans the sync of one owner, which exists and has a uid.
  Plan (*sync)(const ResourceId& id, const ItemPtr& item, World& world);
};

// A loop named after the type, with the keys, fences and reconciliation of such a kind: a key is
// the name of an owner or of an orphan.  `types` are in the order in which they are listed.
ControlLoop SelectingLoop(const SelectingKind& kind, std::vector<std::string> types);

// An object as the API server returns it: with its defaults, apiVersion, kind and name.
nlohmann::json ObjectAsRead(const char* type, const ItemPtr& item, const std::string& name);

// Whether the selector of an owner matches the object; an empty one matches nothing.
bool Selects(const nlohmann::json& owner, const nlohmann::json& object);

}  // namespace kless::controllers
