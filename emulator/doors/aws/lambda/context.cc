#include "emulator/doors/aws/lambda/context.h"

namespace kless::doors::aws {

AwsError ErrorOf(const lambda::Failure& failure) {
  AwsError error;
  error.type = failure.type;
  error.message = failure.message;
  error.status = failure.status;
  return error;
}

AwsResult<NamedFunction> NameFunction(const Caller& caller, std::string_view text,
                                      std::string_view action, std::string_view qualifier) {
  const auto parsed = lambda::ParseFunctionName(text);
  if (!parsed) {
    return ErrorOf(lambda::InvalidParameter("Invalid function name: " + std::string(text)));
  }
  NamedFunction named;
  named.name = parsed->name;
  named.qualifier = qualifier.empty() ? parsed->qualifier : std::string(qualifier);
  // An ARN names its region and account.
  const std::string whole(text);
  const auto function = whole.find(":function:");
  const std::string prefix = whole.starts_with("arn:")
                                 ? whole.substr(0, function)
                                 : "arn:aws:lambda:" + caller.region + ":" + caller.account;
  named.arn = prefix + ":function:" + named.name;
  KLESS_TRY_VOID(Authorize(caller, action, named.arn));
  if (!named.qualifier.empty()) named.arn += ":" + named.qualifier;
  if (!named.qualifier.empty() && named.qualifier != "$LATEST") {
    return ErrorOf(lambda::NotFound("Function not found: " + named.arn));
  }
  return named;
}

AwsResult<const lambda::FunctionDefinition*> FindFunction(LambdaContext& context,
                                                          const OperationRequest& request,
                                                          std::string_view action) {
  KLESS_TRY(const auto named, NameFunction(request.caller, request.input.TextOr("FunctionName"),
                                           action, request.input.TextOr("Qualifier")));
  return FromLambda(context.functions.Get(named.name, named.arn));
}

}  // namespace kless::doors::aws
