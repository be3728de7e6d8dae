// What control loops read of objects and write to them: small pieces that several of them need.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/clock.h"
#include "functions/controllers/plan.h"
#include "store/item.h"
#include "store/resources.h"

namespace kless::controllers {

// The item's document; an empty object if there is no item or it holds no JSON object.
nlohmann::json ObjectOf(const ItemPtr& item);
// metadata.uid; "" if there is none.
const std::string& UidOf(const ItemPtr& item);
bool IsDeleting(const ItemPtr& item);

// Whether the arrays of flat objects under `key` ("ownerReferences", "tolerations") read the same
// in both documents, told from their text; false where that cannot be told.
bool SameArrayText(const ItemPtr& a, const ItemPtr& b, std::string_view key);
// That array; parsed from its own text where it can be told, else nullopt: parse the document.
std::optional<nlohmann::json> ArrayAlone(const ItemPtr& item, std::string_view key);

// What an event names, from the object itself.
EventTarget TargetOf(const nlohmann::json& object, std::uint64_t version);

// kEdit over the parsed document; `edit` says whether it changed something.
Write EditOf(ResourceId id, std::function<bool(nlohmann::json&)> edit);
// kDelete of the object with this uid, whoever owns it.
Write DeletionOf(ResourceId id, std::string uid, Deletion::Propagation propagation,
                 std::optional<std::int64_t> grace_seconds = std::nullopt);

// The condition of a type in status.conditions, or null.
const nlohmann::json* FindCondition(const nlohmann::json& object, std::string_view type);
// Sets a pod's condition; lastTransitionTime moves with the status.  False: it was so already.
bool SetPodCondition(nlohmann::json& pod, const std::string& type, const std::string& status,
                     const std::string& reason, const std::string& message,
                     std::int64_t unix_nanos);

// The first multiple of `period` that is not before (or, strictly, that is after) an instant: when
// a loop with a period looks again.  Loops keep to multiples of the Unix time.
std::int64_t TickAt(std::int64_t unix_nanos, std::int64_t period_nanos);
std::int64_t TickAfter(std::int64_t unix_nanos, std::int64_t period_nanos);

}  // namespace kless::controllers
