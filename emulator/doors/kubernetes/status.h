// Replies of the Kubernetes door that are Status objects, with the API server's sentences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/router.h"
#include "functions/kubernetes/kind.h"

namespace kless::doors {

// Request bodies above it are refused, unread (MaxRequestBodyBytes of the API server).
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiserver/pkg/server/config.go
constexpr std::size_t kMaxRequestBytes = 3u << 20;
// Objects above it are refused (etcd's --max-request-bytes; etcd counts protobuf, kless JSON).
// https://etcd.io/docs/v3.5/dev-guide/limit/
constexpr std::size_t kMaxObjectBytes = 3u << 19;

// A reply that ends a request early; nullopt: go on.
using Refusal = std::optional<HttpResponse>;

HttpResponse JsonResponse(int status, std::string body);
// An object at a version; 0: it has none yet.
HttpResponse ObjectResponse(int status, nlohmann::json object, std::uint64_t version);
// A Status object with its own code (200 for a success).
HttpResponse StatusResponse(const nlohmann::json& status);

HttpResponse BadRequest(std::string message);
HttpResponse NotFound(const kubernetes::Kind& kind, const std::string& name);
HttpResponse AlreadyExists(const kubernetes::Kind& kind, const std::string& name,
                           bool being_deleted);
// "Operation cannot be fulfilled on jobs.batch "a": <why>".  by_kind: "on Job.batch", as the
// preconditions of deletions have it.
HttpResponse Conflict(const kubernetes::Kind& kind, const std::string& name, std::string_view why,
                      bool by_kind = false);
// Of a write over a version that is no longer the latest.
HttpResponse Overtaken(const kubernetes::Kind& kind, const std::string& name);
HttpResponse Forbidden(const kubernetes::Kind& kind, const std::string& name, std::string_view why,
                       nlohmann::json causes);
// Of a replace that must say which version it replaces.
HttpResponse VersionRequired(const kubernetes::Kind& kind, const std::string& name);
HttpResponse InvalidObject(const kubernetes::Kind& kind, const std::string& name,
                           const std::vector<kubernetes::FieldError>& errors);
// options: "ListOptions", "DeleteOptions", ...
HttpResponse InvalidOptions(const std::string& options,
                            const std::vector<kubernetes::FieldError>& errors);
HttpResponse MethodNotAllowed();
HttpResponse UnsupportedMediaType(std::string message);
// Of a patch whose media type the kind does not take.
HttpResponse UnknownPatch(const kubernetes::Kind& kind);
HttpResponse Expired(std::string message, const std::string& continue_token = "");
// resource_version: asked for; `latest`: what there is.
HttpResponse VersionTooLarge(std::uint64_t resource_version, std::uint64_t latest);
// Of an object above kMaxObjectBytes.
HttpResponse ObjectTooLarge();
// What the store refused for reasons that are not the request's.
HttpResponse StoreFailure(const Error& error);

// "Warning: 299 - "text"" headers.
void AddWarnings(const std::vector<std::string>& warnings, HttpResponse* response);

// Of paths and methods that no handler has, and of requests that the HTTP server refuses.
HttpResponse RenderKubernetesError(const HttpRequest& request, int status, std::string message);

}  // namespace kless::doors
