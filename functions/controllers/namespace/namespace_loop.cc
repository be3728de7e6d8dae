#include "functions/controllers/namespace/namespace_loop.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/controllers/loop/object_edits.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/controllers/namespace/namespace_content.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using nlohmann::json;

namespace {

constexpr int kNamespaceWorkers = 10;  // ConcurrentNamespaceSyncs
// The wait between a record of a namespace and a pass: other API servers may still create content.
constexpr std::int64_t kDeletionGraceNanos = 5 * kNanosPerSecond;  // namespaceDeletionGracePeriod
void NamespaceKeys(const ResourceId& id, const ItemPtr&, const ItemPtr& new_image,
                   std::vector<std::string>* keys) {
  if (IsDeleting(new_image)) keys->push_back(id.name);
}

// Removes the loop's own entry of spec.finalizers; the namespace is removed with the last entry.
bool Finalise(json& object) {
  json* finalizers = kubernetes::Find(object, {"spec", "finalizers"});
  if (finalizers == nullptr || !finalizers->is_array()) return false;
  const auto own = std::find(finalizers->begin(), finalizers->end(), json("kubernetes"));
  if (own == finalizers->end()) return false;
  finalizers->erase(own);
  return true;
}

void WaitUntil(std::int64_t due, std::int64_t now, Plan* plan) {
  plan->memo = std::to_string(due);
  plan->requeue_after = Duration(std::max<std::int64_t>(due - now, 0));
}

Plan Pass(const ResourceId& id, const ItemPtr& item, World& world) {
  Plan plan;
  const std::int64_t now = world.unix_nanos();
  ContentPass pass = PassOver(id.name, world);
  if (!pass.known) return plan;
  const bool left = pass.estimate_seconds > 0;
  for (Batch* batch : {&pass.pods, &pass.others}) {
    if (!batch->writes.empty()) plan.batches.push_back(std::move(*batch));
  }
  json object = ObjectOf(item);
  const auto set = [remaining = pass.remaining, finalizers = pass.finalizers, now](json& current) {
    return SetNamespaceConditions(current, remaining, finalizers, now);
  };
  const bool says = set(object);
  if (says) plan.batches.push_back({{EditOf(id, set)}});
  if (!left) {
    plan.batches.push_back({{EditOf(id, Finalise)}});
    plan.memo = "";
    return plan;
  }
  // The record of the conditions wakes the namespace after the grace period, if that is sooner.
  const std::int64_t estimate = (pass.estimate_seconds / 2 + 1) * kNanosPerSecond;
  WaitUntil(now + (says ? std::min(estimate, kDeletionGraceNanos) : estimate), now, &plan);
  return plan;
}

Plan ReconcileDeletion(const ResourceId& id, const std::string& memo, World& world) {
  Plan plan;
  const std::int64_t now = world.unix_nanos();
  const ItemPtr* item = world.Get(id);
  if (item == nullptr) return plan;
  const json object = ObjectOf(*item);
  const bool ours =
      kubernetes::HoldsString(kubernetes::Find(object, {"spec", "finalizers"}), "kubernetes");
  if (!IsDeleting(*item) || !ours) {
    if (!memo.empty()) plan.memo = "";
    return plan;
  }
  const std::int64_t due = ParseInteger(memo).value_or(now + kDeletionGraceNanos);
  if (now < due) {
    WaitUntil(std::min(due, now + kDeletionGraceNanos), now, &plan);
    return plan;
  }
  return Pass(id, *item, world);
}

Reconciliation ReconcileNamespace(const std::string& key, const std::string& memo, World& world) {
  Reconciliation result;
  result.owner = {"namespace", key};
  result.plan = ReconcileDeletion(result.owner, memo, world);
  return result;
}

}  // namespace

ControlLoop NamespaceLoop() {
  ControlLoop loop;
  loop.name = "namespace-controller";
  loop.setting = "namespace";
  loop.component = "namespace-controller";
  loop.types = {"namespace"};
  loop.keys = NamespaceKeys;
  loop.reconcile = ReconcileNamespace;
  loop.classic_workers = kNamespaceWorkers;
  return loop;
}

}  // namespace kless::controllers
