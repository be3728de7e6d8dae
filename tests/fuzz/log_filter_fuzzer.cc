// Filter patterns of CloudWatch Logs: the first line is a pattern, the rest a message.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "emulator/logs/filter_pattern.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const auto filter = kless::logs::FilterPattern::Parse(text.substr(0, line));
  if (filter.has_error()) return 0;
  (void)filter.value().Matches(text.substr(line + 1));
  return 0;
}
