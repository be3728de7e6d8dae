// DaemonSet and ControllerRevision (apps/v1): defaults, and the rules of their fields.
#include <nlohmann/json.hpp>
#include <string>

#include "emulator/base/strings.h"
#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/kind_builders.h"
#include "functions/kubernetes/validation/workload_validation.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/int_or_percent.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr const char* kGeneration = "deprecated.daemonset.template.generation";

// DS1.
void ApplyDaemonSetDefaults(json& object) {
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  SetDefault(*spec, "revisionHistoryLimit", 10);
  if (json* strategy = ObjectAt(*spec, "updateStrategy")) {
    if (StringAt(*strategy, "type").empty()) Set(*strategy, "type", "RollingUpdate");
    if (StringAt(*strategy, "type") == "RollingUpdate") {
      if (json* rolling = ObjectAt(*strategy, "rollingUpdate")) {
        SetDefault(*rolling, "maxUnavailable", 1);
        SetDefault(*rolling, "maxSurge", 0);
      }
    }
  }
  DefaultTemplate(*spec);
}

void SetTemplateGeneration(json& object, std::int64_t generation) {
  json* metadata = ObjectAt(object, "metadata");
  json* annotations = metadata == nullptr ? nullptr : ObjectAt(*metadata, "annotations");
  if (annotations != nullptr) (*annotations)[kGeneration] = std::to_string(generation);
}

void PrepareNewDaemonSet(json& object, const WriteContext&) {
  Set(object, "status",
      {{"currentNumberScheduled", 0},
       {"numberMisscheduled", 0},
       {"desiredNumberScheduled", 0},
       {"numberReady", 0}});
  SetTemplateGeneration(object, 1);
}

void PrepareDaemonSetUpdate(json& object, const json& old, const WriteContext&) {
  const std::int64_t generation =
      ParseInteger(StringAt(old, {"metadata", "annotations", kGeneration})).value_or(1);
  const bool same = ValueOrNull(FindOrEmpty(object, "spec"), "template") ==
                    ValueOrNull(FindOrEmpty(old, "spec"), "template");
  SetTemplateGeneration(object, generation + (same ? 0 : 1));
}

// DS29.
void ValidateDaemonSetRollingUpdate(const json& rolling, FieldErrors& errors) {
  const std::string field = "spec.updateStrategy.rollingUpdate";
  const json unavailable = ValueOrNull(rolling, "maxUnavailable");
  const json surge = ValueOrNull(rolling, "maxSurge");
  ValidateIntOrPercent(unavailable, field + ".maxUnavailable", errors);
  ValidateIntOrPercent(surge, field + ".maxSurge", errors);
  const bool some_unavailable = NumberOrPercent(unavailable) != 0;
  const bool some_surge = NumberOrPercent(surge) != 0;
  if (!some_unavailable && !some_surge) {
    errors.push_back(Required(field + ".maxUnavailable", "cannot be 0 when maxSurge is 0"));
  } else if (some_unavailable && some_surge) {
    errors.push_back(
        Invalid(field + ".maxSurge", surge, "may not be set when maxUnavailable is non-zero"));
  }
  ValidateAtMostAll(unavailable, field + ".maxUnavailable", errors);
  ValidateAtMostAll(surge, field + ".maxSurge", errors);
}

FieldErrors ValidateDaemonSet(const json& object) {
  FieldErrors errors;
  const json& spec = FindOrEmpty(object, "spec");
  ValidateSelectorAndTemplate(spec, "empty selector is invalid for daemonset", errors);
  ValidateNonNegative(spec, "spec", {"minReadySeconds", "revisionHistoryLimit"}, errors);
  const json& strategy = FindOrEmpty(spec, "updateStrategy");
  const std::string type = StringAt(strategy, "type");
  if (type == "RollingUpdate") {
    ValidateDaemonSetRollingUpdate(FindOrEmpty(strategy, "rollingUpdate"), errors);
  } else if (type != "OnDelete") {
    errors.push_back(NotSupported("spec.updateStrategy.type", type, {"RollingUpdate", "OnDelete"}));
  }
  return errors;
}

}  // namespace

Kind DaemonSetKind() {
  Kind kind = WorkloadKind("DaemonSet", "daemonsets", "daemonset", "ds");
  kind.apply_defaults = ApplyDaemonSetDefaults;
  kind.prepare_create = PrepareNewDaemonSet;
  kind.prepare_update = PrepareDaemonSetUpdate;
  SetRules(kind, ValidateDaemonSet, ValidateSameSelector);
  return kind;
}

Kind ControllerRevisionKind() {
  Kind kind = NamespacedKind("apps", "v1", "ControllerRevision", "controllerrevisions",
                             "controllerrevision");
  SetRules(
      kind,
      [](const json& object) {
        FieldErrors errors;
        const auto revision = IntegerAt(object, "revision");
        if (revision && *revision < 0) {
          errors.push_back(Invalid("revision", *revision, "must be greater than or equal to 0"));
        }
        return errors;
      },
      [](const json& object, const json& old, FieldErrors& errors) {
        const json data = ValueOrNull(object, "data");
        if (data != ValueOrNull(old, "data")) errors.push_back(Immutable("data", data));
      });
  return kind;
}

}  // namespace kless::kubernetes
