// metadata.ownerReferences, and the edits that the garbage collector makes of them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/controllers/custom_types.h"
#include "functions/controllers/plan.h"
#include "store/item.h"
#include "store/resources.h"

namespace kless::controllers {

struct OwnerReference {
  std::string api_version, kind, name, uid;
  bool blocks = false;  // blockOwnerDeletion: an owner that waits, waits for this dependent
  // Where the owner must be: in the dependent's namespace, or in none.  A kind that is not built in
  // may be a custom one: its type is "<apiVersion>/<kind>" until it is resolved, and empty where
  // there is no such kind.
  ResourceId id;
  bool namespaced = true;
  bool operator==(const OwnerReference&) const = default;
};

// Of an object with this resource name; references without a uid are left out.
std::vector<OwnerReference> OwnerReferencesOf(const nlohmann::json& object,
                                              const std::string& resource_name);
std::vector<OwnerReference> OwnerReferencesOf(const ItemPtr& item,
                                              const std::string& resource_name);

// Whether an id is that of a kind that may be a custom one.
bool IsUnresolved(const ResourceId& id);
// The same id with the type that the definitions give it, and without the namespace if they say so;
// its type is empty if there is no such kind.
ResourceId Resolved(const ResourceId& id, const std::vector<CustomType>& types);

// The dependent forgets these owners.  A pod that loses its Job loses the Job controller's
// finalizer, too: nobody would count it any more.
Write WithoutOwners(const ResourceId& dependent, std::vector<std::string> uids);
// None of the dependent's owners waits for it.
Write Unblocking(const ResourceId& dependent);
Write WithoutFinalizerOf(const ResourceId& id, const std::string& finalizer);

}  // namespace kless::controllers
