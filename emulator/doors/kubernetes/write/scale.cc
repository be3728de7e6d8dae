#include "emulator/doors/kubernetes/write/scale.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/doors/kubernetes/wire/body.h"
#include "emulator/doors/kubernetes/wire/patch_body.h"
#include "emulator/doors/kubernetes/write/stored.h"
#include "emulator/doors/kubernetes/write/update.h"
#include "functions/kubernetes/objects/kind.h"
#include "functions/kubernetes/objects/scale.h"
#include "functions/kubernetes/patch/patch.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::StringAt;
using nlohmann::json;

namespace {

// A custom object may lack the fields of its scale.
Refusal CheckScale(const ResourcePath& path, const json& object) {
  if (!path.kind->custom || kubernetes::HasReplicas(*path.kind, object)) return std::nullopt;
  std::string field;
  for (const std::string& name : path.kind->scale.replicas) field += "." + name;
  return StoreFailure(
      MakeError(ErrorCode::kInternal,
                "the spec replicas field " + DumpJson(json(field)) + " does not exist"));
}

bool IsOtherVersion(const json& scale, std::uint64_t version) {
  const std::string wanted = StringAt(scale, {"metadata", "resourceVersion"});
  return !wanted.empty() && wanted != "0" && wanted != std::to_string(version);
}

// Sets the replicas of an existing object; nullopt: another writer was faster.
std::optional<HttpResponse> WriteScale(KubernetesContext& context, ObjectWrite write,
                                       const json& scale, const Item& item, const json& stored) {
  const kubernetes::Kind& kind = *write.path.kind;
  const auto errors = kubernetes::ValidateScale(scale);
  if (!errors.empty()) return InvalidObject(kubernetes::ScaleKind(), write.path.name, errors);
  if (IsOtherVersion(scale, item.version)) return Overtaken(kind, write.path.name);
  json object = stored;
  kubernetes::ApplyScale(kind, scale, object);
  write.view = kubernetes::ScaleOf;
  return UpdateObject(context, std::move(write), std::move(object), item, stored);
}

}  // namespace

HttpResponse ServeScale(KubernetesContext& context, const ResourcePath& path) {
  ItemPtr item;
  json object;
  if (auto refusal = Load(context, path, &item, &object)) return std::move(*refusal);
  if (auto refusal = CheckScale(path, object)) return std::move(*refusal);
  return JsonResponse(200, DumpJson(kubernetes::ScaleOf(
                               *path.kind, AtVersion(path, std::move(object), item->version))));
}

HttpResponse ReplaceScale(KubernetesContext& context, const ResourcePath& path,
                          const HttpRequest& request) {
  ObjectWrite write{path, {}};
  if (auto refusal = DecodeWriteOptions(request, "UpdateOptions", &write.options)) {
    return std::move(*refusal);
  }
  json scale;
  if (auto refusal = DecodeObject(request, kubernetes::ScaleKind(), &scale, &write.options)) {
    return std::move(*refusal);
  }
  const std::string name = StringAt(scale, {"metadata", "name"});
  if (name != path.name) {
    return BadRequest("the name of the object (" + name + ") does not match the name on the URL (" +
                      path.name + ")");
  }
  return UntilNotOvertaken(path, [&]() -> std::optional<HttpResponse> {
    ItemPtr item;
    json stored;
    if (auto refusal = Load(context, path, &item, &stored)) return refusal;
    return WriteScale(context, write, scale, *item, stored);
  });
}

HttpResponse PatchScale(KubernetesContext& context, const ResourcePath& path,
                        const HttpRequest& request) {
  const auto type = kubernetes::PatchTypeOf(request.Header("content-type"));
  if (!type || (path.kind->custom && *type == kubernetes::PatchType::kStrategic)) {
    return UnknownPatch(*path.kind);
  }
  json patch;
  bool repeats = false;
  if (auto refusal = DecodePatch(request, *type, &patch, &repeats)) return std::move(*refusal);
  ObjectWrite write{path, {}};
  if (auto refusal = DecodeWriteOptions(request, "PatchOptions", &write.options)) {
    return std::move(*refusal);
  }
  return UntilNotOvertaken(path, [&]() -> std::optional<HttpResponse> {
    ItemPtr item;
    json stored;
    if (auto refusal = Load(context, path, &item, &stored)) return refusal;
    json scale = kubernetes::ScaleOf(*path.kind, AtVersion(path, stored, item->version));
    const auto problem = kubernetes::ApplyPatch(kubernetes::ScaleKind(), *type, patch, scale);
    if (problem) return PatchRefused(*problem);
    return WriteScale(context, write, scale, *item, stored);
  });
}

}  // namespace kless::doors
