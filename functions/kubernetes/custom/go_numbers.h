// The numbers of custom objects, which have no Go types.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace kless::kubernetes {

// Whether Go reads a number as an int64; it is a float64 otherwise.
bool IsInt64(const nlohmann::json& value);

// Makes all numbers what they are once the API server has written the object and read it again: a
// number is an int64 if its text is one, and else a float64.  1.0 and 1e3 are 1 and 1000, as they
// are written without a fraction or exponent below 1e21; 9223372036854775808, which is no int64, is
// 9223372036854776000.
// https://github.com/kubernetes-sigs/json/blob/v0.0.0-20250730193827-2d320260d730/internal/golang/encoding/json/kubernetes_patch.go
void SettleNumbers(nlohmann::json& value);

}  // namespace kless::kubernetes
