#include "emulator/doors/kubernetes/door.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/doors/kubernetes/discovery/discovery.h"
#include "emulator/doors/kubernetes/discovery/openapi.h"
#include "emulator/doors/kubernetes/discovery/reviews.h"
#include "emulator/doors/kubernetes/wire/error_replies.h"
#include "emulator/doors/kubernetes/wire/negotiation.h"
#include "emulator/doors/kubernetes/wire/representation.h"
#include "emulator/doors/kubernetes/write/binding.h"
#include "emulator/doors/kubernetes/write/create.h"
#include "emulator/doors/kubernetes/write/delete.h"
#include "emulator/doors/kubernetes/write/patch.h"
#include "emulator/doors/kubernetes/write/update.h"
#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/kinds/served_kinds.h"
#include "functions/kubernetes/kinds/virtual_kinds.h"
#include "functions/kubernetes/objects/priority_classes.h"

namespace kless::doors {

using kubernetes::Kind;

namespace {

bool Holds(const std::vector<std::string>& verbs, const char* verb) {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

bool HasVerb(const Kind& kind, const char* verb) { return Holds(kind.verbs, verb); }

// Namespaces share their path segment, and so its parameter, with the resources in them.
std::string NameParameter(const Kind& kind) {
  return kind.plural == "namespaces" ? "namespace" : "name";
}

// `subresource` is "" for the object or collection itself.
ResourcePath PathOf(const Kind& kind, const std::string& subresource, HttpRequest& request) {
  ResourcePath path;
  path.kind = kubernetes::Lasting(&kind);
  path.subresource = subresource;
  if (kind.namespaced) path.namespace_name = request.params["namespace"];
  const auto name = request.params.find(NameParameter(kind));
  if (name != request.params.end()) path.name = name->second;
  return path;
}

HttpHandler OnPath(EventLoop& event_loop, const Kind& kind, const std::string& subresource,
                   OutputOffer offer, PathHandler path_handler) {
  auto handler = std::make_shared<const PathHandler>(std::move(path_handler));
  return [&event_loop, &kind, subresource, offer, handler](HttpRequest request) {
    ResourcePath path = PathOf(kind, subresource, request);
    return ServePath(event_loop, std::move(path), offer, handler, std::move(request));
  };
}

// For a reply that is text, whatever the client accepts.
HttpHandler OnTextPath(const Kind& kind, const std::string& subresource, PathHandler handler) {
  return [&kind, subresource, handler = std::move(handler)](HttpRequest request) {
    ResourcePath path = PathOf(kind, subresource, request);
    return handler(std::move(path), std::move(request));
  };
}

std::string RootOf(const Kind& kind) {
  return kind.group.empty() ? "/api/" + kind.version : "/apis/" + kind.group + "/" + kind.version;
}

std::string CollectionOf(const Kind& kind) {
  return (kind.namespaced ? "/namespaces/{namespace}/" : "/") + kind.plural;
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/scheduling/v1/helpers.go
const char* DescriptionOf(const std::string& system_class) {
  return system_class == "system-node-critical"
             ? "Used for system critical pods that must not be moved from their current node."
             : "Used for system critical pods that must run in the cluster, but can be moved to "
               "another node if necessary.";
}

// Creates a cluster-scoped object unless it exists.
Result<void> CreateAtStart(KubernetesContext& context, const nlohmann::json& object) {
  const std::string kind = object["kind"];
  ResourcePath path;
  path.kind =
      kubernetes::Lasting(kubernetes::FindKind(object["apiVersion"].get<std::string>(), kind));
  const HttpResponse response = CreateObject(context, {path, {}}, object);
  if (response.status == 201 || response.status == 409) return {};
  return MakeError(ErrorCode::kInternal, "cannot create the " + kind + " " +
                                             object["metadata"]["name"].get<std::string>() + ": " +
                                             response.body);
}

}  // namespace

KubernetesDoor::KubernetesDoor(EventLoop& event_loop, Store& store, std::uint64_t seed)
    : seed_(seed),
      stored_(store.resources()),
      context_{event_loop, store, stored_, Random(seed, "kubernetes-door")},
      custom_kinds_(context_),
      reader_(context_),
      parts_{context_, reader_},
      watches_(context_, reader_, custom_kinds_),
      custom_definitions_(context_, custom_kinds_) {}

void KubernetesDoor::Start() { custom_definitions_.Start(); }

Result<void> KubernetesDoor::Bootstrap() {
  for (const char* name : {"default", "kube-system", "kube-public", "kube-node-lease"}) {
    KLESS_TRY_VOID(CreateAtStart(
        context_, {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}}));
  }
  // Their uids come from a stream of their own, so that those of later objects do not depend on
  // them.
  KubernetesContext classes{context_.event_loop, context_.store, stored_,
                            Random(seed_, "kubernetes-bootstrap")};
  for (const auto& [name, value] : kubernetes::SystemPriorityClasses()) {
    KLESS_TRY_VOID(CreateAtStart(classes, {{"apiVersion", "scheduling.k8s.io/v1"},
                                           {"kind", "PriorityClass"},
                                           {"metadata", {{"name", name}}},
                                           {"description", DescriptionOf(name)},
                                           {"value", value}}));
  }
  return {};
}

void KubernetesDoor::Register(Router& router) {
  // The root belongs to the API server, too: a path that no door has gets its reply.
  router.SetErrorRenderer("/", RenderKubernetesError);
  router.SetBodyLimit("/api", kMaxRequestBytes);
  RegisterDiscovery(router, custom_kinds_);
  RegisterOpenApi(router, custom_kinds_);
  for (const Kind* kind : kubernetes::ServedKinds()) RegisterKind(router, *kind);
  for (const Kind& kind : kubernetes::VirtualKinds()) RegisterVirtualKind(router, kind);
  RegisterCustomPaths(router);
}

void KubernetesDoor::RegisterKind(Router& router, const Kind& kind) {
  const std::string root = RootOf(kind);
  const std::string collection = root + CollectionOf(kind);
  const std::string object = collection + "/{" + NameParameter(kind) + "}";
  const OutputOffer tables{OffersTables};
  const OutputOffer streams{OffersTables, true};

  const auto add = [&](const char* method, const std::string& pattern, OutputOffer offer,
                       PathHandler handler) {
    router.Add(method, pattern, OnPath(context_.event_loop, kind, "", offer, std::move(handler)));
  };
  // The API server has no HEAD; without this the HTTP server would handle it as a GET.
  const PathHandler head = [](ResourcePath, HttpRequest) { return Now(MethodNotAllowed()); };

  if (HasVerb(kind, "list")) {
    add("GET", collection, streams, List());
    if (kind.namespaced) add("GET", root + "/" + kind.plural, streams, List());
  }
  if (HasVerb(kind, "create")) {
    add("POST", collection, tables, [this](ResourcePath path, HttpRequest request) {
      return Now(ServeCreate(context_, path, request));
    });
  }
  if (HasVerb(kind, "deletecollection")) {
    add("DELETE", collection, tables, [this](ResourcePath path, HttpRequest request) {
      return ServeDeleteCollection(&context_, std::move(path), std::move(request));
    });
  }
  if (HasVerb(kind, "get")) add("GET", object, tables, Get());
  if (HasVerb(kind, "update")) add("PUT", object, tables, Replace());
  if (HasVerb(kind, "patch")) add("PATCH", object, tables, Patch());
  if (HasVerb(kind, "delete")) {
    add("DELETE", object, tables, [this](ResourcePath path, HttpRequest request) {
      return Now(ServeDelete(context_, path, request));
    });
  }
  add("HEAD", collection, tables, head);
  add("HEAD", object, tables, head);
  if (HasVerb(kind, "watch")) RegisterWatchPaths(router, kind);
  RegisterSubresources(router, kind);
}

// The older form of watches: .../watch/... instead of ?watch=true.
void KubernetesDoor::RegisterWatchPaths(Router& router, const Kind& kind) {
  const std::string root = RootOf(kind) + "/watch";
  const std::string collection = root + CollectionOf(kind);
  const PathHandler watch = [this](ResourcePath path, HttpRequest request) {
    if (!path.name.empty()) {
      std::string& selector = request.query["fieldSelector"];
      selector += (selector.empty() ? "metadata.name=" : ",metadata.name=") + path.name;
      path.name.clear();
    }
    return watches_.Watch(std::move(path), std::move(request));
  };
  std::vector<std::string> patterns = {collection, collection + "/{" + NameParameter(kind) + "}"};
  if (kind.namespaced) patterns.push_back(root + "/" + kind.plural);
  for (const std::string& pattern : patterns) {
    const HttpHandler handler =
        OnPath(context_.event_loop, kind, "", OutputOffer{OffersTables, true}, watch);
    router.Add("GET", pattern, [handler](HttpRequest request) {
      request.query["watch"] = "true";
      return handler(std::move(request));
    });
  }
}

void KubernetesDoor::RegisterSubresources(Router& router, const Kind& kind) {
  const std::string object = RootOf(kind) + CollectionOf(kind) + "/{" + NameParameter(kind) + "}/";
  for (const SubresourceVerb& row : SubresourceVerbs()) {
    const std::string name = row.subresource;
    const kubernetes::Subresource* const listed = kubernetes::FindSubresource(kind, name);
    const bool has_verb =
        listed == nullptr ? name == "status" && kind.has_status : Holds(listed->verbs, row.verb);
    if (!has_verb) continue;
    PathHandler handler = [this, &row](ResourcePath path, HttpRequest request) {
      return row.handle(&parts_, std::move(path), std::move(request));
    };
    router.Add(row.method, object + name,
               row.offers == nullptr ? OnTextPath(kind, name, std::move(handler))
                                     : OnPath(context_.event_loop, kind, name,
                                              OutputOffer{row.offers}, std::move(handler)));
  }
}

void KubernetesDoor::RegisterVirtualKind(Router& router, const Kind& kind) {
  PathHandler answer = [](ResourcePath path, HttpRequest request) {
    return Now(AnswerReview(*path.kind, request));
  };
  if (kind.kind == "Binding") {
    answer = [this](ResourcePath path, HttpRequest request) {
      path.kind = kubernetes::Lasting(kubernetes::FindKindByType("pod"));
      return Now(ServeBinding(context_, path, request));
    };
  }
  router.Add("POST", RootOf(kind) + CollectionOf(kind),
             OnPath(context_.event_loop, kind, "", OutputOffer{}, std::move(answer)));
}

PathHandler KubernetesDoor::List() {
  return [this](ResourcePath path, HttpRequest request) {
    if (WantsWatch(request)) return watches_.Watch(std::move(path), std::move(request));
    return reader_.List(std::move(path), std::move(request));
  };
}

PathHandler KubernetesDoor::Get() {
  return [this](ResourcePath path, HttpRequest request) {
    return reader_.Get(std::move(path), std::move(request));
  };
}

PathHandler KubernetesDoor::Replace() {
  return [this](ResourcePath path, HttpRequest request) {
    return Now(ServeReplace(context_, path, request));
  };
}

PathHandler KubernetesDoor::Patch() {
  return [this](ResourcePath path, HttpRequest request) {
    return Now(ServePatch(context_, path, request));
  };
}

}  // namespace kless::doors
