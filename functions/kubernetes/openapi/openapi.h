// OpenAPI documents of the registered kinds, generated from their types.  Descriptions are few and
// kless's own; examples, defaults and the types of other kinds are omitted.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

// OpenAPI 3.0 for the kinds of one group and version.
nlohmann::json OpenApiV3(const std::vector<const Kind*>& kinds);
// Swagger 2.0 for all of them.
nlohmann::json OpenApiV2(const std::vector<const Kind*>& kinds);

}  // namespace kless::kubernetes
