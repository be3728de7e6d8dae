#include "emulator/doors/aws/sqs/context.h"

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/doors/aws/wire/json_text.h"
#include "emulator/doors/aws/wire/protocol.h"

namespace kless::doors::aws {

AwsError ErrorOf(const sqs::Failure& failure) {
  AwsError error;
  error.type = failure.type;
  error.message = failure.message;
  error.status = failure.status;
  error.query_code = failure.query_code;
  return error;
}

AwsResult<std::string> RequiredText(const Input& input, const std::string& name) {
  std::string text = input.TextOr(name);
  if (text.empty()) return ErrorOf(sqs::MissingParameter(name));
  return text;
}

AwsResult<std::string> FindQueue(SqsContext& context, const OperationRequest& request,
                                 const std::string& url) {
  std::string_view path = url;
  if (const std::size_t host = path.find("://"); host != std::string_view::npos) {
    const std::size_t slash = path.find('/', host + 3);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  }
  while (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || !IsAccount(path.substr(0, slash))) {
    return ErrorOf(sqs::Failure{"InvalidAddress", "InvalidAddress",
                                "The address " + url + " is not valid for this endpoint.", 404});
  }
  const sqs::Scope scope{std::string(path.substr(0, slash)), request.caller.region};
  std::string arn = sqs::QueueArn(scope, path.substr(slash + 1));
  KLESS_TRY_VOID(Authorize(request.caller, "sqs:" + std::string(request.operation), arn));
  if (context.queues.Find(arn) == nullptr) return ErrorOf(sqs::QueueDoesNotExist());
  return arn;
}

AwsResult<std::string> FindQueue(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string url, RequiredText(request.input, "QueueUrl"));
  return FindQueue(context, request, url);
}

std::string QueueUrl(const SqsContext& context, const OperationRequest& request,
                     std::string_view account, std::string_view name) {
  return context.scheme + "://" + std::string(request.host) + "/" + std::string(account) + "/" +
         std::string(name);
}

sqs::Scope SqsScopeOf(const OperationRequest& request) {
  return {request.caller.account, request.caller.region};
}

std::map<std::string, std::string> TextMap(const Input& input, const char* name) {
  std::map<std::string, std::string> values;
  const auto map = input.Map(name);
  if (!map) return values;
  for (const auto& [key, value] : *map) {
    if (value.is_string()) values[std::string(key)] = value.get_string().value_unsafe();
  }
  return values;
}

std::vector<std::string> TextList(const Input& input, const char* name) {
  std::vector<std::string> values;
  const auto list = input.List(name);
  if (!list) return values;
  for (const simdjson::dom::element each : *list) {
    if (each.is_string()) values.emplace_back(each.get_string().value_unsafe());
  }
  return values;
}

std::string TextMapJson(const std::map<std::string, std::string>& values) {
  std::string object = "{";
  for (const auto& [name, value] : values) {
    std::string member;
    AppendJsonString(member, name);
    member += ':';
    AppendJsonString(member, value);
    AppendElement(object, member);
  }
  return object + "}";
}

}  // namespace kless::doors::aws
