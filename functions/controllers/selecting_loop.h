// Loops of kinds whose objects control those that their selector names: ReplicaSets their pods,
// Deployments their ReplicaSets.  What nobody controls goes to the first one that selects it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/controllers/control_loop.h"

namespace kless::controllers {

struct SelectingKind {
  const char* type;       // of the owners: "replicaset"
  const char* dependent;  // of what they control: "pod"
  // What is to be done about one owner, which is there and has a uid.
  Plan (*sync)(const ResourceId& id, const ItemPtr& item, World& world);
};

// A loop named after the type, with the keys, the fences and the reconciliation of such a kind: a
// key is an owner's name, or an orphan's.  types: in the order in which they are listed.
ControlLoop SelectingLoop(const SelectingKind& kind, std::vector<std::string> types);

// An object as the API server would have read it: with its defaults, apiVersion, kind and name.
nlohmann::json ObjectAsRead(const char* type, const ItemPtr& item, const std::string& name);

// Whether the selector of an owner names the object; an empty one names none.
bool Selects(const nlohmann::json& owner, const nlohmann::json& object);

}  // namespace kless::controllers
