// Replies of the Kubernetes door, above all the errors, with the API server's sentences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/doors/http/router.h"
#include "functions/kubernetes/objects/kind.h"

namespace kless::doors {

// Larger request bodies are refused without being read (MaxRequestBodyBytes of the API server).
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiserver/pkg/server/config.go
constexpr std::size_t kMaxRequestBytes = 3u << 20;
// Larger objects are refused (etcd's --max-request-bytes; etcd counts protobuf, kless JSON).
// https://etcd.io/docs/v3.5/dev-guide/limit/
constexpr std::size_t kMaxObjectBytes = 3u << 19;

// A reply that ends a request early; nullopt means to continue.
using Refusal = std::optional<HttpResponse>;

HttpResponse JsonResponse(int status, std::string body);
// An object at a version; 0 if it has none yet.
HttpResponse ObjectResponse(int status, nlohmann::json object, std::uint64_t version);
// A Status object with its own code (200 for a success).
HttpResponse StatusResponse(const nlohmann::json& status);

HttpResponse BadRequest(std::string message);
HttpResponse NotFound(const kubernetes::Kind& kind, const std::string& name);
HttpResponse AlreadyExists(const kubernetes::Kind& kind, const std::string& name,
                           bool being_deleted);
// "Operation cannot be fulfilled on jobs.batch "a": <why>".  `by_kind`: "on Job.batch", as for the
// preconditions of deletions.
HttpResponse Conflict(const kubernetes::Kind& kind, const std::string& name, std::string_view why,
                      bool by_kind = false);
// For a write over a version that is no longer the latest.
HttpResponse Overtaken(const kubernetes::Kind& kind, const std::string& name);
HttpResponse Forbidden(const kubernetes::Kind& kind, const std::string& name, std::string_view why,
                       nlohmann::json causes);
// For a replace that must name the version it replaces.
HttpResponse VersionRequired(const kubernetes::Kind& kind, const std::string& name);
HttpResponse InvalidObject(const kubernetes::Kind& kind, const std::string& name,
                           const std::vector<kubernetes::FieldError>& errors);
// `options` is "ListOptions", "DeleteOptions", ...
HttpResponse InvalidOptions(const std::string& options,
                            const std::vector<kubernetes::FieldError>& errors);
HttpResponse MethodNotAllowed();
HttpResponse UnsupportedMediaType(std::string message);
// For a patch whose media type the kind does not accept.
HttpResponse UnknownPatch(const kubernetes::Kind& kind);
HttpResponse Expired(std::string message, const std::string& continue_token = "");
// `resource_version` is the requested version, `latest` the newest one.
HttpResponse VersionTooLarge(std::uint64_t resource_version, std::uint64_t latest);
// For an object above kMaxObjectBytes.
HttpResponse ObjectTooLarge();
// For errors of the store that the request did not cause.
HttpResponse StoreFailure(const Error& error);

// Adds "Warning: 299 - "text"" headers.
void AddWarnings(const std::vector<std::string>& warnings, HttpResponse* response);

// For paths and methods without a handler, and for requests that the HTTP server refuses.
HttpResponse RenderKubernetesError(const HttpRequest& request, int status, std::string message);

}  // namespace kless::doors
