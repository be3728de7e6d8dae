#include "emulator/doors/aws/logs/groups.h"

#include <algorithm>
#include <array>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {
namespace {

using logs::LogGroup;
using logs::LogStream;

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
constexpr std::array<std::int64_t, 22> kRetentionDays = {
    1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
    365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};
constexpr std::int64_t kPage = 50;
constexpr std::size_t kTagsMax = 50;

std::map<std::string, std::string> TagsOf(const Input& input) {
  std::map<std::string, std::string> tags;
  const auto map = input.Map("tags");
  if (!map) return tags;
  for (const auto& [key, value] : *map) {
    if (value.is_string()) tags[std::string(key)] = value.get_string().value_unsafe();
  }
  return tags;
}

AwsResult<std::string> CreateLogGroup(LogsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string name, GroupNameOf(request));
  const Input& input = request.input;
  KLESS_TRY_VOID(ForClient(context.logs.CreateGroup(
      LogsScopeOf(request), name, TagsOf(input), input.TextOr("logGroupClass"),
      input.Flag("deletionProtectionEnabled").value_or(false))));
  return std::string("{}");
}

AwsResult<std::string> DeleteLogGroup(LogsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string name, GroupNameOf(request));
  KLESS_TRY_VOID(ForClient(context.logs.DeleteGroup(LogsScopeOf(request), name)));
  return std::string("{}");
}

AwsResult<std::string> CreateLogStream(LogsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string name, GroupNameOf(request));
  KLESS_TRY_VOID(ForClient(context.logs.CreateStream(LogsScopeOf(request), name,
                                                     request.input.TextOr("logStreamName"))));
  return std::string("{}");
}

AwsResult<std::string> DeleteLogStream(LogsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string name, GroupNameOf(request));
  KLESS_TRY_VOID(ForClient(context.logs.DeleteStream(LogsScopeOf(request), name,
                                                     request.input.TextOr("logStreamName"))));
  return std::string("{}");
}

std::string GroupJson(const LogGroup& group) {
  JsonObjectText object;
  object.String("logGroupName", group.name).Integer("creationTime", group.created_ms);
  if (group.retention_days > 0) object.Integer("retentionInDays", group.retention_days);
  return object.Integer("metricFilterCount", 0)
      .String("arn", group.Arn() + ":*")
      .Integer("storedBytes", static_cast<std::int64_t>(group.bytes))
      .String("logGroupClass", group.log_class)
      .String("logGroupArn", group.Arn())
      .Flag("deletionProtectionEnabled", group.is_protected)
      .Finish();
}

// Objects with the names after which they are sorted, as one page.  A token is the last name of the
// page before, in base64.
AwsResult<std::string> PageOf(const Input& input, const char* member,
                              const std::vector<std::pair<std::string, std::string>>& objects) {
  const auto limit = static_cast<std::size_t>(input.Integer("limit").value_or(kPage));
  std::optional<std::string> after;
  if (const auto token = input.Text("nextToken")) {
    after = Base64Decode(*token);
    if (!after) return InvalidLogsParameter("The specified nextToken is invalid.");
  }
  auto begin = objects.begin();
  if (after) {
    begin = std::find_if(objects.begin(), objects.end(),
                         [&](const auto& each) { return each.first == *after; });
    if (begin == objects.end()) {
      return InvalidLogsParameter("The specified nextToken is invalid.");
    }
    ++begin;
  }
  std::string list = "[";
  const auto left = static_cast<std::size_t>(objects.end() - begin);
  const auto end = begin + static_cast<std::ptrdiff_t>(std::min(limit, left));
  for (auto each = begin; each != end; ++each) AppendElement(list, each->second);
  JsonObjectText reply;
  reply.Raw(member, list + "]");
  if (left > limit) reply.String("nextToken", Base64Encode(std::prev(end)->first));
  return reply.Finish();
}

