#include "functions/kubernetes/objects/kind.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace kless::kubernetes {

KindPtr Lasting(const Kind* kind) { return {std::shared_ptr<const void>(), kind}; }

std::optional<std::string> FieldLabelProblem(const Kind& kind, const std::string& field) {
  if (field == "metadata.name" || field == "metadata.namespace") return std::nullopt;
  const auto& fields = kind.selectable_fields;
  if (std::find(fields.begin(), fields.end(), field) != fields.end()) return std::nullopt;
  // Each kind of the API server words this differently.
  if (kind.custom) return "field label not supported: " + field;
  if (fields.empty()) {
    return "\"" + field +
           R"(" is not a known field selector: only "metadata.name", "metadata.namespace")";
  }
  if (kind.names_kind_in_field_problem) {
    return "field label \"" + field + "\" not supported for " + kind.kind;
  }
  return "field label not supported: " + field;
}

const Subresource* FindSubresource(const Kind& kind, std::string_view name) {
  for (const Subresource& subresource : kind.subresources) {
    if (subresource.name == name) return &subresource;
  }
  return nullptr;
}

Subresource ScaleSubresource() {
  return {"scale", "Scale", "autoscaling", "v1", {"get", "patch", "update"}};
}

std::string ResourceName(const Kind& kind, std::string_view namespace_name, std::string_view name) {
  if (!kind.namespaced) return std::string(name);
  std::string resource(namespace_name);
  resource += '/';
  resource += name;
  return resource;
}

}  // namespace kless::kubernetes
