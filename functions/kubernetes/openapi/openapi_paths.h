// The paths of OpenAPI documents: the verbs of each kind, and their query parameters.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

// `v3` selects OpenAPI 3, else Swagger 2.
nlohmann::json OpenApiPaths(const std::vector<const Kind*>& kinds, bool v3);

}  // namespace kless::kubernetes
