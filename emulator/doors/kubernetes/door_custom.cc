// Paths of custom kinds; a part of KubernetesDoor.
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/doors/kubernetes/door.h"
#include "emulator/doors/kubernetes/wire/error_replies.h"
#include "emulator/doors/kubernetes/write/create.h"
#include "emulator/doors/kubernetes/write/delete.h"
#include "emulator/doors/kubernetes/write/patch.h"
#include "functions/kubernetes/objects/status_object.h"

namespace kless::doors {

using kubernetes::Kind;
using kubernetes::KindPtr;

namespace {

constexpr const char* kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
constexpr const char* kPaths[] = {"/{plural}", "/{plural}/{name}",
                                  "/{plural}/{name}/{subresource}"};

HttpResponse NotWhileTerminating(const Kind& kind) {
  nlohmann::json details = {{"group", kind.group}, {"kind", kind.plural}};
  return StatusResponse(kubernetes::StatusFailure(
      405, "MethodNotAllowed", "create not allowed while custom resource definition is terminating",
      std::move(details)));
}

// Whether the path is valid for the kind: objects are namespaced or not, and lists may span
// namespaces.
bool Fits(const ResourcePath& path, const HttpRequest& request) {
  if (!path.kind->namespaced) return path.namespace_name.empty();
  if (!path.namespace_name.empty()) return true;
  return path.name.empty() && (request.method == "GET" || request.method == "HEAD");
}

bool HasSubresource(const Kind& kind, const std::string& subresource) {
  if (subresource.empty()) return true;
  if (subresource == "status") return kind.has_status;
  return subresource == "scale" && !kind.subresources.empty();
}

// Converts .../watch/... to ?watch=true.
void AskForWatch(HttpRequest& request, ResourcePath& path) {
  request.query["watch"] = "true";
  if (path.name.empty()) return;
  std::string& selector = request.query["fieldSelector"];
  selector += (selector.empty() ? "metadata.name=" : ",metadata.name=") + path.name;
  path.name.clear();
}

Task<HttpResponse> WithWarning(Task<HttpResponse> answer, std::string warning) {
  HttpResponse response = co_await std::move(answer);
  AddWarnings({std::move(warning)}, &response);
  co_return response;
}

}  // namespace

void KubernetesDoor::RegisterCustomPaths(Router& router) {
  const std::string root = "/apis/{group}/{version}";
  const HttpHandler serve = [this](HttpRequest request) { return ServeCustom(std::move(request)); };
  const HttpHandler watch = [this](HttpRequest request) {
    request.params["watch"] = "true";
    return ServeCustom(std::move(request));
  };
  for (const char* const space : {"", "/namespaces/{namespace}"}) {
    for (const char* const path : kPaths) {
      for (const char* const method : kMethods) router.Add(method, root + space + path, serve);
    }
    router.Add("GET", root + "/watch" + space + kPaths[0], watch);
    router.Add("GET", root + "/watch" + space + kPaths[1], watch);
  }
}

Task<HttpResponse> KubernetesDoor::ServeCustom(HttpRequest request) {
  const auto parameter = [&request](const char* name) {
    const auto found = request.params.find(name);
    return found == request.params.end() ? std::string() : found->second;
  };
  ResourcePath path;
  path.kind = custom_kinds_.Find(parameter("group"), parameter("version"), parameter("plural"));
  path.namespace_name = parameter("namespace");
  path.name = parameter("name");
  path.subresource = parameter("subresource");
  if (path.kind != nullptr && !parameter("watch").empty()) AskForWatch(request, path);
  if (path.kind == nullptr || !Fits(path, request)) {
    return Now(RenderKubernetesError(request, 404, ""));
  }
  const KindPtr kind = path.kind;
  if (!HasSubresource(*kind, path.subresource)) return Now(NotFound(*kind, path.name));
  PathHandler verb = CustomVerb(request.method, path);
  if (verb == nullptr) return Now(MethodNotAllowed());
  OutputOffer offer;
  if (path.subresource != "scale") offer.kinds = OffersTables;
  offer.streams = path.name.empty() && request.method == "GET";
  Task<HttpResponse> answer =
      ServePath(context_.event_loop, std::move(path), offer,
                std::make_shared<const PathHandler>(std::move(verb)), std::move(request));
  if (kind->deprecation.empty()) return answer;
  return WithWarning(std::move(answer), kind->deprecation);
}

PathHandler KubernetesDoor::CustomVerb(const std::string& method, const ResourcePath& path) {
  if (path.name.empty()) {
    if (method == "GET") return List();
    if (method == "POST") {
      return [this](ResourcePath collection, HttpRequest request) {
        if (custom_kinds_.IsTerminating(*collection.kind)) {
          return Now(NotWhileTerminating(*collection.kind));
        }
        return Now(ServeCreate(context_, collection, request));
      };
    }
    if (method == "DELETE") {
      return [this](ResourcePath collection, HttpRequest request) {
        return ServeDeleteCollection(&context_, std::move(collection), std::move(request));
      };
    }
    return nullptr;
  }
  if (path.subresource == "scale") {
    const SubresourceVerb* const row = FindSubresourceVerb(path.subresource, method);
    if (row == nullptr) return nullptr;
    return [this, row](ResourcePath object, HttpRequest request) {
      return row->handle(&parts_, std::move(object), std::move(request));
    };
  }
  if (method == "GET") return Get();
  if (method == "PUT") return Replace();
  if (method == "PATCH") {
    return [this](ResourcePath object, HttpRequest request) {
      // An apply would create the object.
      if (custom_kinds_.IsTerminating(*object.kind) &&
          context_.resources().Get(object.Id()).has_error()) {
        return Now(NotWhileTerminating(*object.kind));
      }
      return Now(ServePatch(context_, object, request));
    };
  }
  if (method != "DELETE" || path.is_status()) return nullptr;
  return [this](ResourcePath object, HttpRequest request) {
    return Now(ServeDelete(context_, object, request));
  };
}

}  // namespace kless::doors
