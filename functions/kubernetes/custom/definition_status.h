// The status of CustomResourceDefinitions: the accepted names, the establishment, and the progress
// of the deletion.  These plain functions do the work of the API server's controllers, one step at
// a time.
// https://github.com/kubernetes/kubernetes/tree/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/controller
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace kless::kubernetes {

// Keeps a definition that is being deleted until its objects are gone.
constexpr const char* kCleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

bool HasConditionTrue(const nlohmann::json& definition, const std::string& type);
// Sets a condition; lastTransitionTime changes with its status.  Returns false if nothing changed.
bool SetDefinitionCondition(nlohmann::json& definition, const std::string& type, bool holds,
                            const std::string& reason, const std::string& message,
                            std::int64_t unix_nanos);

// Takes one step: accepts the names that no other definition of the group has, or reports
// conflicts, or establishes the definition.  `others` are all definitions and may include this one.
// `definition` must have its defaults and no errors.  Returns false if there is nothing to do.
bool AdvanceDefinition(nlohmann::json& definition, const std::vector<const nlohmann::json*>& others,
                       std::int64_t unix_nanos);
// Sets the conditions of a definition that was put into the table and cannot be served.  Returns
// false if they are up to date.
bool RejectDefinition(nlohmann::json& definition, const std::string& problem,
                      std::int64_t unix_nanos);

// The stages of a deletion: marked (with the finalizer), started, done.
void MarkDefinition(nlohmann::json& definition, std::int64_t unix_nanos);
bool BeginCleanup(nlohmann::json& definition, std::int64_t unix_nanos);
// Called when all objects are gone: removes the finalizer.
void EndCleanup(nlohmann::json& definition, std::int64_t unix_nanos);

// Adds the current storage version to status.storedVersions.
void RememberStoredVersion(nlohmann::json& definition);

}  // namespace kless::kubernetes
