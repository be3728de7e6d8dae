// Validation of pod specs, in templates and in pods.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

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
