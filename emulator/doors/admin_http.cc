#include "emulator/doors/admin_http.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless::doors {
namespace {

Task<HttpResponse> AnswerNow(std::function<HttpResponse(const HttpRequest&)> handler,
                             HttpRequest request) {
  co_return handler(request);
}

Error InvalidRequest(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

}  // namespace

HttpResponse JsonReply(const nlohmann::json& json, int status) {
  HttpResponse response;
  response.status = status;
  response.body = DumpJson(json) + "\n";
  return response;
}

nlohmann::json ErrorToJson(std::string_view code, const std::string& message) {
  return {{"error", {{"code", code}, {"message", message}}}};
}

int HttpStatusOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kAlreadyExists:
      return 409;
    case ErrorCode::kConflict:
      return 412;
    case ErrorCode::kGone:
      return 410;
    case ErrorCode::kThrottled:
      return 429;
    case ErrorCode::kTimedOut:
      return 408;
    case ErrorCode::kCancelled:
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kUnsupported:
      return 409;
    case ErrorCode::kInternal:
      return 500;
  }
  return 500;
}

HttpResponse ErrorReply(const Error& error) {
  return JsonReply(ErrorToJson(ErrorCodeName(error.code), error.message), HttpStatusOf(error.code));
}

HttpHandler Immediate(std::function<HttpResponse(const HttpRequest&)> handler) {
  return [handler = std::move(handler)](HttpRequest request) {
    return AnswerNow(handler, std::move(request));
  };
}

HttpHandler Plain(std::function<HttpResponse(const HttpRequest&)> handler) {
  return Immediate([handler = std::move(handler)](const HttpRequest& request) {
    const Parameters parameters(request, {});
    return parameters.problem() ? ErrorReply(*parameters.problem()) : handler(request);
  });
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& known) {
  const auto near = NearestWord(word, known);
  return near ? "; did you mean '" + *near + "'?" : "";
}

Parameters::Parameters(const HttpRequest& request, std::vector<std::string> known)
    : request_(request) {
  for (const auto& [name, value] : request.query) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      Report("unknown query parameter '" + name + "'" + DidYouMean(name, known));
    }
  }
}

std::optional<std::string> Parameters::Text(const std::string& name) const {
  const auto found = request_.query.find(name);
  if (found == request_.query.end()) return std::nullopt;
  return found->second;
}

std::uint64_t Parameters::Number(const std::string& name, std::uint64_t absent, std::uint64_t low,
                                 std::uint64_t high) {
  const auto text = Text(name);
  if (!text) return absent;
  const auto number = ParseUnsigned(*text);
  if (number && *number >= low && *number <= high) return *number;
  Report("'" + name + "' must be a whole number from " + std::to_string(low) + " to " +
         std::to_string(high) + ", not '" + *text + "'");
  return absent;
}

bool Parameters::Flag(const std::string& name) {
  const auto text = Text(name);
  if (!text || *text == "false" || *text == "0") return false;
  if (!text->empty() && *text != "true" && *text != "1") {
    Report("'" + name + "' must be true or false, not '" + *text + "'");
  }
  return true;
}

void Parameters::Report(std::string message) {
  if (!problem_) problem_ = InvalidRequest(std::move(message));
}

Result<nlohmann::json> ParseBody(const HttpRequest& request,
                                 const std::vector<std::string>& known) {
  if (request.body.empty()) {
    return Result<nlohmann::json>(boost::system::in_place_value, nlohmann::json::object());
  }
  auto parsed = ParseJson(request.body);
  if (parsed.has_error()) return InvalidRequest("the body is not JSON: " + parsed.error().message);
  if (!parsed.value().is_object()) return InvalidRequest("the body must be a JSON object");
  for (const auto& [name, value] : parsed.value().items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return InvalidRequest("unknown field '" + name + "'" + DidYouMean(name, known));
    }
  }
  return parsed;
}

}  // namespace kless::doors
