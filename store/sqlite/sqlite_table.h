// SqliteTable: implements Table with the parts of the SQLite store.
#pragma once

#include "store/sqlite/change_log.h"
#include "store/sqlite/index_entries.h"
#include "store/sqlite/index_list.h"
#include "store/sqlite/item_reader.h"
#include "store/sqlite/item_writer.h"
#include "store/sqlite/table_info.h"
#include "store/store.h"
#include "store/table.h"

namespace kless {

class SqliteTable final : public Table {
 public:
  // What all tables of a store share.
  struct Parts {
    const ChangeLog& log;
    const ItemReader& reader;
    ItemWriter& writer;
    IndexEntries& entries;
    IndexList& index_list;
    StoreStats& stats;
  };
  SqliteTable(TableInfo& info, const Parts& parts) : info_(info), parts_(parts) {}

  TableInfo& info() { return info_; }

  const TableDescription& description() const override { return info_.description; }
  Result<ItemPtr> Get(const Key& key) const override;
  Result<WriteResult> Put(Item item, const Condition& condition) override;
  Result<WriteResult> PutDocument(const Key& key, PreparedImage image,
                                  const Condition& condition) override;
  Result<WriteResult> Remove(const Key& key, const Condition& condition) override;
  Result<Page> Query(const std::string& partition, const QueryOptions& options) const override;
  Result<Page> Scan(const std::optional<Key>& after, int limit) const override;
  void VisitPartition(const std::string& partition, const QueryOptions& options,
                      const VisitKey& visit) const override;
  void VisitAll(const std::optional<Key>& after, const VisitKey& visit) const override;
  ItemPtr Image(const Key& key, std::uint64_t version) const override;
  Result<WriteResult> RemoveExpired(const Key& key, const Condition& condition) override;
  bool IsDeleted() const override { return info_.deleted_at.has_value(); }
  Result<int> CreateIndex(EntryKeyOf key_of) override;
  Result<void> OpenIndex(int index, EntryKeyOf key_of) override;
  std::vector<int> Indexes() const override;
  Result<void> FillIndex(int index, const Key& key) override;
  Result<void> DropIndex(int index) override;
  void VisitIndex(int index, const std::string& partition, const EntryRange& range,
                  const VisitEntry& visit) const override;
  void VisitWholeIndex(int index, const std::optional<IndexEntry>& after,
                       const VisitEntry& visit) const override;
  std::uint64_t CountItems() const override { return info_.deleted_at ? 0 : info_.items; }

 private:
  TableInfo& info_;
  const Parts parts_;
};

}  // namespace kless
