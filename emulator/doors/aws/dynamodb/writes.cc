#include "emulator/doors/aws/dynamodb/writes.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "emulator/dynamodb/model/expression/update.h"
#include "emulator/dynamodb/model/item_size.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless::doors::aws {

using dynamodb::Outcome;
using dynamodb::TableState;
using dynamodb::WriteRequest;

AwsResult<AttributeMap> ReadAttributes(const Input& input, std::string_view name,
                                       ErrorTexts texts) {
  const auto member = input.Find(name);
  if (!member) return AttributeMap();
  return ForClient(ReadItem(*member, texts));
}

AwsResult<void> CheckItemSize(const AttributeMap& item) {
  if (SizeOf(item) > kItemBytesMax) {
    return ValidationError("Item size has exceeded the maximum allowed size");
  }
  return {};
}

Outcome<std::shared_ptr<Item>> Updated(const UpdateExpression& update, const TableState& table,
                                       const Key& key, const ItemPtr& current,
                                       PaddedParser& parser) {
  AttributeMap before;
  if (current) {
    auto read = AttributesOf(table.layout, *current, parser);
    if (read.has_error()) return dynamodb::FromError(read.error());
    before = std::move(read).value();
  }
  AttributeMap after;
  if (update.actions.empty()) {
    after = std::move(before);
  } else {
    if (!current) {
      const bool only_removes =
          std::all_of(update.actions.begin(), update.actions.end(), [](const UpdateAction& action) {
            return action.kind == UpdateAction::Kind::kRemove ||
                   action.kind == UpdateAction::Kind::kDelete;
          });
      if (only_removes) return std::shared_ptr<Item>();
      // The update sees the key of the item that it creates.
      before = KeyValues(table.layout.keys, key);
    }
    auto applied = ApplyUpdate(update, &before);
    if (applied.has_error()) return dynamodb::FromError(applied.error());
    if (!applied.value()) return std::shared_ptr<Item>();
    after = std::move(*applied.value());
  }
  if (!current) after.merge(KeyValues(table.layout.keys, key));
  auto stored = ToStoredItem(table.layout, std::move(after));
  if (stored.has_error()) return dynamodb::FromError(stored.error());
  return std::make_shared<Item>(std::move(stored).value());
}

WriteRequest MakeWrite(DynamoDbContext& context, WriteRequest::Kind kind, const TableState& table,
                       Item item, const Expressions& expressions) {
  WriteRequest write;
  write.kind = kind;
  write.table = &table;
  write.item = std::move(item);
  if (expressions.condition) {
    write.condition = [&context, &table, &condition = *expressions.condition](
                          const ItemPtr& current) -> Outcome<bool> {
      return Meets(condition, table.layout, current, context.parser);
    };
  }
  if (kind == WriteRequest::Kind::kUpdate) {
    static const UpdateExpression kNoUpdate;
    const UpdateExpression& update = expressions.update ? *expressions.update : kNoUpdate;
    write.update = [&context, &table, &update, key = write.item.key](const ItemPtr& current) {
      return Updated(update, table, key, current, context.parser);
    };
  }
  return write;
}

}  // namespace kless::doors::aws
