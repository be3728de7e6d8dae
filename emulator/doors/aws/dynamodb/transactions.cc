// TransactGetItems and TransactWriteItems.
//
// A mistake in an expression or a value refuses the request, and so does an empty value of a key. A
// key of the wrong type, or with missing attributes, cancels the transaction with a reason, as a
// failed condition does.
#include "emulator/doors/aws/dynamodb/transactions.h"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/base/random.h"
#include "emulator/doors/aws/dynamodb/expressions.h"
#include "emulator/doors/aws/dynamodb/replies.h"
#include "emulator/doors/aws/dynamodb/writes.h"
#include "emulator/dynamodb/model/expression/key_rules.h"
#include "emulator/dynamodb/model/item_size.h"

namespace kless::doors::aws {

using dynamodb::CancellationReason;
using dynamodb::ConsumedCapacity;
using dynamodb::Failure;
using dynamodb::FailureKind;
using dynamodb::TableState;
using dynamodb::WriteRequest;
using simdjson::dom::element;

AwsError CancelledError(const Failure& failure, const std::vector<const ItemLayout*>& layouts) {
  AwsError error = ErrorOf(failure);
  if (failure.kind != FailureKind::kTransactionCanceled) return error;
  std::string reasons = "[";
  for (std::size_t i = 0; i < failure.reasons.size(); ++i) {
    const CancellationReason& reason = failure.reasons[i];
    JsonObjectText object;
    object.String("Code", reason.code);
    if (reason.item && i < layouts.size() && layouts[i] != nullptr) {
      std::string item;
      AppendItemJson(*layouts[i], *reason.item, item);
      object.Raw("Item", item);
    }
    if (!reason.message.empty()) object.String("Message", reason.message);
    AppendElement(reasons, object.Finish());
  }
  error.members = ",\"CancellationReasons\":" + reasons + "]";
  return error;
}

std::optional<dynamodb::ItemRead> ReadForTransaction(DynamoDbContext& context,
                                                     const TableState& table, const Key& key,
                                                     CancellationReason* reason) {
  if (context.service.writer().InTransaction(table, key)) {
    *reason = {"TransactionConflict", "Transaction is ongoing for the item", nullptr};
    return std::nullopt;
  }
  auto read = context.service.reader().Get(table, key, dynamodb::Consistency::kTransaction);
  if (read.has_error()) {
    *reason = {"ProvisionedThroughputExceeded", read.error().message, nullptr};
    return std::nullopt;
  }
  return std::move(read).value();
}

Failure CancelledFailure(std::vector<CancellationReason> reasons) {
  std::string codes;
  for (const CancellationReason& reason : reasons) {
    codes += (codes.empty() ? "" : ", ") + reason.code;
  }
  Failure failure = dynamodb::Fail(
      FailureKind::kTransactionCanceled,
      "Transaction cancelled, please refer cancellation reasons for specific reasons [" + codes +
          "]");
  failure.reasons = std::move(reasons);
  return failure;
}

namespace {

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
constexpr std::size_t kTransactionBytesMax = 4u << 20;

// --- TransactGetItems ---------------------------------------------------------------------------

struct TransactGet {
  std::string table_name;
  AttributeMap key_values;
  std::optional<Projection> projection;
  const TableState* table = nullptr;
  Key key;
};

AwsResult<TransactGet> ReadTransactGet(const Input& input) {
  TransactGet get;
  get.table_name = input.TextOr("TableName");
  KLESS_TRY(get.key_values, ReadAttributes(input, "Key"));
  KLESS_TRY_VOID(CheckMix(input, {{"ProjectionExpression"}, {}}, ErrorTexts::kOlder));
  KLESS_TRY(Expressions expressions,
            CompileExpressions(input, {"ProjectionExpression"}, ErrorTexts::kOlder));
  get.projection = std::move(expressions.projection);
  return get;
}

AwsResult<std::string> TransactGetItems(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  std::vector<TransactGet> gets;
  for (const element one : simdjson::dom::array(*input.List("TransactItems"))) {
    const Input item(one.get_object().value_unsafe());
    KLESS_TRY(TransactGet get, ReadTransactGet(*item.Structure("Get")));
    gets.push_back(std::move(get));
  }
  std::vector<CancellationReason> reasons(gets.size());
  bool is_cancelled = false;
  std::set<std::pair<int, Key>> items;
  for (std::size_t i = 0; i < gets.size(); ++i) {
    TransactGet& get = gets[i];
    KLESS_TRY(get.table, FindTable(context, request, get.table_name, "GetItem"));
    KLESS_TRY_VOID(ForClient(CheckKeyNotEmpty(get.table->layout.keys, get.key_values)));
    auto key = KeyOf(get.table->layout.keys, get.key_values);
    if (key.has_error() && !is_cancelled) {
      reasons[i] = {"ValidationError", key.error().message, nullptr};
      is_cancelled = true;
    }
    if (key.has_error()) continue;
    get.key = std::move(key).value();
    if (!items.emplace(get.table->store_id(), get.key).second) {
      return ValidationError("Transaction request cannot include multiple operations on one item");
    }
    if (!get.projection) continue;
    KLESS_TRY_VOID(CheckPathsInKeys(*get.table, *get.projection));
  }
  if (is_cancelled) return CancelledError(CancelledFailure(std::move(reasons)), {});
  std::string responses = "[";
  std::map<std::string, ConsumedCapacity> consumed;
  for (std::size_t i = 0; i < gets.size(); ++i) {
    const TransactGet& get = gets[i];
    const auto read = ReadForTransaction(context, *get.table, get.key, &reasons[i]);
    if (!read) {
      is_cancelled = true;
      continue;
    }
    consumed[get.table_name] += read->consumed;
    JsonObjectText response;
    if (read->item) {
      std::string item;
      AppendItem(get.table->layout, *read->item, get.projection, context.parser, item);
      response.Raw("Item", item);
    }
    AppendElement(responses, response.Finish());
  }
  if (is_cancelled) return CancelledError(CancelledFailure(std::move(reasons)), {});
  JsonObjectText reply;
  reply.Raw("Responses", responses + "]");
  AddConsumedCapacity(input, consumed, /*by_kind=*/true, reply);
  return reply.Finish();
}

// --- TransactWriteItems -------------------------------------------------------------------------

struct TransactAction {
  WriteRequest::Kind kind{};
  std::string_view action;  // of IAM
  std::string table_name;
  AttributeMap values;  // the item or the key
  Expressions expressions;
  bool shows_item = false;
  const TableState* table = nullptr;
  Key key;
};

struct ActionKind {
  const char* member;
  WriteRequest::Kind kind;
  const char* action;
};
constexpr ActionKind kActionKinds[] = {
    {"ConditionCheck", WriteRequest::Kind::kCheck, "ConditionCheckItem"},
    {"Put", WriteRequest::Kind::kPut, "PutItem"},
    {"Delete", WriteRequest::Kind::kDelete, "DeleteItem"},
    {"Update", WriteRequest::Kind::kUpdate, "UpdateItem"},
};

// The bytes of the request that count: items, keys, expressions and their values.
std::size_t BytesOf(const TransactAction& action, const Input& input) {
  std::size_t bytes = SizeOf(action.values);
  for (const char* const name : {"ConditionExpression", "UpdateExpression"}) {
    bytes += input.Text(name).value_or("").size();
  }
  if (const auto values = input.Find("ExpressionAttributeValues")) {
    bytes += simdjson::minify(*values).size();
  }
  return bytes;
}

AwsResult<std::unique_ptr<TransactAction>> ReadAction(const Input& item, std::size_t* bytes) {
  auto action = std::make_unique<TransactAction>();
  std::optional<Input> input;
  int count = 0;
  for (const ActionKind& kind : kActionKinds) {
    const auto member = item.Structure(kind.member);
    if (!member) continue;
    ++count;
    input = *member;
    action->kind = kind.kind;
    action->action = kind.action;
  }
  if (count != 1) {
    return ValidationError("TransactItems can only contain one of Check, Put, Update or Delete");
  }
  action->table_name = input->TextOr("TableName");
  const bool is_put = action->kind == WriteRequest::Kind::kPut;
  KLESS_TRY(action->values, ReadAttributes(*input, is_put ? "Item" : "Key"));
  if (is_put) {
    KLESS_TRY_VOID(CheckItemSize(action->values));
  }
  KLESS_TRY_VOID(
      CheckMix(*input, {{"UpdateExpression", "ConditionExpression"}, {}}, ErrorTexts::kOlder));
  std::vector<std::string_view> names = {"ConditionExpression"};
  if (action->kind == WriteRequest::Kind::kUpdate) names.push_back("UpdateExpression");
  KLESS_TRY(action->expressions, CompileExpressions(*input, names, ErrorTexts::kOlder));
  action->shows_item = input->Text("ReturnValuesOnConditionCheckFailure") == "ALL_OLD";
  *bytes += BytesOf(*action, *input);
  return action;
}

// Empty values of keys, which refuse the request.
AwsResult<void> CheckEmptyKeys(const TransactAction& action) {
  const TableState& table = *action.table;
  KLESS_TRY_VOID(ForClient(CheckKeyNotEmpty(table.layout.keys, action.values)));
  for (const auto& index : table.indexes) {
    if (action.kind == WriteRequest::Kind::kPut) {
      KLESS_TRY_VOID(
          ForClient(CheckIndexKeyNotEmpty(index.key, index.name, action.values, ItemOrigin::kPut)));
    }
    if (action.expressions.update) {
      KLESS_TRY_VOID(
          ForClient(CheckIndexValuesNotEmpty(*action.expressions.update, index.key, index.name)));
    }
  }
  return {};
}

// What depends on the table.  A mistake is kept in the request, and cancels the transaction.
WriteRequest MakeAction(DynamoDbContext& context, TransactAction& action) {
  const ItemLayout& layout = action.table->layout;
  Item item;
  std::optional<Failure> refused;
  if (action.kind == WriteRequest::Kind::kPut) {
    auto stored = ToStoredItem(layout, std::move(action.values));
    if (stored.has_error()) {
      refused = dynamodb::FromError(stored.error());
    } else {
      item = std::move(stored).value();
    }
  } else {
    auto key = KeyOf(layout.keys, action.values);
    if (key.has_error()) {
      refused = dynamodb::FromError(key.error());
    } else {
      item.key = std::move(key).value();
    }
  }
  if (action.expressions.update && !refused) {
    const auto checked = CheckUpdateKeys(*action.expressions.update, layout.keys);
    if (checked.has_error()) refused = dynamodb::FromError(checked.error());
    for (const auto& index : action.table->indexes) {
      if (refused) break;
      const auto typed = CheckIndexTypes(*action.expressions.update, index.key, index.name);
      if (typed.has_error()) refused = dynamodb::FromError(typed.error());
    }
  }
  action.key = item.key;
  WriteRequest write =
      MakeWrite(context, action.kind, *action.table, std::move(item), action.expressions);
  write.refused = std::move(refused);
  return write;
}

AwsResult<std::string> TransactWriteItems(DynamoDbContext& context,
                                          const OperationRequest& request) {
  const Input& input = request.input;
  std::vector<std::unique_ptr<TransactAction>> actions;
  std::size_t bytes = 0;
  for (const element one : simdjson::dom::array(*input.List("TransactItems"))) {
    KLESS_TRY(auto action, ReadAction(Input(one.get_object().value_unsafe()), &bytes));
    actions.push_back(std::move(action));
  }
  if (bytes > kTransactionBytesMax) {
    return ValidationError("Transaction request size cannot exceed 4194304 bytes");
  }
  std::vector<WriteRequest> writes;
  std::vector<const ItemLayout*> layouts;  // of the actions that show their item
  for (const auto& action : actions) {
    KLESS_TRY(action->table, FindTable(context, request, action->table_name, action->action));
    KLESS_TRY_VOID(CheckEmptyKeys(*action));
    writes.push_back(MakeAction(context, *action));
    layouts.push_back(action->shows_item ? &action->table->layout : nullptr);
  }
  const std::uint64_t fingerprint = HashBytes(CanonicalJson(*input.Find("TransactItems")));
  auto outcome = context.service.writer().Transact(std::move(writes), ScopeOf(request),
                                                   input.TextOr("ClientRequestToken"), fingerprint);
  if (outcome.has_error()) return CancelledError(outcome.error(), layouts);
  JsonObjectText reply;
  AddConsumedCapacity(input, outcome.value().consumed, /*by_kind=*/true, reply);
  if (!WantsCollectionMetrics(input)) return reply.Finish();
  CollectionMetrics metrics;
  for (const auto& action : actions) {
    metrics.Add(action->table_name, *action->table, action->key);
  }
  metrics.AddTo(reply);
  return reply.Finish();
}

}  // namespace

std::vector<DynamoDbOperation> TransactionOperations() {
  return {{"TransactGetItems", TransactGetItems}, {"TransactWriteItems", TransactWriteItems}};
}

}  // namespace kless::doors::aws
