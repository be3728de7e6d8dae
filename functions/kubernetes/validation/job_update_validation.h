// Fields of a Job that an update may change: V29 to V31, and E17 for suspended Jobs.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// For the main resource; needs objects with defaults and without decoding problems.
FieldErrors ValidateJobUpdate(const nlohmann::json& job, const nlohmann::json& old);

}  // namespace kless::kubernetes
