// How control loops read stored objects: the whole document, or what its fields or a part of its
// text tell without parsing it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "functions/controllers/loop/plan.h"
#include "store/item/item.h"

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

// The condition of a type in status.conditions, or null.
const nlohmann::json* FindCondition(const nlohmann::json& object, std::string_view type);

}  // namespace kless::controllers
