// Remains: what is left of deleted tables and dropped indexes, deleted little by little.
//
// A deleted table keeps its items until all its records have been trimmed: the images are the same
// rows (LogTrimmer).  Then its items, their images and at last its row in `tables` go.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "store/sqlite/change_log.h"
#include "store/sqlite/file/sqlite.h"
#include "store/sqlite/index_entries.h"
#include "store/sqlite/table_info.h"

namespace kless {

class Remains {
 public:
  Remains(SqliteConnection& connection, const ChangeLog& log, IndexEntries& entries,
          const TableInfos& tables);

  // Whether Clean would find anything to delete, and so needs a transaction.  O(tables).
  bool HasWork() const;
  // Deletes at most `limit` items and as many entries, inside the turn's transaction.  Of a table
  // of which nothing is left, the description stays in memory until the store is closed.
  void Clean(std::uint64_t limit);

  // An index without a table that uses it.
  void AddIndex(int index) { indexes_.push_back(index); }

 private:
  bool IsDue(const TableInfo& table) const;

  const ChangeLog& log_;
  IndexEntries& entries_;
  const TableInfos& tables_;
  std::vector<int> indexes_;  // dropped ones
  std::set<int> gone_;        // tables without a row in `tables`
  SqliteStatement delete_images_;
  SqliteStatement delete_items_;
  SqliteStatement any_item_;
  SqliteStatement delete_table_;
  SqliteStatement delete_index_;
};

}  // namespace kless
