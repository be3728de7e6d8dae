#include "emulator/doors/aws/sqs/permissions.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"

namespace kless::doors::aws {
namespace {

using nlohmann::json;

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html
constexpr std::size_t kActionsMax = 7;

// The queue's policy with a list of statements; an empty one if it has none.
json PolicyOf(const sqs::Queue& queue) {
  auto policy = ParseJson(queue.description().attributes.ValueOf("Policy"));
  json parsed = policy.has_value() ? std::move(policy).value() : json::object();
  if (!parsed.contains("Version")) parsed["Version"] = "2008-10-17";
  if (!parsed.contains("Id")) parsed["Id"] = queue.arn() + "/SQSDefaultPolicy";
  if (!parsed.contains("Statement") || !parsed["Statement"].is_array()) {
    parsed["Statement"] = json::array();
  }
  return parsed;
}

json::iterator FindLabel(json& statements, const std::string& label) {
  return std::find_if(statements.begin(), statements.end(), [&](const json& statement) {
    return statement.is_object() && statement.contains("Sid") && statement.at("Sid") == label;
  });
}

// One element stands alone, as in AWS's policies.
json OneOrMany(std::vector<std::string> values) {
  if (values.size() == 1) return values.front();
  return values;
}

AwsResult<std::string> AddPermission(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  KLESS_TRY(const std::string label, RequiredText(request.input, "Label"));
  std::vector<std::string> actions = TextList(request.input, "Actions");
  std::vector<std::string> accounts = TextList(request.input, "AWSAccountIds");
  if (actions.empty()) return ErrorOf(sqs::MissingParameter("Actions"));
  if (accounts.empty()) return ErrorOf(sqs::MissingParameter("AWSAccountIds"));
  if (actions.size() > kActionsMax) {
    return ErrorOf(sqs::Failure{
        "OverLimit", "OverLimit",
        std::to_string(actions.size()) + " Actions were found, maximum allowed is 7.", 403});
  }
  for (std::string& action : actions) action.insert(0, "SQS:");
  for (std::string& account : accounts) account = "arn:aws:iam::" + account + ":root";
  json policy = PolicyOf(*context.queues.Find(arn));
  if (FindLabel(policy["Statement"], label) != policy["Statement"].end()) {
    return ErrorOf(sqs::InvalidParameter(label, "Label", "Already exists."));
  }
  policy["Statement"].push_back({{"Sid", label},
                                 {"Effect", "Allow"},
                                 {"Principal", {{"AWS", OneOrMany(accounts)}}},
                                 {"Action", OneOrMany(actions)},
                                 {"Resource", arn}});
  KLESS_TRY_VOID(ForClient(context.queues.SetAttributes(arn, {{"Policy", DumpJson(policy)}})));
  return std::string("{}");
}

AwsResult<std::string> RemovePermission(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  KLESS_TRY(const std::string label, RequiredText(request.input, "Label"));
  json policy = PolicyOf(*context.queues.Find(arn));
  json& statements = policy["Statement"];
  const auto found = FindLabel(statements, label);
  if (found == statements.end()) {
    return ErrorOf(sqs::InvalidParameter(label, "Label", "can't find label."));
  }
  statements.erase(found);
  KLESS_TRY_VOID(ForClient(context.queues.SetAttributes(
      arn, {{"Policy", statements.empty() ? std::string() : DumpJson(policy)}})));
  return std::string("{}");
}

}  // namespace

std::vector<SqsOperation> SqsPermissionOperations() {
  return {{"AddPermission", AddPermission}, {"RemovePermission", RemovePermission}};
}

}  // namespace kless::doors::aws
