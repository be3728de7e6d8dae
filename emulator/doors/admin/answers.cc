#include "emulator/doors/admin/answers.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/system/log.h"

namespace kless::doors {
namespace {

Task<HttpResponse> AnswerNow(std::function<HttpResponse(const HttpRequest&)> handler,
                             HttpRequest request) {
  co_return handler(request);
}

Error InvalidRequest(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

std::vector<std::string> NamesOf(std::span<const RouteField> fields) {
  std::vector<std::string> names;
  for (const RouteField& field : fields) names.emplace_back(field.name);
  return names;
}

// Returns the first name of `given` that is not in `known`, as a sentence.
template <typename Names>
std::optional<std::string> FirstUnknown(const char* what, const Names& given,
                                        std::span<const RouteField> known) {
  for (const auto& [name, value] : given) {
    const auto is_it = [&name = name](const RouteField& field) { return name == field.name; };
    if (std::any_of(known.begin(), known.end(), is_it)) continue;
    return "unknown " + std::string(what) + " '" + name + "'" + DidYouMean(name, NamesOf(known));
  }
  return std::nullopt;
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
  if (error.code == ErrorCode::kInternal) Log(LogLevel::kError, "admin door", LogText(error));
  return JsonReply(ErrorToJson(ErrorCodeName(error.code), error.message), HttpStatusOf(error.code));
}

HttpHandler Immediate(std::function<HttpResponse(const HttpRequest&)> handler) {
  return [handler = std::move(handler)](HttpRequest request) {
    return AnswerNow(handler, std::move(request));
  };
}

void AddAdminRoute(Router& router, const char* method, std::string_view pattern,
                   RouteDescription description, HttpHandler handler) {
  const std::span<const RouteField> known = description.query;
  auto checked = [known, handler = std::move(handler)](HttpRequest request) {
    const auto unknown = FirstUnknown("query parameter", request.query, known);
    if (!unknown) return handler(std::move(request));
    const auto refuse = [error = InvalidRequest(*unknown)](const HttpRequest&) {
      return ErrorReply(error);
    };
    return AnswerNow(refuse, std::move(request));
  };
  router.Add(method, pattern, std::move(checked), description);
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
  Report(
      fmt::format("'{}' must be a whole number from {} to {}, not '{}'", name, low, high, *text));
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

Result<nlohmann::json> ParseBody(const HttpRequest& request, std::span<const RouteField> known) {
  if (request.body.empty()) {
    return Result<nlohmann::json>(boost::system::in_place_value, nlohmann::json::object());
  }
  auto parsed = ParseJson(request.body);
  if (parsed.has_error()) return InvalidRequest("the body is not JSON: " + parsed.error().message);
  if (!parsed.value().is_object()) return InvalidRequest("the body must be a JSON object");
  const auto unknown = FirstUnknown("field", parsed.value().items(), known);
  if (unknown) return InvalidRequest(*unknown);
  return parsed;
}

}  // namespace kless::doors
