// The defaults of a schema, applied to objects.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "functions/kubernetes/custom/schema/structural_schema.h"

namespace kless::kubernetes {

// Fills in defaults, and removes null members that are not nullable and have no default.  Stops as
// soon as the value is longer than kObjectBytesMax.
void ApplySchemaDefaults(const StructuralSchema& schema, nlohmann::json& value);

}  // namespace kless::kubernetes
