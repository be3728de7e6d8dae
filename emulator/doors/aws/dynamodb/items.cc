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
  KLESS_TRY_VOID(CheckMix(input, {{"ProjectionExpression"}, {"AttributesToGet"}}, context.texts));
  KLESS_TRY(const AttributeMap key_values, ReadAttributes(input, "Key", context.texts));
  KLESS_TRY(auto attributes_to_get, ReadAttributesToGet(input));
  KLESS_TRY(Expressions expressions,
            CompileExpressions(input, {"ProjectionExpression"}, context.texts));
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

void AddAttributes(const TableState& table, const ItemPtr& item, JsonObjectText& reply) {
  if (!item) return;
  std::string text;
  AppendItemJson(table.layout, *item, text);
  reply.Raw("Attributes", text);
}

// What the update's paths hold in the item; nothing is added if that is nothing.
void AddUpdated(const UpdateExpression& update, const TableState& table, const ItemPtr& item,
                PaddedParser& parser, JsonObjectText& reply) {
  if (!item) return;
  const AttributeMap values = Project(PathsOf(update), StoredSource(table.layout, *item, parser));
  if (!values.empty()) reply.Raw("Attributes", ToJson(values));
}

// Carries the write out and replies.  `item` has only the key unless it is put.
AwsResult<std::string> Carry(DynamoDbContext& context, const Input& input, const TableState& table,
                             WriteRequest::Kind kind, Item item, const Expressions& expressions) {
  if (expressions.condition) {
    KLESS_TRY_VOID(CheckPathsInKeys(table, *expressions.condition));
  }
  const Key key = item.key;
  const auto written =
      context.service.writer().Write(MakeWrite(context, kind, table, std::move(item), expressions));
  if (written.has_error()) {
    const bool shows_item = input.Text("ReturnValuesOnConditionCheckFailure") == "ALL_OLD";
    return ErrorOf(written.error(), shows_item ? &table.layout : nullptr);
  }
  const WriteOutcome& outcome = written.value();
  JsonObjectText reply;
  const std::string_view wanted = input.Text("ReturnValues").value_or("NONE");
  if (wanted == "ALL_OLD") AddAttributes(table, outcome.old_item, reply);
  if (wanted == "ALL_NEW") AddAttributes(table, outcome.new_item, reply);
  if (expressions.update && wanted == "UPDATED_OLD") {
    AddUpdated(*expressions.update, table, outcome.old_item, context.parser, reply);
  }
  if (expressions.update && wanted == "UPDATED_NEW") {
    AddUpdated(*expressions.update, table, outcome.new_item, context.parser, reply);
  }
  AddConsumedCapacity(input, outcome.consumed, reply);
  if (!WantsCollectionMetrics(input)) return reply.Finish();
  const std::string metrics = CollectionMetricsJson(table, key);
  if (!metrics.empty()) reply.Raw("ItemCollectionMetrics", metrics);
  return reply.Finish();
}

// An item with only this key.
AwsResult<Item> ItemWithKey(const TableState& table, const AttributeMap& key_values) {
  Item item;
  KLESS_TRY(item.key, ForClient(KeyOf(table.layout.keys, key_values)));
  return item;
}

// What a request to write says, before its table is looked up.
struct RequestedWrite {
  AttributeMap values;  // the item of PutItem, else the key
  Expressions expressions;
};

AwsResult<RequestedWrite> ReadPut(const Input& input, ErrorTexts texts) {
  RequestedWrite put;
  KLESS_TRY_VOID(CheckMix(input, {{"ConditionExpression"}, {"Expected"}}, texts));
  KLESS_TRY(put.values, ReadAttributes(input, "Item", texts));
  KLESS_TRY_VOID(CheckOldOrNone(input));
  KLESS_TRY_VOID(CheckItemSize(put.values));
  KLESS_TRY(auto expected, ReadExpected(input, texts));
  KLESS_TRY(put.expressions, CompileExpressions(input, {"ConditionExpression"}, texts));
  if (expected) put.expressions.condition = std::move(expected);
  return put;
}

AwsResult<std::string> PutItem(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  KLESS_TRY(RequestedWrite put, InEnvelope(ReadPut(input, context.texts), context.texts));
  KLESS_TRY(const TableState* const table, FindTable(context, request, *input.Text("TableName")));
  KLESS_TRY(Item item, ForClient(ToStoredItem(table->layout, std::move(put.values))));
  return Carry(context, input, *table, WriteRequest::Kind::kPut, std::move(item), put.expressions);
}

AwsResult<RequestedWrite> ReadDelete(const Input& input, ErrorTexts texts) {
  RequestedWrite erase;
  KLESS_TRY_VOID(CheckMix(input, {{"ConditionExpression"}, {"Expected"}}, texts));
  KLESS_TRY(erase.values, ReadAttributes(input, "Key", texts));
  KLESS_TRY_VOID(CheckOldOrNone(input));
  KLESS_TRY(auto expected, ReadExpected(input, texts));
  KLESS_TRY(erase.expressions, CompileExpressions(input, {"ConditionExpression"}, texts));
  if (expected) erase.expressions.condition = std::move(expected);
  return erase;
}

AwsResult<std::string> DeleteItem(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  KLESS_TRY(const RequestedWrite erase,
            InEnvelope(ReadDelete(input, context.texts), context.texts));
  KLESS_TRY(const TableState* const table, FindTable(context, request, *input.Text("TableName")));
  KLESS_TRY(Item item, ItemWithKey(*table, erase.values));
  return Carry(context, input, *table, WriteRequest::Kind::kDelete, std::move(item),
               erase.expressions);
}

AwsResult<RequestedWrite> ReadUpdate(const Input& input, ErrorTexts texts) {
  RequestedWrite update;
  KLESS_TRY_VOID(CheckMix(
      input, {{"UpdateExpression", "ConditionExpression"}, {"AttributeUpdates", "Expected"}},
      texts));
  KLESS_TRY(update.values, ReadAttributes(input, "Key", texts));
  KLESS_TRY(auto attribute_updates, ReadAttributeUpdates(input, texts));
  KLESS_TRY(auto expected, ReadExpected(input, texts));
  KLESS_TRY(update.expressions,
            CompileExpressions(input, {"UpdateExpression", "ConditionExpression"}, texts));
  if (attribute_updates) update.expressions.update = std::move(attribute_updates);
  if (expected) update.expressions.condition = std::move(expected);
  return update;
}

AwsResult<std::string> UpdateItem(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  KLESS_TRY(const RequestedWrite requested,
            InEnvelope(ReadUpdate(input, context.texts), context.texts));
  KLESS_TRY(const TableState* const table, FindTable(context, request, *input.Text("TableName")));
  KLESS_TRY(Item item, ItemWithKey(*table, requested.values));
  if (const auto& update = requested.expressions.update) {
    KLESS_TRY_VOID(ForClient(CheckUpdateKeys(*update, table->layout.keys)));
    for (const auto& index : table->indexes) {
      KLESS_TRY_VOID(ForClient(CheckIndexTypes(*update, index.key, index.name)));
    }
    KLESS_TRY_VOID(CheckPathsInKeys(*table, *update));
  }
  return Carry(context, input, *table, WriteRequest::Kind::kUpdate, std::move(item),
               requested.expressions);
}

}  // namespace

std::vector<DynamoDbOperation> ItemOperations() {
  return {{"DeleteItem", DeleteItem},
          {"GetItem", GetItem},
          {"PutItem", PutItem},
          {"UpdateItem", UpdateItem}};
}

}  // namespace kless::doors::aws
