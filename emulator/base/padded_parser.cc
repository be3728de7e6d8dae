#include "emulator/base/padded_parser.h"

#include <algorithm>
#include <cstdint>

#include "emulator/base/json.h"

namespace kless {
namespace {

// simdjson uses up to 14 times as much in addition.
constexpr std::size_t kBufferBytesKept = 256u << 10;

}  // namespace

// simdjson reads up to SIMDJSON_PADDING bytes after the end, so the text is copied to a buffer that
// allows that.
bool PaddedParser::Parse(std::string_view text, simdjson::dom::element& root) {
  if (text.empty()) return false;
  const std::size_t needed = text.size() + simdjson::SIMDJSON_PADDING;
  if (buffer_.size() < needed) buffer_.resize(needed + needed / 2);
  if (parser_.capacity() < text.size() &&
      parser_.allocate(needed + needed / 2, kJsonMaxDepth + 1) != simdjson::SUCCESS) {
    return false;
  }
  std::copy(text.begin(), text.end(), buffer_.begin());
  return parser_
             .parse(reinterpret_cast<const std::uint8_t*>(buffer_.data()), text.size(),
                    /*realloc_if_needed=*/false)
             .get(root) == simdjson::SUCCESS;
}

void PaddedParser::ShrinkIfLarge() {
  if (buffer_.size() <= kBufferBytesKept) return;
  buffer_ = {};
  parser_ = simdjson::dom::parser();
}

}  // namespace kless
