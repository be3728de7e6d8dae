// BatchGetItem and BatchWriteItem.
//
// All tables and keys are checked before the first item is touched.  What a throttled table does
// not yield comes back as unprocessed; if nothing was processed, the request fails.
#include "emulator/doors/aws/dynamodb/batches.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "emulator/doors/aws/dynamodb/expressions.h"
#include "emulator/doors/aws/dynamodb/replies.h"
#include "emulator/doors/aws/dynamodb/writes.h"
#include "emulator/dynamodb/model/expression/placeholders.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless::doors::aws {
namespace {

using dynamodb::Consistency;
using dynamodb::ConsumedCapacity;
using dynamodb::FailureKind;
using dynamodb::TableState;
using dynamodb::WriteRequest;
using simdjson::dom::element;

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
constexpr std::size_t kGetKeysMax = 100;
constexpr std::size_t kGetBytesMax = 16u << 20;
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
constexpr std::size_t kWritesMax = 25;

constexpr const char* kDuplicates = "Provided list of item keys contains duplicates";

// Tables that may be named twice, by name and ARN, share the keys that were seen.
using SeenKeys = std::set<std::pair<const TableState*, Key>>;

std::string Text(element value) { return simdjson::minify(value); }

// --- BatchGetItem -------------------------------------------------------------------------------

struct GetBatch {
  std::string table_name;  // as in the request
  Input input;             // KeysAndAttributes
  std::vector<AttributeMap> key_values;
  std::vector<element> keys;
  std::optional<Projection> projection;
  const TableState* table = nullptr;
};

// What can be checked without the table.
AwsResult<GetBatch> ReadGetBatch(std::string_view name, const Input& input, ErrorTexts texts,
                                 std::size_t* count) {
  GetBatch batch{std::string(name), input, {}, {}, {}, nullptr};
  KLESS_TRY_VOID(CheckMix(input, {{"ProjectionExpression"}, {"AttributesToGet"}}, texts));
  KLESS_TRY(auto attributes_to_get, ReadAttributesToGet(input));
  KLESS_TRY(Expressions expressions, CompileExpressions(input, {"ProjectionExpression"}, texts));
  batch.projection =
      attributes_to_get ? std::move(attributes_to_get) : std::move(expressions.projection);
  for (const element key : simdjson::dom::array(*input.List("Keys"))) {
    KLESS_TRY(AttributeMap values, ForClient(ReadItem(key, texts)));
    for (const AttributeMap& other : batch.key_values) {
      if (other == values) return ValidationError(kDuplicates);
    }
    batch.key_values.push_back(std::move(values));
    batch.keys.push_back(key);
    if (++*count > kGetKeysMax) {
      return ValidationError("Too many items requested for the BatchGetItem call");
    }
  }
  return batch;
}

// The request for what was left over: its parameters with the keys that remain.
std::string UnprocessedKeysJson(const Input& input, const std::vector<std::string>& keys) {
  JsonObjectText object;
  std::string array = "[";
  for (const std::string& key : keys) AppendElement(array, key);
  object.Raw("Keys", array + "]");
  for (const char* const name :
       {"AttributesToGet", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"}) {
    if (const auto member = input.Find(name)) object.Raw(name, Text(*member));
  }
  return object.Finish();
}

// All tables are read either by expressions or by the parameters from before them.
AwsResult<void> CheckMixOfTables(const std::vector<GetBatch>& batches) {
  const auto has = [&batches](const char* name) {
    return std::any_of(batches.begin(), batches.end(),
                       [name](const GetBatch& batch) { return batch.input.Has(name); });
  };
  return ForClient(CheckParameterMix({{"ProjectionExpression", has("ProjectionExpression")}},
                                     {{"AttributesToGet", has("AttributesToGet")}},
                                     /*names=*/false, /*values=*/false));
}

AwsResult<std::string> BatchGetItem(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  std::vector<GetBatch> batches;
  std::size_t count = 0;
  for (const auto& [name, value] : simdjson::dom::object(*input.Map("RequestItems"))) {
    KLESS_TRY(GetBatch batch,
              ReadGetBatch(name, Input(value.get_object().value_unsafe()), context.texts, &count));
    batches.push_back(std::move(batch));
  }
  KLESS_TRY_VOID(CheckMixOfTables(batches));
  std::vector<std::vector<Key>> keys;
  SeenKeys seen;
  for (GetBatch& batch : batches) {
    KLESS_TRY(batch.table, FindTable(context, request, batch.table_name));
    keys.emplace_back();
    for (const AttributeMap& values : batch.key_values) {
      KLESS_TRY(Key key, ForClient(KeyOf(batch.table->layout.keys, values)));
      if (!seen.emplace(batch.table, key).second) return ValidationError(kDuplicates);
      keys.back().push_back(std::move(key));
    }
    if (batch.projection) {
      KLESS_TRY_VOID(CheckPathsInKeys(*batch.table, *batch.projection));
    }
  }
  JsonObjectText responses;
  JsonObjectText unprocessed;
  std::map<std::string, ConsumedCapacity> consumed;
  std::size_t bytes = 0;
  bool is_processed = false;
  std::optional<AwsError> refused;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const GetBatch& batch = batches[i];
    const ItemLayout& layout = batch.table->layout;
    const Consistency consistency = batch.input.Flag("ConsistentRead").value_or(false)
                                        ? Consistency::kStrong
                                        : Consistency::kEventual;
    std::string items = "[";
    std::vector<std::string> left;
    for (std::size_t k = 0; k < keys[i].size(); ++k) {
      if (bytes >= kGetBytesMax) {
        left.push_back(Text(batch.keys[k]));
        continue;
      }
      auto read = context.service.reader().Get(*batch.table, keys[i][k], consistency);
      if (read.has_error()) {
        refused = ErrorOf(read.error());
        if (read.error().kind != FailureKind::kThroughputExceeded) return *refused;
        left.push_back(Text(batch.keys[k]));
        continue;
      }
      is_processed = true;
      consumed[batch.table_name] += read.value().consumed;
      if (!read.value().item) continue;
      bytes += SizeOfStored(layout, *read.value().item);
      if (items.size() > 1) items += ',';
      AppendItem(layout, *read.value().item, batch.projection, context.parser, items);
    }
    responses.Raw(batch.table_name, items + "]");
    if (!left.empty()) {
      unprocessed.Raw(batch.table_name, UnprocessedKeysJson(batch.input, left));
    }
  }
  if (!is_processed && refused) return *refused;
  JsonObjectText reply;
  reply.Raw("Responses", responses.Finish()).Raw("UnprocessedKeys", unprocessed.Finish());
  AddConsumedCapacity(input, consumed, /*by_kind=*/false, reply);
  return reply.Finish();
}

// --- BatchWriteItem -----------------------------------------------------------------------------

struct BatchedWrite {
  std::string table_name;
  element request;  // WriteRequest
  bool is_put = false;
  AttributeMap values;  // the item or the key
  const TableState* table = nullptr;
  Item item;
};

// What can be checked without the table.
AwsResult<BatchedWrite> ReadBatchedWrite(std::string_view name, element request) {
  const Input input(request.get_object().value_unsafe());
  const auto put = input.Structure("PutRequest");
  const auto erase = input.Structure("DeleteRequest");
  if (put.has_value() == erase.has_value()) {
    return ValidationError(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
        "supported datatypes");
  }
  BatchedWrite write{std::string(name), request, put.has_value(), {}, nullptr, {}};
  if (put) {
    KLESS_TRY(write.values, ReadAttributes(*put, "Item"));
    KLESS_TRY_VOID(CheckItemSize(write.values));
  } else {
    KLESS_TRY(write.values, ReadAttributes(*erase, "Key"));
  }
  return write;
}

AwsResult<void> FindPlace(DynamoDbContext& context, const OperationRequest& request,
                          BatchedWrite* write) {
  KLESS_TRY(write->table, FindTable(context, request, write->table_name));
  const ItemLayout& layout = write->table->layout;
  if (!write->is_put) {
    KLESS_TRY(write->item.key, ForClient(KeyOf(layout.keys, write->values)));
    return {};
  }
  // Nothing is written unless all of it fits the indexes.
  for (const dynamodb::SecondaryIndex& index : write->table->indexes) {
    KLESS_TRY_VOID(ForClient(IndexKeyOf(index.key, index.name, write->values, ItemOrigin::kPut)));
  }
  auto item = ToStoredItem(layout, std::move(write->values));
  if (item.has_value()) {
    write->item = std::move(item).value();
    return {};
  }
  const std::string& message = item.error().message;
  if (message.find("Missing the key") != std::string::npos ||
      message.find("Type mismatch for key") != std::string::npos) {
    return ValidationError("The provided key element does not match the schema");
  }
  return ErrorOf(item.error());
}

AwsResult<std::string> BatchWriteItem(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  std::vector<BatchedWrite> writes;
  for (const auto& [name, requests] : simdjson::dom::object(*input.Map("RequestItems"))) {
    for (const element one : simdjson::dom::array(requests)) {
      KLESS_TRY(BatchedWrite write, ReadBatchedWrite(name, one));
      writes.push_back(std::move(write));
    }
  }
  if (writes.size() > kWritesMax) {
    return ValidationError("Too many items requested for the BatchWriteItem call");
  }
  SeenKeys seen;
  for (BatchedWrite& write : writes) {
    KLESS_TRY_VOID(FindPlace(context, request, &write));
    if (!seen.emplace(write.table, write.item.key).second) return ValidationError(kDuplicates);
  }
  const Expressions unconditional;
  JsonArraysText unprocessed;
  CollectionMetrics metrics;
  std::map<std::string, ConsumedCapacity> consumed;
  bool is_processed = false;
  std::optional<AwsError> refused;
  const bool wants_metrics = WantsCollectionMetrics(input);
  for (BatchedWrite& write : writes) {
    const Key key = write.item.key;
    auto outcome = context.service.writer().Write(
        MakeWrite(context, write.is_put ? WriteRequest::Kind::kPut : WriteRequest::Kind::kDelete,
                  *write.table, std::move(write.item), unconditional));
    if (outcome.has_error()) {
      const FailureKind kind = outcome.error().kind;
      refused = ErrorOf(outcome.error());
      // A batch is not atomic: what was written stays, and the client sees the error.
      if (kind != FailureKind::kThroughputExceeded && kind != FailureKind::kTransactionConflict) {
        return *refused;
      }
      unprocessed.Add(write.table_name, Text(write.request));
      continue;
    }
    is_processed = true;
    consumed[write.table_name] += outcome.value().consumed;
    if (wants_metrics) metrics.Add(write.table_name, *write.table, key);
  }
  if (!is_processed && refused) return *refused;
  JsonObjectText reply;
  reply.Raw("UnprocessedItems", unprocessed.Text());
  metrics.AddTo(reply);
  AddConsumedCapacity(input, consumed, /*by_kind=*/false, reply);
  return reply.Finish();
}

}  // namespace

std::vector<DynamoDbOperation> BatchOperations() {
  return {{"BatchGetItem", BatchGetItem}, {"BatchWriteItem", BatchWriteItem}};
}

}  // namespace kless::doors::aws
