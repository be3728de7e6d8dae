#include "store/sqlite/index_list.h"

#include <algorithm>
#include <utility>

namespace kless {

IndexList::IndexList(SqliteConnection& connection, IndexEntries& entries, Remains& remains,
                     Turn& turn, const TableInfos& tables)
    : entries_(entries),
      remains_(remains),
      turn_(turn),
      insert_(connection, "INSERT INTO indexes VALUES(?1, ?2, 0)"),
      drop_(connection, "UPDATE indexes SET dropped = 1 WHERE id = ?1") {
  SqliteStatement select(connection, "SELECT id, table_id, dropped FROM indexes ORDER BY id");
  while (select.Step()) {
    last_id_ = static_cast<int>(select.Integer(0));
    if (select.Integer(2) != 0) continue;
    TableInfo* const table = FindTableInfo(tables, static_cast<int>(select.Integer(1)));
    if (table == nullptr) {
      throw SqliteError(0, "the data file is damaged: an index of an unknown table");
    }
    table->indexes.push_back({last_id_, {}});
    ++table->closed_indexes;
  }
}

Error IndexList::NoIndex(const TableInfo& table, int index) {
  return MakeError(ErrorCode::kNotFound,
                   "table " + table.description.name + " has no index " + std::to_string(index));
}

Result<int> IndexList::Create(TableInfo& table, EntryKeyOf key_of) {
  try {
    turn_.Begin();
    insert_.BindInteger(1, last_id_ + 1);
    insert_.BindInteger(2, table.description.id);
    insert_.Run();
  } catch (const SqliteError& error) {
    return turn_.Fail(error);
  }
  table.indexes.push_back({++last_id_, std::move(key_of)});
  return last_id_;
}

Result<void> IndexList::Fill(const TableInfo& table, const TableInfo::Index& index,
                             const Item& item) {
  try {
    turn_.Begin();
    entries_.Fill(table, index, item);
    return {};
  } catch (const SqliteError& error) {
    return turn_.Fail(error);
  }
}

Result<void> IndexList::Drop(TableInfo& table, int index) {
  const TableInfo::Index* const found = table.FindIndex(index);
  if (found == nullptr) return NoIndex(table, index);
  try {
    turn_.Begin();
    drop_.BindInteger(1, index);
    drop_.Run();
  } catch (const SqliteError& error) {
    return turn_.Fail(error);
  }
  if (!found->key_of) --table.closed_indexes;
  std::erase_if(table.indexes, [index](const auto& one) { return one.id == index; });
  remains_.AddIndex(index);
  return {};
}

void IndexList::DropAll(TableInfo& table) {
  for (const TableInfo::Index& index : table.indexes) {
    drop_.BindInteger(1, index.id);
    drop_.Run();
    remains_.AddIndex(index.id);
  }
  table.indexes.clear();
  table.closed_indexes = 0;
}

}  // namespace kless
