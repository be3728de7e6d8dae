// The status of CustomResourceDefinitions: which names a definition gets, whether it is
// established, and what its deletion has come to.  What the controllers of the API server do, one
// step after the other, as plain functions.
// https://github.com/kubernetes/kubernetes/tree/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/controller
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace kless::kubernetes {

// Holds a definition that is being deleted until its objects are gone.
constexpr const char* kCleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

bool HasConditionTrue(const nlohmann::json& definition, const std::string& type);
// Sets a condition; lastTransitionTime moves with its status.  False: it was so already.
bool SetDefinitionCondition(nlohmann::json& definition, const std::string& type, bool holds,
                            const std::string& reason, const std::string& message,
                            std::int64_t unix_nanos);

// One step: accepts its names (those that no other definition of the group has) or says which are
// taken, or establishes it.  `others`: all definitions, this one may be among them.  `definition`
// has its defaults and no errors.  False: there is nothing to do.
bool AdvanceDefinition(nlohmann::json& definition, const std::vector<const nlohmann::json*>& others,
                       std::int64_t unix_nanos);
// A definition that somebody has put into the table and that cannot be served says why.  False: it
// says so already.
bool RejectDefinition(nlohmann::json& definition, const std::string& problem,
                      std::int64_t unix_nanos);

// Of a deletion: marked (the finalizer included), begun, done.
void MarkDefinition(nlohmann::json& definition, std::int64_t unix_nanos);
bool BeginCleanup(nlohmann::json& definition, std::int64_t unix_nanos);
// All objects are gone: takes the finalizer away.
void EndCleanup(nlohmann::json& definition, std::int64_t unix_nanos);

// Adds the version in which objects are stored now to status.storedVersions.
void RememberStoredVersion(nlohmann::json& definition);

}  // namespace kless::kubernetes
