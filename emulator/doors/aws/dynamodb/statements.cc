// ExecuteStatement, BatchExecuteStatement and ExecuteTransaction: PartiQL.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
//
// A statement becomes the reads and writes that the other operations make.  A batch answers each
// statement for itself; a transaction is carried out as a whole.
#include "emulator/doors/aws/dynamodb/statements.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "emulator/base/random.h"
#include "emulator/doors/aws/dynamodb/expressions.h"
#include "emulator/doors/aws/dynamodb/queries.h"
#include "emulator/doors/aws/dynamodb/replies.h"
#include "emulator/doors/aws/dynamodb/statement_token.h"
#include "emulator/doors/aws/dynamodb/transactions.h"
#include "emulator/doors/aws/dynamodb/writes.h"
#include "emulator/dynamodb/model/expression/key_rules.h"
#include "emulator/dynamodb/model/expression/projection.h"
#include "emulator/dynamodb/model/expression/update.h"
#include "emulator/dynamodb/model/partiql/plan.h"
#include "emulator/dynamodb/model/partiql/statement.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless::doors::aws {
namespace {

using dynamodb::Consistency;
using dynamodb::ConsumedCapacity;
using dynamodb::Failure;
using dynamodb::FailureKind;
using dynamodb::Outcome;
using dynamodb::SecondaryIndex;
using dynamodb::TableState;
using dynamodb::WriteOutcome;
using dynamodb::WriteRequest;
using simdjson::dom::element;
using Kind = Statement::Kind;

constexpr const char* kDuplicate = "Duplicate primary key exists in table";

AwsError DuplicateItem() {
  AwsError error;
  error.type = "DuplicateItemException";
  error.message = kDuplicate;
  return error;
}

AwsResult<Statement> ReadStatement(const Input& input) {
  std::vector<AttributeValue> parameters;
  if (const auto list = input.List("Parameters")) {
    for (const element parameter : *list) {
      KLESS_TRY(AttributeValue value, ForClient(ReadValue(parameter)));
      parameters.push_back(std::move(value));
    }
  }
  return ForClient(ParseStatement(input.Text("Statement").value_or(""), parameters));
}

bool IsRead(const Statement& statement) { return statement.kind == Kind::kSelect; }

AwsResult<const TableState*> TableOf(DynamoDbContext& context, const OperationRequest& request,
                                     const Statement& statement) {
  const char* action = "PartiQLSelect";
  if (statement.kind == Kind::kInsert) action = "PartiQLInsert";
  if (statement.kind == Kind::kUpdate) action = "PartiQLUpdate";
  if (statement.kind == Kind::kDelete) action = "PartiQLDelete";
  return FindTable(context, request, statement.table, action);
}

void AppendSelected(const Statement& statement, const ItemLayout& layout, const Item& item,
                    PaddedParser& parser, std::string& out) {
  if (statement.selected.empty()) {
    AppendItemJson(layout, item, out);
  } else {
    AppendJson(SelectedAttributes(statement, StoredSource(layout, item, parser)), out);
  }
}

// --- writes -------------------------------------------------------------------------------------

// A statement that writes, or checks, one item.  What its request refers to lives here.
struct StatementWrite {
  Statement statement;
  const TableState* table = nullptr;
  ItemPlan plan;
  Item item;                       // of INSERT
  std::optional<Failure> refused;  // why it cannot be carried out; known from the key
  bool shows_item = false;
};

// Whether the current item meets the statement.
bool Allows(const StatementWrite& write, const ItemPtr& current, PaddedParser& parser) {
  switch (write.statement.kind) {
    case Kind::kInsert:
      return current == nullptr;
    case Kind::kUpdate:
    case Kind::kExists:
      if (current == nullptr) return false;
      break;
    default:
      // DELETE of an item that does not exist is fine unless it asks for more than the key.
      break;
  }
  return !write.plan.condition ||
         Meets(*write.plan.condition, write.table->layout, current, parser);
}

AwsResult<std::unique_ptr<StatementWrite>> PlanWrite(DynamoDbContext& context,
                                                     const OperationRequest& request,
                                                     Statement statement, const Input& input) {
  auto write = std::make_unique<StatementWrite>();
  write->statement = std::move(statement);
  write->shows_item = input.Text("ReturnValuesOnConditionCheckFailure") == "ALL_OLD";
  KLESS_TRY(write->table, TableOf(context, request, write->statement));
  const ItemLayout& layout = write->table->layout;
  if (write->statement.kind == Kind::kInsert) {
    KLESS_TRY_VOID(CheckItemSize(write->statement.item));
    auto item = ToStoredItem(layout, std::move(write->statement.item));
    if (item.has_error()) {
      write->refused = dynamodb::FromError(item.error());
    } else {
      write->item = std::move(item).value();
      write->plan.key = write->item.key;
    }
    return write;
  }
  auto plan = PlanItem(write->statement, layout.keys);
  if (plan.has_error()) {
    write->refused = dynamodb::FromError(plan.error());
    return write;
  }
  write->plan = std::move(plan).value();
  if (write->statement.kind == Kind::kUpdate) {
    const auto checked = CheckUpdateKeys(write->statement.update, layout.keys);
    if (checked.has_error()) write->refused = dynamodb::FromError(checked.error());
  }
  return write;
}

// `write` must outlive the request.
WriteRequest RequestOf(DynamoDbContext& context, const StatementWrite& write) {
  WriteRequest made;
  made.table = write.table;
  made.item = write.item;
  made.item.key = write.plan.key;
  made.refused = write.refused;
  made.condition = [&context, &write](const ItemPtr& current) -> Outcome<bool> {
    return Allows(write, current, context.parser);
  };
  switch (write.statement.kind) {
    case Kind::kInsert:
      made.kind = WriteRequest::Kind::kPut;
      break;
    case Kind::kUpdate:
      made.kind = WriteRequest::Kind::kUpdate;
      made.update = [&context, &write](const ItemPtr& current) {
        return Updated(write.statement.update, *write.table, write.plan.key, current,
                       context.parser);
      };
      break;
    case Kind::kDelete:
      made.kind = WriteRequest::Kind::kDelete;
      break;
    default:
      made.kind = WriteRequest::Kind::kCheck;
      break;
  }
  return made;
}

AwsResult<WriteOutcome> CarryOut(DynamoDbContext& context, const StatementWrite& write) {
  if (write.refused) return ErrorOf(*write.refused);
  auto outcome = context.service.writer().Write(RequestOf(context, write));
  if (outcome.has_value()) return std::move(outcome).value();
  const bool is_condition = outcome.error().kind == FailureKind::kConditionalCheckFailed;
  if (is_condition && write.statement.kind == Kind::kInsert) return DuplicateItem();
  return ErrorOf(outcome.error(), write.shows_item ? &write.table->layout : nullptr);
}

// What RETURNING asks for; "" if that is nothing.
std::string ReturnedItem(DynamoDbContext& context, const StatementWrite& write,
                         const WriteOutcome& outcome) {
  using Returning = Statement::Returning;
  const Returning returning = write.statement.returning;
  const bool is_old = returning == Returning::kAllOld || returning == Returning::kModifiedOld;
  const ItemPtr& item = is_old ? outcome.old_item : outcome.new_item;
  if (returning == Returning::kNone || !item) return "";
  const ItemLayout& layout = write.table->layout;
  std::string text;
  if (returning == Returning::kAllOld || returning == Returning::kAllNew) {
    AppendItemJson(layout, *item, text);
  } else {
    AppendJson(
        Project(PathsOf(write.statement.update), StoredSource(layout, *item, context.parser)),
        text);
  }
  return text;
}

// --- ExecuteStatement ---------------------------------------------------------------------------

AwsResult<std::string> Select(DynamoDbContext& context, const OperationRequest& request,
                              const Statement& statement) {
  const Input& input = request.input;
  KLESS_TRY(const TableState* const table, TableOf(context, request, statement));
  const SecondaryIndex* index = nullptr;
  std::vector<DocumentPath> paths;
  for (const SelectedPath& selected : statement.selected) paths.push_back(selected.path);
  const bool is_strong = input.Flag("ConsistentRead").value_or(false);
  if (!statement.index.empty()) {
    KLESS_TRY(index, ForClient(context.service.catalog().FindActiveIndex(*table, statement.index)));
    if (index == nullptr) {
      // Unlike the text of Query and Scan, that of a statement does not name the index.
      return ValidationError("The table does not have the specified index");
    }
    if (index->is_global() && is_strong) {
      return ValidationError(
          "Strongly consistent read is not supported on Global Secondary Indexes");
    }
    KLESS_TRY_VOID(CheckProjected(*table, *index, paths));
  }
  KLESS_TRY(const SelectPlan plan,
            ForClient(PlanSelect(statement, index != nullptr ? index->key : table->layout.keys)));
  SelectPosition position;
  if (const auto token = input.Text("NextToken")) {
    KLESS_TRY(position, ParseStatementToken(*token, input, plan.ranges.size()));
  }
  std::int64_t left = input.Integer("Limit").value_or(0);
  std::size_t bytes = 0;  // The ranges share one page.
  std::string items = "[";
  ConsumedCapacity consumed;
  std::optional<SelectPosition> next;
  const std::size_t ranges = std::max<std::size_t>(plan.ranges.size(), 1);
  for (std::size_t i = position.range; i < ranges && !next; ++i) {
    dynamodb::ReadRequest read;
    read.table = table;
    read.index = index;
    read.consistency = is_strong ? Consistency::kStrong : Consistency::kEventual;
    read.forward = !plan.descending;
    read.limit = static_cast<int>(std::min<std::int64_t>(left, INT32_MAX));
    read.bytes_before = bytes;
    // What a local index does not project comes from the table if it is named; SELECT * is what it
    // projects.
    read.whole_items =
        index != nullptr && !index->is_global() && !UnprojectedNames(*table, *index, paths).empty();
    if (!plan.ranges.empty()) {
      const PartitionRange& range = plan.ranges[i];
      read.partition = range.partition;
      if (!range.from.empty()) read.from = range.from;
      read.below = range.to;
    }
    if (i == position.range) read.after = position.after;
    KLESS_TRY(const dynamodb::ReadPage page, ForClient(context.service.reader().Read(read)));
    consumed += page.consumed;
    bytes += page.bytes;
    for (const ItemPtr& item : page.items) {
      if (plan.filter && !Meets(*plan.filter, table->layout, item, context.parser)) continue;
      if (items.size() > 1) items += ',';
      AppendSelected(statement, table->layout, *item, context.parser, items);
    }
    left -= static_cast<std::int64_t>(page.items.size());
    if (page.last) next = SelectPosition{i, page.last};
  }
  JsonObjectText reply;
  reply.Raw("Items", items + "]");
  if (next) {
    reply.String("NextToken", StatementTokenOf(*next, input));
    reply.Raw("LastEvaluatedKey", LastKeyJson(*table, index, *next->after));
  }
  AddConsumedCapacity(input, table->name, consumed, reply);
  return reply.Finish();
}

AwsResult<std::string> ExecuteStatement(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  KLESS_TRY(Statement statement, ReadStatement(input));
  if (IsRead(statement)) return Select(context, request, statement);
  if (statement.kind == Kind::kExists) {
    return ValidationError("EXISTS can only be used in ExecuteTransaction");
  }
  KLESS_TRY(const auto write, PlanWrite(context, request, std::move(statement), input));
  KLESS_TRY(const WriteOutcome outcome, CarryOut(context, *write));
  JsonObjectText reply;
  reply.Raw("Items", "[" + ReturnedItem(context, *write, outcome) + "]");
  AddConsumedCapacity(input, write->table->name, outcome.consumed, reply);
  return reply.Finish();
}

// --- BatchExecuteStatement ----------------------------------------------------------------------

// BatchStatementErrorCodeEnum:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html
std::string BatchCodeOf(const AwsError& error) {
  static const std::map<std::string, std::string> kCodes = {
      {"ConditionalCheckFailedException", "ConditionalCheckFailed"},
      {"DuplicateItemException", "DuplicateItem"},
      {"ProvisionedThroughputExceededException", "ProvisionedThroughputExceeded"},
      {"ResourceNotFoundException", "ResourceNotFound"},
      {"TransactionConflictException", "TransactionConflict"},
      {"AccessDeniedException", "AccessDenied"},
      {"ValidationException", "ValidationError"}};
  const auto found = kCodes.find(error.type);
  return found == kCodes.end() ? "InternalServerError" : found->second;
}

// One statement of a batch, or of a transaction that reads: the item that it names.
struct SingleRead {
  const TableState* table = nullptr;
  Key key;
  std::optional<ConditionNode> condition;
};

AwsResult<SingleRead> PlanRead(DynamoDbContext& context, const OperationRequest& request,
                               const Statement& statement) {
  SingleRead read;
  KLESS_TRY(read.table, TableOf(context, request, statement));
  const KeySchema& keys = read.table->layout.keys;
  if (!statement.index.empty() || !HasWholeKey(statement, keys)) {
    return ValidationError(
        "Select statements within BatchExecuteStatement must specify the primary key in the where "
        "clause.");
  }
  KLESS_TRY(ItemPlan plan, ForClient(PlanItem(statement, keys)));
  read.key = std::move(plan.key);
  read.condition = std::move(plan.condition);
  return read;
}

// The member Item of a read; "" if there is none.
std::string FoundItem(DynamoDbContext& context, const Statement& statement, const SingleRead& read,
                      const dynamodb::ItemRead& found) {
  std::string text;
  const ItemLayout& layout = read.table->layout;
  if (found.item &&
      (!read.condition || Meets(*read.condition, layout, found.item, context.parser))) {
    AppendSelected(statement, layout, *found.item, context.parser, text);
  }
  return text;
}

// The item that a statement names, by the store's id of its table; nullopt if it names none, or
// none that exists here: the statement then fails on its own.
std::optional<std::pair<int, Key>> TargetOf(DynamoDbContext& context,
                                            const OperationRequest& request,
                                            const Statement& statement) {
  const auto table = TableOf(context, request, statement);
  if (table.has_error()) return std::nullopt;
  const KeySchema& keys = table.value()->layout.keys;
  if (statement.kind == Kind::kInsert) {
    auto key = KeyOfItem(keys, statement.item);
    if (key.has_error()) return std::nullopt;
    return std::pair(table.value()->store_id(), std::move(key).value());
  }
  auto plan = PlanItem(statement, keys);
  if (plan.has_error()) return std::nullopt;
  return std::pair(table.value()->store_id(), std::move(plan).value().key);
}

// Whether two statements name one item.  Statements that are errors name none.
bool HaveSharedTarget(DynamoDbContext& context, const OperationRequest& request,
                      const std::vector<AwsResult<Statement>>& statements) {
  std::set<std::tuple<int, std::string, std::string>> seen;
  for (const auto& statement : statements) {
    if (statement.has_error()) continue;
    const auto target = TargetOf(context, request, statement.value());
    if (!target) continue;
    if (!seen.emplace(target->first, target->second.partition, target->second.sort).second) {
      return true;
    }
  }
  return false;
}

// The member Item of one statement's response; "" if there is none.
AwsResult<std::string> AnswerOne(DynamoDbContext& context, const OperationRequest& request,
                                 const Input& input, AwsResult<Statement> parsed,
                                 std::string* table_name,
                                 std::map<std::string, ConsumedCapacity>* consumed) {
  KLESS_TRY(Statement statement, std::move(parsed));
  if (IsRead(statement)) {
    KLESS_TRY(const SingleRead read, PlanRead(context, request, statement));
    *table_name = read.table->name;
    const Consistency consistency = input.Flag("ConsistentRead").value_or(false)
                                        ? Consistency::kStrong
                                        : Consistency::kEventual;
    // A table has an element among the capacities even if its reads are throttled.
    ConsumedCapacity& of_table = (*consumed)[read.table->name];
    KLESS_TRY(const auto found,
              ForClient(context.service.reader().Get(*read.table, read.key, consistency)));
    of_table += found.consumed;
    return FoundItem(context, statement, read, found);
  }
  if (statement.kind == Kind::kExists) {
    return ValidationError("EXISTS can only be used in ExecuteTransaction");
  }
  KLESS_TRY(const auto write, PlanWrite(context, request, std::move(statement), input));
  *table_name = write->table->name;
  KLESS_TRY(const WriteOutcome outcome, CarryOut(context, *write));
  (*consumed)[write->table->name] += outcome.consumed;
  return ReturnedItem(context, *write, outcome);
}

AwsResult<std::string> BatchExecuteStatement(DynamoDbContext& context,
                                             const OperationRequest& request) {
  std::vector<Input> inputs;
  std::vector<AwsResult<Statement>> statements;
  std::size_t reads = 0;
  std::size_t writes = 0;
  for (const element one : simdjson::dom::array(*request.input.List("Statements"))) {
    inputs.emplace_back(one.get_object().value_unsafe());
    statements.push_back(ReadStatement(inputs.back()));
    if (statements.back().has_error()) continue;
    ++(IsRead(statements.back().value()) ? reads : writes);
  }
  if (reads > 0 && writes > 0) {
    return ValidationError("Read and write requests together in the same batch is not supported.");
  }
  if (HaveSharedTarget(context, request, statements)) {
    return ValidationError("Provided list of item keys contains duplicates");
  }
  std::string responses = "[";
  std::map<std::string, ConsumedCapacity> consumed;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    std::string table_name;
    auto answer =
        AnswerOne(context, request, inputs[i], std::move(statements[i]), &table_name, &consumed);
    JsonObjectText response;
    if (answer.has_error()) {
      const AwsError& error = answer.error();
      JsonObjectText object;
      object.String("Code", BatchCodeOf(error)).String("Message", error.message);
      // The members of the error begin with a comma: the item of a failed condition.
      std::string text = object.Finish();
      text.insert(text.size() - 1, error.members);
      response.Raw("Error", text);
    } else if (!answer.value().empty()) {
      response.Raw("Item", answer.value());
    }
    if (!table_name.empty()) response.String("TableName", table_name);
    AppendElement(responses, response.Finish());
  }
  JsonObjectText reply;
  // A batch of which nothing succeeded reports none.
  if (!consumed.empty()) AddConsumedCapacity(request.input, consumed, /*by_kind=*/false, reply);
  return reply.Raw("Responses", responses + "]").Finish();
}

