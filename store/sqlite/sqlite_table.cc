#include "store/sqlite/sqlite_table.h"

#include <utility>

namespace kless {

SqliteTable::SqliteTable(TableInfo& info, const ChangeLog& log, const ItemReader& reader,
                         ItemWriter& writer, StoreStats& stats)
    : info_(info), log_(log), reader_(reader), writer_(writer), stats_(stats) {}

Result<ItemPtr> SqliteTable::Get(const Key& key) const {
  ItemPtr item = log_.Current(info_, key);
  ++stats_.reads;
  if (item) return item;
  return MakeError(ErrorCode::kNotFound, DescribeItem(info_, key) + " does not exist");
}

Result<WriteResult> SqliteTable::Put(Item item, const Condition& condition) {
  return writer_.Write({TransactItem::Kind::kPut, &info_, std::move(item), condition});
}

Result<WriteResult> SqliteTable::PutDocument(const Key& key, std::string document,
                                             const Condition& condition) {
  WriteAction action{TransactItem::Kind::kPut, &info_, {}, condition, /*keep_attributes=*/true};
  action.item.key = key;
  action.item.document = std::move(document);
  return writer_.Write(std::move(action));
}

Result<WriteResult> SqliteTable::Remove(const Key& key, const Condition& condition) {
  WriteAction action{TransactItem::Kind::kRemove, &info_, {}, condition};
  action.item.key = key;
  return writer_.Write(std::move(action));
}

Result<Page> SqliteTable::Query(const std::string& partition, const QueryOptions& options) const {
  KLESS_TRY_VOID(CheckLimit(options.limit));
  Page page =
      reader_.Query(info_, partition, KeyRange::Of(options), options.descending, options.limit);
  stats_.reads += page.items.size();
  return page;
}

Result<Page> SqliteTable::Scan(const std::optional<Key>& after, int limit) const {
  KLESS_TRY_VOID(CheckLimit(limit));
  Page page = reader_.Scan(info_, after, limit);
  stats_.reads += page.items.size();
  return page;
}

}  // namespace kless
