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
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/random.h"
#include "emulator/base/strings.h"
#include "emulator/doors/aws/dynamodb/expressions.h"
#include "emulator/doors/aws/dynamodb/queries.h"
#include "emulator/doors/aws/dynamodb/replies.h"
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
using dynamodb::ReadPosition;
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

// Where a SELECT continues: a range of its plan, and the position in it.
struct SelectPosition {
  std::size_t range = 0;
  std::optional<ReadPosition> after;
};

// "2.aWQ=.MQ==..": opaque to clients.
std::string TokenOf(const SelectPosition& position) {
  std::string token = std::to_string(position.range);
  const ReadPosition after = position.after.value_or(ReadPosition{});
  for (const std::string* const part :
       {&after.item.partition, &after.item.sort, &after.entry.partition, &after.entry.sort}) {
    token.append(".").append(Base64Encode(*part));
  }
  return token;
}

AwsResult<SelectPosition> ParseToken(std::string_view token, std::size_t ranges) {
  const AwsError invalid = ValidationError("The provided NextToken is not valid");
  const std::vector<std::string_view> pieces = Split(token, '.');
  if (pieces.size() != 5) return invalid;
  SelectPosition position;
  const auto range = ParseUnsigned(pieces[0]);
  if (!range || *range >= std::max<std::size_t>(ranges, 1)) return invalid;
  position.range = *range;
  ReadPosition after;
  std::string* const parts[] = {&after.item.partition, &after.item.sort, &after.entry.partition,
                                &after.entry.sort};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto decoded = Base64Decode(pieces[i + 1]);
    if (!decoded) return invalid;
    *parts[i] = *decoded;
  }
  if (!after.item.partition.empty()) position.after = std::move(after);
  return position;
}

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
    KLESS_TRY(position, ParseToken(*token, plan.ranges.size()));
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
    reply.String("NextToken", TokenOf(*next));
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

// The member Item of one statement's response; "" if there is none.
AwsResult<std::string> AnswerOne(DynamoDbContext& context, const OperationRequest& request,
                                 const Input& input, std::string* table_name,
                                 std::map<std::string, ConsumedCapacity>* consumed) {
  KLESS_TRY(Statement statement, ReadStatement(input));
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
  std::string responses = "[";
  std::map<std::string, ConsumedCapacity> consumed;
  for (const element one : simdjson::dom::array(*request.input.List("Statements"))) {
    const Input input(one.get_object().value_unsafe());
    std::string table_name;
    auto answer = AnswerOne(context, request, input, &table_name, &consumed);
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
  AddConsumedCapacity(request.input, consumed, /*by_kind=*/false, reply);
  return reply.Raw("Responses", responses + "]").Finish();
}

// --- ExecuteTransaction -------------------------------------------------------------------------

AwsResult<std::string> ReadInTransaction(DynamoDbContext& context, const OperationRequest& request,
                                         const std::vector<Statement>& statements) {
  std::vector<dynamodb::CancellationReason> reasons(statements.size());
  bool is_cancelled = false;
  std::string responses = "[";
  std::map<std::string, ConsumedCapacity> consumed;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    KLESS_TRY(const TableState* const table, TableOf(context, request, statements[i]));
    auto plan = PlanItem(statements[i], table->layout.keys);
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
    const std::string item = FoundItem(context, statements[i], read, *found);
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
  std::vector<Statement> statements;
  std::vector<Input> inputs;
  for (const element one : simdjson::dom::array(*input.List("TransactStatements"))) {
    inputs.emplace_back(one.get_object().value_unsafe());
    KLESS_TRY(Statement statement, ReadStatement(inputs.back()));
    statements.push_back(std::move(statement));
  }
  const auto reads = std::count_if(statements.begin(), statements.end(), IsRead);
  if (reads > 0 && static_cast<std::size_t>(reads) < statements.size()) {
    return ValidationError(
        "Transaction statements must all be reads or all be writes: EXISTS is used among writes");
  }
  if (reads > 0) return ReadInTransaction(context, request, statements);
  std::vector<std::unique_ptr<StatementWrite>> writes;
  std::vector<WriteRequest> requests;
  std::vector<const ItemLayout*> layouts;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    KLESS_TRY(auto write, PlanWrite(context, request, std::move(statements[i]), inputs[i]));
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
