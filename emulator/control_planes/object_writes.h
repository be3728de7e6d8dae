// What an edit or a deletion leaves of a Kubernetes object: the API server's part that both control
// planes need when they carry out a plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "functions/controllers/plan.h"
#include "store/resources.h"

namespace kless::control_planes {

// The edited document takes the last finalizer of an object that is being deleted: it is removed
// instead of written.
bool EditRemoves(const ResourceId& id, const Item& item, const std::string& document);

// The document with its deletionTimestamp, or nullopt: the object goes at once.
std::optional<std::string> DeletionLeaves(const ResourceId& id, const Item& item,
                                          const controllers::Deletion& deletion,
                                          std::int64_t unix_nanos);
// The API server's sentence where a namespace takes no more objects; nullopt: it does.  A namespace
// that is not there refuses nothing: raw writers need none.
std::optional<std::string> CreationRefusal(const Result<ItemPtr>& space,
                                           const std::string& namespace_name);

// Whether the deletion means this object.
bool Concerns(const controllers::Deletion& deletion, const Item& item,
              const std::string& owner_uid);

// Stands in for the last image of a Job that only its pods still name.
ItemPtr JobTombstone(const ResourceTable& resources, const ResourceId& job, const std::string& uid);

}  // namespace kless::control_planes
