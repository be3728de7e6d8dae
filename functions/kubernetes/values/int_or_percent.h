// Fields that are a number or a percentage of pods (IntOrString).
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apimachinery/pkg/util/intstr/intstr.go
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "functions/kubernetes/values/field_error.h"

namespace kless::kubernetes {

// Accepts a non-negative number, or digits and '%'; otherwise adds an error and returns false.
bool ValidateIntOrPercent(const nlohmann::json& value, const std::string& field,
                          FieldErrors& errors);
// Rejects more than 100 %.
void ValidateAtMostAll(const nlohmann::json& value, const std::string& field, FieldErrors& errors);

// The number that the value means, relative to `total`; nullopt if it is neither a number nor a
// percentage.
std::optional<std::int64_t> ScaledValue(const nlohmann::json& value, std::int64_t total,
                                        bool round_up);
// The number, or the percentage as a number; 0 for anything else.
std::int64_t NumberOrPercent(const nlohmann::json& value);

}  // namespace kless::kubernetes
