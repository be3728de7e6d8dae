// ResourceTable: the Kubernetes view of the one table that is the hub.
//
// A resource is named by its type ("job", "pod", "event", "namespace": the kind in lowercase) and
// its name ("namespace/name", or the name for cluster-scoped kinds).  The key layout determines
// which of the two is the partition key.  The value is the object's JSON without
// metadata.resourceVersion, which is the item's version.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "store/item/owned_resource.h"
#include "store/item/resource_id.h"
#include "store/table.h"

namespace kless {

struct PreparedImage;
class ResourceIndex;

// The thesis contradicts itself: chapter 4 has the type as partition key, appendix A.4 the name.
enum class KeyLayout { kTypeName, kNameType };
const char* KeyLayoutName(KeyLayout layout);  // "type-name", "name-type"

class ResourceTable {
 public:
  static constexpr const char* kTableName = "resources";
  static constexpr const char* kTypeAttribute = "resource-type";
  static constexpr const char* kNameAttribute = "resource-name";
  static constexpr const char* kValueAttribute = "resource-value";

  // Created by the store, which owns both references.
  ResourceTable(Table& table, const ResourceIndex& index, KeyLayout layout);
  // Describes the resource table under a layout, in order to create it.
  static TableDescription Describe(KeyLayout layout, int shards);

  Table& table() { return table_; }
  const Table& table() const { return table_; }
  KeyLayout layout() const { return layout_; }
  Key KeyOf(const ResourceId& id) const;
  ResourceId IdOf(const Key& key) const;

  Result<ItemPtr> Get(const ResourceId& id) const;
  // Keeps the item's attributes other than the document.
  Result<WriteResult> Put(const ResourceId& id, std::string document, const Condition& condition);
  Result<WriteResult> Put(const ResourceId& id, PreparedImage image, const Condition& condition);
  Result<WriteResult> Remove(const ResourceId& id, const Condition& condition);

  // Returns resources of one type whose name begins with `prefix` ("namespace/", or "" for all), in
  // order of name, starting after `after` ("" means from the start). 1 <= limit <= 100000.
  Result<Page> List(const std::string& type, const std::string& prefix, const std::string& after,
                    int limit) const;
  // Returns the resources of `type` whose controller is `owner_uid`, in order of name, as they were
  // at feed position `as_of` (>= low-water mark; UINT64_MAX: now).  Reads only the owner index.
  Result<std::vector<OwnedResource>> OwnedBy(const std::string& type, const std::string& owner_uid,
                                             std::uint64_t as_of) const;
  // Returns the current resources of any type that name `uid` in their ownerReferences, as
  // controller or not, ordered by type and name.
  Result<std::vector<ResourceId>> DependentsOf(const std::string& uid) const;
  // Returns the names of the resources of `type` with spec.nodeName == node, in order.
  Result<std::vector<std::string>> OnNode(const std::string& type, const std::string& node) const;
  // Returns the number of resources of each type that has any.  Counts them one by one.
  std::map<std::string, std::uint64_t> CountByType() const;

 private:
  Table& table_;
  const ResourceIndex& index_;
  const KeyLayout layout_;
};

}  // namespace kless
