// Kubernetes quantities ("500m", "1Gi", "2e3"): compared as floating point, or counted exactly.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
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

// As the API server prints what it has parsed: "1000m" is "1", "1024Mi" is "1Gi", "0.5" is "500m".
// What is no quantity, or is beyond 2^60, stays as it is.
std::string CanonicalQuantity(std::string_view quantity);
// The values of a map of quantities (may be null); numbers become strings.
void CanonicalizeQuantities(nlohmann::json* quantities);

}  // namespace kless::kubernetes
