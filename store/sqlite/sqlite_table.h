// SqliteTable: implements Table with the parts of the SQLite store.
#pragma once

#include "store/sqlite/change_log.h"
#include "store/sqlite/item_reader.h"
#include "store/sqlite/item_writer.h"
#include "store/sqlite/table_info.h"
#include "store/store.h"
#include "store/table.h"

namespace kless {

class SqliteTable final : public Table {
 public:
  SqliteTable(TableInfo& info, const ChangeLog& log, const ItemReader& reader, ItemWriter& writer,
              StoreStats& stats);

  TableInfo& info() { return info_; }

  const TableDescription& description() const override { return info_.description; }
  Result<ItemPtr> Get(const Key& key) const override;
  Result<WriteResult> Put(Item item, const Condition& condition) override;
  Result<WriteResult> PutDocument(const Key& key, std::string document,
                                  const Condition& condition) override;
  Result<WriteResult> Remove(const Key& key, const Condition& condition) override;
  Result<Page> Query(const std::string& partition, const QueryOptions& options) const override;
  Result<Page> Scan(const std::optional<Key>& after, int limit) const override;
  std::uint64_t CountItems() const override { return info_.items; }

 private:
  TableInfo& info_;
  const ChangeLog& log_;
  const ItemReader& reader_;
  ItemWriter& writer_;
  StoreStats& stats_;
};

}  // namespace kless
