// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/garbagecollector/garbagecollector.go
#include "functions/controllers/gc/collector.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "functions/controllers/loop/object_edits.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/kubernetes/objects/deletion.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using nlohmann::json;

namespace {

bool CarriesFinalizer(const ItemPtr& item, const std::string& finalizer) {
  if (item->document.find(finalizer) == std::string::npos) return false;
  const json object = ObjectOf(item);
  return kubernetes::HoldsString(kubernetes::Find(object, {"metadata", "finalizers"}), finalizer);
}

// Formats "[v1/ConfigMap, namespace: a, name: own, uid: 1]", the form in which messages name an
// owner.
std::string Describe(const OwnerReference& owner, const std::string& namespace_name) {
  return "[" + owner.api_version + "/" + owner.kind + ", namespace: " + namespace_name +
         ", name: " + owner.name + ", uid: " + owner.uid + "]";
}

}  // namespace

bool WaitsWith(const ItemPtr& item, const std::string& finalizer) {
  return IsDeleting(item) && CarriesFinalizer(item, finalizer);
}

const ItemPtr* Collector::Get(const ResourceId& id) {
  const ItemPtr* item = world_.Get(id);
  if (item == nullptr) pending_ = true;
  return item;
}

std::vector<OwnerReference> Collector::OwnersOf(const ItemPtr& item, const ResourceId& id) {
  std::vector<OwnerReference> owners = OwnerReferencesOf(item, id.name);
  for (OwnerReference& owner : owners) {
    if (!IsUnresolved(owner.id)) continue;
    const auto types = CustomTypesOf(world_);
    if (!types) pending_ = true;
    const std::string group = owner.api_version.substr(0, owner.api_version.find('/'));
    owner.id = types ? Resolved(owner.id, *types) : ResourceId();
    // Once its last object is gone, a kind may be gone, too.
    if (owner.id.type.empty() && owner.uid == absent_uid_ && absent_.type.ends_with("." + group)) {
      owner.id = absent_;
    }
    owner.namespaced = !NamespacePart(owner.id.name).empty();
  }
  return owners;
}

Collector::Dependents Collector::DependentsOf(const std::string& uid) {
  Dependents found;
  const std::vector<ResourceId>* ids = world_.DependentsOf(uid);
  if (ids == nullptr) {
    pending_ = true;
    return found;
  }
  found.known = true;
  for (const ResourceId& id : *ids) {
    const ItemPtr* item = Get(id);
    if (item == nullptr) {
      found.known = false;
    } else if (*item != nullptr) {
      found.ids.push_back(id);
      found.items.push_back(*item);
    }
  }
  return found;
}

Collector::OwnerState Collector::StateOf(const OwnerReference& reference,
                                         const ResourceId& dependent) {
  if (reference.id.type.empty()) return OwnerState::kUnresolvable;
  // A cluster-scoped object cannot have a namespaced owner.
  const bool cluster_scoped = NamespacePart(dependent.name).empty();
  if (cluster_scoped && reference.namespaced) return OwnerState::kUnresolvable;
  const ItemPtr* owner = Get(reference.id);
  if (owner == nullptr) return OwnerState::kUnresolvable;
  if (*owner == nullptr || UidOf(*owner) != reference.uid) return OwnerState::kDangling;
  return WaitsWith(*owner, kubernetes::kForegroundFinalizer) ? OwnerState::kWaiting
                                                             : OwnerState::kSolid;
}

void Collector::Delete(const ResourceId& id, const ItemPtr& item, bool foreground) {
  // A propagation that the object itself requests by a finalizer is kept.
  auto propagation = Deletion::Propagation::kBackground;
  if (CarriesFinalizer(item, kubernetes::kOrphanFinalizer)) {
    propagation = Deletion::Propagation::kOrphan;
  } else if (foreground || CarriesFinalizer(item, kubernetes::kForegroundFinalizer)) {
    propagation = Deletion::Propagation::kForeground;
  }
  deletions_.writes.push_back(DeletionOf(id, UidOf(item), propagation));
}

