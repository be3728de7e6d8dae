// The subresource scale; a part of KubernetesWriter.
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/doors/kubernetes/wire/patch_body.h"
#include "emulator/doors/kubernetes/write/writer.h"
#include "functions/kubernetes/objects/object.h"
#include "functions/kubernetes/objects/scale.h"
#include "functions/kubernetes/patch/patch.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr int kScaleAttempts = 5;

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

}  // namespace

HttpResponse KubernetesWriter::GetScale(const ResourcePath& path) const {
  ItemPtr item;
  json object;
  if (auto refusal = Load(path, &item, &object)) return std::move(*refusal);
  if (auto refusal = CheckScale(path, object)) return std::move(*refusal);
  return JsonResponse(200, DumpJson(kubernetes::ScaleOf(
                               *path.kind, AtVersion(path, std::move(object), item->version))));
}

std::optional<HttpResponse> KubernetesWriter::WriteScale(const ResourcePath& path,
                                                         const json& scale, const Item& item,
                                                         const json& stored,
                                                         const WriteOptions& options) {
  const auto errors = kubernetes::ValidateScale(scale);
  if (!errors.empty()) return InvalidObject(kubernetes::ScaleKind(), path.name, errors);
  if (IsOtherVersion(scale, item.version)) return Overtaken(*path.kind, path.name);
  json object = stored;
  kubernetes::ApplyScale(*path.kind, scale, object);
  auto response = WriteOver(path, object, item, stored, options);
  if (!response || response->status != 200) return response;
  const auto written = ParseJson(response->body);
  if (written.has_value()) {
    response->body = DumpJson(kubernetes::ScaleOf(*path.kind, written.value()));
  }
  return response;
}

HttpResponse KubernetesWriter::ReplaceScale(const ResourcePath& path, const HttpRequest& request) {
  WriteOptions options;
  if (auto refusal = DecodeWriteOptions(request, "UpdateOptions", &options)) {
    return std::move(*refusal);
  }
  json scale;
  if (auto refusal = DecodeObject(request, kubernetes::ScaleKind(), &scale, &options)) {
    return std::move(*refusal);
  }
  const std::string name = StringAt(scale, {"metadata", "name"});
  if (name != path.name) {
    return BadRequest("the name of the object (" + name + ") does not match the name on the URL (" +
                      path.name + ")");
  }
  for (int attempt = 0; attempt < kScaleAttempts; ++attempt) {
    ItemPtr item;
    json stored;
    if (auto refusal = Load(path, &item, &stored)) return std::move(*refusal);
    if (auto response = WriteScale(path, scale, *item, stored, options)) {
      return std::move(*response);
    }
  }
  return Overtaken(*path.kind, path.name);
}

HttpResponse KubernetesWriter::PatchScale(const ResourcePath& path, const HttpRequest& request) {
  const auto header = request.headers.find("content-type");
  const auto type =
      header == request.headers.end() ? std::nullopt : kubernetes::PatchTypeOf(header->second);
  if (!type || (path.kind->custom && *type == kubernetes::PatchType::kStrategic)) {
    return UnknownPatch(*path.kind);
  }
  json patch;
  if (auto refusal = DecodePatch(request, *type, &patch)) return std::move(*refusal);
  WriteOptions options;
  if (auto refusal = DecodeWriteOptions(request, "PatchOptions", &options)) {
    return std::move(*refusal);
  }
  for (int attempt = 0; attempt < kScaleAttempts; ++attempt) {
    ItemPtr item;
    json stored;
    if (auto refusal = Load(path, &item, &stored)) return std::move(*refusal);
    json scale = kubernetes::ScaleOf(*path.kind, AtVersion(path, stored, item->version));
    const auto problem = kubernetes::ApplyPatch(kubernetes::ScaleKind(), *type, patch, scale);
    if (problem) return PatchRefused(*problem);
    if (auto response = WriteScale(path, scale, *item, stored, options)) {
      return std::move(*response);
    }
  }
  return Overtaken(*path.kind, path.name);
}

}  // namespace kless::doors
