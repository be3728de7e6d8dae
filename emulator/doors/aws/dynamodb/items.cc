// GetItem, PutItem, UpdateItem and DeleteItem.
//
// The order of checks is AWS's, as dynalite's suite has it: parameters that exclude each other,
// values, ReturnValues, sizes, expressions; then the table, the key, and what depends on the key.
#include "emulator/doors/aws/dynamodb/items.h"

#include <memory>
#include <string>
#include <utility>

#include "emulator/doors/aws/dynamodb/expressions.h"
#include "emulator/doors/aws/dynamodb/replies.h"
#include "emulator/doors/aws/dynamodb/writes.h"
#include "emulator/dynamodb/model/expression/key_rules.h"
#include "emulator/dynamodb/model/expression/projection.h"
#include "emulator/dynamodb/model/expression/update.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless::doors::aws {
namespace {

using dynamodb::Consistency;
using dynamodb::TableState;
using dynamodb::WriteOutcome;
using dynamodb::WriteRequest;

AwsResult<std::string> GetItem(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  KLESS_TRY_VOID(CheckMix(input, {{"ProjectionExpression"}, {"AttributesToGet"}}));
  KLESS_TRY(const AttributeMap key_values, ReadAttributes(input, "Key"));
  KLESS_TRY(auto attributes_to_get, ReadAttributesToGet(input));
  KLESS_TRY(Expressions expressions, CompileExpressions(input));
  if (attributes_to_get) expressions.projection = std::move(attributes_to_get);
  KLESS_TRY(const TableState* const table, FindTable(context, request, *input.Text("TableName")));
  KLESS_TRY(const Key key, ForClient(KeyOf(table->layout.keys, key_values)));
  if (expressions.projection) {
    KLESS_TRY_VOID(CheckPathsInKeys(*table, *expressions.projection));
  }
  const bool is_strong = input.Flag("ConsistentRead").value_or(false);
  KLESS_TRY(const auto read,
            ForClient(context.service.reader().Get(
                *table, key, is_strong ? Consistency::kStrong : Consistency::kEventual)));
  JsonObjectText reply;
  if (read.item) {
    std::string item;
    AppendItem(table->layout, *read.item, expressions.projection, context.parser, item);
    reply.Raw("Item", item);
  }
  AddConsumedCapacity(input, read.consumed, reply);
  return reply.Finish();
}

AwsResult<void> CheckOldOrNone(const Input& input) {
  const auto wanted = input.Text("ReturnValues");
  if (wanted && *wanted != "ALL_OLD" && *wanted != "NONE") {
    return ValidationError("ReturnValues can only be ALL_OLD or NONE");
  }
  return {};
}

// Carries the write out.
AwsResult<WriteOutcome> Carry(DynamoDbContext& context, const Input& input, const TableState& table,
                              WriteRequest write) {
  auto outcome = context.service.writer().Write(std::move(write));
  if (outcome.has_value()) return std::move(outcome).value();
  const bool shows_item = input.Text("ReturnValuesOnConditionCheckFailure") == "ALL_OLD";
  return ErrorOf(outcome.error(), shows_item ? &table.layout : nullptr);
}

void AddAttributes(const TableState& table, const ItemPtr& item, JsonObjectText& reply) {
  if (!item) return;
  std::string text;
  AppendItemJson(table.layout, *item, text);
  reply.Raw("Attributes", text);
}

void AddMetrics(const Input& input, const TableState& table, const Key& key,
                const WriteOutcome& outcome, JsonObjectText& reply) {
  AddConsumedCapacity(input, outcome.consumed, reply);
  if (!WantsCollectionMetrics(input)) return;
  const std::string metrics = CollectionMetricsJson(table, key);
  if (!metrics.empty()) reply.Raw("ItemCollectionMetrics", metrics);
}

AwsResult<std::string> PutItem(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  KLESS_TRY_VOID(CheckMix(input, {{"ConditionExpression"}, {"Expected"}}));
  KLESS_TRY(AttributeMap values, ReadAttributes(input, "Item"));
  KLESS_TRY_VOID(CheckOldOrNone(input));
  KLESS_TRY_VOID(CheckItemSize(values));
  KLESS_TRY(auto expected, ReadExpected(input));
  KLESS_TRY(Expressions expressions, CompileExpressions(input));
  if (expected) expressions.condition = std::move(expected);
  KLESS_TRY(const TableState* const table, FindTable(context, request, *input.Text("TableName")));
  KLESS_TRY(Item item, ForClient(ToStoredItem(table->layout, std::move(values))));
  if (expressions.condition) {
    KLESS_TRY_VOID(CheckPathsInKeys(*table, *expressions.condition));
  }
  const Key key = item.key;
  WriteRequest write =
      MakeWrite(context, WriteRequest::Kind::kPut, *table, std::move(item), expressions);
  KLESS_TRY(const WriteOutcome outcome, Carry(context, input, *table, std::move(write)));
  JsonObjectText reply;
  if (input.Text("ReturnValues") == "ALL_OLD") AddAttributes(*table, outcome.old_item, reply);
  AddMetrics(input, *table, key, outcome, reply);
  return reply.Finish();
}

AwsResult<std::string> DeleteItem(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  KLESS_TRY_VOID(CheckMix(input, {{"ConditionExpression"}, {"Expected"}}));
  KLESS_TRY(const AttributeMap key_values, ReadAttributes(input, "Key"));
  KLESS_TRY_VOID(CheckOldOrNone(input));
  KLESS_TRY(auto expected, ReadExpected(input));
  KLESS_TRY(Expressions expressions, CompileExpressions(input));
  if (expected) expressions.condition = std::move(expected);
  KLESS_TRY(const TableState* const table, FindTable(context, request, *input.Text("TableName")));
  KLESS_TRY(const Key key, ForClient(KeyOf(table->layout.keys, key_values)));
  if (expressions.condition) {
    KLESS_TRY_VOID(CheckPathsInKeys(*table, *expressions.condition));
  }
  Item item;
  item.key = key;
  WriteRequest write =
      MakeWrite(context, WriteRequest::Kind::kDelete, *table, std::move(item), expressions);
  KLESS_TRY(const WriteOutcome outcome, Carry(context, input, *table, std::move(write)));
  JsonObjectText reply;
  if (input.Text("ReturnValues") == "ALL_OLD") AddAttributes(*table, outcome.old_item, reply);
  AddMetrics(input, *table, key, outcome, reply);
  return reply.Finish();
}

// What the update's paths hold in the item; nothing is added if that is nothing.
void AddUpdated(const UpdateExpression& update, const TableState& table, const ItemPtr& item,
                PaddedParser& parser, JsonObjectText& reply) {
  if (!item) return;
  const AttributeMap values = Project(PathsOf(update), StoredSource(table.layout, *item, parser));
  if (!values.empty()) reply.Raw("Attributes", ToJson(values));
}

AwsResult<std::string> UpdateItem(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  KLESS_TRY_VOID(CheckMix(
      input, {{"UpdateExpression", "ConditionExpression"}, {"AttributeUpdates", "Expected"}}));
  KLESS_TRY(const AttributeMap key_values, ReadAttributes(input, "Key"));
  KLESS_TRY(auto attribute_updates, ReadAttributeUpdates(input));
  KLESS_TRY(auto expected, ReadExpected(input));
  KLESS_TRY(Expressions expressions, CompileExpressions(input));
  if (attribute_updates) expressions.update = std::move(attribute_updates);
  if (expected) expressions.condition = std::move(expected);
  KLESS_TRY(const TableState* const table, FindTable(context, request, *input.Text("TableName")));
  KLESS_TRY(const Key key, ForClient(KeyOf(table->layout.keys, key_values)));
  if (expressions.update) {
    KLESS_TRY_VOID(ForClient(CheckUpdateKeys(*expressions.update, table->layout.keys)));
    for (const auto& index : table->indexes) {
      KLESS_TRY_VOID(ForClient(CheckIndexTypes(*expressions.update, index.key, index.name)));
    }
    KLESS_TRY_VOID(CheckPathsInKeys(*table, *expressions.update));
  }
  if (expressions.condition) {
    KLESS_TRY_VOID(CheckPathsInKeys(*table, *expressions.condition));
  }
  Item item;
  item.key = key;
  WriteRequest write =
      MakeWrite(context, WriteRequest::Kind::kUpdate, *table, std::move(item), expressions);
  KLESS_TRY(const WriteOutcome outcome, Carry(context, input, *table, std::move(write)));
  JsonObjectText reply;
  const std::string_view wanted = input.Text("ReturnValues").value_or("NONE");
  if (wanted == "ALL_OLD") AddAttributes(*table, outcome.old_item, reply);
  if (wanted == "ALL_NEW") AddAttributes(*table, outcome.new_item, reply);
  if (expressions.update && wanted == "UPDATED_OLD") {
    AddUpdated(*expressions.update, *table, outcome.old_item, context.parser, reply);
  }
  if (expressions.update && wanted == "UPDATED_NEW") {
    AddUpdated(*expressions.update, *table, outcome.new_item, context.parser, reply);
  }
  AddMetrics(input, *table, key, outcome, reply);
  return reply.Finish();
}

}  // namespace

std::vector<DynamoDbOperation> ItemOperations() {
  return {{"DeleteItem", DeleteItem},
          {"GetItem", GetItem},
          {"PutItem", PutItem},
          {"UpdateItem", UpdateItem}};
}

}  // namespace kless::doors::aws
