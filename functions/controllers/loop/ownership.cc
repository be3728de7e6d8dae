#include "functions/controllers/loop/ownership.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "functions/controllers/loop/object_edits.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::controllers {

using kubernetes::BoolAt;
using kubernetes::Find;
using kubernetes::StringAt;
using nlohmann::json;

json ControllerReference(const json& owner) {
  return {{"apiVersion", StringAt(owner, "apiVersion")},
          {"kind", StringAt(owner, "kind")},
          {"name", StringAt(owner, {"metadata", "name"})},
          {"uid", StringAt(owner, {"metadata", "uid"})},
          {"controller", true},
          {"blockOwnerDeletion", true}};
}

Write AdoptionOf(ResourceId id, json reference) {
  return EditOf(std::move(id), [reference = std::move(reference)](json& object) {
    json* metadata = kubernetes::ObjectAt(object, "metadata");
    if (metadata == nullptr || Find(*metadata, "deletionTimestamp") != nullptr) return false;
    json& references = (*metadata)["ownerReferences"];
    if (!references.is_array()) references = json::array();
    for (const json& other : references) {
      if (BoolAt(other, "controller")) return false;
    }
    references.push_back(reference);
    return true;
  });
}

Write ReleaseOf(ResourceId id, std::string owner_uid) {
  return EditOf(std::move(id), [uid = std::move(owner_uid)](json& object) {
    json* metadata = Find(object, "metadata");
    json* references = metadata == nullptr ? nullptr : Find(*metadata, "ownerReferences");
    if (references == nullptr || !references->is_array()) return false;
    const auto kept = std::remove_if(references->begin(), references->end(),
                                     [&](const json& one) { return StringAt(one, "uid") == uid; });
    if (kept == references->end()) return false;
    references->erase(kept, references->end());
    if (references->empty()) metadata->erase("ownerReferences");
    return true;
  });
}

bool IsOrphan(const ItemPtr& item) {
  return item != nullptr && item->fields && item->fields->owner_uid.empty() &&
         !item->fields->deleting && !item->fields->labels.empty();
}

bool BecameOrphan(const ItemPtr& old_image, const ItemPtr& new_image) {
  if (!IsOrphan(new_image)) return false;
  return !IsOrphan(old_image) || old_image->fields->labels != new_image->fields->labels;
}

}  // namespace kless::controllers
