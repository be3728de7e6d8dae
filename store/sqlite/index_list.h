// IndexList: creates and drops the indexes of tables, and knows them when a file is opened.
#pragma once

#include <string>

#include "emulator/base/error.h"
#include "store/sqlite/file/sqlite.h"
#include "store/sqlite/file/turn.h"
#include "store/sqlite/index_entries.h"
#include "store/sqlite/remains.h"
#include "store/sqlite/table_info.h"

namespace kless {

class IndexList {
 public:
  // Adds the indexes of the file to their tables; none of them is open.
  IndexList(SqliteConnection& connection, IndexEntries& entries, Remains& remains, Turn& turn,
            const TableInfos& tables);

  // See Table.
  Result<int> Create(TableInfo& table, EntryKeyOf key_of);
  Result<void> Fill(const TableInfo& table, const TableInfo::Index& index, const Item& item);
  Result<void> Drop(TableInfo& table, int index);
  // Drops all indexes of a table inside the turn's transaction.  Throws SqliteError.
  void DropAll(TableInfo& table);

  static Error NoIndex(const TableInfo& table, int index);

 private:
  IndexEntries& entries_;
  Remains& remains_;
  Turn& turn_;
  int last_id_ = 0;
  SqliteStatement insert_;
  SqliteStatement drop_;
};

}  // namespace kless
