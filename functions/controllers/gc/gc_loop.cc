#include "functions/controllers/gc/gc_loop.h"

#include <algorithm>
#include <optional>

#include "functions/controllers/gc/collector.h"
#include "functions/controllers/gc/owner_references.h"
#include "functions/controllers/loop/custom_types.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/deletion.h"
#include "functions/kubernetes/objects/kind.h"

namespace kless::controllers {

namespace {

// Kubernetes v1.36 ConcurrentGCSyncs.
constexpr int kGcWorkers = 20;

void AddGcKey(const char* why, const std::string& uid, const ResourceId& id,
              std::vector<std::string>* keys) {
  if (uid.empty() || id.type.empty()) return;
  keys->push_back(std::string(why) + " " + uid + " " + id.type + " " + id.name);
}

// Events have no owners and own nothing; a type that is not a kind is not Kubernetes'.
bool IsCollected(const std::string& type) {
  if (IsCustomType(type)) return true;
  return type != "event" && kubernetes::FindKindByType(type) != nullptr;
}

void GcKeys(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
            std::vector<std::string>* keys) {
  if (!IsCollected(id.type)) return;
  const bool replaced = new_image != nullptr && UidOf(old_image) != UidOf(new_image);
  if (new_image == nullptr || replaced) AddGcKey("work", UidOf(old_image), id, keys);
  if (WaitsWith(new_image, kubernetes::kForegroundFinalizer) ||
      WaitsWith(new_image, kubernetes::kOrphanFinalizer)) {
    AddGcKey("work", UidOf(new_image), id, keys);
  }
  if (!replaced && SameArrayText(old_image, new_image, "ownerReferences")) return;
  const auto before = OwnerReferencesOf(old_image, id.name);
  const auto after = OwnerReferencesOf(new_image, id.name);
  // A waiting owner may have waited for this object.
  for (const OwnerReference& owner : before) {
    if (std::find(after.begin(), after.end(), owner) != after.end()) continue;
    AddGcKey("work", owner.uid, owner.id, keys);
  }
  for (const OwnerReference& owner : after) {
    if (std::find(before.begin(), before.end(), owner) != before.end()) continue;
    AddGcKey("look", owner.uid, owner.id, keys);
  }
}

struct OwnerKey {
  bool look = false;
  std::string uid;
  ResourceId id;
};

std::optional<OwnerKey> ParseKey(const std::string& key) {
  const std::size_t first = key.find(' ');
  const std::size_t name = key.rfind(' ');
  if (first == std::string::npos || name == first) return std::nullopt;
  const std::size_t type = key.rfind(' ', name - 1);
  if (type <= first) return std::nullopt;
  OwnerKey owner;
  owner.look = key.compare(0, first, "look") == 0;
  owner.uid = key.substr(first + 1, type - first - 1);
  owner.id = {key.substr(type + 1, name - type - 1), key.substr(name + 1)};
  return owner;
}

Reconciliation ReconcileGcKey(const std::string& key, const std::string&, World& world) {
  Reconciliation result;
  auto owner = ParseKey(key);
  if (!owner) return result;
  if (IsUnresolved(owner->id)) {
    const auto types = CustomTypesOf(world);
    if (!types) return result;
    owner->id = Resolved(owner->id, *types);
    if (owner->id.type.empty()) return result;
  }
  result.owner = owner->id;
  const ItemPtr* item = world.Get(owner->id);
  if (item == nullptr) return result;
  result.item = *item;
  Collector collector(world);
  if (*item == nullptr || UidOf(*item) != owner->uid) {
    collector.Absent(owner->id, owner->uid, owner->look);
  } else if (owner->look) {
    return result;
  } else if (WaitsWith(*item, kubernetes::kOrphanFinalizer)) {
    collector.Orphan(owner->id, owner->uid);
  } else if (WaitsWith(*item, kubernetes::kForegroundFinalizer)) {
    collector.Foreground(owner->id, owner->uid);
  }
  result.plan = collector.TakePlan();
  return result;
}

}  // namespace

ControlLoop GarbageCollectorLoop() {
  ControlLoop loop;
  loop.name = "garbage-collector-controller";
  loop.setting = "gc";
  loop.component = "garbage-collector-controller";
  loop.keys = GcKeys;
  loop.reconcile = ReconcileGcKey;
  loop.classic_workers = kGcWorkers;
  return loop;
}

}  // namespace kless::controllers
