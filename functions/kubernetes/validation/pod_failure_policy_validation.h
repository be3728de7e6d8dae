// Validation of a Job's podFailurePolicy: V17 to V21.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// `spec` is that of the Job, for its containers and backoffLimitPerIndex.
void ValidatePodFailurePolicy(const nlohmann::json& policy, const nlohmann::json& spec,
                              FieldErrors& errors);

}  // namespace kless::kubernetes
