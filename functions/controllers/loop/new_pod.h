// Builds the pod that a controller creates from the template of its owner.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/controllers/loop/plan.h"

namespace kless::controllers {

// The Creation of a pod of `owner` (with kind, apiVersion and metadata) from its spec.template,
// named
// `<owner>-` and five characters.  The document is as the API server stores it, with defaults and
// tolerations.
Write NewPod(const nlohmann::json& owner, const std::string& namespace_name,
             std::int64_t unix_nanos);

}  // namespace kless::controllers