// --- ExecuteTransaction -------------------------------------------------------------------------

// What no statement of a transaction may have, whatever its table is.
AwsResult<void> CheckInTransaction(const Statement& statement, std::size_t position) {
  const std::string where =
      "Validation failed in TransactStatements[" + std::to_string(position) + "]: ";
  if (statement.returning != Statement::Returning::kNone) {
    return ValidationError(where + "RETURNING clause is not supported in ExecuteTransaction.");
  }
  if (IsRead(statement) && !statement.index.empty()) {
    return ValidationError(where + "Reads on indices are not supported within transactions.");
  }
  return {};
}

AwsResult<std::string> ReadInTransaction(DynamoDbContext& context, const OperationRequest& request,
                                         const std::vector<AwsResult<Statement>>& statements) {
  std::vector<dynamodb::CancellationReason> reasons(statements.size());
  bool is_cancelled = false;
  std::string responses = "[";
  std::map<std::string, ConsumedCapacity> consumed;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const Statement& statement = statements[i].value();
    KLESS_TRY(const TableState* const table, TableOf(context, request, statement));
    auto plan = PlanItem(statement, table->layout.keys);
    if (plan.has_error()) {
      reasons[i] = {"ValidationError", plan.error().message, nullptr};
      is_cancelled = true;
      break;
    }
    const SingleRead read{table, plan.value().key, std::move(plan.value().condition)};
    const auto found = ReadForTransaction(context, *table, read.key, &reasons[i]);
    if (!found) {
      is_cancelled = true;
      continue;
    }
    consumed[table->name] += found->consumed;
    const std::string item = FoundItem(context, statement, read, *found);
    JsonObjectText response;
    if (!item.empty()) response.Raw("Item", item);
    AppendElement(responses, response.Finish());
  }
  if (is_cancelled) return CancelledError(CancelledFailure(std::move(reasons)), {});
  JsonObjectText reply;
  AddConsumedCapacity(request.input, consumed, /*by_kind=*/true, reply);
  return reply.Raw("Responses", responses + "]").Finish();
}

