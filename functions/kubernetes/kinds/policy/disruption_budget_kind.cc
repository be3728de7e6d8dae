// PodDisruptionBudget (policy/v1): the rules of its fields and of their updates.
#include <nlohmann/json.hpp>
#include <string>

#include "emulator/base/json.h"
#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/int_or_percent.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

void PrepareNewDisruptionBudget(json& object, const WriteContext&) {
  Set(object, "status",
      {{"currentHealthy", 0},
       {"desiredHealthy", 0},
       {"disruptionsAllowed", 0},
       {"expectedPods", 0}});
}

// Formats the spec as Go prints the API server's own type.
std::string SpecAsGo(const json& spec) {
  std::string out = "{";
  out += "\"MinAvailable\":" + DumpJson(ValueOrNull(spec, "minAvailable"));
  out += ",\"Selector\":" + DumpJson(ValueOrNull(spec, "selector"));
  out += ",\"MaxUnavailable\":" + DumpJson(ValueOrNull(spec, "maxUnavailable"));
  out += ",\"UnhealthyPodEvictionPolicy\":" +
         DumpJson(ValueOrNull(spec, "unhealthyPodEvictionPolicy"));
  return out + "}";
}

// Validates a number or a percentage of pods.
void ValidateBound(const json& spec, const char* key, FieldErrors& errors) {
  const json* value = Find(spec, key);
  if (value == nullptr) return;
  const std::string field = std::string("spec.") + key;
  if (ValidateIntOrPercent(*value, field, errors)) ValidateAtMostAll(*value, field, errors);
}

FieldErrors ValidateDisruptionBudget(const json& object) {
  FieldErrors errors;
  const json& spec = FindOrEmpty(object, "spec");
  if (Find(spec, "minAvailable") != nullptr && Find(spec, "maxUnavailable") != nullptr) {
    errors.push_back(
        InvalidAs("spec", SpecAsGo(spec), "minAvailable and maxUnavailable cannot be both set"));
  }
  ValidateBound(spec, "minAvailable", errors);
  ValidateBound(spec, "maxUnavailable", errors);
  const std::string policy = StringAt(spec, "unhealthyPodEvictionPolicy");
  if (!policy.empty() && policy != "AlwaysAllow" && policy != "IfHealthyBudget") {
    errors.push_back(NotSupported("spec.unhealthyPodEvictionPolicy", policy,
                                  {"AlwaysAllow", "IfHealthyBudget"}));
  }
  return errors;
}

FieldErrors ValidateDisruptionBudgetUpdate(const json& object, const json& old) {
  FieldErrors errors = ValidateMetadataUpdate(object, old);
  for (FieldError& error : ValidateDisruptionBudget(object)) errors.push_back(std::move(error));
  return errors;
}

}  // namespace

Kind DisruptionBudgetKind() {
  Kind kind;
  kind.group = "policy";
  kind.version = "v1";
  kind.kind = "PodDisruptionBudget";
  kind.plural = "poddisruptionbudgets";
  kind.singular = "poddisruptionbudget";
  kind.short_names = {"pdb"};
  kind.verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
  kind.type = "poddisruptionbudget";
  kind.has_status = true;
  kind.has_generation = true;
  kind.qualified_finalizers = false;
  kind.prepare_create = PrepareNewDisruptionBudget;
  kind.validate = ValidateDisruptionBudget;
  kind.validate_update = ValidateDisruptionBudgetUpdate;
  return kind;
}

}  // namespace kless::kubernetes