void Collector::Attempt(const ResourceId& id, const ItemPtr& item) {
  if (IsDeleting(item)) return;
  int solid = 0, waiting = 0;
  std::vector<std::string> useless;
  for (const OwnerReference& reference : OwnersOf(item, id)) {
    switch (StateOf(reference, id)) {
      case OwnerState::kUnresolvable:
        return;  // never collected (GC14, GC16), or not observed yet
      case OwnerState::kSolid:
        ++solid;
        continue;
      case OwnerState::kWaiting:
        ++waiting;
        break;
      case OwnerState::kDangling:
        break;
    }
    useless.push_back(reference.uid);
  }
  if (useless.empty()) return;
  if (solid > 0) {
    edits_.writes.push_back(WithoutOwners(id, std::move(useless)));
    return;
  }
  if (waiting == 0) {
    Delete(id, item, false);
    return;
  }
  const Dependents dependents = DependentsOf(UidOf(item));
  if (!dependents.known) return;
  const bool circle =
      std::any_of(dependents.items.begin(), dependents.items.end(), [](const ItemPtr& dependent) {
        return WaitsWith(dependent, kubernetes::kForegroundFinalizer);
      });
  if (circle) {
    // Once unblocked, the owner is deleted first, and this object then has no owner.
    edits_.writes.push_back(Unblocking(id));
    return;
  }
  Delete(id, item, !dependents.ids.empty());
}

void Collector::Foreground(const ResourceId& owner, const std::string& uid) {
  const Dependents dependents = DependentsOf(uid);
  if (!dependents.known) return;
  bool blocked = false;
  for (std::size_t i = 0; i < dependents.ids.size(); ++i) {
    for (const OwnerReference& reference : OwnersOf(dependents.items[i], dependents.ids[i])) {
      blocked |= reference.uid == uid && reference.blocks;
    }
  }
  if (!blocked) {
    last_.writes.push_back(WithoutFinalizerOf(owner, kubernetes::kForegroundFinalizer));
    return;
  }
  for (std::size_t i = 0; i < dependents.ids.size(); ++i) {
    Attempt(dependents.ids[i], dependents.items[i]);
  }
}

void Collector::Orphan(const ResourceId& owner, const std::string& uid) {
  const Dependents dependents = DependentsOf(uid);
  if (!dependents.known) return;
  for (const ResourceId& id : dependents.ids) edits_.writes.push_back(WithoutOwners(id, {uid}));
  last_.writes.push_back(WithoutFinalizerOf(owner, kubernetes::kOrphanFinalizer));
}

void Collector::ReportForeignOwner(const ResourceId& id, const ItemPtr& item,
                                   const OwnerReference& owner) {
  const auto* elsewhere = world_.List(owner.id.type, "");
  if (elsewhere == nullptr) {
    pending_ = true;
    return;
  }
  const bool exists = std::any_of(elsewhere->begin(), elsewhere->end(), [&](const auto& entry) {
    return UidOf(entry.second) == owner.uid;
  });
  if (!exists) return;
  const std::string space = NamespacePart(id.name);
  EventNote note{.type = "Warning", .reason = "OwnerRefInvalidNamespace", .message = {}};
  note.message =
      "ownerRef " + Describe(owner, space) + " does not exist in namespace \"" + space + "\"";
  note.about = TargetOf(ObjectOf(item), item->version);
  events_.push_back(std::move(note));
}

void Collector::Absent(const ResourceId& owner, const std::string& uid, bool report) {
  absent_ = owner;
  absent_uid_ = uid;
  const Dependents dependents = DependentsOf(uid);
  for (std::size_t i = 0; i < dependents.ids.size(); ++i) {
    const ResourceId& id = dependents.ids[i];
    Attempt(id, dependents.items[i]);
    if (!report) continue;
    for (const OwnerReference& reference : OwnersOf(dependents.items[i], id)) {
      if (reference.uid != uid || reference.id != owner || !reference.namespaced) continue;
      ReportForeignOwner(id, dependents.items[i], reference);
    }
  }
}

Plan Collector::TakePlan() {
  Plan plan;
  if (pending_) return plan;
  for (Batch* batch : {&edits_, &deletions_, &last_}) {
    if (!batch->writes.empty()) plan.batches.push_back(std::move(*batch));
  }
  plan.events = std::move(events_);
  return plan;
}

}  // namespace kless::controllers
