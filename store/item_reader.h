// ItemReader: pages of items in key order.
#pragma once

#include <cstdint>
#include <optional>

#include "store/change_log.h"
#include "store/key_range.h"
#include "store/sqlite.h"
#include "store/table_info.h"

namespace kless {

class ItemReader {
 public:
  // The maximum number of items in one page.
  static constexpr int kLimitMax = 100'000;

  ItemReader(SqliteConnection& connection, const ChangeLog& log);

  Page Query(const TableInfo& table, const std::string& partition, const KeyRange& range,
             bool descending, int limit) const;
  Page Scan(const TableInfo& table, const std::optional<Key>& after, int limit) const;

 private:
  Page ReadPage(const TableInfo& table, SqliteStatement& statement, int limit) const;

  const ChangeLog& log_;
  mutable SqliteStatement ascending_;
  mutable SqliteStatement descending_;
  mutable SqliteStatement scan_;
};

// kInvalidArgument unless 1 <= limit <= ItemReader::kLimitMax.
Result<void> CheckLimit(int limit);

}  // namespace kless
