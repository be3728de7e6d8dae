#include "emulator/doors/aws/dynamodb/table_settings.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/doors/aws/dynamodb/tags.h"
#include "emulator/doors/aws/wire/json_text.h"
#include "emulator/dynamodb/table_arn.h"

namespace kless::doors::aws {
namespace {

using dynamodb::TableState;

// The restore window unless the request gives one, and how far its end lags behind the present:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoveryDescription.html
constexpr std::int64_t kRecoveryDays = 35;
constexpr std::int64_t kRecoveryLagNanos = std::int64_t{5} * 60 * kNanosPerSecond;

AwsResult<void> MaySet(const OperationRequest& request, std::string_view resource) {
  return Authorize(request.caller, "dynamodb:" + std::string(request.operation),
                   TableArnOf(request, resource));
}

AwsResult<const TableState*> TableOf(DynamoDbContext& context, const OperationRequest& request) {
  const std::string_view name = *request.input.Text("TableName");
  KLESS_TRY_VOID(MaySet(request, name));
  return ForClient(context.service.catalog().Find(ScopeOf(request), name));
}

// What an ARN of a resource must look like, before anything is looked up.
AwsResult<void> CheckResourceArn(const std::string& arn, bool is_policy) {
  if (!arn.starts_with("arn:")) {
    return ValidationError(std::string(kInvalidParameters) + "ARNs must start with 'arn:': " + arn);
  }
  const auto parts = dynamodb::ParseArn(arn);
  if (parts && parts->service != "dynamodb") return ErrorOf(dynamodb::AccessDenied());
  if (parts) {
    const std::string_view resource = parts->resource;
    const auto kind = resource.find('/', std::string_view("table/").size());
    const std::string_view rest =
        kind == std::string_view::npos ? std::string_view() : resource.substr(kind);
    if (!resource.starts_with("table/") ||
        (!rest.empty() && !rest.starts_with("/stream") && !rest.starts_with("/index"))) {
      return ValidationError(std::string(kInvalidParameters) +
                             "Provided Arn is not a DynamoDB resource arn: " + arn);
    }
    if (is_policy && parts->partition != "aws") {
      return ValidationError(std::string(kInvalidParameters) + "Invalid resource Arn: " + arn);
    }
  }
  const auto parsed = dynamodb::ParseTableArn(arn);
  if (!parsed) {
    return ValidationError("Invalid TableArn: Invalid ResourceArn provided as input " + arn);
  }
  if (parsed->kind != "index") return {};
  return ValidationError(std::string(kInvalidParameters) +
                         "Invalid resource arn provided, only table or stream is accepted. "
                         "Provided resource arn: " +
                         arn);
}

AwsResult<std::string> ResourceArnOf(const OperationRequest& request) {
  std::string arn = request.input.TextOr("ResourceArn");
  KLESS_TRY_VOID(CheckResourceArn(arn, request.operation.ends_with("Policy")));
  KLESS_TRY_VOID(Authorize(request.caller, "dynamodb:" + std::string(request.operation), arn));
  return arn;
}

// The ARN of an operation on tags, which looks for its members in this order.
AwsResult<std::string> TaggedArnOf(const OperationRequest& request, const char* member) {
  if (!request.input.Has("ResourceArn")) return ValidationError("Invalid TableArn");
  if (!request.input.Has(member)) {
    std::string path(member);
    path[0] = 't';
    return ValidationError("1 validation error detected: Value null at '" + path +
                           "' failed to satisfy constraint: Member must not be null");
  }
  return ResourceArnOf(request);
}

AwsResult<std::string> TagResource(DynamoDbContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, TaggedArnOf(request, "Tags"));
  KLESS_TRY(const auto tags, ReadTags(request.input));
  if (tags.empty()) return ValidationError("Atleast one Tag needs to be provided as Input.");
  KLESS_TRY_VOID(ForClient(context.service.catalog().Tag(ScopeOf(request), arn, tags)));
  return std::string();
}

AwsResult<std::string> UntagResource(DynamoDbContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, TaggedArnOf(request, "TagKeys"));
  KLESS_TRY(const auto keys, ReadTagKeys(request.input));
  if (keys.empty()) return ValidationError("Atleast one Tag Key needs to be provided as Input.");
  KLESS_TRY_VOID(ForClient(context.service.catalog().Untag(ScopeOf(request), arn, keys)));
  return std::string();
}

