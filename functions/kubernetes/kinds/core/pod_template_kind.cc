// PodTemplate (v1): a template of pods that clients store and copy; no control loop reads it.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/registry/core/podtemplate/strategy.go
#include <nlohmann/json.hpp>

#include "functions/kubernetes/columns/cells.h"
#include "functions/kubernetes/columns/columns.h"
#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/kind_builders.h"
#include "functions/kubernetes/validation/pod_validation.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

const Path kTemplateSpec = {"template", "spec"};

void SetGeneration(json& object, std::int64_t generation) {
  if (json* metadata = ObjectAt(object, "metadata")) Set(*metadata, "generation", generation);
}

void PrepareNewPodTemplate(json& object, const WriteContext&) { SetGeneration(object, 1); }

// The template raises the generation, as a spec does.
void PreparePodTemplateUpdate(json& object, const json& old, const WriteContext&) {
  const bool same = ValueOrNull(object, "template") == ValueOrNull(old, "template");
  SetGeneration(object, IntegerAt(old, {"metadata", "generation"}).value_or(0) + (same ? 0 : 1));
}

FieldErrors ValidatePodTemplateObject(const json& object) {
  FieldErrors errors;
  ValidatePodTemplate(FindOrEmpty(object, "template"), "template", errors);
  return errors;
}

// Other kinds show containers and images in wide output only.
Column Always(Column column) {
  column.priority = 0;
  return column;
}

std::string PodLabels(const json& object) {
  return LabelsText(At(object, {"template", "metadata", "labels"}));
}

}  // namespace

Kind PodTemplateKind() {
  Kind kind = NamespacedKind("", "v1", "PodTemplate", "podtemplates", "podtemplate");
  kind.apply_defaults = DefaultTemplate;
  kind.prepare_create = PrepareNewPodTemplate;
  kind.prepare_update = PreparePodTemplateUpdate;
  SetRules(kind, ValidatePodTemplateObject, nullptr);
  SetColumns(kind, {NameColumn(), Always(ContainersColumn(kTemplateSpec)),
                    Always(ImagesColumn(kTemplateSpec)),
                    TextColumn("Pod Labels", "Labels of the template.", PodLabels)});
  return kind;
}

}  // namespace kless::kubernetes
