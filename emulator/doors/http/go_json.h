// The messages of Go's encoding/json about malformed JSON, which clients and tests know.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kless::doors {

// Returns a message such as "invalid character 'b' looking for beginning of object key string" or
// "unexpected end of JSON input"; nullopt if the text is well-formed for Go's scanner, which does
// not check UTF-8.
std::optional<std::string> GoJsonProblem(std::string_view text);

// Replaces invalid UTF-8 and halves of surrogate pairs by U+FFFD, as Go does.
std::string GoJsonText(std::string_view text);

// Go's name for the type of the first value of the text: "object", "array", "string", "number",
// "bool"; "" for null or none.
std::string_view GoJsonType(std::string_view text);

}  // namespace kless::doors
