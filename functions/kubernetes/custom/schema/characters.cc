#include "functions/kubernetes/custom/schema/characters.h"

#include <cstdint>

namespace kless::kubernetes {

namespace {

constexpr wchar_t kReplacement = 0xFFFD;

// The number of bytes of the character that begins with `lead`; 0 if it begins none.
std::size_t LengthOf(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

}  // namespace

std::wstring Characters(std::string_view utf8) {
  std::wstring characters;
  characters.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[at]);
    const std::size_t length = LengthOf(lead);
    bool whole = length > 0 && at + length <= utf8.size();
    std::uint32_t character = length == 1 ? lead : lead & (0x7Fu >> length);
    for (std::size_t i = 1; whole && i < length; ++i) {
      const auto next = static_cast<unsigned char>(utf8[at + i]);
      whole = (next & 0xC0) == 0x80;
      character = character << 6 | (next & 0x3Fu);
    }
    characters.push_back(whole ? static_cast<wchar_t>(character) : kReplacement);
    at += whole ? length : 1;
  }
  return characters;
}

}  // namespace kless::kubernetes
