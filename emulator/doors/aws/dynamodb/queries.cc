// Query and Scan.
//
// Both read one page, filter it, and reply with what the projection shows.  The texts about the
// starting key and the selection are AWS's, as dynalite's suite has them.
#include "emulator/doors/aws/dynamodb/queries.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "emulator/doors/aws/dynamodb/expressions.h"
#include "emulator/doors/aws/dynamodb/replies.h"
#include "emulator/doors/aws/dynamodb/writes.h"
#include "emulator/dynamodb/model/expression/evaluator.h"
#include "emulator/dynamodb/model/expression/key_rules.h"
#include "emulator/dynamodb/model/key_schema.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless::doors::aws {
namespace {

using dynamodb::Consistency;
using dynamodb::ReadPage;
using dynamodb::ReadPosition;
using dynamodb::ReadRequest;
using dynamodb::SecondaryIndex;
using dynamodb::TableState;

constexpr const char* kInvalidStart = "The provided starting key is invalid";

// ExclusiveStartKey as values; nullopt if it is absent.
AwsResult<std::optional<AttributeMap>> ReadStartKey(const Input& input, ErrorTexts texts) {
  const auto member = input.Find("ExclusiveStartKey");
  if (!member) return std::optional<AttributeMap>();
  auto values = ReadItem(*member, texts);
  if (values.has_value()) return std::optional<AttributeMap>(std::move(values).value());
  // AWS says which parameter is wrong only for some mistakes.
  std::string message = values.error().message;
  const bool stands_alone = message.find("contains duplicates") != std::string::npos ||
                            message.find("number set") != std::string::npos ||
                            message.find("numeric value") != std::string::npos ||
                            message.find("significant digits") != std::string::npos ||
                            message.find("number with magnitude") != std::string::npos;
  return ValidationError(stands_alone ? message : std::string(kInvalidStart) + ": " + message);
}

struct Source {
  const TableState* table = nullptr;
  const SecondaryIndex* index = nullptr;
  const KeySchema& keys() const { return index != nullptr ? index->key : table->layout.keys; }
};

AwsResult<Source> FindSource(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  Source source;
  KLESS_TRY(source.table, FindTable(context, request, *input.Text("TableName")));
  const auto name = input.Text("IndexName");
  if (!name) return source;
  KLESS_TRY_VOID(Authorize(request.caller, "dynamodb:" + std::string(request.operation),
                           source.table->arn + "/index/" + std::string(*name)));
  KLESS_TRY(source.index,
            ForClient(context.service.catalog().FindActiveIndex(*source.table, *name)));
  if (source.index == nullptr) {
    return ValidationError("The table does not have the specified index: " + std::string(*name));
  }
  if (source.index->is_global() && input.Flag("ConsistentRead").value_or(false)) {
    return ValidationError("Consistent reads are not supported on global secondary indexes");
  }
  return source;
}

// What Select, AttributesToGet and ProjectionExpression say together, before the table is known.
AwsResult<void> CheckSelect(const Input& input) {
  const auto select = input.Text("Select");
  if (!select) return {};
  const bool has_list = input.Has("AttributesToGet");
  const bool has_expression = input.Has("ProjectionExpression");
  if (*select == "SPECIFIC_ATTRIBUTES") {
    if (has_list || has_expression) return {};
    return ValidationError(
        "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
        "SPECIFIC_ATTRIBUTES");
  }
  if (has_list || has_expression) {
    return ValidationError(std::string("Cannot specify the ") +
                           (has_list ? "AttributesToGet" : "ProjectionExpression") +
                           " when choosing to get " +
                           (*select == "COUNT" ? "only the Count" : std::string(*select)));
  }
  if (*select == "ALL_PROJECTED_ATTRIBUTES" && !input.Has("IndexName")) {
    return ValidationError(
        "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
  }
  return {};
}

AwsResult<void> CheckSelectOfIndex(const Input& input, const Source& source,
                                   const std::optional<Projection>& projection) {
  const SecondaryIndex* const index = source.index;
  if (index == nullptr || !index->is_global()) return {};
  if (input.Text("Select") == "ALL_ATTRIBUTES" &&
      index->projection != dynamodb::ProjectionType::kAll) {
    return ValidationError(std::string(kInvalidParameters) +
                           "Select type ALL_ATTRIBUTES is not supported for global secondary "
                           "index " +
                           index->name + " because its projection type is not ALL");
  }
  if (!projection) return {};
  return CheckProjected(*source.table, *index, projection->paths);
}

// The part of `values` that a schema names.
AttributeMap PartOf(const AttributeMap& values, const KeySchema& schema) {
  AttributeMap part;
  for (const KeyAttribute& attribute : schema.All()) {
    const auto found = values.find(attribute.name);
    if (found != values.end()) part.insert(*found);
  }
  return part;
}

// The number of attributes that a starting key has.
std::size_t CountStartNames(const Source& source) {
  const KeySchema& table = source.table->layout.keys;
  std::size_t count = table.All().size();
  if (source.index == nullptr) return count;
  for (const KeyAttribute& attribute : source.index->key.All()) {
    if (!table.Contains(attribute.name)) ++count;
  }
  return count;
}

// The position that a starting key names, whose values of the index have been checked.  It need not
// be the key of an item.
AwsResult<ReadPosition> ReadStart(const Source& source, const AttributeMap& values) {
  ReadPosition position;
  if (source.index != nullptr) {
    KLESS_TRY(position.entry,
              ForClient(KeyOf(source.index->key, PartOf(values, source.index->key))));
  }
  auto key = KeyOf(source.table->layout.keys, PartOf(values, source.table->layout.keys));
  if (key.has_error()) {
    return ValidationError(std::string(kInvalidStart) + ": " + key.error().message);
  }
  position.item = std::move(key).value();
  return position;
}

// The key bytes of a position in what is read.
const Key& PlaceOf(const Source& source, const ReadPosition& position) {
  return source.index != nullptr ? position.entry : position.item;
}

// Which items and attributes of a page the reply has.
struct View {
  std::optional<ConditionNode> filter;
  std::optional<Projection> projection;
};

std::string PageReply(DynamoDbContext& context, const Input& input, const Source& source,
                      const ReadPage& page, const View& view) {
  const bool only_counts = input.Text("Select") == "COUNT";
  const ItemLayout& layout = source.table->layout;
  std::string items = "[";
  std::int64_t count = 0;
  for (const ItemPtr& item : page.items) {
    if (view.filter && !Meets(*view.filter, layout, item, context.parser)) continue;
    ++count;
    if (only_counts) continue;
    if (count > 1) items += ',';
    AppendItem(layout, *item, view.projection, context.parser, items);
  }
  items += ']';
  JsonObjectText reply;
  reply.Integer("Count", count);
  if (!only_counts) reply.Raw("Items", items);
  reply.Integer("ScannedCount", static_cast<std::int64_t>(page.items.size()));
  if (page.last)
    reply.Raw("LastEvaluatedKey", LastKeyJson(*source.table, source.index, *page.last));
  AddConsumedCapacity(input, page.consumed, reply);
  return reply.Finish();
}

void SetCommon(const Input& input, const Source& source, const View& view, ReadRequest* read) {
  read->table = source.table;
  read->index = source.index;
  read->limit =
      static_cast<int>(std::min<std::int64_t>(input.Integer("Limit").value_or(0), INT32_MAX));
  if (input.Flag("ConsistentRead").value_or(false)) read->consistency = Consistency::kStrong;
  // A local index reads what it does not project from the table.
  if (source.index == nullptr || source.index->is_global()) return;
  read->whole_items = input.Text("Select") == "ALL_ATTRIBUTES";
  if (!view.projection) return;
  if (!UnprojectedNames(*source.table, *source.index, view.projection->paths).empty()) {
    read->whole_items = true;
  }
}

AwsResult<std::string> Query(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  KLESS_TRY_VOID(
      CheckMix(input,
               {{"ProjectionExpression", "FilterExpression", "KeyConditionExpression"},
                {"AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"}},
               context.texts));
  KLESS_TRY(auto query_filter, ReadFilter(input, "QueryFilter", context.texts));
  KLESS_TRY(auto attributes_to_get, ReadAttributesToGet(input));
  KLESS_TRY(const auto start_values, ReadStartKey(input, context.texts));
  if (!input.Has("KeyConditions") && !input.Has("KeyConditionExpression")) {
    return ValidationError(
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
        "request.");
  }
  KLESS_TRY(Expressions expressions,
            CompileExpressions(
                input, {"ProjectionExpression", "FilterExpression", "KeyConditionExpression"},
                context.texts));
  KLESS_TRY(auto key_conditions, ReadKeyConditionsMap(input, context.texts));
  // Since 2026 the schema limits the number of conditions of an expression.
  const bool is_limited_by_schema = !key_conditions && context.texts == ErrorTexts::kCurrent;
  if (key_conditions) expressions.key = std::move(key_conditions);
  // The key of a table has two attributes at most, that of an index up to eight.
  const bool exceeds_tables = expressions.key->size() > 2 && !input.Has("IndexName");
  if (expressions.key->empty() || (exceeds_tables && !is_limited_by_schema)) {
    return ValidationError("Conditions can be of length 1 or 2 only");
  }
  KLESS_TRY_VOID(InEnvelope(CheckSelect(input), context.texts));
  const bool is_legacy_filter = query_filter.has_value();
  View view{std::move(expressions.filter), std::move(expressions.projection)};
  if (query_filter) view.filter = std::move(query_filter);
  if (attributes_to_get) view.projection = std::move(attributes_to_get);

  KLESS_TRY(const Source source, FindSource(context, request));
  if (start_values && start_values->size() != CountStartNames(source)) {
    return ValidationError(kInvalidStart);
  }
  const std::size_t conditions = expressions.key->size();
  const std::size_t attributes = source.keys().All().size();
  if (is_limited_by_schema && conditions > 2 && conditions > attributes) {
    return ValidationError("The number of query conditions (" + std::to_string(conditions) +
                           ") exceeds the number of key attributes defined in the schema (" +
                           std::to_string(attributes) + ")");
  }
  KLESS_TRY(const PartitionRange range,
            ForClient(MakePartitionRange(*expressions.key, source.keys(),
                                         start_values ? &*start_values : nullptr)));
  if (start_values && source.index == nullptr && source.keys().sort.empty()) {
    // The only item of the partition has been read.
    return ValidationError("The provided exclusive start key is invalid: ExclusiveStartKey: " +
                           ToJson(*start_values));
  }
  std::optional<ReadPosition> start;
  if (start_values) {
    KLESS_TRY(start, ReadStart(source, *start_values));
    const Key& place = PlaceOf(source, *start);
    const bool has_range = !range.from.empty() || range.to.has_value();
    if (has_range && !range.Contains(place.sort)) {
      return ValidationError("The provided starting key does not match the range key predicate");
    }
    if (place.partition != range.partition) {
      return ValidationError(
          has_range ? "The query can return at most one row and cannot be restarted"
                    : "The provided starting key is outside query boundaries based on provided "
                      "conditions");
    }
  }
  if (view.projection) {
    KLESS_TRY_VOID(CheckPathsInKeys(*source.table, *view.projection));
  }
  if (view.filter) {
    KLESS_TRY_VOID(ForClient(CheckFilterKeys(
        *view.filter, source.keys(), is_legacy_filter ? "QueryFilter" : "Filter Expression")));
  }
  KLESS_TRY_VOID(CheckSelectOfIndex(input, source, view.projection));
  if (view.filter) {
    KLESS_TRY_VOID(CheckPathsInKeys(*source.table, *view.filter));
  }

  ReadRequest read;
  SetCommon(input, source, view, &read);
  read.partition = range.partition;
  if (!range.from.empty()) read.from = range.from;
  read.below = range.to;
  read.forward = input.Flag("ScanIndexForward").value_or(true);
  read.after = std::move(start);
  KLESS_TRY(const ReadPage page, ForClient(context.service.reader().Read(read)));
  return PageReply(context, input, source, page, view);
}

AwsResult<void> CheckSegments(const Input& input) {
  const auto segment = input.Integer("Segment");
  const auto total = input.Integer("TotalSegments");
  if (segment && !total) {
    return ValidationError(
        "The TotalSegments parameter is required but was not present in the request when Segment "
        "parameter is present");
  }
  if (total && !segment) {
    return ValidationError(
        "The Segment parameter is required but was not present in the request when parameter "
        "TotalSegments is present");
  }
  if (total && *segment >= *total) {
    return ValidationError(
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
        "Segment: " +
        std::to_string(*segment) + " is not less than TotalSegments: " + std::to_string(*total));
  }
  return {};
}

AwsResult<std::string> Scan(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  KLESS_TRY_VOID(CheckMix(input,
                          {{"ProjectionExpression", "FilterExpression"},
                           {"AttributesToGet", "ScanFilter", "ConditionalOperator"}},
                          ErrorTexts::kOlder));
  KLESS_TRY(auto attributes_to_get, ReadAttributesToGet(input));
  KLESS_TRY(auto scan_filter, ReadFilter(input, "ScanFilter", ErrorTexts::kOlder));
  KLESS_TRY(const auto start_values, ReadStartKey(input, ErrorTexts::kOlder));
  KLESS_TRY_VOID(CheckSegments(input));
  KLESS_TRY(
      Expressions expressions,
      CompileExpressions(input, {"ProjectionExpression", "FilterExpression"}, ErrorTexts::kOlder));
  KLESS_TRY_VOID(CheckSelect(input));
  View view{std::move(expressions.filter), std::move(expressions.projection)};
  if (scan_filter) view.filter = std::move(scan_filter);
  if (attributes_to_get) view.projection = std::move(attributes_to_get);

  KLESS_TRY(const Source source, FindSource(context, request));
  ReadRequest read;
  read.segment = static_cast<int>(input.Integer("Segment").value_or(0));
  read.segments = static_cast<int>(input.Integer("TotalSegments").value_or(1));
  if (start_values && start_values->size() != CountStartNames(source)) {
    return ValidationError(source.index != nullptr
                               ? std::string(kInvalidStart)
                               : std::string(kInvalidStart) +
                                     ": The provided key element does not match the schema");
  }
  if (start_values && source.index != nullptr) {
    for (const KeyAttribute& attribute : source.keys().All()) {
      KLESS_TRY_VOID(ForClient(CheckStartValue(source.keys(), attribute, *start_values)));
    }
  }
  KLESS_TRY_VOID(CheckSelectOfIndex(input, source, view.projection));
  if (start_values) {
    KLESS_TRY(read.after, ReadStart(source, *start_values));
    if (!dynamodb::MayContinue(source.index, *read.after, read.segment, read.segments)) {
      return ValidationError(
          "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
          "ExclusiveStartKey with correct Segment. TotalSegments: " +
          std::to_string(read.segments) + " Segment: " + std::to_string(read.segment));
    }
  }
  if (view.projection) {
    KLESS_TRY_VOID(CheckPathsInKeys(*source.table, *view.projection));
  }
  if (view.filter) {
    KLESS_TRY_VOID(CheckPathsInKeys(*source.table, *view.filter));
  }
  SetCommon(input, source, view, &read);
  KLESS_TRY(const ReadPage page, ForClient(context.service.reader().Read(read)));
  return PageReply(context, input, source, page, view);
}

}  // namespace

std::string UnprojectedNames(const TableState& table, const SecondaryIndex& index,
                             const std::vector<DocumentPath>& paths) {
  std::string names;
  for (const DocumentPath& path : paths) {
    const std::string& name = path.front().name;
    if (index.Projects(name) || table.layout.keys.Contains(name)) continue;
    names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

AwsResult<void> CheckProjected(const TableState& table, const SecondaryIndex& index,
                               const std::vector<DocumentPath>& paths) {
  if (!index.is_global()) return {};
  const std::string missing = UnprojectedNames(table, index, paths);
  if (missing.empty()) return {};
  return ValidationError(std::string(kInvalidParameters) + "Global secondary index " + index.name +
                         " does not project [" + missing + "]");
}

std::string LastKeyJson(const TableState& table, const SecondaryIndex* index,
                        const ReadPosition& last) {
  AttributeMap values = KeyValues(table.layout.keys, last.item);
  if (index != nullptr) values.merge(KeyValues(index->key, last.entry));
  return ToJson(values);
}

std::vector<DynamoDbOperation> QueryOperations() { return {{"Query", Query}, {"Scan", Scan}}; }

}  // namespace kless::doors::aws
