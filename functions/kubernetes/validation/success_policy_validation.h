// Validation of a Job's successPolicy: V22 to V26.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// `spec` is that of the Job, for its completionMode and completions.
void ValidateSuccessPolicy(const nlohmann::json& policy, const nlohmann::json& spec,
                           FieldErrors& errors);

}  // namespace kless::kubernetes
