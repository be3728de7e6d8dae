#include "store/sqlite/item_writer.h"

#include <set>
#include <string>
#include <utility>

#include "emulator/base/strings.h"

namespace kless {
namespace {

using Kind = TransactItem::Kind;

Error InvalidWrite(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

Result<void> CheckKey(const TableInfo& table, const Key& key) {
  const TableDescription& description = table.description;
  const auto complain = [&](const std::string& attribute, const std::string& what) {
    return InvalidWrite("table " + description.name + ": key " + attribute + " " + what);
  };
  if (key.partition.empty()) return complain(description.partition_key, "is empty");
  if (key.partition.size() > kPartitionKeyBytesMax) {
    return complain(description.partition_key, "is longer than 2048 bytes");
  }
  if (description.sort_key.empty()) {
    if (key.sort.empty()) return {};
    return InvalidWrite("table " + description.name + " has no sort key");
  }
  if (key.sort.empty()) return complain(description.sort_key, "is empty");
  // Under the name-type layout a resource's name is the partition key, under type-name the sort
  // key.
  if (key.sort.size() > kSortKeyBytesMax) {
    return complain(description.sort_key, "is longer than 1024 bytes");
  }
  return {};
}

Result<void> CheckAction(const WriteAction& action) {
  if (action.table->deleted_at) {
    return MakeError(ErrorCode::kNotFound,
                     "table " + action.table->description.name + " was deleted");
  }
  if (action.table->closed_indexes > 0) {
    return MakeError(ErrorCode::kInternal,
                     "an index of table " + action.table->description.name + " was not opened");
  }
  KLESS_TRY_VOID(CheckKey(*action.table, action.item.key));
  if (action.kind == Kind::kPut &&
      action.item.document.size() + action.item.attributes.size() > ItemWriter::kItemBytesMax) {
    return InvalidWrite(DescribeItem(*action.table, action.item.key) + " is larger than " +
                        std::to_string(ItemWriter::kItemBytesMax) + " bytes");
  }
  return {};
}

Result<void> CheckCondition(const WriteAction& action, const Item* current) {
  const auto fail = [&](ErrorCode code, const std::string& what) {
    return MakeError(code, DescribeItem(*action.table, action.item.key) + what);
  };
  switch (action.condition.kind) {
    case Condition::Kind::kNone:
      return {};
    case Condition::Kind::kNotExists:
      if (!current) return {};
      return fail(ErrorCode::kAlreadyExists, " already exists");
    case Condition::Kind::kExists:
      if (current) return {};
      return fail(action.kind == Kind::kPut ? ErrorCode::kConflict : ErrorCode::kNotFound,
                  " does not exist");
    case Condition::Kind::kVersionIs:
      if (current && current->version == action.condition.version) return {};
      return fail(ErrorCode::kConflict,
                  current ? " is at version " + std::to_string(current->version) + ", not at " +
                                std::to_string(action.condition.version)
                          : " does not exist, version " + std::to_string(action.condition.version) +
                                " was expected");
  }
  return {};
}

std::string DescribeKeyPart(KeyType type, const std::string& bytes) {
  const std::string text = DecodeKeyValue(type, bytes);
  return "\"" + (type == KeyType::kBinary ? Base64Encode(text) : text) + "\"";
}

}  // namespace

std::string DescribeItem(const TableInfo& table, const Key& key) {
  if (table.is_resource_table) {
    const ResourceId id = table.IdOf(key);
    return id.type + " \"" + id.name + "\"";
  }
  std::string text = "item " + DescribeKeyPart(table.description.partition_type, key.partition);
  if (!table.description.sort_key.empty()) {
    text += " / " + DescribeKeyPart(table.description.sort_type, key.sort);
  }
  return text + " of table " + table.description.name;
}

ItemWriter::ItemWriter(EventLoop& event_loop, ChangeLog& log, SqliteResourceIndex& index,
                       IndexEntries& entries, Turn& turn, StoreStats& stats)
    : event_loop_(event_loop),
      log_(log),
      index_(index),
      entries_(entries),
      turn_(turn),
      stats_(stats) {}

Result<WriteResult> ItemWriter::Write(WriteAction action) {
  KLESS_TRY_VOID(CheckAction(action));
  ItemPtr current = log_.Current(*action.table, action.item.key);
  const auto holds = CheckCondition(action, current.get());
  if (holds.has_error()) {
    ++stats_.failed_conditions;
    return holds.error();
  }
  return Apply(std::move(action), std::move(current));
}

Result<std::vector<WriteResult>> ItemWriter::Transact(std::vector<WriteAction> actions,
                                                      std::size_t* failed) {
  const auto fail = [failed](std::size_t action, const Error& error) {
    if (failed) *failed = action;
    return error;
  };
  std::set<std::pair<int, Key>> keys;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const WriteAction& action = actions[i];
    const auto checked = CheckAction(action);
    if (checked.has_error()) return fail(i, checked.error());
    if (!keys.emplace(action.table->description.id, action.item.key).second) {
      return fail(i, InvalidWrite("the transaction names " +
                                  DescribeItem(*action.table, action.item.key) + " twice"));
    }
  }
  std::vector<ItemPtr> current(actions.size());
  for (std::size_t i = 0; i < actions.size(); ++i) {
    current[i] = log_.Current(*actions[i].table, actions[i].item.key);
    const auto holds = CheckCondition(actions[i], current[i].get());
    if (holds.has_error()) {
      ++stats_.failed_conditions;
      return fail(i, holds.error());
    }
  }
  std::vector<WriteResult> results;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const auto applied = Apply(std::move(actions[i]), std::move(current[i]));
    if (applied.has_error()) return fail(i, applied.error());
    results.push_back(applied.value());
  }
  return results;
}

Result<WriteResult> ItemWriter::Apply(WriteAction action, ItemPtr current) {
  const std::uint64_t version = current ? current->version : 0;
  if (action.kind == Kind::kCheck) return WriteResult{version, false, false, std::move(current)};
  if (action.keep_attributes) action.item.attributes = current ? current->attributes : "";
  const bool no_op = action.kind == Kind::kRemove
                         ? !current
                         : current && current->document == action.item.document &&
                               current->attributes == action.item.attributes;
  if (no_op) {
    ++stats_.no_op_writes;
    return WriteResult{version, false, false, std::move(current)};
  }
  std::shared_ptr<Item> image;
  if (action.kind == Kind::kPut) {
    image = std::make_shared<Item>(std::move(action.item));
  }
  try {
    turn_.Begin();
    const bool inserted = current == nullptr;
    const RecordPtr record = log_.Append(*action.table, std::move(current), std::move(image),
                                         event_loop_.UnixNanos(), action.expired);
    if (action.table->is_resource_table) index_.Update(*record);
    if (!action.table->indexes.empty()) entries_.Update(*action.table, *record);
    ++stats_.writes;
    return WriteResult{record->sequence, true, inserted, record->new_image};
  } catch (const SqliteError& error) {
    return turn_.Fail(error);
  }
}

}  // namespace kless
