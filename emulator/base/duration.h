// Durations as people write them: "450" (milliseconds), "30s", "1m30s", "2.5h", "100us".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/clock.h"

namespace kless {

// Parses units ns, us, ms, s, m, h; a bare number is milliseconds. nullopt if malformed or
// negative.
std::optional<Duration> ParseDuration(std::string_view text);
// Formats in the same spelling, largest unit first: "1m30s", "450ms", "0s".
std::string FormatDuration(Duration duration);

}  // namespace kless
