#include "store/sqlite/sqlite_table.h"

#include <utility>

#include "store/item/prepared_image.h"

namespace kless {

Result<ItemPtr> SqliteTable::Get(const Key& key) const {
  ItemPtr item = info_.deleted_at ? nullptr : parts_.log.Current(info_, key);
  ++parts_.stats.reads;
  if (item) return item;
  return MakeError(ErrorCode::kNotFound, DescribeItem(info_, key) + " does not exist");
}

Result<WriteResult> SqliteTable::Put(Item item, const Condition& condition) {
  item.fields = nullptr;
  return parts_.writer.Write({TransactItem::Kind::kPut, &info_, std::move(item), condition});
}

Result<WriteResult> SqliteTable::PutDocument(const Key& key, PreparedImage image,
                                             const Condition& condition) {
  WriteAction action{TransactItem::Kind::kPut, &info_, {}, condition, /*keep_attributes=*/true};
  action.item.key = key;
  action.item.document = std::move(image.document);
  action.item.fields = std::move(image.fields);
  return parts_.writer.Write(std::move(action));
}

Result<WriteResult> SqliteTable::Remove(const Key& key, const Condition& condition) {
  WriteAction action{TransactItem::Kind::kRemove, &info_, {}, condition};
  action.item.key = key;
  return parts_.writer.Write(std::move(action));
}

Result<Page> SqliteTable::Query(const std::string& partition, const QueryOptions& options) const {
  KLESS_TRY_VOID(CheckLimit(options.limit));
  if (info_.deleted_at) return Page{};
  Page page = parts_.reader.Query(info_, partition, KeyRange::Of(options), options.descending,
                                  options.limit);
  parts_.stats.reads += page.items.size();
  return page;
}

Result<Page> SqliteTable::Scan(const std::optional<Key>& after, int limit) const {
  KLESS_TRY_VOID(CheckLimit(limit));
  if (info_.deleted_at) return Page{};
  Page page = parts_.reader.Scan(info_, after, limit);
  parts_.stats.reads += page.items.size();
  return page;
}

void SqliteTable::VisitPartition(const std::string& partition, const QueryOptions& options,
                                 const VisitKey& visit) const {
  if (info_.deleted_at) return;
  parts_.reader.VisitPartition(info_, partition, KeyRange::Of(options), options.descending, visit);
}

void SqliteTable::VisitAll(const std::optional<Key>& after, const VisitKey& visit) const {
  if (info_.deleted_at) return;
  parts_.reader.VisitAll(info_, after, visit);
}

ItemPtr SqliteTable::Image(const Key& key, std::uint64_t version) const {
  ++parts_.stats.reads;
  return parts_.log.Image(info_, key, version);
}

Result<WriteResult> SqliteTable::RemoveExpired(const Key& key, const Condition& condition) {
  WriteAction action{TransactItem::Kind::kRemove, &info_, {}, condition};
  action.item.key = key;
  action.expired = true;
  return parts_.writer.Write(std::move(action));
}

Result<int> SqliteTable::CreateIndex(EntryKeyOf key_of) {
  return parts_.index_list.Create(info_, std::move(key_of));
}

Result<void> SqliteTable::OpenIndex(int index, EntryKeyOf key_of) {
  TableInfo::Index* const found = info_.FindIndex(index);
  if (found == nullptr) return IndexList::NoIndex(info_, index);
  if (!found->key_of) --info_.closed_indexes;
  found->key_of = std::move(key_of);
  return {};
}

std::vector<int> SqliteTable::Indexes() const {
  std::vector<int> ids;
  for (const TableInfo::Index& index : info_.indexes) ids.push_back(index.id);
  return ids;
}

Result<void> SqliteTable::FillIndex(int index, const Key& key) {
  const TableInfo::Index* const found = info_.FindIndex(index);
  if (found == nullptr || !found->key_of) return IndexList::NoIndex(info_, index);
  const ItemPtr item = info_.deleted_at ? nullptr : parts_.log.Current(info_, key);
  if (!item) return {};
  return parts_.index_list.Fill(info_, *found, *item);
}

Result<void> SqliteTable::DropIndex(int index) { return parts_.index_list.Drop(info_, index); }

void SqliteTable::VisitIndex(int index, const std::string& partition, const EntryRange& range,
                             const VisitEntry& visit) const {
  parts_.entries.VisitPartition(index, info_, partition, range, visit);
}

void SqliteTable::VisitWholeIndex(int index, const std::optional<IndexEntry>& after,
                                  const VisitEntry& visit) const {
  parts_.entries.VisitAll(index, info_, after, visit);
}

}  // namespace kless
