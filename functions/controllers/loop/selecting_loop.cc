#include "functions/controllers/loop/selecting_loop.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "functions/controllers/loop/ownership.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/kind.h"
#include "functions/kubernetes/selectors/label_selector_match.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::controllers {

using nlohmann::json;

namespace {

constexpr std::string_view kOrphan = "orphan/";

void AddKeys(const SelectingKind& kind, const ResourceId& id, const ItemPtr& old_image,
             const ItemPtr& new_image, std::vector<std::string>* keys) {
  if (id.type == kind.type) {
    keys->push_back(id.name);
    return;
  }
  const std::string& owner = kubernetes::FindKindByType(kind.type)->kind;
  for (const ItemPtr& image : {old_image, new_image}) {
    if (image == nullptr || !image->fields || image->fields->owner_kind != owner) continue;
    keys->push_back(NamespacePart(id.name) + "/" + image->fields->owner_name);
  }
  if (BecameOrphan(old_image, new_image)) keys->push_back(std::string(kOrphan) + id.name);
}

Reconciliation AdoptObject(const SelectingKind& kind, const std::string& name, World& world) {
  Reconciliation result;
  const ResourceId id{kind.dependent, name};
  const ItemPtr* item = world.Get(id);
  if (item == nullptr || !IsOrphan(*item)) return result;
  const auto* owners = world.List(kind.type, NamespacePart(name) + "/");
  if (owners == nullptr) return result;
  const json orphan = ObjectOf(*item);
  for (const auto& [owner_id, owner_item] : *owners) {
    if (IsDeleting(owner_item)) continue;
    const json owner = ObjectAsRead(kind.type, owner_item, owner_id.name);
    if (!Selects(owner, orphan)) continue;
    result.plan.batches.push_back({{AdoptionOf(id, ControllerReference(owner))}});
    return result;
  }
  return result;
}

Reconciliation Reconcile(const SelectingKind& kind, const std::string& key, World& world) {
  if (key.starts_with(kOrphan)) return AdoptObject(kind, key.substr(kOrphan.size()), world);
  Reconciliation result{.owner = {kind.type, key}, .item = nullptr, .plan = {}};
  const ItemPtr* item = world.Get(result.owner);
  if (item == nullptr || *item == nullptr || UidOf(*item).empty()) return result;
  result.item = *item;
  result.plan = kind.sync(result.owner, *item, world);
  return result;
}

}  // namespace

ControlLoop SelectingLoop(const SelectingKind& kind, std::vector<std::string> types) {
  ControlLoop loop;
  loop.setting = kind.type;
  loop.name = loop.component = loop.setting + "-controller";
  loop.types = std::move(types);
  loop.keys = [kind](const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
                     std::vector<std::string>* keys) {
    AddKeys(kind, id, old_image, new_image, keys);
  };
  loop.reconcile = [kind](const std::string& key, const std::string&, World& world) {
    return Reconcile(kind, key, world);
  };
  loop.fence = [](const std::string& key) {
    return key.starts_with(kOrphan) ? std::string() : key;
  };
  return loop;
}

json ObjectAsRead(const char* type, const ItemPtr& item, const std::string& name) {
  json object = ObjectOf(item);
  const kubernetes::Kind& kind = *kubernetes::FindKindByType(type);
  kind.apply_defaults(object);
  object["apiVersion"] = kind.ApiVersion();
  object["kind"] = kind.kind;
  if (json* metadata = kubernetes::ObjectAt(object, "metadata")) {
    (*metadata)["name"] = NamePart(name);
  }
  return object;
}

bool Selects(const json& owner, const json& object) {
  const json* selector = kubernetes::Find(owner, {"spec", "selector"});
  return selector != nullptr && !selector->empty() &&
         kubernetes::MatchesLabels(selector, kubernetes::Find(object, {"metadata", "labels"}));
}

}  // namespace kless::controllers
