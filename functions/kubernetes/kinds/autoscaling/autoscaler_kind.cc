// HorizontalPodAutoscaler (autoscaling/v2): stored and served; kless does not scale by it.
#include <nlohmann/json.hpp>
#include <string>

#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/kind_builders.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/autoscaling/v2/defaults.go
void ApplyAutoscalerDefaults(json& object) {
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  SetDefault(*spec, "minReplicas", 1);
  if (SizeOf(Find(*spec, "metrics")) > 0) return;
  const json target = {{"type", "Utilization"}, {"averageUtilization", 80}};
  const json resource = {{"name", "cpu"}, {"target", target}};
  Set(*spec, "metrics", json::array({{{"type", "Resource"}, {"resource", resource}}}));
}

void PrepareNewAutoscaler(json& object, const WriteContext&) {
  Set(object, "status", {{"currentMetrics", nullptr}, {"desiredReplicas", 0}});
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/autoscaling/validation/validation.go
FieldErrors ValidateAutoscaler(const json& object) {
  FieldErrors errors;
  const json& spec = FindOrEmpty(object, "spec");
  const std::int64_t min = IntegerAt(spec, "minReplicas").value_or(1);
  const std::int64_t max = IntegerAt(spec, "maxReplicas").value_or(0);
  if (min < 1) {
    errors.push_back(Invalid("spec.minReplicas", min, "must be greater than or equal to 1"));
  }
  if (max < 1) errors.push_back(Invalid("spec.maxReplicas", max, "must be greater than 0"));
  if (max < min) {
    errors.push_back(
        Invalid("spec.maxReplicas", max, "must be greater than or equal to `minReplicas`"));
  }
  for (const char* key : {"kind", "name"}) {
    if (StringAt(spec, {"scaleTargetRef", key}).empty()) {
      errors.push_back(Required(std::string("spec.scaleTargetRef.") + key, ""));
    }
  }
  return errors;
}

}  // namespace

Kind HorizontalPodAutoscalerKind() {
  Kind kind = NamespacedKind("autoscaling", "v2", "HorizontalPodAutoscaler",
                             "horizontalpodautoscalers", "horizontalpodautoscaler");
  kind.short_names = {"hpa"};
  kind.categories = {"all"};
  kind.has_status = true;
  kind.apply_defaults = ApplyAutoscalerDefaults;
  kind.prepare_create = PrepareNewAutoscaler;
  SetRules(kind, ValidateAutoscaler, nullptr);
  return kind;
}

}  // namespace kless::kubernetes
