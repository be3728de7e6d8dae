#include "store/sqlite/item_reader.h"

#include <string>

namespace kless {

ItemReader::ItemReader(SqliteConnection& connection, const ChangeLog& log)
    : log_(log),
      ascending_(connection,
                 "SELECT partition, sort, sequence FROM items WHERE table_id = ?1 AND "
                 "partition = ?2 AND sort >= ?3 AND sort < ?4 ORDER BY sort LIMIT ?5"),
      descending_(connection,
                  "SELECT partition, sort, sequence FROM items WHERE table_id = ?1 AND "
                  "partition = ?2 AND sort >= ?3 AND sort < ?4 ORDER BY sort DESC LIMIT ?5"),
      scan_(connection,
            "SELECT partition, sort, sequence FROM items WHERE table_id = ?1 AND "
            "(partition, sort) > (?2, ?3) ORDER BY partition, sort LIMIT ?4") {}

// One extra row shows whether there are more.
Page ItemReader::ReadPage(const TableInfo& table, SqliteStatement& statement, int limit) const {
  Page page;
  const SqliteReset reset(statement);
  while (statement.Step()) {
    if (static_cast<int>(page.items.size()) == limit) {
      page.more = true;
      break;
    }
    const Key key{std::string(statement.Bytes(0)), std::string(statement.Bytes(1))};
    page.items.push_back(log_.Image(table, key, static_cast<std::uint64_t>(statement.Integer(2))));
  }
  return page;
}

void ItemReader::BindQuery(SqliteStatement& statement, const TableInfo& table,
                           const std::string& partition, const KeyRange& range, int limit) const {
  statement.BindInteger(1, table.description.id);
  BindKeyPart(statement, 2, table.description.partition_type, partition);
  BindKeyPart(statement, 3, table.description.sort_type, range.from);
  range.BindUntil(statement, 4, table.description.sort_type);
  statement.BindInteger(5, limit);
}

void ItemReader::BindScan(const TableInfo& table, const std::optional<Key>& after,
                          int limit) const {
  static const Key before_all;
  scan_.BindInteger(1, table.description.id);
  BindKey(scan_, 2, table, after ? *after : before_all);
  scan_.BindInteger(4, limit);
}

Page ItemReader::Query(const TableInfo& table, const std::string& partition, const KeyRange& range,
                       bool descending, int limit) const {
  SqliteStatement& statement = descending ? descending_ : ascending_;
  BindQuery(statement, table, partition, range, limit + 1);
  return ReadPage(table, statement, limit);
}

Page ItemReader::Scan(const TableInfo& table, const std::optional<Key>& after, int limit) const {
  BindScan(table, after, limit + 1);
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
  BindQuery(statement, table, partition, range, -1);
  Visit(statement, visit);
}

void ItemReader::VisitAll(const TableInfo& table, const std::optional<Key>& after,
                          const VisitKey& visit) const {
  BindScan(table, after, -1);
  Visit(scan_, visit);
}

}  // namespace kless
