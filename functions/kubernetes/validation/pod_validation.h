// Validation of pod specs, in templates and in pods.
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

// Validates containers (at least one; names, images and parts), volumes and restartPolicy.  `field`
// is the path of the spec.
void ValidatePodSpec(const nlohmann::json& spec, const std::string& field, FieldErrors& errors);

// Validates a pod template at `field` ("spec.template").
void ValidatePodTemplate(const nlohmann::json& pod_template, const std::string& field,
                         FieldErrors& errors);

// Rejects changes of a pod's spec that an update may not make.
void ValidatePodSpecUpdate(const nlohmann::json& spec, const nlohmann::json& old,
                           FieldErrors& errors);

}  // namespace kless::kubernetes
