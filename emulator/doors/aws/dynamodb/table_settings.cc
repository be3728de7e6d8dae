#include "emulator/doors/aws/dynamodb/table_settings.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "emulator/doors/aws/dynamodb/table_input.h"
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

// The front end of AWS looks at the form of an ARN before anything else of the request.
AwsResult<std::string> ResourceArnOf(const OperationRequest& request) {
  const auto arn = request.input.Text("ResourceArn");
  if (!arn) return ValidationError("Invalid TableArn");
  if (arn->find(':') == std::string_view::npos) {
    return ValidationError("Invalid ResourceArn provided as input " + std::string(*arn) +
                           ": ARNs must start with 'arn:'");
  }
  if (!dynamodb::ParseTableArn(*arn)) {
    return ValidationError("Invalid TableArn: Invalid ResourceArn provided as input " +
                           std::string(*arn));
  }
  KLESS_TRY_VOID(Authorize(request.caller, "dynamodb:" + std::string(request.operation), *arn));
  return std::string(*arn);
}

AwsError NullMember(const char* member) {
  return ValidationError(std::string("1 validation error detected: Value null at '") + member +
                         "' failed to satisfy constraint: Member must not be null");
}

AwsResult<std::string> TagResource(DynamoDbContext& context, const OperationRequest& request) {
  const auto list = request.input.List("Tags");
  if (!list) return NullMember("tags");
  KLESS_TRY(const std::string arn, ResourceArnOf(request));
  std::map<std::string, std::string> tags;
  for (const simdjson::dom::element element : *list) {
    const Input tag(element.get_object().value());
    KLESS_TRY_VOID(CheckTag(tag));
    if (!tags.emplace(tag.TextOr("Key"), tag.TextOr("Value")).second) {
      return ValidationError("One or more parameter values were invalid: Duplicate tag key: " +
                             tag.TextOr("Key"));
    }
  }
  if (tags.empty()) return ValidationError("Atleast one Tag needs to be provided as Input.");
  KLESS_TRY_VOID(ForClient(context.service.catalog().Tag(ScopeOf(request), arn, tags)));
  return std::string();
}

AwsResult<std::string> UntagResource(DynamoDbContext& context, const OperationRequest& request) {
  const auto list = request.input.List("TagKeys");
  if (!list) return NullMember("tagKeys");
  KLESS_TRY(const std::string arn, ResourceArnOf(request));
  std::vector<std::string> keys;
  for (const simdjson::dom::element key : *list) keys.emplace_back(key.get_string().value());
  if (keys.empty()) return ValidationError("Atleast one Tag Key needs to be provided as Input.");
  KLESS_TRY_VOID(ForClient(context.service.catalog().Untag(ScopeOf(request), arn, keys)));
  return std::string();
}

// Fifty tags fit one page, so NextToken never occurs.
AwsResult<std::string> ListTagsOfResource(DynamoDbContext& context,
                                          const OperationRequest& request) {
  KLESS_TRY(const std::string arn, ResourceArnOf(request));
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
