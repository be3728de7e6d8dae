// Values of an applied configuration that are not of their type, in the sentences of the library by
// which the API server applies.
// https://github.com/kubernetes-sigs/structured-merge-diff/blob/v6.3.0/typed/validate.go
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/kubernetes/schema.h"

namespace kless::kubernetes {

// ".spec.replicas: expected numeric (int or float), got string"; in the order of the members.
// Null values fit every type, and what the schema does not know is not looked at.
std::vector<std::string> TypeProblems(const Schema* schema, const nlohmann::json& value);

}  // namespace kless::kubernetes
