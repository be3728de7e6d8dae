// The paths of OpenAPI documents: which verbs a kind has, and what their queries may say.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "functions/kubernetes/kind.h"

namespace kless::kubernetes {

// v3: in the form of OpenAPI 3, else of Swagger 2.
nlohmann::json OpenApiPaths(const std::vector<const Kind*>& kinds, bool v3);

}  // namespace kless::kubernetes