AwsResult<std::string> DescribeLogGroups(LogsContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  KLESS_TRY_VOID(Authorize(request.caller, "logs:DescribeLogGroups", "*"));
  const std::string prefix = input.TextOr("logGroupNamePrefix");
  const std::string pattern = input.TextOr("logGroupNamePattern");
  const std::string log_class = input.TextOr("logGroupClass");
  if (!prefix.empty() && !pattern.empty()) {
    return InvalidLogsParameter(
        "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
  }
  std::vector<std::pair<std::string, std::string>> objects;
  for (const LogGroup* const group : context.logs.Groups(LogsScopeOf(request))) {
    // A pattern is a part of the name, whose case does not matter.
    if (!group->name.starts_with(prefix) ||
        LowerCase(group->name).find(LowerCase(pattern)) == std::string::npos ||
        (!log_class.empty() && group->log_class != log_class)) {
      continue;
    }
    objects.emplace_back(group->name, GroupJson(*group));
  }
  return PageOf(input, "logGroups", objects);
}

std::string StreamJson(const LogGroup& group, const LogStream& stream) {
  JsonObjectText object;
  object.String("logStreamName", stream.name).Integer("creationTime", stream.created_ms);
  if (stream.first_event_ms) object.Integer("firstEventTimestamp", *stream.first_event_ms);
  if (stream.last_event_ms) object.Integer("lastEventTimestamp", *stream.last_event_ms);
  if (stream.last_ingestion_ms) object.Integer("lastIngestionTime", *stream.last_ingestion_ms);
  // AWS has reported 0 bytes for streams since 2019.
  return object.String("uploadSequenceToken", "1")
      .String("arn", group.Arn() + ":log-stream:" + stream.name)
      .Integer("storedBytes", 0)
      .Finish();
}

AwsResult<std::string> DescribeLogStreams(LogsContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  KLESS_TRY(const LogGroup* const group, FindLogGroup(context, request));
  const bool by_time = input.Text("orderBy") == "LastEventTime";
  const std::string prefix = input.TextOr("logStreamNamePrefix");
  if (by_time && !prefix.empty()) {
    return InvalidLogsParameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
  }
  std::vector<const LogStream*> streams;
  for (const auto& [name, stream] : group->streams) {
    if (name.starts_with(prefix)) streams.push_back(&stream);
  }
  if (by_time) {
    std::stable_sort(streams.begin(), streams.end(), [](const auto* left, const auto* right) {
      return left->last_event_ms.value_or(0) < right->last_event_ms.value_or(0);
    });
  }
  if (input.Flag("descending").value_or(false)) std::reverse(streams.begin(), streams.end());
  std::vector<std::pair<std::string, std::string>> objects;
  for (const LogStream* const stream : streams) {
    objects.emplace_back(stream->name, StreamJson(*group, *stream));
  }
  return PageOf(input, "logStreams", objects);
}

AwsResult<std::string> PutRetentionPolicy(LogsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string name, GroupNameOf(request));
  const std::int64_t days = request.input.Integer("retentionInDays").value_or(0);
  if (std::find(kRetentionDays.begin(), kRetentionDays.end(), days) == kRetentionDays.end()) {
    return InvalidLogsParameter(
        "1 validation error detected: Value '" + std::to_string(days) +
        "' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: "
        "[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, "
        "2922, 3288, 3653]");
  }
  KLESS_TRY_VOID(ForClient(context.logs.SetRetention(LogsScopeOf(request), name, days)));
  return std::string("{}");
}

AwsResult<std::string> DeleteRetentionPolicy(LogsContext& context,
                                             const OperationRequest& request) {
  KLESS_TRY(const std::string name, GroupNameOf(request));
  KLESS_TRY_VOID(ForClient(context.logs.SetRetention(LogsScopeOf(request), name, 0)));
  return std::string("{}");
}

AwsResult<std::string> TaggedName(const OperationRequest& request) {
  if (const auto arn = request.input.Text("resourceArn")) return GroupNameOf(request, *arn);
  return GroupNameOf(request);
}

AwsResult<std::string> AddTags(LogsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string name, TaggedName(request));
  const logs::Scope scope = LogsScopeOf(request);
  KLESS_TRY(const LogGroup* const group, ForClient(context.logs.GetGroup(scope, name)));
  auto tags = group->tags;
  for (auto& [key, value] : TagsOf(request.input)) tags[key] = value;
  if (tags.size() > kTagsMax) {
    const char* const type =
        request.input.Has("resourceArn") ? "TooManyTagsException" : "InvalidParameterException";
    return ErrorOf(logs::Failure{type, "A resource can have at most 50 tags."});
  }
  KLESS_TRY_VOID(ForClient(context.logs.SetTags(scope, name, std::move(tags))));
  return std::string("{}");
}

AwsResult<std::string> RemoveTags(LogsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string name, TaggedName(request));
  const logs::Scope scope = LogsScopeOf(request);
  KLESS_TRY(const LogGroup* const group, ForClient(context.logs.GetGroup(scope, name)));
  auto tags = group->tags;
  for (const char* const member : {"tags", "tagKeys"}) {
    const auto keys = request.input.List(member);
    if (!keys) continue;
    for (const simdjson::dom::element key : *keys) {
      if (key.is_string()) tags.erase(std::string(key.get_string().value_unsafe()));
    }
  }
  KLESS_TRY_VOID(ForClient(context.logs.SetTags(scope, name, std::move(tags))));
  return std::string("{}");
}

AwsResult<std::string> ListTags(LogsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string name, TaggedName(request));
  KLESS_TRY(const LogGroup* const group,
            ForClient(context.logs.GetGroup(LogsScopeOf(request), name)));
  std::string object = "{";
  for (const auto& [key, value] : group->tags) {
    std::string member;
    AppendJsonString(member, key);
    member += ':';
    AppendJsonString(member, value);
    AppendElement(object, member);
  }
  return JsonObjectText().Raw("tags", object + "}").Finish();
}

}  // namespace

std::vector<LogsOperation> LogGroupOperations() {
  return {{"CreateLogGroup", CreateLogGroup},
          {"CreateLogStream", CreateLogStream},
          {"DeleteLogGroup", DeleteLogGroup},
          {"DeleteLogStream", DeleteLogStream},
          {"DeleteRetentionPolicy", DeleteRetentionPolicy},
          {"DescribeLogGroups", DescribeLogGroups},
          {"DescribeLogStreams", DescribeLogStreams},
          {"ListTagsForResource", ListTags},
          {"ListTagsLogGroup", ListTags},
          {"PutRetentionPolicy", PutRetentionPolicy},
          {"TagLogGroup", AddTags},
          {"TagResource", AddTags},
          {"UntagLogGroup", RemoveTags},
          {"UntagResource", RemoveTags}};
}

}  // namespace kless::doors::aws
