#include <nlohmann/json.hpp>
#include <string>

#include "functions/kubernetes/field_error.h"
#include "functions/kubernetes/json_access.h"
#include "functions/kubernetes/kinds.h"
#include "functions/kubernetes/label_selector_match.h"
#include "functions/kubernetes/object.h"
#include "functions/kubernetes/pod_defaults.h"
#include "functions/kubernetes/pod_validation.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

void ApplyDefaults(json& object) {
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  SetDefault(*spec, "replicas", 1);
  json* pod_template = ObjectAt(*spec, "template");
  json* pod_spec = pod_template == nullptr ? nullptr : ObjectAt(*pod_template, "spec");
  if (pod_spec != nullptr) ApplyPodSpecDefaults(*pod_spec);
}

void PrepareCreate(json& object, const WriteContext&) {
  Set(object, "status", json::object({{"replicas", 0}}));
}

bool IsEmptySelector(const json& selector) {
  const json& labels = FindOrEmpty(selector, "matchLabels");
  return labels.empty() && SizeOf(Find(selector, "matchExpressions")) == 0;
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/apps/validation/validation.go
FieldErrors Validate(const json& object) {
  FieldErrors errors;
  const json& spec = FindOrEmpty(object, "spec");
  for (const char* key : {"replicas", "minReadySeconds"}) {
    const auto value = IntegerAt(spec, key);
    if (value && *value < 0) {
      errors.push_back(
          Invalid(std::string("spec.") + key, *value, "must be greater than or equal to 0"));
    }
  }
  const json* selector = Find(spec, "selector");
  const bool empty = selector != nullptr && IsEmptySelector(*selector);
  if (selector == nullptr) {
    errors.push_back(Required("spec.selector", ""));
  } else if (empty) {
    errors.push_back(
        Invalid("spec.selector", *selector, "empty selector is invalid for deployment"));
  }
  const json& pod_template = FindOrEmpty(spec, "template");
  const json* labels = Find(pod_template, {"metadata", "labels"});
  if (!empty && !MatchesLabels(selector, labels)) {
    errors.push_back(Invalid("spec.template.metadata.labels", labels == nullptr ? json() : *labels,
                             "`selector` does not match template `labels`"));
  }
  ValidatePodTemplate(pod_template, "spec.template", errors);
  const std::string policy = StringAt(pod_template, {"spec", "restartPolicy"});
  if (policy == "OnFailure" || policy == "Never") {
    errors.push_back(NotSupported("spec.template.spec.restartPolicy", policy, {"Always"}));
  }
  return errors;
}

FieldErrors ValidateUpdate(const json& object, const json& old) {
  FieldErrors errors = ValidateMetadataUpdate(object, old);
  for (FieldError& error : Validate(object)) errors.push_back(std::move(error));
  const json selector = ValueOrNull(FindOrEmpty(object, "spec"), "selector");
  if (selector != ValueOrNull(FindOrEmpty(old, "spec"), "selector")) {
    errors.push_back(Immutable("spec.selector", selector));
  }
  return errors;
}

}  // namespace

Kind ReplicaSetKind() {
  Kind kind;
  kind.group = "apps";
  kind.version = "v1";
  kind.kind = "ReplicaSet";
  kind.plural = "replicasets";
  kind.singular = "replicaset";
  kind.short_names = {"rs"};
  kind.categories = {"all"};
  kind.verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
  kind.type = "replicaset";
  kind.has_status = true;
  kind.subresources = {ScaleSubresource()};
  kind.has_generation = true;
  kind.apply_defaults = ApplyDefaults;
  kind.prepare_create = PrepareCreate;
  kind.validate = Validate;
  kind.validate_update = ValidateUpdate;
  kind.selectable_fields = {"status.replicas"};
  kind.field_value = [](const json& object, const std::string& field) -> std::string {
    if (field != "status.replicas") return "";
    return std::to_string(IntegerAt(object, {"status", "replicas"}).value_or(0));
  };
  return kind;
}

}  // namespace kless::kubernetes
