// The edits of objects that several control loops make, and their deletions.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "functions/controllers/loop/plan.h"
#include "store/item/resource_id.h"

namespace kless::controllers {

// An Edit of the parsed document; `edit` returns whether it changed something.
Write EditOf(ResourceId id, std::function<bool(nlohmann::json&)> edit);
// A Deletion of the object with this uid, whatever its owner.
Write DeletionOf(ResourceId id, std::string uid, Deletion::Propagation propagation,
                 std::optional<std::int64_t> grace_seconds = std::nullopt);

// Sets a pod's condition; lastTransitionTime changes with the status.  Returns false if nothing
// changed.
bool SetPodCondition(nlohmann::json& pod, const std::string& type, const std::string& status,
                     const std::string& reason, const std::string& message,
                     std::int64_t unix_nanos);

}  // namespace kless::controllers
