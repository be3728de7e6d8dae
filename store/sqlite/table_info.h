// TableInfo: the state of one table that the parts of the SQLite store share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/resources.h"
#include "store/table.h"

namespace kless {

struct TableInfo {
  TableDescription description;
  bool is_resource_table = false;
  KeyLayout layout = KeyLayout::kTypeName;  // of the resource table
  std::uint64_t items = 0;                  // current number, uncommitted writes included
  std::uint64_t saved_items = 0;            // as stored in the `tables` row

  ResourceId IdOf(const Key& key) const {
    return layout == KeyLayout::kTypeName ? ResourceId{key.partition, key.sort}
                                          : ResourceId{key.sort, key.partition};
  }
  std::string_view ResourceNameOf(const Key& key) const {
    return layout == KeyLayout::kTypeName ? key.sort : key.partition;
  }
  std::string_view ResourceTypeOf(const Key& key) const {
    return layout == KeyLayout::kTypeName ? key.partition : key.sort;
  }
};

// All tables of the file by id; ids start at 1 and have no gaps.
using TableInfos = std::vector<std::unique_ptr<TableInfo>>;
inline TableInfo* FindTableInfo(const TableInfos& tables, int id) {
  const bool known = id >= 1 && static_cast<std::size_t>(id) <= tables.size();
  return known ? tables[static_cast<std::size_t>(id) - 1].get() : nullptr;
}

}  // namespace kless
