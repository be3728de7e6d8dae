#include "emulator/base/utf8.h"

#include <simdjson.h>

#include <algorithm>

namespace kless {

bool IsUtf8(std::string_view text) { return simdjson::validate_utf8(text); }

std::size_t FirstCharacterBytes(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  return text.size() >= bytes && IsUtf8(text.substr(0, bytes)) ? bytes : 0;
}

// Every byte but the continuations begins a character.
std::size_t CountCharacters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace kless
