// SqliteResourceIndex: the secondary indexes of the resource table, updated in the transaction of
// each write.
//
//   owners          by (controller's uid, type, name), covering what a reconcile reads first
//   other_owners    by (uid of an owner that is not the controller, type, name)
//   nodes           by (node, type, name), for resources bound to a node
//   resource_names  by (type, name), under the layout whose partition key is the name
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "store/resource_index.h"
#include "store/resources.h"
#include "store/sqlite/change_log.h"
#include "store/sqlite/file/sqlite.h"

namespace kless {

class SqliteResourceIndex final : public ResourceIndex {
 public:
  SqliteResourceIndex(SqliteConnection& connection, const ChangeLog& log, const TableInfo& table);

  // Called after each write of the resource table.
  void Update(const ChangeRecord& record);

  // See ResourceIndex.
  Result<std::vector<OwnedResource>> OwnedBy(const std::string& type, const std::string& owner_uid,
                                             std::uint64_t as_of) const override;
  std::vector<ResourceId> DependentsOf(const std::string& uid) const override;
  std::vector<std::string> OnNode(const std::string& type, const std::string& node) const override;
  std::map<std::string, std::uint64_t> CountByType() const override;
  std::vector<std::string> Names(const std::string& type, const std::string& prefix,
                                 const std::string& after, int limit) const override;

 private:
  void UpdateOwners(const ResourceId& id, const Item* old_image, const Item* new_image);
  void UpdateOtherOwners(const ResourceId& id, const Item* old_image, const Item* new_image);
  void UpdateNodes(const ResourceId& id, const Item* old_image, const Item* new_image);
  void UpdateNames(const ResourceId& id, ChangeType type);

  const ChangeLog& log_;
  const TableInfo& table_;
  mutable SqliteStatement select_owned_;
  mutable SqliteStatement select_on_node_;
  mutable SqliteStatement select_names_;
  mutable SqliteStatement count_by_type_;
  SqliteStatement replace_owner_;
  SqliteStatement delete_owner_;
  mutable SqliteStatement select_dependents_;
  SqliteStatement insert_other_owner_;
  SqliteStatement delete_other_owner_;
  SqliteStatement insert_node_;
  SqliteStatement delete_node_;
  SqliteStatement insert_name_;
  SqliteStatement delete_name_;
};

}  // namespace kless
