// CustomResourceDefinition (apiextensions.k8s.io/v1).
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/kubernetes/custom/custom_kinds.h"
#include "functions/kubernetes/custom/definition_rules.h"
#include "functions/kubernetes/custom/definition_status.h"
#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1/defaults.go
void ApplyDefinitionDefaults(json& object) {
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  if (json* names = Find(*spec, "names")) {
    const std::string kind = StringAt(*names, "kind");
    if (StringAt(*names, "singular").empty()) Set(*names, "singular", LowerCase(kind));
    if (StringAt(*names, "listKind").empty() && !kind.empty()) {
      Set(*names, "listKind", kind + "List");
    }
  }
  SetDefault(*spec, "conversion", {{"strategy", "None"}});
  if (Find(*spec, "preserveUnknownFields") != nullptr && !BoolAt(*spec, "preserveUnknownFields")) {
    Erase(*spec, "preserveUnknownFields");
  }
}

void PrepareNewDefinition(json& object, const WriteContext&) {
  Set(object, "status", {{"acceptedNames", {{"kind", ""}, {"plural", ""}}}});
  RememberStoredVersion(object);
}

void PrepareDefinitionUpdate(json& object, const json&, const WriteContext&) {
  RememberStoredVersion(object);
}

}  // namespace

Kind CustomResourceDefinitionKind() {
  Kind kind;
  kind.group = "apiextensions.k8s.io";
  kind.version = "v1";
  kind.kind = "CustomResourceDefinition";
  kind.plural = "customresourcedefinitions";
  kind.singular = "customresourcedefinition";
  kind.short_names = {"crd", "crds"};
  kind.categories = {"api-extensions"};
  kind.verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
  kind.type = kDefinitionType;
  kind.namespaced = false;
  kind.has_status = true;
  kind.has_generation = true;
  kind.unconditional_update = false;
  kind.qualified_finalizers = false;
  kind.apply_defaults = ApplyDefinitionDefaults;
  kind.prepare_create = PrepareNewDefinition;
  kind.prepare_update = PrepareDefinitionUpdate;
  kind.mark_deleted = MarkDefinition;
  kind.validate = ValidateDefinition;
  kind.validate_update = ValidateDefinitionUpdate;
  kind.validate_status_update = ValidateDefinitionUpdate;
  return kind;
}

}  // namespace kless::kubernetes
