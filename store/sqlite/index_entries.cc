#include "store/sqlite/index_entries.h"

#include <string>

#include "store/sqlite/change_log.h"

namespace kless {
namespace {

// Entries are compared with SQLite's own order of values: integers come before texts and blobs, so
// that 0 stands for a key before all others.  Entry keys are blobs, keys of items as in `items`.
void BindItem(SqliteStatement& statement, int index, const TableInfo& table,
              const std::optional<Key>& item) {
  if (item) {
    BindKey(statement, index, table, *item);
  } else {
    statement.BindInteger(index, 0);
    statement.BindInteger(index + 1, 0);
  }
}

// Longer than the sort key of any entry: the sort keys of an index have at most 1024 bytes, which
// an encoding of several attributes may double.
const std::string& BehindAllEntries() {
  static const std::string bytes(4096, '\xff');
  return bytes;
}

}  // namespace

IndexEntries::IndexEntries(SqliteConnection& connection)
    : replace_(connection, "REPLACE INTO index_entries VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
      delete_(connection,
              "DELETE FROM index_entries WHERE index_id = ?1 AND partition = ?2 AND sort = ?3 AND "
              "item_partition = ?4 AND item_sort = ?5"),
      ascending_(connection,
                 "SELECT partition, sort, item_partition, item_sort, sequence FROM index_entries "
                 "WHERE index_id = ?1 AND partition = ?2 AND "
                 "(sort, item_partition, item_sort) > (?3, ?4, ?5) AND "
                 "(sort, item_partition, item_sort) < (?6, ?7, ?8) "
                 "ORDER BY sort, item_partition, item_sort"),
      descending_(connection,
                  "SELECT partition, sort, item_partition, item_sort, sequence FROM index_entries "
                  "WHERE index_id = ?1 AND partition = ?2 AND "
                  "(sort, item_partition, item_sort) > (?3, ?4, ?5) AND "
                  "(sort, item_partition, item_sort) < (?6, ?7, ?8) "
                  "ORDER BY sort DESC, item_partition DESC, item_sort DESC"),
      all_(connection,
           "SELECT partition, sort, item_partition, item_sort, sequence FROM index_entries "
           "WHERE index_id = ?1 AND (partition, sort, item_partition, item_sort) > "
           "(?2, ?3, ?4, ?5) ORDER BY partition, sort, item_partition, item_sort"),
      any_(connection, "SELECT 1 FROM index_entries WHERE index_id = ?1 LIMIT 1"),
      purge_(connection,
             "DELETE FROM index_entries WHERE index_id = ?1 AND (partition, sort, item_partition, "
             "item_sort) IN (SELECT partition, sort, item_partition, item_sort FROM index_entries "
             "WHERE index_id = ?1 ORDER BY partition, sort, item_partition, item_sort LIMIT ?2)") {}

void IndexEntries::Write(const TableInfo& table, int index, const Key& entry, const Item& item) {
  replace_.BindInteger(1, index);
  replace_.BindBlob(2, entry.partition);
  replace_.BindBlob(3, entry.sort);
  BindKey(replace_, 4, table, item.key);
  replace_.BindInteger(6, static_cast<std::int64_t>(item.version));
  replace_.Run();
}

void IndexEntries::Erase(const TableInfo& table, int index, const Key& entry, const Key& item) {
  delete_.BindInteger(1, index);
  delete_.BindBlob(2, entry.partition);
  delete_.BindBlob(3, entry.sort);
  BindKey(delete_, 4, table, item);
  delete_.Run();
}

void IndexEntries::Update(const TableInfo& table, const ChangeRecord& record) {
  for (const TableInfo::Index& index : table.indexes) {
    std::optional<Key> before;
    std::optional<Key> after;
    if (record.old_image) before = index.key_of(*record.old_image);
    if (record.new_image) after = index.key_of(*record.new_image);
    if (before && before != after) Erase(table, index.id, *before, record.key);
    if (after) Write(table, index.id, *after, *record.new_image);
  }
}

void IndexEntries::Fill(const TableInfo& table, const TableInfo::Index& index, const Item& item) {
  if (const auto entry = index.key_of(item)) Write(table, index.id, *entry, item);
}

void IndexEntries::Visit(SqliteStatement& statement, const VisitEntry& visit) {
  const SqliteReset reset(statement);
  IndexEntry found;
  while (statement.Step()) {
    found.entry.partition = statement.Bytes(0);
    found.entry.sort = statement.Bytes(1);
    found.item.partition = statement.Bytes(2);
    found.item.sort = statement.Bytes(3);
    found.version = static_cast<std::uint64_t>(statement.Integer(4));
    if (!visit(found)) return;
  }
}

void IndexEntries::VisitPartition(int index, const TableInfo& table, const std::string& partition,
                                  const EntryRange& range, const VisitEntry& visit) const {
  SqliteStatement& statement = range.descending ? descending_ : ascending_;
  statement.BindInteger(1, index);
  statement.BindBlob(2, partition);
  if (range.after) {
    statement.BindBlob(3, range.after->sort);
    BindItem(statement, 4, table, range.after->item);
  } else {
    statement.BindInteger(3, 0);
    BindItem(statement, 4, table, std::nullopt);
  }
  if (range.before) {
    statement.BindBlob(6, range.before->sort);
    BindItem(statement, 7, table, range.before->item);
  } else {
    statement.BindBlob(6, BehindAllEntries());
    BindItem(statement, 7, table, std::nullopt);
  }
  Visit(statement, visit);
}

void IndexEntries::VisitAll(int index, const TableInfo& table,
                            const std::optional<IndexEntry>& after, const VisitEntry& visit) const {
  all_.BindInteger(1, index);
  if (after) {
    all_.BindBlob(2, after->entry.partition);
    all_.BindBlob(3, after->entry.sort);
    BindKey(all_, 4, table, after->item);
  } else {
    for (int i = 2; i <= 5; ++i) all_.BindInteger(i, 0);
  }
  Visit(all_, visit);
}

bool IndexEntries::Purge(int index, std::uint64_t limit) {
  purge_.BindInteger(1, index);
  purge_.BindInteger(2, static_cast<std::int64_t>(limit));
  purge_.Run();
  any_.BindInteger(1, index);
  const SqliteReset reset(any_);
  return !any_.Step();
}

}  // namespace kless
