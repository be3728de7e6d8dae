// Kubernetes quantities ("500m", "1Gi", "2e3"): compared as floating point, or counted exactly.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace kless::kubernetes {

// The value in base units (cores, bytes); 0 if it is not a quantity.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
double QuantityValue(const nlohmann::json& quantity);

// The exact value in thousandths or in whole units, rounded away from zero like Go's
// Quantity.MilliValue() and Value(), and limited to 64 bits. nullopt if it is not a quantity.
// Suffixes n, u, m, k, M, G, T, P, E, Ki .. Ei and a decimal exponent.
std::optional<std::int64_t> QuantityMilli(std::string_view quantity);
std::optional<std::int64_t> QuantityUnits(std::string_view quantity);
// The same for a JSON string or number; 0 for anything else.
std::int64_t QuantityMilli(const nlohmann::json& quantity);
std::int64_t QuantityUnits(const nlohmann::json& quantity);

// The text that the API server prints after parsing: "1000m" becomes "1", "1024Mi" becomes "1Gi",
// "0.5" becomes "500m".  Other texts, and values beyond 2^60, are unchanged.
std::string CanonicalQuantity(std::string_view quantity);
// Canonicalizes the values of a map of quantities (may be null); numbers become strings.
void CanonicalizeQuantities(nlohmann::json* quantities);

}  // namespace kless::kubernetes
