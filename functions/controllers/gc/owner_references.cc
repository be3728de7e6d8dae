#include "functions/controllers/gc/owner_references.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "functions/controllers/job/finalizers.h"
#include "functions/controllers/job/job_controller.h"
#include "functions/controllers/loop/object_edits.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/kind.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::controllers {

using nlohmann::json;

namespace {

OwnerReference ReferenceFrom(const json& entry, const std::string& namespace_name) {
  OwnerReference reference;
  reference.api_version = kubernetes::StringAt(entry, "apiVersion");
  reference.kind = kubernetes::StringAt(entry, "kind");
  reference.name = kubernetes::StringAt(entry, "name");
  reference.uid = kubernetes::StringAt(entry, "uid");
  reference.blocks = kubernetes::BoolAt(entry, "blockOwnerDeletion");
  const kubernetes::Kind* kind = kubernetes::FindKind(reference.api_version, reference.kind);
  if (kind != nullptr) {
    reference.namespaced = kind->namespaced;
    reference.id = {kind->type, kubernetes::ResourceName(*kind, namespace_name, reference.name)};
  } else if (reference.api_version.find('/') != std::string::npos && !reference.kind.empty()) {
    reference.namespaced = !namespace_name.empty();
    reference.id = {
        reference.api_version + "/" + reference.kind,
        namespace_name.empty() ? reference.name : namespace_name + "/" + reference.name};
  }
  return reference;
}

// Removes the entries for which `gone` is true from an array, and the array with its last entry.
bool Remove(json& metadata, const char* member, const std::function<bool(const json&)>& gone) {
  json* entries = kubernetes::Find(metadata, member);
  if (entries == nullptr || !entries->is_array()) return false;
  const std::size_t before = entries->size();
  json kept = json::array();
  for (json& entry : *entries) {
    if (!gone(entry)) kept.push_back(std::move(entry));
  }
  const bool changed = kept.size() != before;
  if (kept.empty()) {
    metadata.erase(member);
  } else {
    *entries = std::move(kept);
  }
  return changed;
}

}  // namespace

std::vector<OwnerReference> OwnerReferencesOf(const json& object,
                                              const std::string& resource_name) {
  std::vector<OwnerReference> references;
  const json* entries = kubernetes::Find(object, {"metadata", "ownerReferences"});
  if (entries == nullptr || !entries->is_array()) return references;
  const std::string namespace_name = NamespacePart(resource_name);
  for (const json& entry : *entries) {
    OwnerReference reference = ReferenceFrom(entry, namespace_name);
    if (!reference.uid.empty()) references.push_back(std::move(reference));
  }
  return references;
}

std::vector<OwnerReference> OwnerReferencesOf(const ItemPtr& item,
                                              const std::string& resource_name) {
  if (item == nullptr || !item->fields) return {};
  if (item->fields->owner_uid.empty() && item->fields->other_owners.empty()) return {};
  if (auto references = ArrayAlone(item, "ownerReferences")) {
    json object = json::object();
    object["metadata"]["ownerReferences"] = std::move(*references);
    return OwnerReferencesOf(object, resource_name);
  }
  return OwnerReferencesOf(ObjectOf(item), resource_name);
}

bool IsUnresolved(const ResourceId& id) { return id.type.find('/') != std::string::npos; }

ResourceId Resolved(const ResourceId& id, const std::vector<CustomType>& types) {
  const std::string group = id.type.substr(0, id.type.find('/'));
  const std::string kind = id.type.substr(id.type.rfind('/') + 1);
  for (const CustomType& type : types) {
    if (type.group != group || type.kind != kind) continue;
    return {type.type, type.namespaced ? id.name : id.name.substr(id.name.find('/') + 1)};
  }
  return {"", id.name};
}

Write WithoutOwners(const ResourceId& dependent, std::vector<std::string> uids) {
  return EditOf(dependent, [uids = std::move(uids)](json& object) {
    json* metadata = kubernetes::Find(object, "metadata");
    if (metadata == nullptr) return false;
    bool from_job = false;
    const bool changed = Remove(*metadata, "ownerReferences", [&](const json& entry) {
      const std::string uid = kubernetes::StringAt(entry, "uid");
      if (std::find(uids.begin(), uids.end(), uid) == uids.end()) return false;
      from_job |=
          kubernetes::BoolAt(entry, "controller") && kubernetes::StringAt(entry, "kind") == "Job";
      return true;
    });
    if (from_job) {
      Remove(*metadata, "finalizers",
             [](const json& entry) { return entry == kJobTrackingFinalizer; });
    }
    return changed;
  });
}

Write Unblocking(const ResourceId& dependent) {
  return EditOf(dependent, [](json& object) {
    json* entries = kubernetes::Find(object, {"metadata", "ownerReferences"});
    if (entries == nullptr || !entries->is_array()) return false;
    bool changed = false;
    for (json& entry : *entries) {
      if (!kubernetes::BoolAt(entry, "blockOwnerDeletion")) continue;
      entry["blockOwnerDeletion"] = false;
      changed = true;
    }
    return changed;
  });
}

Write WithoutFinalizerOf(const ResourceId& id, const std::string& finalizer) {
  Edit edit;
  edit.apply = [finalizer](const std::string& document) {
    return WithoutFinalizer(document, finalizer);
  };
  return {.id = id, .change = std::move(edit)};
}

}  // namespace kless::controllers
