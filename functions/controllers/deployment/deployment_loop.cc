#include "functions/controllers/deployment/deployment_loop.h"

#include <nlohmann/json.hpp>

#include "functions/controllers/deployment/deployment_sync.h"
#include "functions/controllers/objects.h"
#include "functions/controllers/ownership.h"
#include "functions/controllers/resource_name.h"
#include "functions/kubernetes/json_access.h"
#include "functions/kubernetes/label_selector_match.h"
#include "store/resource_fields.h"

namespace kless::controllers {

using nlohmann::json;

namespace {

constexpr const char* kType = "deployment";
constexpr const char* kOrphan = "orphan/";

void Keys(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
          std::vector<std::string>* keys) {
  if (id.type == kType) {
    keys->push_back(id.name);
    return;
  }
  for (const ItemPtr& image : {old_image, new_image}) {
    if (image == nullptr || !image->fields || image->fields->owner_kind != "Deployment") continue;
    keys->push_back(NamespacePart(id.name) + "/" + image->fields->owner_name);
  }
  if (BecameOrphan(old_image, new_image)) keys->push_back(kOrphan + id.name);
}

// A ReplicaSet that nobody controls goes to the first Deployment that selects it.
Reconciliation Adopt(const std::string& set_name, World& world) {
  Reconciliation result;
  const ResourceId id{"replicaset", set_name};
  const ItemPtr* item = world.Get(id);
  if (item == nullptr || !IsOrphan(*item)) return result;
  const auto* deployments = world.List(kType, NamespacePart(set_name) + "/");
  if (deployments == nullptr) return result;
  const json set = ObjectOf(*item);
  const json* labels = kubernetes::Find(set, {"metadata", "labels"});
  for (const auto& [deployment_id, deployment_item] : *deployments) {
    if (IsDeleting(deployment_item)) continue;
    json deployment = ObjectOf(deployment_item);
    const json* selector = kubernetes::Find(deployment, {"spec", "selector"});
    if (selector == nullptr || selector->empty()) continue;
    if (!kubernetes::MatchesLabels(selector, labels)) continue;
    deployment["apiVersion"] = "apps/v1";
    deployment["kind"] = "Deployment";
    result.plan.batches.push_back({{AdoptionOf(id, ControllerReference(deployment))}});
    return result;
  }
  return result;
}

Reconciliation Reconcile(const std::string& key, const std::string&, World& world) {
  if (key.starts_with(kOrphan)) return Adopt(key.substr(std::string(kOrphan).size()), world);
  Reconciliation result{.owner = {kType, key}, .item = nullptr, .plan = {}};
  const ItemPtr* item = world.Get(result.owner);
  if (item == nullptr || *item == nullptr || UidOf(*item).empty()) return result;
  result.item = *item;
  result.plan = DeploymentSync(result.owner, *item, world).Run();
  return result;
}

}  // namespace

ControlLoop DeploymentLoop() {
  ControlLoop loop;
  loop.name = "deployment-controller";
  loop.setting = "deployment";
  loop.component = "deployment-controller";
  loop.types = {kType, "replicaset"};
  loop.keys = Keys;
  loop.reconcile = Reconcile;
  loop.fence = [](const std::string& key) {
    return key.starts_with(kOrphan) ? std::string() : key;
  };
  return loop;
}

}  // namespace kless::controllers
