// The keys of entries in indexes, as functions of items.
#pragma once

#include <string>

#include "emulator/dynamodb/model/stored_item.h"
#include "store/table_index.h"

namespace kless::dynamodb {

// The key of an item's entry in an index: only the attributes that it needs are parsed.
EntryKeyOf EntryKeyFor(const ItemLayout& layout, const KeySchema& key);

// All entries of an index by expiry are in this one partition.
constexpr const char* kExpiryPartition = "t";
// Orders items by the number in an attribute; items without a number there have no entry.
EntryKeyOf ExpiryKeyFor(const ItemLayout& layout, const std::string& attribute);

}  // namespace kless::dynamodb
