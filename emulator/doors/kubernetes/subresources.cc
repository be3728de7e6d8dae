#include "emulator/doors/kubernetes/subresources.h"

#include <utility>

#include "emulator/doors/kubernetes/path_handler.h"
#include "emulator/doors/kubernetes/read/log_verb.h"
#include "emulator/doors/kubernetes/write/binding.h"
#include "emulator/doors/kubernetes/write/eviction.h"
#include "emulator/doors/kubernetes/write/patch.h"
#include "emulator/doors/kubernetes/write/scale.h"
#include "emulator/doors/kubernetes/write/update.h"

namespace kless::doors {

namespace {

// The verbs of the object itself: the path says which part of it they change.
Task<HttpResponse> GetObject(DoorParts* parts, ResourcePath path, HttpRequest request) {
  return parts->reader.Get(std::move(path), std::move(request));
}

// Adapts a handler that replies at once.
template <HttpResponse (*kServe)(KubernetesContext&, const ResourcePath&, const HttpRequest&)>
Task<HttpResponse> AtOnce(DoorParts* parts, ResourcePath path, HttpRequest request) {
  return Now(kServe(parts->context, path, request));
}

Task<HttpResponse> GetScale(DoorParts* parts, ResourcePath path, HttpRequest) {
  return Now(ServeScale(parts->context, path));
}

Task<HttpResponse> GetLog(DoorParts* parts, ResourcePath path, HttpRequest request) {
  return ReadLog(&parts->context, std::move(path), std::move(request));
}

constexpr SubresourceVerb kVerbs[] = {
    {"attach", "create", "POST", AtOnce<ConnectPod>, OffersTables},
    {"attach", "get", "GET", AtOnce<ConnectPod>, OffersTables},
    {"binding", "create", "POST", AtOnce<ServeBinding>, OffersTables},
    {"ephemeralcontainers", "get", "GET", GetObject, OffersTables},
    {"ephemeralcontainers", "patch", "PATCH", AtOnce<ServePatch>, OffersTables},
    {"ephemeralcontainers", "update", "PUT", AtOnce<ServeReplace>, OffersTables},
    {"eviction", "create", "POST", AtOnce<ServeEviction>, OffersTables},
    {"exec", "create", "POST", AtOnce<ConnectPod>, OffersTables},
    {"exec", "get", "GET", AtOnce<ConnectPod>, OffersTables},
    {"finalize", "update", "PUT", AtOnce<ServeReplace>, OffersTables},
    {"log", "get", "GET", GetLog, nullptr},
    {"portforward", "create", "POST", AtOnce<ConnectPod>, OffersTables},
    {"portforward", "get", "GET", AtOnce<ConnectPod>, OffersTables},
    {"resize", "get", "GET", GetObject, OffersTables},
    {"resize", "patch", "PATCH", AtOnce<ServePatch>, OffersTables},
    {"resize", "update", "PUT", AtOnce<ServeReplace>, OffersTables},
    {"scale", "get", "GET", GetScale, OffersPlainOnly},
    {"scale", "patch", "PATCH", AtOnce<PatchScale>, OffersPlainOnly},
    {"scale", "update", "PUT", AtOnce<ReplaceScale>, OffersPlainOnly},
    {"status", "get", "GET", GetObject, OffersTables},
    {"status", "patch", "PATCH", AtOnce<ServePatch>, OffersTables},
    {"status", "update", "PUT", AtOnce<ServeReplace>, OffersTables},
};

}  // namespace

std::span<const SubresourceVerb> SubresourceVerbs() { return kVerbs; }

const SubresourceVerb* FindSubresourceVerb(std::string_view subresource, std::string_view method) {
  for (const SubresourceVerb& row : kVerbs) {
    if (row.subresource == subresource && row.method == method) return &row;
  }
  return nullptr;
}

}  // namespace kless::doors
