// Values of an applied configuration that do not have their type, with the messages of the library
// by which the API server applies.
// https://github.com/kubernetes-sigs/structured-merge-diff/blob/v6.3.0/typed/validate.go
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/kubernetes/types/schema.h"

namespace kless::kubernetes {

// Returns messages such as ".spec.replicas: expected numeric (int or float), got string", in the
// order of the members.  Null fits every type, and fields that are not in the schema are not
// checked.
std::vector<std::string> TypeProblems(const Schema* schema, const nlohmann::json& value);

}  // namespace kless::kubernetes
