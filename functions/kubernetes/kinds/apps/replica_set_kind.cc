// ReplicaSet (apps/v1): defaults, and the rules of its fields.
#include <nlohmann/json.hpp>
#include <string>

#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/kind_builders.h"
#include "functions/kubernetes/validation/workload_validation.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

void ApplyReplicaSetDefaults(json& object) {
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  SetDefault(*spec, "replicas", 1);
  DefaultTemplate(*spec);
}

void PrepareNewReplicaSet(json& object, const WriteContext&) {
  Set(object, "status", json::object({{"replicas", 0}}));
}

FieldErrors ValidateReplicaSet(const json& object) {
  FieldErrors errors;
  const json& spec = FindOrEmpty(object, "spec");
  ValidateNonNegative(spec, "spec", {"replicas", "minReadySeconds"}, errors);
  ValidateSelectorAndTemplate(spec, "empty selector is invalid for deployment", errors);
  return errors;
}

}  // namespace

Kind ReplicaSetKind() {
  Kind kind = WorkloadKind("ReplicaSet", "replicasets", "replicaset", "rs");
  AddScale(kind);
  kind.apply_defaults = ApplyReplicaSetDefaults;
  kind.prepare_create = PrepareNewReplicaSet;
  SetRules(kind, ValidateReplicaSet, ValidateSameSelector);
  kind.selectable_fields = {"status.replicas"};
  kind.field_value = [](const json& object, const std::string& field) -> std::string {
    if (field != "status.replicas") return "";
    return std::to_string(IntegerAt(object, {"status", "replicas"}).value_or(0));
  };
  return kind;
}

}  // namespace kless::kubernetes
