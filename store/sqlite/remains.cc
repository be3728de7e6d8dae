#include "store/sqlite/remains.h"

#include <algorithm>

namespace kless {

Remains::Remains(SqliteConnection& connection, const ChangeLog& log, IndexEntries& entries,
                 const TableInfos& tables)
    : log_(log),
      entries_(entries),
      tables_(tables),
      delete_images_(connection,
                     "DELETE FROM changes WHERE sequence IN (SELECT sequence FROM items "
                     "WHERE table_id = ?1 ORDER BY partition, sort LIMIT ?2)"),
      delete_items_(connection,
                    "DELETE FROM items WHERE table_id = ?1 AND (partition, sort) IN (SELECT "
                    "partition, sort FROM items WHERE table_id = ?1 ORDER BY partition, sort "
                    "LIMIT ?2)"),
      any_item_(connection, "SELECT 1 FROM items WHERE table_id = ?1 LIMIT 1"),
      delete_table_(connection, "DELETE FROM tables WHERE id = ?1"),
      delete_index_(connection, "DELETE FROM indexes WHERE id = ?1") {
  SqliteStatement dropped(connection, "SELECT id FROM indexes WHERE dropped ORDER BY id");
  while (dropped.Step()) indexes_.push_back(static_cast<int>(dropped.Integer(0)));
}

bool Remains::IsDue(const TableInfo& table) const {
  return table.deleted_at && *table.deleted_at <= log_.low_water() &&
         !gone_.contains(table.description.id);
}

bool Remains::HasWork() const {
  return !indexes_.empty() || std::any_of(tables_.begin(), tables_.end(), [&](const auto& table) {
    return table && IsDue(*table);
  });
}

void Remains::Clean(std::uint64_t limit) {
  const auto rows = static_cast<std::int64_t>(limit);
  for (const auto& table : tables_) {
    if (!table || !IsDue(*table)) continue;
    const int id = table->description.id;
    for (SqliteStatement* const statement : {&delete_images_, &delete_items_}) {
      statement->BindInteger(1, id);
      statement->BindInteger(2, rows);
      statement->Run();
    }
    any_item_.BindInteger(1, id);
    const bool left = any_item_.Step();
    any_item_.Reset();
    if (!left) {
      delete_table_.BindInteger(1, id);
      delete_table_.Run();
      gone_.insert(id);
    }
    return;
  }
  if (indexes_.empty() || !entries_.Purge(indexes_.back(), limit)) return;
  delete_index_.BindInteger(1, indexes_.back());
  delete_index_.Run();
  indexes_.pop_back();
}

}  // namespace kless
