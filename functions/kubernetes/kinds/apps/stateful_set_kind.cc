// StatefulSet (apps/v1): defaults, and the rules of its fields and of its volume claims.
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

// Fields of the spec that an update may change.
constexpr const char* kMutable[] = {"replicas",
                                    "ordinals",
                                    "template",
                                    "updateStrategy",
                                    "revisionHistoryLimit",
                                    "persistentVolumeClaimRetentionPolicy",
                                    "minReadySeconds"};

void DefaultClaims(json& spec) {
  json* claims = Find(spec, "volumeClaimTemplates");
  for (std::size_t i = 0; i < SizeOf(claims); ++i) {
    json& claim = (*claims)[i];
    if (!claim.is_object()) continue;
    SetDefault(claim, "apiVersion", "v1");
    SetDefault(claim, "kind", "PersistentVolumeClaim");
    if (json* claim_spec = ObjectAt(claim, "spec")) {
      SetDefault(*claim_spec, "volumeMode", "Filesystem");
    }
    SetDefault(claim, "status", {{"phase", "Pending"}});
  }
}

// SS1.
void ApplyStatefulSetDefaults(json& object) {
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  SetDefault(*spec, "replicas", 1);
  SetDefault(*spec, "revisionHistoryLimit", 10);
  SetDefault(*spec, "podManagementPolicy", "OrderedReady");
  SetDefault(*spec, "serviceName", "");
  if (json* retention = ObjectAt(*spec, "persistentVolumeClaimRetentionPolicy")) {
    SetDefault(*retention, "whenDeleted", "Retain");
    SetDefault(*retention, "whenScaled", "Retain");
  }
  if (json* strategy = ObjectAt(*spec, "updateStrategy")) {
    if (StringAt(*strategy, "type").empty()) Set(*strategy, "type", "RollingUpdate");
    if (StringAt(*strategy, "type") == "RollingUpdate") {
      if (json* rolling = ObjectAt(*strategy, "rollingUpdate")) {
        SetDefault(*rolling, "partition", 0);
      }
    }
  }
  DefaultClaims(*spec);
  DefaultTemplate(*spec);
}

void PrepareNewStatefulSet(json& object, const WriteContext&) {
  Set(object, "status", {{"replicas", 0}, {"availableReplicas", 0}});
}

// The volumes of the pods: each claim is a volume of its name.
json WithClaimsAsVolumes(json spec) {
  const json* claims = Find(spec, "volumeClaimTemplates");
  json* pod_spec = Find(spec, {"template", "spec"});
  if (SizeOf(claims) == 0 || pod_spec == nullptr || !pod_spec->is_object()) return spec;
  json& volumes = (*pod_spec)["volumes"];
  if (!volumes.is_array()) volumes = json::array();
  for (const json& claim : *claims) {
    const std::string name = StringAt(claim, {"metadata", "name"});
    volumes.push_back({{"name", name}, {"persistentVolumeClaim", {{"claimName", name}}}});
  }
  return spec;
}

FieldErrors ValidateStatefulSet(const json& object) {
  FieldErrors errors;
  const json& spec = FindOrEmpty(object, "spec");
  const std::string management = StringAt(spec, "podManagementPolicy");
  if (management.empty()) {
    errors.push_back(Required("spec.podManagementPolicy", ""));
  } else if (management != "OrderedReady" && management != "Parallel") {
    errors.push_back(
        Invalid("spec.podManagementPolicy", management, "must be 'OrderedReady' or 'Parallel'"));
  }
  const json& strategy = FindOrEmpty(spec, "updateStrategy");
  const std::string type = StringAt(strategy, "type");
  const json* rolling = Find(strategy, "rollingUpdate");
  if (type == "OnDelete") {
    if (rolling != nullptr) {
      errors.push_back(Invalid("spec.updateStrategy.rollingUpdate", *rolling,
                               "only allowed for updateStrategy 'RollingUpdate'"));
    }
  } else if (type != "RollingUpdate") {
    errors.push_back(
        Invalid("spec.updateStrategy", strategy, "must be 'RollingUpdate' or 'OnDelete'"));
  }
  ValidateNonNegative(FindOrEmpty(strategy, "rollingUpdate"), "spec.updateStrategy.rollingUpdate",
                      {"partition"}, errors);
  const json& retention = FindOrEmpty(spec, "persistentVolumeClaimRetentionPolicy");
  for (const char* key : {"whenDeleted", "whenScaled"}) {
    const std::string policy = StringAt(retention, key);
    if (policy == "Retain" || policy == "Delete") continue;
    errors.push_back(NotSupported(std::string("spec.persistentVolumeClaimRetentionPolicy.") + key,
                                  policy, {"Retain", "Delete"}));
  }
  ValidateNonNegative(spec, "spec", {"replicas", "minReadySeconds", "revisionHistoryLimit"},
                      errors);
  ValidateNonNegative(FindOrEmpty(spec, "ordinals"), "spec.ordinals", {"start"}, errors);
  ValidateSelectorAndTemplate(WithClaimsAsVolumes(spec),
                              "empty selector is invalid for statefulset", errors);
  return errors;
}

// SS36.
void ValidateStatefulSetUpdate(const json& object, const json& old, FieldErrors& errors) {
  json now = FindOrEmpty(object, "spec");
  json before = FindOrEmpty(old, "spec");
  for (const char* key : kMutable) {
    Erase(now, key);
    Erase(before, key);
  }
  if (now == before) return;
  errors.push_back(Forbidden(
      "spec",
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
      "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
      "'minReadySeconds' are forbidden"));
}

}  // namespace

Kind StatefulSetKind() {
  Kind kind = WorkloadKind("StatefulSet", "statefulsets", "statefulset", "sts");
  AddScale(kind);
  kind.apply_defaults = ApplyStatefulSetDefaults;
  kind.prepare_create = PrepareNewStatefulSet;
  SetRules(kind, ValidateStatefulSet, ValidateStatefulSetUpdate);
  return kind;
}

}  // namespace kless::kubernetes
