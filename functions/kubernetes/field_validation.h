// Field validation: members of an object that its type does not have, and members that come twice.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "functions/kubernetes/schema.h"

namespace kless::kubernetes {

enum class FieldValidation { kIgnore, kWarn, kStrict };

// Drops what the type does not know, as decoding does, and says what it was:
// `unknown field "spec.template.spec.containers[0].imagee"`.  A null schema knows everything.
std::vector<std::string> DropUnknownFields(const Schema* schema, nlohmann::json& object);

// What decoding makes of nulls: a field that is null is not set, and in a map or list null is the
// zero value of its type.
void DecodeNulls(const Schema* schema, nlohmann::json& object);

// The same of a JSON text that a parser has accepted, in the text's order, with
// `duplicate field "spec.x"` for a member that comes again.
std::vector<std::string> StrictProblems(const Schema* schema, std::string_view text);

// "strict decoding error: unknown field "a", unknown field "b"".
std::string StrictDecodingError(const std::vector<std::string>& problems);

}  // namespace kless::kubernetes
