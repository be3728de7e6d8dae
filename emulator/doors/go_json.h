// The sentences of Go's encoding/json about malformed JSON: clients and tests know them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kless::doors {

// "invalid character 'b' looking for beginning of object key string", "unexpected end of JSON
// input"; nullopt: well-formed for Go's scanner, which does not look at UTF-8.
std::optional<std::string> GoJsonProblem(std::string_view text);

// The text with U+FFFD for what is no UTF-8 and for halves of surrogate pairs, as Go reads it.
std::string GoJsonText(std::string_view text);

// Go's word for the type of the value that begins the text: "object", "array", "string", "number",
// "bool"; "" for null or none.
std::string_view GoJsonType(std::string_view text);

}  // namespace kless::doors
