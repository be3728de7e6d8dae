#include "emulator/doors/aws/lambda/mappings.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/doors/aws/wire/json_text.h"
#include "functions/pool/mapping/filter_pattern.h"

namespace kless::doors::aws {
namespace {

using lambda::MappingDefinition;

constexpr int kMappingsOfAPage = 100;
constexpr std::int64_t kRecordAgeMin = 60;
constexpr std::int64_t kAttemptsMax = 10'000;

AwsError InvalidMapping(std::string message) {
  return ErrorOf(lambda::InvalidParameter(std::move(message)));
}

std::int64_t SecondsOf(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

std::string DestinationsJson(const MappingDefinition& mapping) {
  std::string on_failure = "{}";
  if (!mapping.destination.empty()) {
    on_failure = JsonObjectText().String("Destination", mapping.destination).Finish();
  }
  return R"({"OnFailure":)" + on_failure + "}";
}

std::string MappingJson(const LambdaContext& context, const MappingDefinition& mapping,
                        const std::string& state) {
  const EventSourceMappingConfig& config = mapping.config;
  JsonObjectText text;
  text.String("UUID", mapping.uuid)
      .String("StartingPosition",
              config.starting_position == StartingPosition::kLatest ? "LATEST" : "TRIM_HORIZON")
      .Integer("BatchSize", config.batch_size)
      .Integer("MaximumBatchingWindowInSeconds", SecondsOf(config.maximum_batching_window))
      .Integer("ParallelizationFactor", config.parallelization_factor)
      .String("EventSourceArn", mapping.stream_arn);
  if (!mapping.filters.empty()) {
    std::string filters = "[";
    for (const std::string& filter : mapping.filters) {
      AppendElement(filters, JsonObjectText().String("Pattern", filter).Finish());
    }
    text.Raw("FilterCriteria", R"({"Filters":)" + filters + "]}");
  }
  text.String("FunctionArn", mapping.function_arn)
      .Time("LastModified", mapping.modified_nanos)
      .String("LastProcessingResult", context.mappings.LastResultOf(mapping))
      .String("State", state)
      .String("StateTransitionReason", "User action")
      .Raw("DestinationConfig", DestinationsJson(mapping))
      .Integer("MaximumRecordAgeInSeconds", config.maximum_record_age < Duration::zero()
                                                ? -1
                                                : SecondsOf(config.maximum_record_age))
      .Flag("BisectBatchOnFunctionError", config.bisect_batch_on_function_error)
      .Integer("MaximumRetryAttempts", config.maximum_retry_attempts)
      .Integer("TumblingWindowInSeconds", SecondsOf(config.tumbling_window))
      .Raw("FunctionResponseTypes",
           config.report_batch_item_failures ? R"(["ReportBatchItemFailures"])" : "[]")
      .String("EventSourceMappingArn",
              mapping.function_arn.substr(0, mapping.function_arn.find(":function:")) +
                  ":event-source-mapping:" + mapping.uuid);
  return text.Finish();
}

std::string MappingJson(const LambdaContext& context, const MappingDefinition& mapping) {
  return MappingJson(context, mapping, context.mappings.StateOf(mapping));
}

AwsResult<void> ApplyFilters(const Input& input, MappingDefinition& mapping) {
  const auto criteria = input.Structure("FilterCriteria");
  if (!criteria) return {};
  mapping.filters.clear();
  const auto list = criteria->List("Filters");
  if (!list) return {};
  for (const simdjson::dom::element each : simdjson::dom::array(*list)) {
    const std::string pattern = Input(each.get_object().value_unsafe()).TextOr("Pattern");
    const auto parsed = ParseJson(pattern);
    if (parsed.has_error() || CheckFilterPattern(parsed.value()).has_error()) {
      return InvalidMapping("Invalid filter pattern definition.");
    }
    mapping.filters.push_back(pattern);
  }
  if (mapping.filters.size() > kFilterPatternsMax) {
    return InvalidMapping("Maximum number of filters exceeded: " +
                          std::to_string(kFilterPatternsMax));
  }
  return {};
}

AwsResult<void> ApplyDestination(const Input& input, MappingDefinition& mapping) {
  const auto destinations = input.Structure("DestinationConfig");
  if (!destinations) return {};
  if (const auto on_success = destinations->Structure("OnSuccess")) {
    if (on_success->Has("Destination")) {
      return InvalidMapping(
          "Unsupported DestinationConfig parameter for given event source mapping type.");
    }
  }
  mapping.destination.clear();
  const auto on_failure = destinations->Structure("OnFailure");
  if (!on_failure) return {};
  mapping.destination = on_failure->TextOr("Destination");
  if (!mapping.destination.empty() && !mapping.destination.starts_with("arn:aws:sqs:")) {
    return InvalidMapping(
        "A destination on failure other than a queue of SQS is not supported "
        "by kless: " +
        mapping.destination);
  }
  return {};
}

// Applies the members that are given.
AwsResult<void> ApplyMembers(const Input& input, MappingDefinition& mapping) {
  EventSourceMappingConfig& config = mapping.config;
  if (input.Has("KMSKeyArn")) return InvalidMapping("KMSKeyArn is not supported by kless.");
  if (const auto enabled = input.Flag("Enabled")) config.enabled = *enabled;
  if (const auto size = input.Integer("BatchSize")) config.batch_size = static_cast<int>(*size);
  if (const auto window = input.Integer("MaximumBatchingWindowInSeconds")) {
    config.maximum_batching_window = std::chrono::seconds(*window);
  }
  if (const auto factor = input.Integer("ParallelizationFactor")) {
    config.parallelization_factor = static_cast<int>(*factor);
  }
  if (const auto age = input.Integer("MaximumRecordAgeInSeconds")) {
    if (*age != -1 && *age < kRecordAgeMin) {
      return InvalidMapping(
          "MaximumRecordAgeInSeconds must be -1, or a value between 60 and 604800.");
    }
    config.maximum_record_age = std::chrono::seconds(*age);
  }
  if (const auto bisect = input.Flag("BisectBatchOnFunctionError")) {
    config.bisect_batch_on_function_error = *bisect;
  }
  if (const auto attempts = input.Integer("MaximumRetryAttempts")) {
    config.maximum_retry_attempts = static_cast<int>(std::min(*attempts, kAttemptsMax));
  }
  if (const auto window = input.Integer("TumblingWindowInSeconds")) {
    config.tumbling_window = std::chrono::seconds(*window);
  }
  if (const auto types = input.List("FunctionResponseTypes")) {
    config.report_batch_item_failures = types->size() > 0;
  }
  KLESS_TRY_VOID(ApplyFilters(input, mapping));
  return ApplyDestination(input, mapping);
}

// The function that a mapping invokes.
AwsResult<void> SetFunction(LambdaContext& context, const OperationRequest& request,
                            std::string_view action, MappingDefinition& mapping) {
  KLESS_TRY(const auto named,
            NameFunction(request.caller, request.input.TextOr("FunctionName"), action));
  const lambda::FunctionDefinition* const function = context.functions.Find(named.name);
  if (function == nullptr) return InvalidMapping("Function does not exist");
  mapping.function = function->name;
  mapping.function_arn = function->Arn();
  return {};
}

AwsResult<std::string> CreateEventSourceMapping(LambdaContext& context,
                                                const OperationRequest& request) {
  const Input& input = request.input;
  MappingDefinition mapping;
  mapping.stream_arn = input.TextOr("EventSourceArn");
  const bool is_stream = mapping.stream_arn.starts_with("arn:aws:dynamodb:") &&
                         mapping.stream_arn.find("/stream/") != std::string::npos;
  if (!is_stream) return InvalidMapping("Unrecognized event source.");
  if (input.Has("Tags")) return InvalidMapping("Tags of mappings are not supported by kless.");
  KLESS_TRY_VOID(SetFunction(context, request, "lambda:CreateEventSourceMapping", mapping));
  const auto position = input.Text("StartingPosition");
  if (!position) {
    return InvalidMapping(
        "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
        "constraint: Member must not be null.");
  }
  if (*position == "AT_TIMESTAMP") {
    return InvalidMapping("Unsupported starting position for stream type.");
  }
  mapping.config.starting_position =
      *position == "LATEST" ? StartingPosition::kLatest : StartingPosition::kTrimHorizon;
  KLESS_TRY_VOID(ApplyMembers(input, mapping));
  KLESS_TRY(const auto* created, FromLambda(context.mappings.Create(std::move(mapping))));
  return MappingJson(context, *created, "Creating");
}

AwsResult<const MappingDefinition*> FindMapping(LambdaContext& context,
                                                const OperationRequest& request,
                                                std::string_view action) {
  const std::string uuid = request.input.TextOr("UUID");
  KLESS_TRY_VOID(Authorize(request.caller, action,
                           "arn:aws:lambda:" + request.caller.region + ":" +
                               request.caller.account + ":event-source-mapping:" + uuid));
  return FromLambda(context.mappings.Get(uuid));
}

AwsResult<std::string> GetEventSourceMapping(LambdaContext& context,
                                             const OperationRequest& request) {
  KLESS_TRY(const auto* mapping, FindMapping(context, request, "lambda:GetEventSourceMapping"));
  return MappingJson(context, *mapping);
}

AwsResult<std::string> UpdateEventSourceMapping(LambdaContext& context,
                                                const OperationRequest& request) {
  KLESS_TRY(const auto* mapping, FindMapping(context, request, "lambda:UpdateEventSourceMapping"));
  MappingDefinition changed = *mapping;
  if (request.input.Has("FunctionName")) {
    KLESS_TRY_VOID(SetFunction(context, request, "lambda:UpdateEventSourceMapping", changed));
  }
  KLESS_TRY_VOID(ApplyMembers(request.input, changed));
  const bool was_enabled = mapping->config.enabled;
  KLESS_TRY(const auto* updated, FromLambda(context.mappings.Update(std::move(changed))));
  const bool is_enabled = updated->config.enabled;
  return MappingJson(
      context, *updated,
      is_enabled == was_enabled ? "Updating" : (is_enabled ? "Enabling" : "Disabling"));
}

AwsResult<std::string> DeleteEventSourceMapping(LambdaContext& context,
                                                const OperationRequest& request) {
  KLESS_TRY(const auto* mapping, FindMapping(context, request, "lambda:DeleteEventSourceMapping"));
  KLESS_TRY(const auto deleted, FromLambda(context.mappings.Delete(mapping->uuid)));
  return MappingJson(context, deleted, "Deleting");
}

AwsResult<std::string> ListEventSourceMappings(LambdaContext& context,
                                               const OperationRequest& request) {
  KLESS_TRY_VOID(Authorize(request.caller, "lambda:ListEventSourceMappings", "*"));
  const std::string source = request.input.TextOr("EventSourceArn");
  std::string function;
  if (const auto text = request.input.Text("FunctionName")) {
    KLESS_TRY(const auto named,
              NameFunction(request.caller, *text, "lambda:ListEventSourceMappings"));
    function = named.name;
  }
  const std::string after = request.input.TextOr("Marker");
  const auto limit = std::min<std::int64_t>(
      request.input.Integer("MaxItems").value_or(kMappingsOfAPage), kMappingsOfAPage);
  std::string list = "[";
  std::string last;
  std::int64_t count = 0;
  bool more = false;
  for (const MappingDefinition* mapping : context.mappings.All()) {
    if (mapping->uuid <= after || (!source.empty() && mapping->stream_arn != source) ||
        (!function.empty() && mapping->function != function)) {
      continue;
    }
    more = count == limit;
    if (more) break;
    AppendElement(list, MappingJson(context, *mapping));
    last = mapping->uuid;
    ++count;
  }
  JsonObjectText text;
  if (more) text.String("NextMarker", last);
  return text.Raw("EventSourceMappings", list + "]").Finish();
}

}  // namespace

const std::vector<LambdaOperation>& LambdaMappingOperations() {
  static const std::vector<LambdaOperation> operations = {
      {"POST", "/2015-03-31/event-source-mappings", "CreateEventSourceMapping", 202,
       CreateEventSourceMapping},
      {"GET", "/2015-03-31/event-source-mappings", "ListEventSourceMappings", 200,
       ListEventSourceMappings},
      {"GET", "/2015-03-31/event-source-mappings/{UUID}", "GetEventSourceMapping", 200,
       GetEventSourceMapping},
      {"PUT", "/2015-03-31/event-source-mappings/{UUID}", "UpdateEventSourceMapping", 202,
       UpdateEventSourceMapping},
      {"DELETE", "/2015-03-31/event-source-mappings/{UUID}", "DeleteEventSourceMapping", 202,
       DeleteEventSourceMapping},
  };
  return operations;
}

}  // namespace kless::doors::aws
