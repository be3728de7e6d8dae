// Attribute values in DynamoDB JSON, {"S":"a"}, {"N":"1"}, {"M":{...}}: checked and brought to one
// spelling.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "emulator/base/error.h"

namespace kless {

// The maximum nesting depth of M and L.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
constexpr int kAttributeNestingMax = 32;

// Checks the value of attribute `name` and normalises it in place: numbers without exponent, base64
// with padding.  The error kInvalidArgument names the attribute.
Result<void> NormalizeAttribute(const std::string& name, nlohmann::json& value);

}  // namespace kless
