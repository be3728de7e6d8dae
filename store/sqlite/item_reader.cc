#include "store/sqlite/item_reader.h"

#include <string>

namespace kless {

ItemReader::ItemReader(SqliteConnection& connection, const ChangeLog& log)
    : log_(log),
      ascending_(connection,
                 "SELECT partition, sort, sequence FROM items WHERE table_id = ?1 AND "
                 "partition = ?2 AND sort >= ?3 AND sort < ?4 ORDER BY sort"),
      descending_(connection,
                  "SELECT partition, sort, sequence FROM items WHERE table_id = ?1 AND "
                  "partition = ?2 AND sort >= ?3 AND sort < ?4 ORDER BY sort DESC"),
      scan_(connection,
            "SELECT partition, sort, sequence FROM items WHERE table_id = ?1 AND "
            "(partition, sort) > (?2, ?3) ORDER BY partition, sort") {}

// One extra row shows whether there are more.
Page ItemReader::ReadPage(const TableInfo& table, SqliteStatement& statement, int limit) const {
  Page page;
  Visit(statement, [&](const StoredKey& found) {
    page.more = static_cast<int>(page.items.size()) == limit;
    if (!page.more) page.items.push_back(log_.Image(table, found.key, found.version));
    return !page.more;
  });
  return page;
}

void ItemReader::BindQuery(SqliteStatement& statement, const TableInfo& table,
                           const std::string& partition, const KeyRange& range) const {
  statement.BindInteger(1, table.description.id);
  BindKeyPart(statement, 2, table.description.partition_type, partition);
  BindKeyPart(statement, 3, table.description.sort_type, range.from);
  range.BindUntil(statement, 4, table.description.sort_type);
}

void ItemReader::BindScan(const TableInfo& table, const std::optional<Key>& after) const {
  static const Key before_all;
  scan_.BindInteger(1, table.description.id);
  BindKey(scan_, 2, table, after ? *after : before_all);
}

Page ItemReader::Query(const TableInfo& table, const std::string& partition, const KeyRange& range,
                       bool descending, int limit) const {
  SqliteStatement& statement = descending ? descending_ : ascending_;
  BindQuery(statement, table, partition, range);
  return ReadPage(table, statement, limit);
}

Page ItemReader::Scan(const TableInfo& table, const std::optional<Key>& after, int limit) const {
  BindScan(table, after);
  return ReadPage(table, scan_, limit);
}

void ItemReader::Visit(SqliteStatement& statement, const VisitKey& visit) {
  const SqliteReset reset(statement);
  StoredKey found;
  while (statement.Step()) {
    found.key.partition = statement.Bytes(0);
    found.key.sort = statement.Bytes(1);
    found.version = static_cast<std::uint64_t>(statement.Integer(2));
    if (!visit(found)) return;
  }
}

void ItemReader::VisitPartition(const TableInfo& table, const std::string& partition,
                                const KeyRange& range, bool descending,
                                const VisitKey& visit) const {
  SqliteStatement& statement = descending ? descending_ : ascending_;
  BindQuery(statement, table, partition, range);
  Visit(statement, visit);
}

void ItemReader::VisitAll(const TableInfo& table, const std::optional<Key>& after,
                          const VisitKey& visit) const {
  BindScan(table, after);
  Visit(scan_, visit);
}

}  // namespace kless
