// Secondary indexes of tables: entries that are written in the transaction of each write.
//
// An entry has a key of its own, the key of its item and the version of the item's current image;
// nothing of the item is copied.  What the key is, is a function of the item that the index's owner
// gives: the store knows no types.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "store/item/item.h"

namespace kless {

// Returns the key of the item's entry (`sort` may be empty); nullopt if the item has none.  It must
// be a pure function of the item.
using EntryKeyOf = std::function<std::optional<Key>(const Item&)>;

// A place among the entries of one partition of an index: behind or before the entry of that item,
// or, without an item, before all entries with this sort key.
struct EntryPlace {
  std::string sort;
  std::optional<Key> item;
};

struct EntryRange {
  std::optional<EntryPlace> after;   // exclusive
  std::optional<EntryPlace> before;  // exclusive
  bool descending = false;
};

// `entry` is the entry's key, `item` that of its item.
struct IndexEntry {
  Key entry;
  Key item;
  std::uint64_t version = 0;  // of the item: Table::Image gives it
};
// Returns false to end the visit.
using VisitEntry = std::function<bool(const IndexEntry&)>;

}  // namespace kless
