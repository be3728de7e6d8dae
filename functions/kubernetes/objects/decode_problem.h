// Whether an object fits the Go types of its kind.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

// Why the API server could not decode the object into its Go type, or nullopt: "json: cannot
// unmarshal string into Go struct field JobSpec.spec.parallelism of type int32".  The door reports
// it with 400: `Job in version "v1" cannot be handled as a Job: <problem>`.
std::optional<std::string> DecodeProblem(const Kind& kind, const nlohmann::json& object);

}  // namespace kless::kubernetes
