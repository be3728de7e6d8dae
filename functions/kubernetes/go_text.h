// Values as Go prints them: messages of the API server show them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/schema.h"

namespace kless::kubernetes {

// JSON with the members of structs in the order of their Go types; those of `object` itself are
// sorted, as in a patched object.
std::string GoJson(const Schema* schema, const nlohmann::json& object);

// The same of a value of a type: its own members are in that order, too.
std::string GoValueJson(const Schema* schema, const nlohmann::json& value);

// As fmt prints decoded JSON: "map[foo:map[bar:1]]".
std::string GoMapText(const nlohmann::json& value);

// Go's word for the type of a decoded value: "object", "array", "string", "number", "bool", "null".
std::string GoTypeOf(const nlohmann::json& value);

// As fmt prints a float64 with %v: "0.5", "10", "1e+06".
std::string GoFloat(double number);

}  // namespace kless::kubernetes
