#include "emulator/doors/aws/streams/operations.h"

#include <string>

#include "emulator/doors/aws/streams/records.h"
#include "emulator/doors/aws/streams/shapes.h"
#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {
namespace {

using dynamodb::ShardState;
using dynamodb::StreamSummary;

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_ListStreams.html
constexpr std::int64_t kStreamsMax = 100;
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_DescribeStream.html
constexpr std::int64_t kShardsMax = 100;

AwsResult<void> MayDo(const OperationRequest& request, std::string_view arn) {
  return Authorize(request.caller, "dynamodb:" + std::string(request.operation), arn);
}

AwsResult<std::int64_t> LimitOf(const Input& input, std::int64_t most) {
  const std::int64_t limit = input.Integer("Limit").value_or(most);
  if (limit >= 1 && limit <= most) return limit;
  return ValidationError("1 validation error detected: Value '" + std::to_string(limit) +
                         "' at 'limit' failed to satisfy constraint: Member must have value less "
                         "than or equal to " +
                         std::to_string(most));
}

void AddSummary(const StreamSummary& stream, JsonObjectText& object) {
  object.String("StreamArn", stream.arn)
      .String("TableName", stream.table)
      .String("StreamLabel", stream.label);
}

AwsResult<std::string> ListStreams(DynamoDbContext& context, const OperationRequest& request) {
  KLESS_TRY_VOID(MayDo(request, "*"));
  const Input& input = request.input;
  KLESS_TRY(const std::int64_t limit, LimitOf(input, kStreamsMax));
  const std::string after = input.TextOr("ExclusiveStartStreamArn");
  if (!after.empty() &&
      (!after.starts_with("arn:aws:dynamodb:") || after.find("/stream/") == std::string::npos)) {
    return ValidationError("Invalid ExclusiveStartStreamArn: " + after);
  }
  bool more = false;
  const auto streams = context.service.streams().List(
      ScopeOf(request), input.TextOr("TableName"), after, static_cast<std::size_t>(limit), &more);
  std::string list = "[";
  for (const StreamSummary& stream : streams) {
    JsonObjectText object;
    AddSummary(stream, object);
    AppendElement(list, object.Finish());
  }
  JsonObjectText reply;
  reply.Raw("Streams", list + "]");
  if (more) reply.String("LastEvaluatedStreamArn", streams.back().arn);
  return reply.Finish();
}

std::string ShardJson(const ShardState& shard) {
  JsonObjectText range;
  range.String("StartingSequenceNumber", shard.StartingSequenceNumber());
  if (shard.until) range.String("EndingSequenceNumber", shard.EndingSequenceNumber());
  JsonObjectText object;
  object.String("ShardId", shard.id).Raw("SequenceNumberRange", range.Finish());
  if (!shard.parent.empty()) object.String("ParentShardId", shard.parent);
  return object.Finish();
}

// "shardId-", twenty digits, "-", letters and digits.
bool IsShardId(std::string_view text) {
  return text.size() >= 28 && text.size() <= 65 && text.starts_with("shardId-");
}

// ShardFilter: the shard whose children are wanted; "" without a filter.
AwsResult<std::string> ReadFilter(const Input& input) {
  const auto filter = input.Structure("ShardFilter");
  if (!filter) return std::string();
  if (filter->Text("Type") != "CHILD_SHARDS") {
    return ValidationError(
        "1 validation error detected: Value null at 'shardFilter.type' failed to satisfy "
        "constraint: Member must not be null");
  }
  const std::string shard = filter->TextOr("ShardId");
  if (IsShardId(shard)) return shard;
  return ValidationError("1 validation error detected: Value '" + shard +
                         "' at 'shardFilter.shardId' failed to satisfy constraint: Member must be "
                         "a valid shard ID");
}

AwsResult<std::string> DescribeStream(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  const std::string arn = input.TextOr("StreamArn");
  KLESS_TRY_VOID(MayDo(request, arn));
  KLESS_TRY(const std::int64_t limit, LimitOf(input, kShardsMax));
  KLESS_TRY(const std::string children_of, ReadFilter(input));
  KLESS_TRY(const auto stream, ForClient(context.service.streams().Describe(
                                   ScopeOf(request), arn, input.TextOr("ExclusiveStartShardId"),
                                   children_of, static_cast<std::size_t>(limit))));
  std::string keys = "[";
  for (const KeyAttribute& attribute : stream.key.partition) {
    AppendElement(keys, JsonObjectText()
                            .String("AttributeName", attribute.name)
                            .String("KeyType", "HASH")
                            .Finish());
  }
  for (const KeyAttribute& attribute : stream.key.sort) {
    AppendElement(keys, JsonObjectText()
                            .String("AttributeName", attribute.name)
                            .String("KeyType", "RANGE")
                            .Finish());
  }
  std::string shards = "[";
  for (const ShardState& shard : stream.shards) AppendElement(shards, ShardJson(shard));
  JsonObjectText description;
  AddSummary(stream.stream, description);
  description.String("StreamStatus", stream.enabled ? "ENABLED" : "DISABLED")
      .String("StreamViewType", ViewTypeName(stream.view))
      .Time("CreationRequestDateTime", stream.created_nanos)
      .Raw("KeySchema", keys + "]")
      .Raw("Shards", shards + "]");
  if (stream.more) description.String("LastEvaluatedShardId", stream.shards.back().id);
  return JsonObjectText().Raw("StreamDescription", description.Finish()).Finish();
}

dynamodb::IteratorType IteratorTypeOf(std::string_view name) {
  if (name == "TRIM_HORIZON") return dynamodb::IteratorType::kTrimHorizon;
  if (name == "LATEST") return dynamodb::IteratorType::kLatest;
  return name == "AT_SEQUENCE_NUMBER" ? dynamodb::IteratorType::kAtSequenceNumber
                                      : dynamodb::IteratorType::kAfterSequenceNumber;
}

AwsResult<std::string> GetShardIterator(DynamoDbContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  const std::string arn = input.TextOr("StreamArn");
  KLESS_TRY_VOID(MayDo(request, arn));
  KLESS_TRY(const std::string iterator,
            ForClient(context.service.streams().Iterator(
                ScopeOf(request), arn, input.TextOr("ShardId"),
                IteratorTypeOf(*input.Text("ShardIteratorType")), input.TextOr("SequenceNumber"))));
  return JsonObjectText().String("ShardIterator", iterator).Finish();
}

AwsResult<std::string> GetRecords(DynamoDbContext& context, const OperationRequest& request) {
  const std::string iterator = request.input.TextOr("ShardIterator");
  KLESS_TRY_VOID(MayDo(request, iterator.substr(0, iterator.find('|'))));
  KLESS_TRY(const std::int64_t limit, LimitOf(request.input, dynamodb::kRecordsMax));
  KLESS_TRY(const auto page,
            ForClient(context.service.streams().Records(iterator, static_cast<int>(limit))));
  std::string records = "[";
  for (const RecordPtr& record : page.records) AppendElement(records, RecordJson(page, *record));
  JsonObjectText reply;
  reply.Raw("Records", records + "]");
  if (page.next_iterator) reply.String("NextShardIterator", *page.next_iterator);
  return reply.Finish();
}

}  // namespace

Service MakeStreamsService(DynamoDbContext& context) {
  Service service;
  service.target_prefix = "DynamoDBStreams_20120810";
  service.signing_name = "dynamodb";
  service.java_package = "com.amazonaws.dynamodb.v20120810";
  service.shapes = kStreamsShapes;
  service.has_checksums = true;
  for (const DynamoDbOperation operation : {DynamoDbOperation{"DescribeStream", DescribeStream},
                                            DynamoDbOperation{"GetRecords", GetRecords},
                                            DynamoDbOperation{"GetShardIterator", GetShardIterator},
                                            DynamoDbOperation{"ListStreams", ListStreams}}) {
    service.operations.push_back({operation.name, std::string(operation.name) + "Input",
                                  [&context, run = operation.run](const OperationRequest& request) {
                                    return run(context, request);
                                  }});
  }
  return service;
}

}  // namespace kless::doors::aws
