// ReplicaSets from the point of view of a Deployment: templates, revisions, annotations, sizes.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/deployment/util/deployment_util.go
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "store/item/item.h"
#include "store/item/resource_id.h"

namespace kless::controllers {

constexpr const char* kHashLabel = "pod-template-hash";
constexpr const char* kRevision = "deployment.kubernetes.io/revision";
constexpr const char* kRevisionHistory = "deployment.kubernetes.io/revision-history";
constexpr const char* kDesiredReplicas = "deployment.kubernetes.io/desired-replicas";
constexpr const char* kMaxReplicas = "deployment.kubernetes.io/max-replicas";
constexpr const char* kRollbackTo = "deprecated.deployment.rollback.to";

std::string AnnotationAt(const nlohmann::json& object, const char* key);  // "" if absent
// Returns true if the value changed.
bool SetAnnotation(nlohmann::json& object, const std::string& key, const std::string& value);

std::int64_t SpecReplicas(const nlohmann::json& object);  // 1 if absent
std::int64_t StatusCount(const nlohmann::json& object, const char* key);
std::int64_t RevisionOf(const nlohmann::json& object);  // 0 if there is none

// How many pods more, or fewer, than spec.replicas a rolling update may have; both are 0 with
// Recreate.
std::int64_t MaxSurge(const nlohmann::json& deployment);
std::int64_t MaxUnavailable(const nlohmann::json& deployment);
bool IsRollingUpdate(const nlohmann::json& deployment);

// Whether two templates are equal, ignoring the label with the hash.
bool SameTemplate(const nlohmann::json& a, const nlohmann::json& b);
// The 32-bit FNV-1a hash of the template and the collision count, written in the alphabet of
// generated names.
std::string TemplateHash(const nlohmann::json& pod_template, std::int64_t collisions);

// A ReplicaSet of `deployment` without pods, as the API server stores it except for its uid.
nlohmann::json NewReplicaSet(const nlohmann::json& deployment, const std::string& namespace_name,
                             std::int64_t unix_nanos);

// Sets desired-replicas and max-replicas.
bool SetReplicasAnnotations(nlohmann::json& set, const nlohmann::json& deployment);
// Copies the Deployment's annotations to its new ReplicaSet and sets a revision of at least
// `revision`; the old one is added to the history.
bool SetNewSetAnnotations(nlohmann::json& set, const nlohmann::json& deployment,
                          std::int64_t revision, bool exists);

}  // namespace kless::controllers
