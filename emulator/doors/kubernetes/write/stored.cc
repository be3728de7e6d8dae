#include "emulator/doors/kubernetes/write/stored.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "emulator/base/json.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/prepared_image.h"

namespace kless::doors {

using kubernetes::Kind;
using nlohmann::json;

json Decoded(const Kind& kind, const Item& item) {
  auto parsed = ParseJson(item.document);
  json object =
      parsed.has_value() && parsed->is_object() ? std::move(parsed.value()) : json::object();
  if (kind.from_stored) kind.from_stored(object);
  return object;
}

json AtVersion(const ResourcePath& path, json object, std::uint64_t version) {
  if (json* metadata = kubernetes::ObjectAt(object, "metadata")) {
    (*metadata)["name"] = path.name;
    if (path.kind->namespaced) (*metadata)["namespace"] = path.namespace_name;
    (*metadata)["resourceVersion"] = std::to_string(version);
  }
  return object;
}

json AsServed(const ResourcePath& path, json object, std::uint64_t version) {
  const Kind& kind = *path.kind;
  if (kind.apply_defaults) kind.apply_defaults(object);
  object["apiVersion"] = kind.ApiVersion();
  object["kind"] = kind.kind;
  return AtVersion(path, std::move(object), version);
}

Refusal Load(KubernetesContext& context, const ResourcePath& path, ItemPtr* item, json* object) {
  const auto found = context.resources().Get(path.Id());
  if (found.has_error()) {
    if (found.error().code == ErrorCode::kNotFound) return NotFound(*path.kind, path.name);
    return StoreFailure(found.error());
  }
  *item = found.value();
  *object = Decoded(*path.kind, **item);
  return std::nullopt;
}

Refusal Save(KubernetesContext& context, const ResourcePath& path, const json& object,
             std::uint64_t version) {
  const ResourceId id = path.Id();
  const auto written =
      context.resources().Put(id, PrepareImage(object, id.name), Condition::VersionIs(version));
  if (written.has_error()) return StoreFailure(written.error());
  return std::nullopt;
}

}  // namespace kless::doors
