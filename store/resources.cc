#include "store/resources.h"

#include <utility>

#include "store/item/prepared_image.h"
#include "store/resource_index.h"

namespace kless {

const char* KeyLayoutName(KeyLayout layout) {
  return layout == KeyLayout::kTypeName ? "type-name" : "name-type";
}

ResourceTable::ResourceTable(Table& table, const ResourceIndex& index, KeyLayout layout)
    : table_(table), index_(index), layout_(layout) {}

TableDescription ResourceTable::Describe(KeyLayout layout, int shards) {
  const bool type_first = layout == KeyLayout::kTypeName;
  TableDescription description;
  description.name = kTableName;
  description.partition_key = type_first ? kTypeAttribute : kNameAttribute;
  description.sort_key = type_first ? kNameAttribute : kTypeAttribute;
  description.document_attribute = kValueAttribute;
  description.shards = shards;
  return description;
}

Key ResourceTable::KeyOf(const ResourceId& id) const {
  return layout_ == KeyLayout::kTypeName ? Key{id.type, id.name} : Key{id.name, id.type};
}

ResourceId ResourceTable::IdOf(const Key& key) const {
  return layout_ == KeyLayout::kTypeName ? ResourceId{key.partition, key.sort}
                                         : ResourceId{key.sort, key.partition};
}

Result<ItemPtr> ResourceTable::Get(const ResourceId& id) const { return table_.Get(KeyOf(id)); }

Result<WriteResult> ResourceTable::Put(const ResourceId& id, std::string document,
                                       const Condition& condition) {
  return Put(id, PreparedImage{std::move(document), nullptr}, condition);
}

Result<WriteResult> ResourceTable::Put(const ResourceId& id, PreparedImage image,
                                       const Condition& condition) {
  return table_.PutDocument(KeyOf(id), std::move(image), condition);
}

Result<WriteResult> ResourceTable::Remove(const ResourceId& id, const Condition& condition) {
  return table_.Remove(KeyOf(id), condition);
}

Result<Page> ResourceTable::List(const std::string& type, const std::string& prefix,
                                 const std::string& after, int limit) const {
  if (layout_ == KeyLayout::kTypeName) {
    QueryOptions options;
    options.prefix = prefix;
    if (!after.empty()) options.after = after;
    options.limit = limit;
    return table_.Query(type, options);
  }
  KLESS_TRY_VOID(CheckLimit(limit));
  const std::vector<std::string> names = index_.Names(type, prefix, after, limit + 1);
  Page page;
  for (const std::string& name : names) {
    if (static_cast<int>(page.items.size()) == limit) {
      page.more = true;
      break;
    }
    KLESS_TRY(const auto item, Get({type, name}));
    page.items.push_back(item);
  }
  return page;
}

Result<std::vector<OwnedResource>> ResourceTable::OwnedBy(const std::string& type,
                                                          const std::string& owner_uid,
                                                          std::uint64_t as_of) const {
  return index_.OwnedBy(type, owner_uid, as_of);
}

Result<std::vector<ResourceId>> ResourceTable::DependentsOf(const std::string& uid) const {
  return index_.DependentsOf(uid);
}

Result<std::vector<std::string>> ResourceTable::OnNode(const std::string& type,
                                                       const std::string& node) const {
  return index_.OnNode(type, node);
}

std::map<std::string, std::uint64_t> ResourceTable::CountByType() const {
  return index_.CountByType();
}

}  // namespace kless
