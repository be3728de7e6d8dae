// metadata.ownerReferences, and the garbage collector's edits of them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/controllers/loop/custom_types.h"
#include "functions/controllers/loop/plan.h"
#include "store/item/item.h"
#include "store/item/resource_id.h"

namespace kless::controllers {

struct OwnerReference {
  std::string api_version, kind, name, uid;
  // blockOwnerDeletion: foreground deletion of the owner waits for this dependent
  bool blocks = false;
  // Where the owner must be: in the dependent's namespace, or cluster-scoped.  A kind that is not
  // built in may be a custom one: its type is "<apiVersion>/<kind>" until it is resolved, and empty
  // if there is no such kind.
  ResourceId id;
  bool namespaced = true;
  bool operator==(const OwnerReference&) const = default;
};

// The references of an object with this resource name; those without a uid are left out.
std::vector<OwnerReference> OwnerReferencesOf(const nlohmann::json& object,
                                              const std::string& resource_name);
std::vector<OwnerReference> OwnerReferencesOf(const ItemPtr& item,
                                              const std::string& resource_name);

// Whether an id is that of a kind that may be a custom one.
bool IsUnresolved(const ResourceId& id);
// Returns the id with the type that the definitions give it, without the namespace if the kind is
// cluster-scoped; the type is empty if there is no such kind.
ResourceId Resolved(const ResourceId& id, const std::vector<CustomType>& types);

// Removes these owners from the dependent.  A pod that loses its Job also loses the Job
// controller's finalizer, since it would no longer be counted.
Write WithoutOwners(const ResourceId& dependent, std::vector<std::string> uids);
// Makes the dependent block none of its owners.
Write Unblocking(const ResourceId& dependent);
Write WithoutFinalizerOf(const ResourceId& id, const std::string& finalizer);

}  // namespace kless::controllers
