// The numbers of custom objects, which have no Go types.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace kless::kubernetes {

// Whether Go reads a number as an int64 rather than a float64.
bool IsInt64(const nlohmann::json& value);

// Converts all numbers to what they are after the API server has written the object and read it
// again: an int64 if the text is one, else a float64. 1.0 and 1e3 become 1 and 1000, since numbers
// below 1e21 are written without a fraction or exponent; 9223372036854775808, which is not an
// int64, becomes 9223372036854776000.
// https://github.com/kubernetes-sigs/json/blob/v0.0.0-20250730193827-2d320260d730/internal/golang/encoding/json/kubernetes_patch.go
void SettleNumbers(nlohmann::json& value);

}  // namespace kless::kubernetes
