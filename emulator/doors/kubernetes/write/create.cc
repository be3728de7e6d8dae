#include "emulator/doors/kubernetes/write/create.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using nlohmann::json;

namespace {

// The number of attempts to generate a name that does not exist yet.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go
constexpr int kNameAttempts = 8;

}  // namespace

HttpResponse ServeCreate(KubernetesContext& context, const ResourcePath& collection,
                         const HttpRequest& request) {
  ObjectWrite write{collection, {}};
  json object;
  if (auto refusal = DecodeWrite(request, "CreateOptions", &write, &object)) {
    return std::move(*refusal);
  }
  return CreateObject(context, write, object);
}

HttpResponse CreateObject(KubernetesContext& context, const ObjectWrite& request,
                          const json& given) {
  if (auto refusal = CheckNewObject(context, request.path, given)) return std::move(*refusal);
  const bool generated = kubernetes::StringAt(given, {"metadata", "name"}).empty();
  for (int attempt = 1;; ++attempt) {
    ObjectWrite write = request;
    json object = given;
    if (auto refusal = AdmitCreate(context, &write, &object)) return std::move(*refusal);
    PrepareCreate(context, &write, &object);
    if (auto refusal = ValidateCreate(write.path, &object)) return std::move(*refusal);
    const auto existing = context.resources().Get(write.path.Id());
    if (existing.has_error()) {
      if (existing.error().code != ErrorCode::kNotFound) return StoreFailure(existing.error());
      return StoreNew(context, write, object);
    }
    if (generated && attempt < kNameAttempts) continue;
    const bool deleting = existing.value()->fields && existing.value()->fields->deleting;
    return AlreadyExists(*write.path.kind, write.path.name, deleting);
  }
}

}  // namespace kless::doors
