// The effect of an edit or a deletion on a Kubernetes object: the part of the API server that both
// control planes need to carry out a plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "functions/controllers/loop/plan.h"
#include "store/resources.h"

namespace kless::control_planes {

// Whether the edited document has lost the last finalizer of an object that is being deleted, so
// that the object is removed instead of written.
bool EditRemoves(const ResourceId& id, const Item& item, const std::string& document);

// The document with its deletionTimestamp, or nullopt if the object is removed at once.
std::optional<std::string> DeletionLeaves(const ResourceId& id, const Item& item,
                                          const controllers::Deletion& deletion,
                                          std::int64_t unix_nanos);
// The API server's message if the namespace of `created` accepts no more objects because it is
// being deleted (FailureReport::Reason::kNamespaceTerminating); nullopt if it does.  A missing
// namespace refuses nothing, since raw writers need none.
std::optional<std::string> CreationRefusal(const Result<ItemPtr>& space, const ResourceId& created);

// Whether the deletion applies to this object.
bool Concerns(const controllers::Deletion& deletion, const Item& item,
              const std::string& owner_uid);

// Stands in for the last image of an owner that is known only from its dependents.
ItemPtr OwnerTombstone(const ResourceTable& resources, const ResourceId& owner,
                       const std::string& uid);

}  // namespace kless::control_planes
