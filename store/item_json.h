// Items as DynamoDB JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "emulator/base/error.h"
#include "store/item/item.h"
#include "store/table.h"

namespace kless {

// Convert an item to its DynamoDB JSON form, {"id":{"S":"a"},"n":{"N":"1"}}, and back.  B values
// are base64. kInvalidArgument names the attribute at fault.
nlohmann::json ItemToJson(const TableDescription& table, const Item& item);
Result<Item> ItemFromJson(const TableDescription& table, const nlohmann::json& json);
Result<Key> KeyFromJson(const TableDescription& table, const nlohmann::json& json);

}  // namespace kless
