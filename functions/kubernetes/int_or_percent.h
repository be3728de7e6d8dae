// Fields that are a number of pods, or a share of them in percent (IntOrString).
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apimachinery/pkg/util/intstr/intstr.go
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "functions/kubernetes/field_error.h"

namespace kless::kubernetes {

// A number that is not negative, or digits and '%'; false: it is neither, and an error was added.
bool ValidateIntOrPercent(const nlohmann::json& value, const std::string& field,
                          FieldErrors& errors);
// "101%" is too much.
void ValidateAtMostAll(const nlohmann::json& value, const std::string& field, FieldErrors& errors);

// How many of `total` the value means; nullopt: it is neither a number nor a percentage.
std::optional<std::int64_t> ScaledValue(const nlohmann::json& value, std::int64_t total,
                                        bool round_up);
// The number, or that of the percentage as it stands; 0 for anything else.
std::int64_t NumberOrPercent(const nlohmann::json& value);

}  // namespace kless::kubernetes
