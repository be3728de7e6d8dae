#include "emulator/cli/api_client.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/cli/system.h"

namespace kless::cli {
namespace {

constexpr const char* kDefaultEndpoint = "http://127.0.0.1:8080";

std::string Text(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// kubectl's wording of a 422: The Job "x" is invalid: spec.parallelism: Invalid value: ...
std::string InvalidObject(const nlohmann::json& status) {
  const nlohmann::json details = status.value("details", nlohmann::json::object());
  std::string text =
      "The " + Text(details, "kind") + " \"" + Text(details, "name") + "\" is invalid";
  const nlohmann::json causes = details.value("causes", nlohmann::json::array());
  if (causes.empty()) return text + ": " + Text(status, "message");
  for (const nlohmann::json& cause : causes) {
    text += causes.size() == 1 ? ": " : "\n* ";
    text += Text(cause, "field") + ": " + Text(cause, "message");
  }
  return text;
}

}  // namespace

void AddServerFlag(CLI::App& command, std::string* server) {
  command
      .add_option("--server", *server,
                  "Where the daemon is (KLESS_ENDPOINT, or http://127.0.0.1:8080)")
      ->type_name("URL");
}

Result<ApiClient> ApiClient::Create(const std::string& server) {
  std::string endpoint = server;
  if (endpoint.empty()) endpoint = EnvironmentVariable("KLESS_ENDPOINT");
  if (endpoint.empty()) endpoint = kDefaultEndpoint;
  KLESS_TRY(auto http, HttpClient::Create(endpoint));
  return ApiClient(std::move(http));
}

Error ErrorOfReply(const HttpReply& reply) {
  const ErrorCode code = reply.status == 404   ? ErrorCode::kNotFound
                         : reply.status == 408 ? ErrorCode::kTimedOut
                         : reply.status == 409 ? ErrorCode::kConflict
                         : reply.status == 410 ? ErrorCode::kGone
                         : reply.status == 429 ? ErrorCode::kThrottled
                                               : ErrorCode::kInternal;
  const auto parsed = ParseJson(reply.body);
  std::string reason;
  std::string message = reply.body;
  if (!parsed.has_error() && parsed.value().is_object()) {
    const nlohmann::json& body = parsed.value();
    if (Text(body, "kind") == "Status") {
      reason = Text(body, "reason");
      message = Text(body, "message");
      if (reason == "Invalid") return MakeError(code, InvalidObject(body));
    } else if (body.contains("error") && body["error"].is_object()) {
      reason = Text(body["error"], "code");
      message = Text(body["error"], "message");
    }
  }
  if (reason.empty()) reason = std::to_string(reply.status);
  return MakeError(code, "Error from server (" + reason + "): " + message);
}

Result<std::string> ApiClient::CallRaw(const std::string& method, const std::string& path,
                                       const std::string& body) {
  KLESS_TRY(auto reply, http_.Send(method, path, body));
  for (const std::string& warning : reply.warnings) {
    std::fprintf(stderr, "Warning: %s\n", warning.c_str());
  }
  if (reply.status / 100 != 2) return ErrorOfReply(reply);
  return std::move(reply.body);
}

Result<nlohmann::json> ApiClient::Parse(const Result<std::string>& body) const {
  if (body.has_error()) return body.error();
  if (body.value().empty()) {
    return Result<nlohmann::json>(boost::system::in_place_value, nlohmann::json());
  }
  auto parsed = ParseJson(body.value());
  if (parsed.has_error()) {
    return MakeError(ErrorCode::kInternal, http_.endpoint() + " does not answer as kless does: " +
                                               parsed.error().message);
  }
  return parsed;
}

Result<nlohmann::json> ApiClient::Call(const std::string& method, const std::string& path) {
  return Parse(CallRaw(method, path, ""));
}

Result<nlohmann::json> ApiClient::Call(const std::string& method, const std::string& path,
                                       const nlohmann::json& body) {
  return Parse(CallRaw(method, path, DumpJson(body)));
}

int Fail(const Error& error) { return Fail(error.message); }

int Fail(const std::string& message) {
  std::fprintf(stderr, "%s%s\n",
               message.starts_with("Error from") || message.starts_with("The ") ? "" : "error: ",
               message.c_str());
  return 1;
}

int FailUsage(const Error& error) { return FailUsage(error.message); }

int FailByCode(const Error& error) {
  const bool is_input =
      error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kUnsupported;
  return is_input ? FailUsage(error) : Fail(error);
}

int FailUsage(const std::string& message) {
  Fail(message);
  return kUsageError;
}

}  // namespace kless::cli
