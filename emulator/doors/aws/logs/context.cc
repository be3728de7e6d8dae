#include "emulator/doors/aws/logs/context.h"

#include <string_view>

namespace kless::doors::aws {

AwsError ErrorOf(const logs::Failure& failure) {
  AwsError error;
  error.type = failure.type;
  error.message = failure.message;
  return error;
}

AwsError InvalidLogsParameter(std::string message) {
  return ErrorOf(logs::InvalidParameter(std::move(message)));
}

logs::Scope LogsScopeOf(const OperationRequest& request) {
  return {request.caller.account, request.caller.region};
}

AwsResult<std::string> GroupNameOf(const OperationRequest& request, std::string_view name_or_arn) {
  std::string_view name = name_or_arn;
  if (name.starts_with("arn:")) {
    constexpr std::string_view kKind = ":log-group:";
    const std::size_t kind = name.find(kKind);
    if (kind == std::string_view::npos) {
      return InvalidLogsParameter("Invalid ARN: " + std::string(name_or_arn));
    }
    name.remove_prefix(kind + kKind.size());
    name = name.substr(0, name.find(':'));
  }
  const logs::Scope scope = LogsScopeOf(request);
  KLESS_TRY_VOID(Authorize(
      request.caller, "logs:" + std::string(request.operation),
      "arn:aws:logs:" + scope.region + ":" + scope.account + ":log-group:" + std::string(name)));
  return std::string(name);
}

AwsResult<std::string> GroupNameOf(const OperationRequest& request) {
  const auto name = request.input.Text("logGroupName");
  const auto identifier = request.input.Text("logGroupIdentifier");
  if (name.has_value() == identifier.has_value()) {
    return InvalidLogsParameter(
        name ? "LogGroup name and LogGroup ARN are mutually exclusive parameters."
             : "Either LogGroup name or LogGroup ARN must be specified.");
  }
  return GroupNameOf(request, name ? *name : *identifier);
}

AwsResult<const logs::LogGroup*> FindLogGroup(LogsContext& context,
                                              const OperationRequest& request) {
  KLESS_TRY(const std::string name, GroupNameOf(request));
  return ForClient(context.logs.GetGroup(LogsScopeOf(request), name));
}

}  // namespace kless::doors::aws
