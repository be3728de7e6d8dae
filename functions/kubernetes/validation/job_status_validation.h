// Updates of a Job's status: V32.  Each rule applies only if the update changes the fields it
// concerns, so that a status that already violates one can still be written.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// For the status subresource; needs objects with defaults and without decoding problems.
FieldErrors ValidateJobStatusUpdate(const nlohmann::json& job, const nlohmann::json& old);

}  // namespace kless::kubernetes
