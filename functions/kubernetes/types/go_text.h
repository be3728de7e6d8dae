// Values as Go prints them in the API server's messages.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/types/schema.h"

namespace kless::kubernetes {

// JSON with the members of structs in the order of their Go types; those of `object` itself are
// sorted, as in a patched object.
std::string GoJson(const Schema* schema, const nlohmann::json& object);

// The same, except that the value's own members are in Go's order, too.
std::string GoValueJson(const Schema* schema, const nlohmann::json& value);

// Decoded JSON as fmt prints it: "map[foo:map[bar:1]]".
std::string GoMapText(const nlohmann::json& value);

// Go's name for the type of a decoded value: "object", "array", "string", "number", "bool", "null".
std::string GoTypeOf(const nlohmann::json& value);

// A float64 as fmt prints it with %v: "0.5", "10", "1e+06".
std::string GoFloat(double number);

}  // namespace kless::kubernetes
