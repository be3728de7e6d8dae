#include "emulator/doors/kubernetes_door.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/doors/kubernetes_discovery.h"
#include "emulator/doors/kubernetes_openapi.h"
#include "emulator/doors/kubernetes_status.h"
#include "functions/kubernetes/kinds.h"

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

HttpHandler OnPath(const Kind& kind, const std::string& pattern, PathHandler handler) {
  const bool status = pattern.ends_with("/status");
  const bool finalize = pattern.ends_with("/finalize");
  return [&kind, status, finalize, handler = std::move(handler)](HttpRequest request) {
    ResourcePath path;
    path.kind = &kind;
    path.status = status;
    path.finalize = finalize;
    if (kind.namespaced) path.namespace_name = request.params["namespace"];
    const auto name = request.params.find(NameParameter(kind));
    if (name != request.params.end()) path.name = name->second;
    return handler(std::move(path), std::move(request));
  };
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/scheduling/v1/helpers.go
const char* DescriptionOf(const std::string& system_class) {
  return system_class == "system-node-critical"
             ? "Used for system critical pods that must not be moved from their current node."
             : "Used for system critical pods that must run in the cluster, but can be moved to "
               "another node if necessary.";
}

// A cluster-scoped object, unless it is there.
Result<void> CreateAtStart(const nlohmann::json& object, KubernetesWriter& writer) {
  const std::string kind = object["kind"];
  ResourcePath path;
  path.kind = kubernetes::FindKind(object["apiVersion"].get<std::string>(), kind);
  const HttpResponse response = writer.CreateObject(path, object, false);
  if (response.status == 201 || response.status == 409) return {};
  return MakeError(ErrorCode::kInternal, "cannot create the " + kind + " " +
                                             object["metadata"]["name"].get<std::string>() + ": " +
                                             response.body);
}

}  // namespace

KubernetesDoor::KubernetesDoor(Scheduler& scheduler, Store& store, std::uint64_t seed)
    : seed_(seed),
      world_{scheduler, store, Random(seed, "kubernetes-door")},
      reader_(world_),
      writer_(world_),
      watches_(world_, reader_) {}

Result<void> KubernetesDoor::Bootstrap() {
  for (const char* name : {"default", "kube-system", "kube-public", "kube-node-lease"}) {
    auto created = CreateAtStart(
        {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}}, writer_);
    if (created.has_error()) return created;
  }
  // Their uids come from a stream of their own: those of later objects do not depend on them.
  KubernetesWorld classes{world_.scheduler, world_.store, Random(seed_, "kubernetes-bootstrap")};
  KubernetesWriter writer(classes);
  for (const auto& [name, value] : kubernetes::SystemPriorityClasses()) {
    auto created = CreateAtStart({{"apiVersion", "scheduling.k8s.io/v1"},
                                  {"kind", "PriorityClass"},
                                  {"metadata", {{"name", name}}},
                                  {"description", DescriptionOf(name)},
                                  {"value", value}},
                                 writer);
    if (created.has_error()) return created;
  }
  return {};
}

void KubernetesDoor::Register(Router& router) {
  for (const char* prefix : {"/api", "/apis", "/version", "/healthz", "/livez", "/readyz"}) {
    router.SetErrorRenderer(prefix, RenderKubernetesError);
  }
  router.SetBodyLimit("/api", kBodyLimit);
  RegisterDiscovery(router);
  RegisterOpenApi(router);
  for (const Kind& kind : kubernetes::Kinds()) RegisterKind(router, kind);
}

void KubernetesDoor::RegisterKind(Router& router, const Kind& kind) {
  const std::string root =
      kind.group.empty() ? "/api/" + kind.version : "/apis/" + kind.group + "/" + kind.version;
  const std::string collection =
      root + (kind.namespaced ? "/namespaces/{namespace}/" : "/") + kind.plural;
  const std::string object = collection + "/{" + NameParameter(kind) + "}";

  const auto add = [&](const char* method, const std::string& pattern, PathHandler handler) {
    router.Add(method, pattern, OnPath(kind, pattern, std::move(handler)));
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
  const PathHandler patch = [this](ResourcePath path, HttpRequest request) {
    return Now(writer_.Patch(path, request));
  };
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
  for (const kubernetes::Subresource& subresource : kind.subresources) {
    const std::string pattern = object + "/" + subresource.name;
    if (subresource.name == "finalize") add("PUT", pattern, replace);
    if (subresource.name == "binding") {
      add("POST", pattern, [this](ResourcePath path, HttpRequest request) {
        return Now(writer_.Bind(path, request));
      });
    }
    if (subresource.name == "eviction") {
      add("POST", pattern, [this](ResourcePath path, HttpRequest request) {
        return Now(writer_.Evict(path, request));
      });
    }
  }
  if (!kind.has_status) return;
  add("GET", object + "/status", get);
  add("PUT", object + "/status", replace);
  add("PATCH", object + "/status", patch);
}

}  // namespace kless::doors
