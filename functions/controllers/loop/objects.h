// Small functions that several control loops use to read and write objects.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/clock.h"
#include "functions/controllers/loop/plan.h"
#include "store/item/item.h"
#include "store/item/resource_id.h"

namespace kless::controllers {

// The item's document; an empty object if there is no item or it does not hold a JSON object.
nlohmann::json ObjectOf(const ItemPtr& item);
// metadata.uid; "" if there is none.
const std::string& UidOf(const ItemPtr& item);
bool IsDeleting(const ItemPtr& item);

// Whether the arrays of flat objects under `key` ("ownerReferences", "tolerations") are equal in
// both documents, judged by their text; false if the text alone cannot tell.
bool SameArrayText(const ItemPtr& a, const ItemPtr& b, std::string_view key);
// The array, parsed from its own text; nullopt if the text alone cannot tell: parse the document.
std::optional<nlohmann::json> ArrayAlone(const ItemPtr& item, std::string_view key);

// The target of an event, from the object itself.
EventTarget TargetOf(const nlohmann::json& object, std::uint64_t version);

// An Edit of the parsed document; `edit` returns whether it changed something.
Write EditOf(ResourceId id, std::function<bool(nlohmann::json&)> edit);
// A Deletion of the object with this uid, whatever its owner.
Write DeletionOf(ResourceId id, std::string uid, Deletion::Propagation propagation,
                 std::optional<std::int64_t> grace_seconds = std::nullopt);

// The condition of a type in status.conditions, or null.
const nlohmann::json* FindCondition(const nlohmann::json& object, std::string_view type);
// Sets a pod's condition; lastTransitionTime changes with the status.  Returns false if nothing
// changed.
bool SetPodCondition(nlohmann::json& pod, const std::string& type, const std::string& status,
                     const std::string& reason, const std::string& message,
                     std::int64_t unix_nanos);

// The first multiple of `period` that is not before (or, if strict, that is after) an instant: the
// next pass of a periodic loop.  Loops use multiples of the Unix time.
std::int64_t TickAt(std::int64_t unix_nanos, std::int64_t period_nanos);
std::int64_t TickAfter(std::int64_t unix_nanos, std::int64_t period_nanos);

}  // namespace kless::controllers
