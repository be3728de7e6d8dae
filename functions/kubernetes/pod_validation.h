// Validation of pod specs: those of templates and of pods.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/field_error.h"

namespace kless::kubernetes {

// Keys and values of a label map; `labels` may be null.
void ValidateLabels(const nlohmann::json* labels, const std::string& field, FieldErrors& errors);

// Containers (at least one; names, images), restartPolicy.  `field`: where the spec is.
void ValidatePodSpec(const nlohmann::json& spec, const std::string& field, FieldErrors& errors);

// A pod template at `field` ("spec.template").
void ValidatePodTemplate(const nlohmann::json& pod_template, const std::string& field,
                         FieldErrors& errors);

// What an update may not change in a pod's spec.
void ValidatePodSpecUpdate(const nlohmann::json& spec, const nlohmann::json& old,
                           FieldErrors& errors);

}  // namespace kless::kubernetes
