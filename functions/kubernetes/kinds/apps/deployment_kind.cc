// Deployment (apps/v1): defaults, and the rules of its fields.
#include <nlohmann/json.hpp>
#include <string>

#include "emulator/base/json.h"
#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/kind_builders.h"
#include "functions/kubernetes/validation/workload_validation.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/int_or_percent.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/apps/v1/defaults.go
void ApplyDeploymentDefaults(json& object) {
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  SetDefault(*spec, "replicas", 1);
  SetDefault(*spec, "revisionHistoryLimit", 10);
  SetDefault(*spec, "progressDeadlineSeconds", 600);
  if (Find(*spec, "paused") != nullptr && !BoolAt(*spec, "paused")) Erase(*spec, "paused");
  if (json* strategy = ObjectAt(*spec, "strategy")) {
    if (StringAt(*strategy, "type").empty()) Set(*strategy, "type", "RollingUpdate");
    if (StringAt(*strategy, "type") == "RollingUpdate") {
      if (json* rolling = ObjectAt(*strategy, "rollingUpdate")) {
        SetDefault(*rolling, "maxUnavailable", "25%");
        SetDefault(*rolling, "maxSurge", "25%");
      }
    }
  }
  DefaultTemplate(*spec);
}

void PrepareNewDeployment(json& object, const WriteContext&) {
  Set(object, "status", json::object());
}

void ValidateRollingUpdate(const json& strategy, FieldErrors& errors) {
  const std::string field = "spec.strategy.rollingUpdate";
  const json* rolling = Find(strategy, "rollingUpdate");
  if (rolling == nullptr) {
    errors.push_back(Required(field, "this should be defaulted and never be nil"));
    return;
  }
  const json unavailable = ValueOrNull(*rolling, "maxUnavailable");
  const json surge = ValueOrNull(*rolling, "maxSurge");
  ValidateIntOrPercent(unavailable, field + ".maxUnavailable", errors);
  ValidateIntOrPercent(surge, field + ".maxSurge", errors);
  if (NumberOrPercent(unavailable) == 0 && NumberOrPercent(surge) == 0) {
    errors.push_back(
        Invalid(field + ".maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0"));
  }
  ValidateAtMostAll(unavailable, field + ".maxUnavailable", errors);
}

void ValidateStrategy(const json& strategy, FieldErrors& errors) {
  const std::string type = StringAt(strategy, "type");
  const json* rolling = Find(strategy, "rollingUpdate");
  if (type == "RollingUpdate") {
    ValidateRollingUpdate(strategy, errors);
  } else if (type != "Recreate") {
    // Formatted as Go prints the API server's own type.
    FieldError error = NotSupported("spec.strategy", "", {"Recreate", "RollingUpdate"});
    const std::string as_go =
        "{\"Type\":" + DumpJson(type) + ",\"RollingUpdate\":" +
        (rolling == nullptr
             ? "null"
             : "{\"MaxUnavailable\":" + DumpJson(ValueOrNull(*rolling, "maxUnavailable")) +
                   ",\"MaxSurge\":" + DumpJson(ValueOrNull(*rolling, "maxSurge")) + "}") +
        "}";
    error.message.replace(error.message.find("\"\""), 2, as_go);
    errors.push_back(std::move(error));
  } else if (rolling != nullptr) {
    errors.push_back(Forbidden("spec.strategy.rollingUpdate",
                               "may not be specified when strategy `type` is 'Recreate'"));
  }
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/apps/validation/validation.go
FieldErrors ValidateDeployment(const json& object) {
  FieldErrors errors;
  const json& spec = FindOrEmpty(object, "spec");
  ValidateNonNegative(spec, "spec", {"replicas"}, errors);
  ValidateSelectorAndTemplate(spec, "empty selector is invalid for deployment", errors);
  ValidateStrategy(FindOrEmpty(spec, "strategy"), errors);
  ValidateNonNegative(spec, "spec", {"minReadySeconds", "revisionHistoryLimit"}, errors);
  if (const auto deadline = IntegerAt(spec, "progressDeadlineSeconds")) {
    ValidateNonNegative(spec, "spec", {"progressDeadlineSeconds"}, errors);
    if (*deadline <= IntegerAt(spec, "minReadySeconds").value_or(0)) {
      errors.push_back(Invalid("spec.progressDeadlineSeconds", *deadline,
                               "must be greater than minReadySeconds"));
    }
  }
  return errors;
}

}  // namespace

Kind DeploymentKind() {
  Kind kind = WorkloadKind("Deployment", "deployments", "deployment", "deploy");
  AddScale(kind);
  kind.annotations_count = true;
  kind.apply_defaults = ApplyDeploymentDefaults;
  kind.prepare_create = PrepareNewDeployment;
  SetRules(kind, ValidateDeployment, ValidateSameSelector);
  return kind;
}

}  // namespace kless::kubernetes
