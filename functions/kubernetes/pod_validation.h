// Validation of pod specs: those of templates and of pods.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>

#include "functions/kubernetes/field_error.h"

namespace kless::kubernetes {

// Keys and values of a label map; `labels` may be null.
void ValidateLabels(const nlohmann::json* labels, const std::string& field, FieldErrors& errors);

// The name of a port, IANA's rules for service names.
void ValidatePortName(const std::string& name, const std::string& field, FieldErrors& errors);

// The annotation controller.kubernetes.io/pod-deletion-cost of an object (RS8).
void ValidateDeletionCost(const nlohmann::json& object, FieldErrors& errors);

// Volumes: names, one source each and what it needs.  Returns the names of those without an error.
std::set<std::string> ValidateVolumes(const nlohmann::json* volumes, const std::string& field,
                                      FieldErrors& errors);
// Ports, environment and mounts (of `volumes`) of a container at `field`.
void ValidateContainerParts(const nlohmann::json& container, const std::string& field,
                            const std::set<std::string>& volumes, FieldErrors& errors);

// Containers (at least one; names, images and parts), volumes, restartPolicy.  `field`: where the
// spec is.
void ValidatePodSpec(const nlohmann::json& spec, const std::string& field, FieldErrors& errors);

// A pod template at `field` ("spec.template").
void ValidatePodTemplate(const nlohmann::json& pod_template, const std::string& field,
                         FieldErrors& errors);

// What an update may not change in a pod's spec.
void ValidatePodSpecUpdate(const nlohmann::json& spec, const nlohmann::json& old,
                           FieldErrors& errors);

}  // namespace kless::kubernetes