// The reason of an INSERT whose item exists is a duplicate, not a condition.
Failure WithDuplicates(Failure failure,
                       const std::vector<std::unique_ptr<StatementWrite>>& writes) {
  if (failure.kind != FailureKind::kTransactionCanceled) return failure;
  for (std::size_t i = 0; i < failure.reasons.size() && i < writes.size(); ++i) {
    dynamodb::CancellationReason& reason = failure.reasons[i];
    if (reason.code != "ConditionalCheckFailed" || writes[i]->statement.kind != Kind::kInsert) {
      continue;
    }
    reason = {"DuplicateItem", kDuplicate, nullptr};
  }
  return CancelledFailure(std::move(failure.reasons));
}

AwsResult<std::string> ExecuteTransaction(DynamoDbContext& context,
                                          const OperationRequest& request) {
  const Input& input = request.input;
  std::vector<AwsResult<Statement>> statements;
  std::vector<Input> inputs;
  std::size_t reads = 0;
  for (const element one : simdjson::dom::array(*input.List("TransactStatements"))) {
    inputs.emplace_back(one.get_object().value_unsafe());
    KLESS_TRY(Statement statement, ReadStatement(inputs.back()));
    KLESS_TRY_VOID(CheckInTransaction(statement, statements.size()));
    if (IsRead(statement)) ++reads;
    statements.emplace_back(std::move(statement));
  }
  if (reads > 0 && reads < statements.size()) {
    return ValidationError(
        "ExecuteTransaction API does not support both read and write operations in the same "
        "request.");
  }
  if (HaveSharedTarget(context, request, statements)) {
    return ValidationError("Transaction request cannot include multiple operations on one item");
  }
  if (reads > 0) return ReadInTransaction(context, request, statements);
  std::vector<std::unique_ptr<StatementWrite>> writes;
  std::vector<WriteRequest> requests;
  std::vector<const ItemLayout*> layouts;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    KLESS_TRY(auto write, PlanWrite(context, request, std::move(statements[i]).value(), inputs[i]));
    requests.push_back(RequestOf(context, *write));
    layouts.push_back(write->shows_item ? &write->table->layout : nullptr);
    writes.push_back(std::move(write));
  }
  const std::uint64_t fingerprint = HashBytes(CanonicalJson(*input.Find("TransactStatements")));
  auto outcome = context.service.writer().Transact(std::move(requests), ScopeOf(request),
                                                   input.TextOr("ClientRequestToken"), fingerprint);
  if (outcome.has_error()) {
    return CancelledError(WithDuplicates(std::move(outcome).error(), writes), layouts);
  }
  JsonObjectText reply;
  AddConsumedCapacity(input, outcome.value().consumed, /*by_kind=*/true, reply);
  return reply.Raw("Responses", "[]").Finish();
}

}  // namespace

std::vector<DynamoDbOperation> StatementOperations() {
  return {{"BatchExecuteStatement", BatchExecuteStatement},
          {"ExecuteStatement", ExecuteStatement},
          {"ExecuteTransaction", ExecuteTransaction}};
}

}  // namespace kless::doors::aws
