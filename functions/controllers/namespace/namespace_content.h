// One pass over the contents of a namespace that is being deleted.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/controllers/loop/plan.h"
#include "functions/controllers/loop/world.h"

namespace kless::controllers {

// The objects that the pass deletes and those that it leaves.
struct ContentPass {
  bool known = false;                     // false: the world has unanswered questions
  Batch pods, others;                     // deletions; `others` is used only once no pod is left
  std::map<std::string, int> remaining;   // objects that are left, by "configmaps." or "jobs.batch"
  std::map<std::string, int> finalizers;  // number of remaining objects by finalizer
  // When to look again, before halving (reference NS10); 0 if nothing is left.
  std::int64_t estimate_seconds = 0;
};

ContentPass PassOver(const std::string& namespace_name, World& world);

// Updates status.conditions to the findings of the pass (NS7 to NS9).  Returns false if they are up
// to date.
bool SetNamespaceConditions(nlohmann::json& object, const std::map<std::string, int>& remaining,
                            const std::map<std::string, int>& finalizers, std::int64_t unix_nanos);

}  // namespace kless::controllers
