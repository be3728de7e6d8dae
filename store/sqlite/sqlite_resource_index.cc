#include "store/sqlite/sqlite_resource_index.h"

#include <map>
#include <utility>

#include "store/sqlite/key_range.h"

namespace kless {
namespace {

const std::string& OwnerOf(const Item* item) {
  static const std::string none;
  return item && item->fields ? item->fields->owner_uid : none;
}

const std::string& NodeOf(const Item* item) {
  static const std::string none;
  return item && item->fields ? item->fields->node_name : none;
}

}  // namespace

SqliteResourceIndex::SqliteResourceIndex(SqliteConnection& connection, const ChangeLog& log,
                                         const TableInfo& table)
    : log_(log),
      table_(table),
      select_owned_(connection,
                    "SELECT name, uid, version, phase, ready, deleting, tracked, scheduled, "
                    "completion_index, index_failures, index_ignored, restarts, finished_at "
                    "FROM owners WHERE owner_uid = ?1 AND type = ?2 "
                    "ORDER BY name"),
      select_on_node_(connection,
                      "SELECT name FROM nodes WHERE node = ?1 AND type = ?2 ORDER BY name"),
      select_names_(connection,
                    "SELECT name FROM resource_names WHERE type = ?1 AND name >= ?2 AND "
                    "name < ?3 ORDER BY name LIMIT ?4"),
      count_by_type_(connection, table.layout == KeyLayout::kNameType
                                     ? "SELECT type, count(*) FROM resource_names GROUP BY type"
                                     : "SELECT partition, count(*) FROM items WHERE table_id = " +
                                           std::to_string(table.description.id) +
                                           " GROUP BY partition"),
      replace_owner_(connection,
                     "REPLACE INTO owners VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                     "?12, ?13, ?14, ?15)"),
      delete_owner_(connection,
                    "DELETE FROM owners WHERE owner_uid = ?1 AND type = ?2 AND name = ?3"),
      select_dependents_(connection,
                         "SELECT type, name FROM owners WHERE owner_uid = ?1 UNION "
                         "SELECT type, name FROM other_owners WHERE owner_uid = ?1 "
                         "ORDER BY type, name"),
      insert_other_owner_(connection, "REPLACE INTO other_owners VALUES(?1, ?2, ?3)"),
      delete_other_owner_(connection,
                          "DELETE FROM other_owners WHERE owner_uid = ?1 AND type = ?2 AND "
                          "name = ?3"),
      insert_node_(connection, "INSERT INTO nodes VALUES(?1, ?2, ?3)"),
      delete_node_(connection, "DELETE FROM nodes WHERE node = ?1 AND type = ?2 AND name = ?3"),
      insert_name_(connection, "INSERT INTO resource_names VALUES(?1, ?2)"),
      delete_name_(connection, "DELETE FROM resource_names WHERE type = ?1 AND name = ?2") {}

void SqliteResourceIndex::Update(const ChangeRecord& record) {
  const ResourceId id = table_.IdOf(record.key);
  UpdateOwners(id, record.old_image.get(), record.new_image.get());
  UpdateOtherOwners(id, record.old_image.get(), record.new_image.get());
  UpdateNodes(id, record.old_image.get(), record.new_image.get());
  if (table_.layout == KeyLayout::kNameType) UpdateNames(id, record.type);
}

// A row holds the item's version, so every write of an owned resource updates it; a resource
// without a controller costs nothing here.
void SqliteResourceIndex::UpdateOwners(const ResourceId& id, const Item* old_image,
                                       const Item* new_image) {
  const std::string& old_owner = OwnerOf(old_image);
  const std::string& new_owner = OwnerOf(new_image);
  if (!old_owner.empty() && old_owner != new_owner) {
    delete_owner_.BindText(1, old_owner);
    delete_owner_.BindText(2, id.type);
    delete_owner_.BindText(3, id.name);
    delete_owner_.Run();
  }
  if (new_owner.empty()) return;
  const OwnedResource row = MakeOwnedResource(id.name, *new_image);
  replace_owner_.BindText(1, new_owner);
  replace_owner_.BindText(2, id.type);
  replace_owner_.BindText(3, id.name);
  replace_owner_.BindText(4, row.uid);
  replace_owner_.BindInteger(5, static_cast<std::int64_t>(row.version));
  replace_owner_.BindText(6, PodPhaseName(row.phase));
  replace_owner_.BindInteger(7, row.ready);
  replace_owner_.BindInteger(8, row.deleting);
  replace_owner_.BindInteger(9, row.tracked);
  replace_owner_.BindInteger(10, row.scheduled);
  replace_owner_.BindInteger(11, row.completion_index);
  replace_owner_.BindInteger(12, row.index_failures);
  replace_owner_.BindInteger(13, row.index_ignored);
  replace_owner_.BindInteger(14, row.restarts);
  replace_owner_.BindInteger(15, row.finished_at);
  replace_owner_.Run();
}

void SqliteResourceIndex::UpdateOtherOwners(const ResourceId& id, const Item* old_image,
                                            const Item* new_image) {
  static const std::vector<std::string> none;
  const auto owners = [](const Item* item) -> const std::vector<std::string>& {
    return item && item->fields ? item->fields->other_owners : none;
  };
  const std::vector<std::string>& before = owners(old_image);
  const std::vector<std::string>& after = owners(new_image);
  if (before == after) return;
  const auto run = [&](SqliteStatement& statement, const std::string& owner) {
    statement.BindText(1, owner);
    statement.BindText(2, id.type);
    statement.BindText(3, id.name);
    statement.Run();
  };
  for (const std::string& owner : before) run(delete_other_owner_, owner);
  for (const std::string& owner : after) run(insert_other_owner_, owner);
}

void SqliteResourceIndex::UpdateNodes(const ResourceId& id, const Item* old_image,
                                      const Item* new_image) {
  const std::string& old_node = NodeOf(old_image);
  const std::string& new_node = NodeOf(new_image);
  if (old_node == new_node) return;
  const auto run = [&](SqliteStatement& statement, const std::string& node) {
    statement.BindText(1, node);
    statement.BindText(2, id.type);
    statement.BindText(3, id.name);
    statement.Run();
  };
  if (!old_node.empty()) run(delete_node_, old_node);
  if (!new_node.empty()) run(insert_node_, new_node);
}

void SqliteResourceIndex::UpdateNames(const ResourceId& id, ChangeType type) {
  if (type == ChangeType::kModify) return;
  SqliteStatement& statement = type == ChangeType::kInsert ? insert_name_ : delete_name_;
  statement.BindText(1, id.type);
  statement.BindText(2, id.name);
  statement.Run();
}

Result<std::vector<OwnedResource>> SqliteResourceIndex::OwnedBy(const std::string& type,
                                                                const std::string& owner_uid,
                                                                std::uint64_t as_of) const {
  if (as_of < log_.low_water()) {
    return MakeError(ErrorCode::kGone, "position " + std::to_string(as_of) +
                                           " of the change feed has been trimmed; the oldest is " +
                                           std::to_string(log_.low_water()));
  }
  std::vector<OwnedResource> rows;
  select_owned_.BindText(1, owner_uid);
  select_owned_.BindText(2, type);
  {
    const SqliteReset reset(select_owned_);
    while (select_owned_.Step()) {
      OwnedResource& row = rows.emplace_back();
      row.name = select_owned_.Bytes(0);
      row.uid = select_owned_.Bytes(1);
      row.version = static_cast<std::uint64_t>(select_owned_.Integer(2));
      row.phase = PodPhaseFromName(select_owned_.Bytes(3));
      row.ready = select_owned_.Integer(4) != 0;
      row.deleting = select_owned_.Integer(5) != 0;
      row.tracked = select_owned_.Integer(6) != 0;
      row.scheduled = select_owned_.Integer(7) != 0;
      row.completion_index = static_cast<int>(select_owned_.Integer(8));
      row.index_failures = static_cast<int>(select_owned_.Integer(9));
      row.index_ignored = static_cast<int>(select_owned_.Integer(10));
      row.restarts = static_cast<int>(select_owned_.Integer(11));
      row.finished_at = select_owned_.Integer(12);
    }
  }
  if (as_of >= log_.last()) return rows;

  // Reconstructs the past: each record after the position is undone, newest first, by its old
  // image.
  std::map<std::string, OwnedResource> past;
  for (OwnedResource& row : rows) {
    std::string name = row.name;
    past.emplace(std::move(name), std::move(row));
  }
  log_.VisitBack(as_of, [&](const ChangeRecord& record) {
    if (record.table != table_.description.id || table_.ResourceTypeOf(record.key) != type) return;
    const bool was_owned = OwnerOf(record.old_image.get()) == owner_uid;
    if (!was_owned && OwnerOf(record.new_image.get()) != owner_uid) return;
    const std::string name(table_.ResourceNameOf(record.key));
    if (was_owned) {
      past[name] = MakeOwnedResource(name, *record.old_image);
    } else {
      past.erase(name);
    }
  });
  rows.clear();
  for (auto& [name, row] : past) rows.push_back(std::move(row));
  return rows;
}

std::vector<ResourceId> SqliteResourceIndex::DependentsOf(const std::string& uid) const {
  std::vector<ResourceId> ids;
  select_dependents_.BindText(1, uid);
  const SqliteReset reset(select_dependents_);
  while (select_dependents_.Step()) {
    ids.push_back(
        {std::string(select_dependents_.Bytes(0)), std::string(select_dependents_.Bytes(1))});
  }
  return ids;
}

std::vector<std::string> SqliteResourceIndex::OnNode(const std::string& type,
                                                     const std::string& node) const {
  std::vector<std::string> names;
  select_on_node_.BindText(1, node);
  select_on_node_.BindText(2, type);
  const SqliteReset reset(select_on_node_);
  while (select_on_node_.Step()) names.emplace_back(select_on_node_.Bytes(0));
  return names;
}

std::map<std::string, std::uint64_t> SqliteResourceIndex::CountByType() const {
  std::map<std::string, std::uint64_t> counts;
  const SqliteReset reset(count_by_type_);
  while (count_by_type_.Step()) {
    counts.emplace(count_by_type_.Bytes(0), static_cast<std::uint64_t>(count_by_type_.Integer(1)));
  }
  return counts;
}

std::vector<std::string> SqliteResourceIndex::Names(const std::string& type,
                                                    const std::string& prefix,
                                                    const std::string& after, int limit) const {
  KeyRange range;
  range.LimitToPrefix(prefix);
  if (!after.empty()) range.LimitToAfter(after);
  std::vector<std::string> names;
  select_names_.BindText(1, type);
  select_names_.BindText(2, range.from);
  range.BindUntil(select_names_, 3, KeyType::kString);
  select_names_.BindInteger(4, limit);
  const SqliteReset reset(select_names_);
  while (select_names_.Step()) names.emplace_back(select_names_.Bytes(0));
  return names;
}

}  // namespace kless
