#include "functions/kubernetes/kind.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "functions/kubernetes/json_access.h"
#include "functions/kubernetes/kinds.h"
#include "functions/kubernetes/object.h"
#include "functions/kubernetes/schema.h"
#include "functions/kubernetes/served_kinds.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// Built-in kinds have their types in types/, found by name.
std::vector<Kind> WithSchemas(std::vector<Kind> kinds) {
  for (Kind& kind : kinds) {
    if (kind.schema == nullptr) kind.schema = FindSchema(kind.ApiVersion(), kind.kind);
  }
  return kinds;
}

}  // namespace

const std::vector<Kind>& Kinds() {
  static const std::vector<Kind> kinds = WithSchemas({NamespaceKind(),
                                                      PodKind(),
                                                      EventKind(),
                                                      NodeKind(),
                                                      ConfigMapKind(),
                                                      SecretKind(),
                                                      ServiceKind(),
                                                      ServiceAccountKind(),
                                                      PersistentVolumeClaimKind(),
                                                      EndpointsKind(),
                                                      ResourceQuotaKind(),
                                                      LimitRangeKind(),
                                                      DeploymentKind(),
                                                      ReplicaSetKind(),
                                                      StatefulSetKind(),
                                                      DaemonSetKind(),
                                                      ControllerRevisionKind(),
                                                      HorizontalPodAutoscalerKind(),
                                                      JobKind(),
                                                      CronJobKind(),
                                                      EndpointSliceKind(),
                                                      DisruptionBudgetKind(),
                                                      PriorityClassKind(),
                                                      LeaseKind(),
                                                      CustomResourceDefinitionKind()});
  return kinds;
}

KindPtr Lasting(const Kind* kind) { return {std::shared_ptr<const void>(), kind}; }

const Kind* FindKindByPlural(std::string_view group, std::string_view version,
                             std::string_view plural) {
  for (const Kind* kind : ServedKinds()) {
    if (kind->plural == plural && kind->group == group && kind->version == version) return kind;
  }
  return nullptr;
}

const Kind* FindKindByType(std::string_view type) {
  for (const Kind& kind : Kinds()) {
    if (kind.type == type) return &kind;
  }
  return nullptr;
}

const Kind* FindKind(std::string_view api_version, std::string_view name) {
  for (const Kind* kind : ServedKinds()) {
    if (kind->kind == name && kind->ApiVersion() == api_version) return kind;
  }
  return nullptr;
}

std::optional<std::string> FieldLabelProblem(const Kind& kind, const std::string& field) {
  if (field == "metadata.name" || field == "metadata.namespace") return std::nullopt;
  const auto& fields = kind.selectable_fields;
  if (std::find(fields.begin(), fields.end(), field) != fields.end()) return std::nullopt;
  // Each kind of the API server words this differently.
  if (kind.custom) return "field label not supported: " + field;
  if (fields.empty()) {
    return "\"" + field +
           R"(" is not a known field selector: only "metadata.name", "metadata.namespace")";
  }
  if (kind.type == "job") return "field label \"" + field + "\" not supported for Job";
  return "field label not supported: " + field;
}

std::string ResourceName(const Kind& kind, std::string_view namespace_name, std::string_view name) {
  if (!kind.namespaced) return std::string(name);
  std::string resource(namespace_name);
  resource += '/';
  resource += name;
  return resource;
}

std::optional<std::string> DecodeProblem(const Kind& kind, const nlohmann::json& object) {
  if (kind.schema == nullptr) return std::nullopt;
  if (!kind.custom) return SchemaProblem(*kind.schema, object);
  // Only metadata has a Go type; the rest is validated later.
  const json* metadata = Find(object, "metadata");
  if (metadata == nullptr) return std::nullopt;
  static const Schema* const kMetadata = MemberSchema(FindSchema("v1", "ConfigMap"), "metadata");
  return SchemaProblem(*kMetadata, *metadata);
}

}  // namespace kless::kubernetes
