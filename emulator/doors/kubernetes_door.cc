#include "emulator/doors/kubernetes_door.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/doors/kubernetes_discovery.h"
#include "emulator/doors/kubernetes_status.h"

namespace kless::doors {

using kubernetes::Kind;

namespace {

using PathHandler = std::function<Task<HttpResponse>(ResourcePath, HttpRequest)>;

Task<HttpResponse> Now(HttpResponse response) { co_return response; }

bool HasVerb(const Kind& kind, const char* verb) {
  return std::find(kind.verbs.begin(), kind.verbs.end(), verb) != kind.verbs.end();
}

// Namespaces share their path segment with what lies in them, and so its parameter.
std::string NameParameter(const Kind& kind) {
  return kind.plural == "namespaces" ? "namespace" : "name";
}

bool WantsWatch(const HttpRequest& request) {
  const auto found = request.query.find("watch");
  return found != request.query.end() && found->second != "false" && found->second != "0";
}

HttpHandler OnPath(const Kind& kind, bool status, PathHandler handler) {
  return [&kind, status, handler = std::move(handler)](HttpRequest request) {
    ResourcePath path;
    path.kind = &kind;
    path.status = status;
    if (kind.namespaced) path.namespace_name = request.params["namespace"];
    const auto name = request.params.find(NameParameter(kind));
    if (name != request.params.end()) path.name = name->second;
    return handler(std::move(path), std::move(request));
  };
}

HttpResponse PatchRefused(const ResourcePath& path) {
  return UnsupportedMediaType("415: Unsupported Media Type: kless does not support PATCH yet (" +
                              path.kind->QualifiedResource() + " \"" + path.name +
                              "\"); replace the object with PUT");
}

}  // namespace

KubernetesDoor::KubernetesDoor(Scheduler& scheduler, Store& store, std::uint64_t seed)
    : world_{scheduler, store, Random(seed, "kubernetes-door")},
      reader_(world_),
      writer_(world_),
      watches_(world_, reader_) {}

Result<void> KubernetesDoor::Bootstrap() {
  const Kind* const kind = kubernetes::FindKind("v1", "Namespace");
  for (const char* name : {"default", "kube-system", "kube-public", "kube-node-lease"}) {
    ResourcePath path;
    path.kind = kind;
    const nlohmann::json object = {
        {"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}};
    const HttpResponse response = writer_.CreateObject(path, object, false);
    if (response.status != 201 && response.status != 409) {
      return MakeError(ErrorCode::kInternal,
                       "cannot create the namespace " + std::string(name) + ": " + response.body);
    }
  }
  return {};
}

void KubernetesDoor::Register(Router& router) {
  for (const char* prefix : {"/api", "/apis", "/version", "/healthz", "/livez", "/readyz"}) {
    router.SetErrorRenderer(prefix, RenderKubernetesError);
  }
  router.SetBodyLimit("/api", kBodyLimit);
  RegisterDiscovery(router);
  for (const Kind& kind : kubernetes::Kinds()) RegisterKind(router, kind);
}

void KubernetesDoor::RegisterKind(Router& router, const Kind& kind) {
  const std::string root =
      kind.group.empty() ? "/api/" + kind.version : "/apis/" + kind.group + "/" + kind.version;
  const std::string collection =
      root + (kind.namespaced ? "/namespaces/{namespace}/" : "/") + kind.plural;
  const std::string object = collection + "/{" + NameParameter(kind) + "}";

  const auto add = [&](const char* method, const std::string& pattern, PathHandler handler) {
    router.Add(method, pattern, OnPath(kind, pattern.ends_with("/status"), std::move(handler)));
  };
  const PathHandler get = [this](ResourcePath path, HttpRequest request) {
    return reader_.Get(std::move(path), std::move(request));
  };
  const PathHandler list = [this](ResourcePath path, HttpRequest request) {
    if (WantsWatch(request)) return watches_.Watch(std::move(path), std::move(request));
    return reader_.List(std::move(path), std::move(request));
  };
  const PathHandler replace = [this](ResourcePath path, HttpRequest request) {
    return Now(writer_.Replace(path, request));
  };
  const PathHandler patch = [](ResourcePath path, HttpRequest) { return Now(PatchRefused(path)); };
  // The API server has no HEAD; without this the HTTP server would answer it as a GET.
  const PathHandler head = [](ResourcePath, HttpRequest) { return Now(MethodNotAllowed()); };

  if (HasVerb(kind, "list")) {
    add("GET", collection, list);
    if (kind.namespaced) add("GET", root + "/" + kind.plural, list);
  }
  if (HasVerb(kind, "create")) {
    add("POST", collection, [this](ResourcePath path, HttpRequest request) {
      return Now(writer_.Create(path, request));
    });
  }
  if (HasVerb(kind, "deletecollection")) {
    add("DELETE", collection, [this](ResourcePath path, HttpRequest request) {
      return writer_.DeleteCollection(std::move(path), std::move(request));
    });
  }
  if (HasVerb(kind, "get")) add("GET", object, get);
  if (HasVerb(kind, "update")) add("PUT", object, replace);
  if (HasVerb(kind, "patch")) add("PATCH", object, patch);
  if (HasVerb(kind, "delete")) {
    add("DELETE", object, [this](ResourcePath path, HttpRequest request) {
      return Now(writer_.Delete(path, request));
    });
  }
  add("HEAD", collection, head);
  add("HEAD", object, head);
  if (!kind.has_status) return;
  add("GET", object + "/status", get);
  add("PUT", object + "/status", replace);
  add("PATCH", object + "/status", patch);
}

}  // namespace kless::doors