// Fifty tags fit one page, so NextToken never occurs.
AwsResult<std::string> ListTagsOfResource(DynamoDbContext& context,
                                          const OperationRequest& request) {
  KLESS_TRY(const std::string arn, TaggedArnOf(request, "ResourceArn"));
  KLESS_TRY(const auto tags, ForClient(context.service.catalog().TagsOf(ScopeOf(request), arn)));
  std::string list = "[";
  for (const auto& [key, value] : tags) {
    AppendElement(list, JsonObjectText().String("Key", key).String("Value", value).Finish());
  }
  return JsonObjectText().Raw("Tags", list + "]").Finish();
}

AwsResult<std::string> UpdateTimeToLive(DynamoDbContext& context, const OperationRequest& request) {
  const Input wanted = *request.input.Structure("TimeToLiveSpecification");
  const std::string_view name = *request.input.Text("TableName");
  KLESS_TRY_VOID(MaySet(request, name));
  const std::string attribute = wanted.TextOr("AttributeName");
  const bool enabled = wanted.Flag("Enabled").value_or(false);
  KLESS_TRY_VOID(ForClient(
      context.service.catalog().SetTimeToLive(ScopeOf(request), name, attribute, enabled)));
  return JsonObjectText()
      .Raw("TimeToLiveSpecification",
           JsonObjectText().Flag("Enabled", enabled).String("AttributeName", attribute).Finish())
      .Finish();
}

AwsResult<std::string> DescribeTimeToLive(DynamoDbContext& context,
                                          const OperationRequest& request) {
  KLESS_TRY(const TableState* const table, TableOf(context, request));
  const dynamodb::TableStatus status = context.service.catalog().StatusOf(*table);
  if (status == dynamodb::TableStatus::kCreating || status == dynamodb::TableStatus::kDeleting) {
    const std::string name = TableStatusName(status);
    return ValidationError("Cannot describe time to live while table is in " + name +
                           " state: Current table state is " + name);
  }
  JsonObjectText description;
  description.String("TimeToLiveStatus", table->ttl.attribute.empty() ? "DISABLED" : "ENABLED");
  if (!table->ttl.attribute.empty()) description.String("AttributeName", table->ttl.attribute);
  return JsonObjectText().Raw("TimeToLiveDescription", description.Finish()).Finish();
}

AwsResult<std::string> PutResourcePolicy(DynamoDbContext& context,
                                         const OperationRequest& request) {
  KLESS_TRY(const std::string arn, ResourceArnOf(request));
  KLESS_TRY(const std::string revision, ForClient(context.service.catalog().PutPolicy(
                                            ScopeOf(request), arn, request.input.TextOr("Policy"),
                                            request.input.TextOr("ExpectedRevisionId"))));
  return JsonObjectText().String("RevisionId", revision).Finish();
}

AwsResult<std::string> GetResourcePolicy(DynamoDbContext& context,
                                         const OperationRequest& request) {
  KLESS_TRY(const std::string arn, ResourceArnOf(request));
  KLESS_TRY(const auto policy,
            ForClient(context.service.catalog().PolicyOf(ScopeOf(request), arn)));
  return JsonObjectText()
      .String("Policy", policy.text)
      .String("RevisionId", policy.revision)
      .Finish();
}

AwsResult<std::string> DeleteResourcePolicy(DynamoDbContext& context,
                                            const OperationRequest& request) {
  KLESS_TRY(const std::string arn, ResourceArnOf(request));
  KLESS_TRY(const std::string revision,
            ForClient(context.service.catalog().DeletePolicy(
                ScopeOf(request), arn, request.input.TextOr("ExpectedRevisionId"))));
  JsonObjectText reply;
  if (!revision.empty()) reply.String("RevisionId", revision);
  return reply.Finish();
}

// The API of backups has an error of its own for a table that is missing.
AwsError TableNotFound(AwsError error, const OperationRequest& request) {
  if (error.type == "ResourceNotFoundException") {
    error.type = "TableNotFoundException";
    error.message = "Table not found: " + request.input.TextOr("TableName");
  }
  return error;
}

