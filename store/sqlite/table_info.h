// TableInfo: the state of one table that the parts of the SQLite store share.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/resources.h"
#include "store/table.h"
#include "store/table_index.h"

namespace kless {

struct TableInfo {
  TableDescription description;
  bool is_resource_table = false;
  KeyLayout layout = KeyLayout::kTypeName;  // of the resource table
  std::uint64_t items = 0;                  // current number, uncommitted writes included
  std::uint64_t saved_items = 0;            // as stored in the `tables` row
  // The newest record when the table was deleted; nullopt: it is there.
  std::optional<std::uint64_t> deleted_at;

  // `key_of` is empty until the index is opened: until then the table is not written.
  struct Index {
    int id = 0;
    EntryKeyOf key_of;
  };
  std::vector<Index> indexes;  // in order of id
  int closed_indexes = 0;

  Index* FindIndex(int id) {
    for (Index& index : indexes) {
      if (index.id == id) return &index;
    }
    return nullptr;
  }

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

// All tables of the file by id, from 1; null for a deleted table of which nothing is left.
using TableInfos = std::vector<std::unique_ptr<TableInfo>>;
inline TableInfo* FindTableInfo(const TableInfos& tables, int id) {
  const bool known = id >= 1 && static_cast<std::size_t>(id) <= tables.size();
  return known ? tables[static_cast<std::size_t>(id) - 1].get() : nullptr;
}

}  // namespace kless
