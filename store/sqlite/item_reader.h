// ItemReader: pages of items in key order.
#pragma once

#include <cstdint>
#include <optional>

#include "store/sqlite/change_log.h"
#include "store/sqlite/file/sqlite.h"
#include "store/sqlite/key_range.h"
#include "store/sqlite/table_info.h"

namespace kless {

class ItemReader {
 public:
  ItemReader(SqliteConnection& connection, const ChangeLog& log);

  Page Query(const TableInfo& table, const std::string& partition, const KeyRange& range,
             bool descending, int limit) const;
  // See Table.
  void VisitPartition(const TableInfo& table, const std::string& partition, const KeyRange& range,
                      bool descending, const VisitKey& visit) const;
  void VisitAll(const TableInfo& table, const std::optional<Key>& after,
                const VisitKey& visit) const;
  Page Scan(const TableInfo& table, const std::optional<Key>& after, int limit) const;

 private:
  static void Visit(SqliteStatement& statement, const VisitKey& visit);
  void BindQuery(SqliteStatement& statement, const TableInfo& table, const std::string& partition,
                 const KeyRange& range) const;
  void BindScan(const TableInfo& table, const std::optional<Key>& after) const;
  Page ReadPage(const TableInfo& table, SqliteStatement& statement, int limit) const;

  const ChangeLog& log_;
  mutable SqliteStatement ascending_;
  mutable SqliteStatement descending_;
  mutable SqliteStatement scan_;
};

}  // namespace kless
