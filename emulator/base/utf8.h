// UTF-8: overlong forms, surrogates and code points above U+10FFFF are invalid.
#pragma once

#include <cstddef>
#include <string_view>

namespace kless {

bool IsUtf8(std::string_view text);
// The number of bytes of the first character of a text; 0 if it is empty or does not begin with a
// valid one.
std::size_t FirstCharacterBytes(std::string_view text);
// The number of characters of a valid text.
std::size_t CountCharacters(std::string_view utf8);

}  // namespace kless
