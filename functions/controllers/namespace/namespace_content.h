// One pass over the content of a namespace that is being deleted.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/controllers/plan.h"
#include "functions/controllers/world.h"

namespace kless::controllers {

// What the pass deletes and what it leaves.
struct ContentPass {
  bool known = false;                     // false: the world has not been shown all of it
  Batch pods, others;                     // deletions; others only where no pod is left
  std::map<std::string, int> remaining;   // objects that are left, by "configmaps." or "jobs.batch"
  std::map<std::string, int> finalizers;  // objects that are left, by finalizer
  // When to look again, before halving (reference NS10); 0: nothing is left.
  std::int64_t estimate_seconds = 0;
};

ContentPass PassOver(const std::string& namespace_name, World& world);

// Brings status.conditions to what the pass found (NS7 to NS9).  False: they say so already.
bool SetNamespaceConditions(nlohmann::json& object, const std::map<std::string, int>& remaining,
                            const std::map<std::string, int>& finalizers, std::int64_t unix_nanos);

}  // namespace kless::controllers
