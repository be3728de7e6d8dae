// How controllers take objects into their care and let them go: the reference with controller:
// true.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/controllers/plan.h"
#include "store/item.h"

namespace kless::controllers {

// {apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true}.
nlohmann::json ControllerReference(const nlohmann::json& owner);
// Adds the reference to an object without a controller that is not being deleted.
Write AdoptionOf(ResourceId id, nlohmann::json reference);
// Takes the references to `owner_uid` away.
Write ReleaseOf(ResourceId id, std::string owner_uid);

// An object with labels, without a controller, that is not being deleted: somebody may adopt it.
bool IsOrphan(const ItemPtr& item);
// Whether a record made it one, or gave it other labels.
bool BecameOrphan(const ItemPtr& old_image, const ItemPtr& new_image);

}  // namespace kless::controllers
