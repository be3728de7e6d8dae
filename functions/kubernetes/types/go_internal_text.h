// Values in the form of the API server's internal types, which some of its messages print.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "functions/kubernetes/types/schema.h"

namespace kless::kubernetes {

// Converts a value of the versioned API, of type `schema`, to the internal struct `type` of
// types/internal_types.cc: {"Spec":{"Volumes":null,...}}.
std::string GoInternalJson(std::string_view type, const Schema* schema,
                           const nlohmann::json& value);

}  // namespace kless::kubernetes
