// Field validation: unknown members and duplicate members of an object.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "functions/kubernetes/types/schema.h"

namespace kless::kubernetes {

enum class FieldValidation { kIgnore, kWarn, kStrict };

// Drops fields that the type does not have, as decoding does, and reports them: `unknown field
// "spec.template.spec.containers[0].imagee"`.  A null schema accepts every field.
std::vector<std::string> DropUnknownFields(const Schema* schema, nlohmann::json& object);

// Decodes nulls: a null field is unset; in a map or list null becomes the zero value of its type.
void DecodeNulls(const Schema* schema, nlohmann::json& object);

// Like DropUnknownFields, for a JSON text that a parser has accepted: reports in the order of the
// text, with `duplicate field "spec.x"` for repeated members.
std::vector<std::string> StrictProblems(const Schema* schema, std::string_view text);

// Formats "strict decoding error: unknown field "a", unknown field "b"".
std::string StrictDecodingError(const std::vector<std::string>& problems);

}  // namespace kless::kubernetes
