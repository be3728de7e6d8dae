// Rules for the parts of pods: ports, environment, volumes and their mounts.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>

#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// Validates the name of a port by IANA's rules for service names.
void ValidatePortName(const std::string& name, const std::string& field, FieldErrors& errors);

// Validates the annotation controller.kubernetes.io/pod-deletion-cost of an object (RS8).
void ValidateDeletionCost(const nlohmann::json& object, FieldErrors& errors);

// Validates volumes: names, and one source each with its required fields.  Returns the names of
// those without an error.
std::set<std::string> ValidateVolumes(const nlohmann::json* volumes, const std::string& field,
                                      FieldErrors& errors);
// Validates ports, environment and mounts (of `volumes`) of a container at `field`.
void ValidateContainerParts(const nlohmann::json& container, const std::string& field,
                            const std::set<std::string>& volumes, FieldErrors& errors);

}  // namespace kless::kubernetes
