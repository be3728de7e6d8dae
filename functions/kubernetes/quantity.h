// Kubernetes quantities ("500m", "1Gi", "2e3"): compared as floating point, or counted exactly.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

namespace kless::kubernetes {

// The value in base units (cores, bytes); 0 for what is no quantity.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
double QuantityValue(const nlohmann::json& quantity);

// Exact, in thousandths and in whole units, rounded away from zero as Go's Quantity.MilliValue()
// and Value() do, and held within 64 bits.  nullopt for what is no quantity.  Suffixes n, u, m, k,
// M, G, T, P, E, Ki .. Ei and a decimal exponent.
std::optional<std::int64_t> QuantityMilli(std::string_view quantity);
std::optional<std::int64_t> QuantityUnits(std::string_view quantity);
// The same of a JSON string or number; 0 for anything else.
std::int64_t QuantityMilli(const nlohmann::json& quantity);
std::int64_t QuantityUnits(const nlohmann::json& quantity);

}  // namespace kless::kubernetes
