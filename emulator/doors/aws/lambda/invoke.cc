#include "emulator/doors/aws/lambda/invoke.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {
namespace {

// The limit of events that are queued: 1 MB since October 2025.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (2026-12)
constexpr std::size_t kAsyncBytesMax = 1'048'576;
constexpr std::size_t kSyncBytesMax = 6'291'456;

AwsError PayloadTooLarge(std::size_t bytes, std::size_t limit) {
  AwsError error;
  error.type = "RequestTooLargeException";
  error.status = 413;
  error.message = std::to_string(bytes) + " byte payload is too large for the " +
                  (limit == kAsyncBytesMax ? "Event" : "RequestResponse") +
                  " invocation type (limit " + std::to_string(limit) + " bytes)";
  return error;
}

AwsError Throttled(const std::string& reason) {
  AwsError error;
  error.type = "TooManyRequestsException";
  error.status = 429;
  error.message = "Rate Exceeded.";
  error.members = ",\"Reason\":\"" + reason + "\"";
  return error;
}

AwsResult<std::string> CheckedType(const HttpRequest& request) {
  std::string type = request.Header("x-amz-invocation-type");
  if (type.empty()) type = "RequestResponse";
  if (type != "RequestResponse" && type != "Event" && type != "DryRun") {
    return ValidationError("1 validation error detected: Value '" + type +
                           "' at 'invocationType' failed to satisfy constraint: Member must "
                           "satisfy enum value set: [Event, RequestResponse, DryRun]");
  }
  return type;
}

AwsResult<void> CheckPayload(const std::string& body, bool is_event) {
  const std::size_t limit = is_event ? kAsyncBytesMax : kSyncBytesMax;
  if (body.size() > limit) return PayloadTooLarge(body.size(), limit);
  if (body.empty()) return {};
  const auto parsed = ParseJson(body);
  if (parsed.has_value()) return {};
  AwsError error;
  error.type = "InvalidRequestContentException";
  error.message = "Could not parse request body into json: " + parsed.error().message;
  return error;
}

HttpResponse InvokeReply(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = body.empty() ? "" : "application/json";
  response.body = std::move(body);
  return response;
}

// What the function returned, or its error: both are a success of the operation.
HttpResponse ResultReply(InvokeResult result, bool tail) {
  const bool failed = result.payload.has_error();
  std::string body;
  if (!failed) {
    body = std::move(result.payload).value();
    if (body.empty()) body = "null";
  } else if (!result.error_body.empty()) {
    body = std::move(result.error_body);
  } else {
    const Error& error = result.payload.error();
    const bool timed_out = error.code == ErrorCode::kTimedOut;
    body = JsonObjectText()
               .String("errorType", timed_out ? "Sandbox.Timedout" : "Runtime.ExitError")
               .String("errorMessage", error.message)
               .Finish();
  }
  HttpResponse response = InvokeReply(200, std::move(body));
  response.headers.emplace_back("x-amzn-RequestId", result.request_id);
  response.headers.emplace_back("X-Amz-Executed-Version", "$LATEST");
  if (failed) response.headers.emplace_back("X-Amz-Function-Error", "Unhandled");
  if (tail) response.headers.emplace_back("X-Amz-Log-Result", Base64Encode(result.log_tail));
  return response;
}

}  // namespace

Task<HttpResponse> InvokeFunction(LambdaContext& context, RestJson& protocol, HttpRequest request,
                                  Caller caller) {
  const auto type = CheckedType(request);
  if (type.has_error()) co_return protocol.ErrorReply(request, type.error());
  const auto named = NameFunction(caller, request.params["FunctionName"], "lambda:InvokeFunction",
                                  request.Query("Qualifier"));
  if (named.has_error()) co_return protocol.ErrorReply(request, named.error());
  const auto found = context.functions.Get(named.value().name, named.value().arn);
  if (found.has_error()) co_return protocol.ErrorReply(request, ErrorOf(found.error()));
  const bool is_event = type.value() == "Event";
  const auto checked = CheckPayload(request.body, is_event);
  if (checked.has_error()) co_return protocol.ErrorReply(request, checked.error());
  if (type.value() == "DryRun") {
    HttpResponse done = InvokeReply(204, "");
    done.headers.emplace_back("x-amzn-RequestId", protocol.NewRequestId());
    co_return done;
  }
  std::string payload = request.body.empty() ? "{}" : std::move(request.body);
  if (is_event) {
    const auto queued = context.pool.InvokeAsync(named.value().name, std::move(payload));
    if (queued.has_error()) {
      AwsError error = ErrorOf(lambda::ServiceException(queued.error().message));
      co_return protocol.ErrorReply(request, error);
    }
    HttpResponse accepted = InvokeReply(202, "");
    accepted.headers.emplace_back("x-amzn-RequestId", queued.value());
    co_return accepted;
  }
  auto event = std::make_shared<FunctionEvent>();
  event->payload = std::move(payload);
  event->client_context = Base64Decode(request.Header("x-amz-client-context")).value_or("");
  InvokeOptions options;
  options.requested_at = context.event_loop.Now();
  const bool tail = request.Header("x-amz-log-type") == "Tail";
  InvokeResult result =
      co_await context.pool.Invoke(named.value().name, std::move(event), std::move(options));
  if (result.payload.has_error() && result.payload.error().code == ErrorCode::kThrottled) {
    co_return protocol.ErrorReply(request, Throttled(result.throttle_reason));
  }
  co_return ResultReply(std::move(result), tail);
}

}  // namespace kless::doors::aws
