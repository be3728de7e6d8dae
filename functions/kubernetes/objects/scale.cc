#include "functions/kubernetes/objects/scale.h"

#include <nlohmann/json.hpp>

#include "functions/kubernetes/selectors/label_selector_text.h"
#include "functions/kubernetes/types/schema.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

json ScaleAt(const json& object, const std::vector<std::string>& path) {
  if (path.empty()) return nullptr;
  const json* value = &object;
  for (const std::string& key : path) {
    value = Find(*value, key.c_str());
    if (value == nullptr) return nullptr;
  }
  return *value;
}

std::int64_t ScaleNumberAt(const json& object, const std::vector<std::string>& path) {
  const json value = ScaleAt(object, path);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

}  // namespace

const Kind& ScaleKind() {
  static const Kind scale = [] {
    Kind kind;
    kind.group = "autoscaling";
    kind.version = "v1";
    kind.kind = "Scale";
    kind.plural = "scales";
    kind.schema = FindSchema(kind.ApiVersion(), kind.kind);
    return kind;
  }();
  return scale;
}

json ScaleOf(const Kind& kind, const json& object) {
  json metadata = json::object();
  for (const char* key : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    const json value = ValueOrNull(FindOrEmpty(object, "metadata"), key);
    if (!value.is_null()) metadata[key] = value;
  }
  json spec = json::object();
  // A number of 0 is omitted, as Go omits it.
  if (const std::int64_t replicas = ScaleNumberAt(object, kind.scale.replicas)) {
    spec["replicas"] = replicas;
  }
  json status = {{"replicas", ScaleNumberAt(object, kind.scale.current)}};
  const json selector = ScaleAt(object, kind.scale.selector);
  std::string text =
      selector.is_string() ? selector.get<std::string>() : LabelSelectorText(selector);
  if (!text.empty()) status["selector"] = std::move(text);
  return {{"kind", ScaleKind().kind},
          {"apiVersion", ScaleKind().ApiVersion()},
          {"metadata", std::move(metadata)},
          {"spec", std::move(spec)},
          {"status", std::move(status)}};
}

bool HasReplicas(const Kind& kind, const json& object) {
  return ScaleAt(object, kind.scale.replicas).is_number_integer();
}

std::vector<FieldError> ValidateScale(const json& scale) {
  const std::int64_t replicas = IntegerAt(scale, {"spec", "replicas"}).value_or(0);
  if (replicas >= 0) return {};
  return {Invalid("spec.replicas", replicas, "must be greater than or equal to 0")};
}

void ApplyScale(const Kind& kind, const json& scale, json& object) {
  json* holder = &object;
  const auto& path = kind.scale.replicas;
  for (std::size_t i = 0; i + 1 < path.size() && holder != nullptr; ++i) {
    holder = ObjectAt(*holder, path[i].c_str());
  }
  if (holder == nullptr || path.empty()) return;
  Set(*holder, path.back().c_str(), IntegerAt(scale, {"spec", "replicas"}).value_or(0));
}

}  // namespace kless::kubernetes
