// Adopting and releasing objects: the owner reference with controller: true.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/controllers/loop/plan.h"
#include "store/item/item.h"

namespace kless::controllers {

// Returns {apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true}.
nlohmann::json ControllerReference(const nlohmann::json& owner);
// Adds the reference to an object unless it has a controller or is being deleted.
Write AdoptionOf(ResourceId id, nlohmann::json reference);
// Removes the references to `owner_uid`.
Write ReleaseOf(ResourceId id, std::string owner_uid);

// Whether an object has labels and no controller, and is not being deleted, so that an owner may
// adopt it.
bool IsOrphan(const ItemPtr& item);
// Whether a record made it an orphan, or changed an orphan's labels.
bool BecameOrphan(const ItemPtr& old_image, const ItemPtr& new_image);

}  // namespace kless::controllers
