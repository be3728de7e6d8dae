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

HttpResponse NameTaken(KubernetesContext& context, const ResourcePath& path) {
  const auto existing = context.resources().Get(path.Id());
  if (existing.has_error()) return StoreFailure(existing.error());
  const bool deleting = existing.value()->fields && existing.value()->fields->deleting;
  return AlreadyExists(*path.kind, path.name, deleting);
}

}  // namespace

HttpResponse ServeCreate(KubernetesContext& context, const ResourcePath& collection,
                         const HttpRequest& request) {
  ObjectWrite write{collection, {}};
  json object;
  if (auto refusal = DecodeWrite(request, "CreateOptions", &write, &object)) {
    return std::move(*refusal);
  }
  return CreateObject(context, write, std::move(object));
}

HttpResponse CreateObject(KubernetesContext& context, const ObjectWrite& request, json given) {
  if (auto refusal = CheckNewObject(context, request.path, given)) return std::move(*refusal);
  const bool generated = kubernetes::StringAt(given, {"metadata", "name"}).empty();
  const int attempts = generated ? kNameAttempts : 1;
  for (int attempt = 1;; ++attempt) {
    ObjectWrite write = request;
    json object = attempt < attempts ? given : std::move(given);
    if (auto refusal = AdmitCreate(context, &write, &object)) return std::move(*refusal);
    PrepareCreate(context, &write, &object);
    if (auto refusal = ValidateCreate(write.path, &object)) return std::move(*refusal);
    if (auto response = StoreNew(context, write, object)) return std::move(*response);
    if (attempt == attempts) return NameTaken(context, write.path);
  }
}

}  // namespace kless::doors
