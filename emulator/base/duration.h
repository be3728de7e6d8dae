// Durations as people write them: "450" (milliseconds), "30s", "1m30s", "2.5h", "100us".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/clock.h"

namespace kless {

// Units: ns, us, ms, s, m, h; a bare number is milliseconds.  Never negative; nullopt otherwise.
std::optional<Duration> ParseDuration(std::string_view text);
// The same spelling, largest unit first: "1m30s", "450ms", "0s".
std::string FormatDuration(Duration duration);

}  // namespace kless
