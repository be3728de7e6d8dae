#include "functions/kubernetes/objects/kind_builders.h"

#include <nlohmann/json.hpp>

#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/objects/pod_defaults.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

Kind NamespacedKind(const char* group, const char* version, const char* name, const char* plural,
                    const char* singular) {
  Kind kind;
  kind.group = group;
  kind.version = version;
  kind.kind = name;
  kind.plural = plural;
  kind.singular = singular;
  kind.verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
  kind.type = singular;
  return kind;
}

Kind WorkloadKind(const char* name, const char* plural, const char* singular,
                  const char* short_name) {
  Kind kind = NamespacedKind("apps", "v1", name, plural, singular);
  kind.short_names = {short_name};
  kind.categories = {"all"};
  kind.has_status = true;
  kind.has_generation = true;
  return kind;
}

void AddScale(Kind& kind) { kind.subresources.push_back(ScaleSubresource()); }

void DefaultTemplate(json& spec) {
  json* pod_template = ObjectAt(spec, "template");
  if (pod_template == nullptr) return;
  SetDefault(*pod_template, "metadata", json::object());
  if (json* pod_spec = ObjectAt(*pod_template, "spec")) ApplyPodSpecDefaults(*pod_spec);
}

void SetRules(Kind& kind, std::vector<FieldError> (*rules)(const json&),
              void (*update_rules)(const json&, const json&, std::vector<FieldError>&)) {
  kind.validate = rules;
  kind.validate_update = [rules, update_rules](const json& object, const json& old) {
    std::vector<FieldError> errors = ValidateMetadataUpdate(object, old);
    for (FieldError& error : rules(object)) errors.push_back(std::move(error));
    if (update_rules != nullptr) update_rules(object, old, errors);
    return errors;
  };
}

}  // namespace kless::kubernetes