// Dates are whole seconds, as cloud-custodian recorded:
// https://github.com/cloud-custodian/cloud-custodian/tree/main/tests/data/placebo
std::string RecoveryJson(const TableState& table, std::int64_t now) {
  JsonObjectText object;
  object.String("PointInTimeRecoveryStatus", table.recovery_days == 0 ? "DISABLED" : "ENABLED");
  if (table.recovery_days == 0) return object.Finish();
  const auto seconds = [](std::int64_t nanos) { return nanos - nanos % kNanosPerSecond; };
  const std::int64_t period = table.recovery_days * 24 * 3600 * kNanosPerSecond;
  const std::int64_t earliest = std::max(table.recovery_nanos, now - period);
  return object.Integer("RecoveryPeriodInDays", table.recovery_days)
      .Time("EarliestRestorableDateTime", seconds(earliest))
      .Time("LatestRestorableDateTime", seconds(std::max(earliest, now - kRecoveryLagNanos)))
      .Finish();
}

std::string ContinuousBackupsJson(DynamoDbContext& context, const TableState& table) {
  const std::int64_t now = context.service.catalog().event_loop().UnixNanos();
  return JsonObjectText()
      .Raw("ContinuousBackupsDescription",
           JsonObjectText()
               .String("ContinuousBackupsStatus", "ENABLED")
               .Raw("PointInTimeRecoveryDescription", RecoveryJson(table, now))
               .Finish())
      .Finish();
}

AwsResult<std::string> DescribeContinuousBackups(DynamoDbContext& context,
                                                 const OperationRequest& request) {
  const auto table = TableOf(context, request);
  if (table.has_error()) return TableNotFound(table.error(), request);
  return ContinuousBackupsJson(context, *table.value());
}

AwsResult<std::string> UpdateContinuousBackups(DynamoDbContext& context,
                                               const OperationRequest& request) {
  const Input wanted = *request.input.Structure("PointInTimeRecoverySpecification");
  const std::string_view name = *request.input.Text("TableName");
  KLESS_TRY_VOID(MaySet(request, name));
  std::int64_t days = 0;
  if (wanted.Flag("PointInTimeRecoveryEnabled").value_or(false)) {
    days = wanted.Integer("RecoveryPeriodInDays").value_or(kRecoveryDays);
  } else if (wanted.Has("RecoveryPeriodInDays")) {
    return ValidationError(
        "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time "
        "recovery.");
  }
  const auto table = ForClient(context.service.catalog().SetRecovery(ScopeOf(request), name, days));
  if (table.has_error()) return TableNotFound(table.error(), request);
  return ContinuousBackupsJson(context, *table.value());
}

// Insights are always off.
AwsResult<std::string> DescribeContributorInsights(DynamoDbContext& context,
                                                   const OperationRequest& request) {
  KLESS_TRY(const TableState* const table, TableOf(context, request));
  JsonObjectText reply;
  reply.String("TableName", table->name);
  if (const auto name = request.input.Text("IndexName")) {
    const dynamodb::SecondaryIndex* const index = table->FindIndex(*name);
    if (index == nullptr || !index->is_global()) {
      return ErrorOf(dynamodb::Fail(
          dynamodb::FailureKind::kResourceNotFound,
          "Requested resource not found: Index: " + std::string(*name) + " not found"));
    }
    reply.String("IndexName", *name);
  }
  return reply.String("ContributorInsightsStatus", "DISABLED").Finish();
}

}  // namespace

std::vector<DynamoDbOperation> TableSettingOperations() {
  return {{"DeleteResourcePolicy", DeleteResourcePolicy},
          {"DescribeContinuousBackups", DescribeContinuousBackups},
          {"DescribeContributorInsights", DescribeContributorInsights},
          {"DescribeTimeToLive", DescribeTimeToLive},
          {"GetResourcePolicy", GetResourcePolicy},
          {"ListTagsOfResource", ListTagsOfResource},
          {"PutResourcePolicy", PutResourcePolicy},
          {"TagResource", TagResource},
          {"UntagResource", UntagResource},
          {"UpdateContinuousBackups", UpdateContinuousBackups},
          {"UpdateTimeToLive", UpdateTimeToLive}};
}

}  // namespace kless::doors::aws
