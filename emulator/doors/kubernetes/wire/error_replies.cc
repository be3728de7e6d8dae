#include "emulator/doors/kubernetes/wire/error_replies.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/kinds/served_kinds.h"
#include "functions/kubernetes/kinds/virtual_kinds.h"
#include "functions/kubernetes/objects/status_object.h"
#include "functions/kubernetes/values/field_error.h"

namespace kless::doors {

using kubernetes::FieldError;
using kubernetes::Kind;
using nlohmann::json;

namespace {

json Details(const Kind& kind, const std::string& name) {
  json details = {{"name", name}, {"kind", kind.plural}};
  if (!kind.group.empty()) details["group"] = kind.group;
  return details;
}

HttpResponse Failure(int code, std::string_view reason, std::string message, json details) {
  return StatusResponse(
      kubernetes::StatusFailure(code, reason, std::move(message), std::move(details)));
}

HttpResponse RetryLater(int code, std::string_view reason, std::string message, json causes) {
  json details = {{"retryAfterSeconds", 1}};
  if (!causes.is_null()) details["causes"] = std::move(causes);
  HttpResponse response = Failure(code, reason, std::move(message), std::move(details));
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

// Above this size each warning is shortened, and those that do not fit are omitted.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiserver/pkg/endpoints/filters/warning.go
constexpr std::size_t kMaxWarningBytes = 4u << 10;
constexpr std::size_t kShortWarningBytes = 256;

bool IsKnownGroup(std::string_view group) {
  for (const Kind* kind : kubernetes::ServedKinds()) {
    if (kind->group == group) return true;
  }
  for (const Kind& kind : kubernetes::VirtualKinds()) {
    if (kind.group == group) return true;
  }
  return false;
}

}  // namespace

HttpResponse JsonResponse(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

HttpResponse ObjectResponse(int status, json object, std::uint64_t version) {
  if (version != 0) {
    json& metadata = object["metadata"];
    if (!metadata.is_object()) metadata = json::object();  // A raw object may have any value there.
    metadata["resourceVersion"] = std::to_string(version);
  }
  return JsonResponse(status, DumpJson(object));
}

HttpResponse StatusResponse(const json& status) {
  return JsonResponse(status.value("code", 200), DumpJson(status));
}

HttpResponse BadRequest(std::string message) {
  return Failure(400, "BadRequest", std::move(message), nullptr);
}

HttpResponse NotFound(const Kind& kind, const std::string& name) {
  return Failure(404, "NotFound", kind.QualifiedResource() + " \"" + name + "\" not found",
                 Details(kind, name));
}

HttpResponse AlreadyExists(const Kind& kind, const std::string& name, bool being_deleted) {
  return Failure(409, "AlreadyExists",
                 (being_deleted ? "object is being deleted: " : "") + kind.QualifiedResource() +
                     " \"" + name + "\" already exists",
                 Details(kind, name));
}

HttpResponse Conflict(const Kind& kind, const std::string& name, std::string_view why,
                      bool by_kind) {
  json details = Details(kind, name);
  if (by_kind) details["kind"] = kind.kind;
  std::string message = "Operation cannot be fulfilled on ";
  message += by_kind ? kind.QualifiedKind() : kind.QualifiedResource();
  message.append(" \"").append(name).append("\": ").append(why);
  return Failure(409, "Conflict", std::move(message), std::move(details));
}

HttpResponse Overtaken(const Kind& kind, const std::string& name) {
  return Conflict(kind, name,
                  "the object has been modified; please apply your changes to the latest version "
                  "and try again");
}

HttpResponse Forbidden(const Kind& kind, const std::string& name, std::string_view why,
                       json causes) {
  json details = Details(kind, name);
  if (!causes.is_null()) details["causes"] = std::move(causes);
  std::string message = kind.QualifiedResource() + " \"" + name + "\" is forbidden: ";
  message.append(why);
  return Failure(403, "Forbidden", std::move(message), std::move(details));
}

HttpResponse InvalidObject(const Kind& kind, const std::string& name,
                           const std::vector<FieldError>& errors) {
  return StatusResponse(kubernetes::InvalidStatus(kind, name, errors));
}

HttpResponse InvalidOptions(const std::string& options, const std::vector<FieldError>& errors) {
  Kind kind;
  kind.group = "meta.k8s.io";
  kind.version = "v1";
  kind.kind = options;
  return InvalidObject(kind, "", errors);
}

HttpResponse MethodNotAllowed() {
  return Failure(405, "MethodNotAllowed",
                 "the server does not allow this method on the requested resource", json::object());
}

HttpResponse UnsupportedMediaType(std::string message) {
  return Failure(415, "UnsupportedMediaType", std::move(message), json::object());
}

HttpResponse UnknownPatch(const Kind& kind) {
  if (!kind.custom) return UnsupportedMediaType("415: Unsupported Media Type");
  return Failure(
      415, "UnsupportedMediaType",
      "the body of the request was in an unknown format - accepted media types include: "
      "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
      nullptr);
}

HttpResponse VersionRequired(const Kind& kind, const std::string& name) {
  Kind resource;  // Here the API server names the resource instead of the kind.
  resource.group = kind.group;
  resource.kind = kind.plural;
  return InvalidObject(
      resource, name,
      {kubernetes::Invalid("metadata.resourceVersion", 0, "must be specified for an update")});
}

HttpResponse Expired(std::string message, const std::string& continue_token) {
  json status = kubernetes::StatusFailure(410, "Expired", std::move(message), nullptr);
  if (!continue_token.empty()) status["metadata"]["continue"] = continue_token;
  return StatusResponse(status);
}

HttpResponse VersionTooLarge(std::uint64_t resource_version, std::uint64_t latest) {
  return RetryLater(504, "Timeout",
                    "Timeout: Too large resource version: " + std::to_string(resource_version) +
                        ", current: " + std::to_string(latest),
                    json::array({{{"reason", "ResourceVersionTooLarge"},
                                  {"message", "Too large resource version"}}}));
}

HttpResponse ObjectTooLarge() {
  return Failure(500, "", "etcdserver: request is too large", nullptr);
}

HttpResponse StoreFailure(const Error& error) {
  if (error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kThrottled ||
      error.code == ErrorCode::kTimedOut) {
    return RetryLater(503, "ServiceUnavailable", error.message, nullptr);
  }
  if (error.code == ErrorCode::kInvalidArgument) return BadRequest(error.message);
  return Failure(500, "InternalError", "Internal error occurred: " + error.message, nullptr);
}

void AddWarnings(const std::vector<std::string>& warnings, HttpResponse* response) {
  std::size_t all = 0;
  for (const std::string& warning : warnings) all += warning.size();
  std::size_t written = 0;
  for (std::string warning : warnings) {
    if (all > kMaxWarningBytes) warning = warning.substr(0, kShortWarningBytes);
    written += warning.size();
    if (written > kMaxWarningBytes) return;
    // RFC 7234 section 5.5: warn-text is a quoted string.
    std::string text = "299 - \"";
    for (const char c : warning) {
      if (c == '"' || c == '\\') text.push_back('\\');
      text.push_back(c);
    }
    text.push_back('"');
    response->headers.emplace_back("Warning", std::move(text));
  }
}

HttpResponse RenderKubernetesError(const HttpRequest& request, int status, std::string message) {
  switch (status) {
    case 403:
      return Failure(403, "Forbidden", std::move(message), nullptr);
    case 404: {
      // The API server's router has no handler for an unknown group.
      const auto segments = Split(request.path, '/');
      const bool below_api = segments.size() > 1 && (segments[1] == "api" || segments[1] == "apis");
      if (!below_api ||
          (segments.size() > 2 && segments[1] == "apis" && !IsKnownGroup(segments[2]))) {
        HttpResponse response = JsonResponse(404, "404 page not found\n");
        response.content_type = "text/plain";
        return response;
      }
      return Failure(404, "NotFound", "the server could not find the requested resource",
                     json::object());
    }
    case 405:
      return MethodNotAllowed();
    case 408:
      return Failure(408, "Timeout", std::move(message), nullptr);
    case 413:
      return Failure(
          413, "RequestEntityTooLarge",
          "Request entity too large: " + (request.path.starts_with("/api")
                                              ? "limit is " + std::to_string(kMaxRequestBytes)
                                              : message),
          nullptr);
    case 500:
      return Failure(500, "InternalError", std::move(message), nullptr);
    case 503:
      return RetryLater(503, "ServiceUnavailable", std::move(message), nullptr);
    default:
      return Failure(status, status < 500 ? "BadRequest" : "InternalError", std::move(message),
                     nullptr);
  }
}

}  // namespace kless::doors
