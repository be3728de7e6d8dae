// Seldom: what is worth a line of the log, but not one each time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "emulator/base/clock.h"

namespace kless {

class Seldom {
 public:
  // Returns how many occasions passed without a line since the last one; nullopt if this one passes
  // without a line, too, since the last one was less than a minute of emulated time ago.
  std::optional<std::uint64_t> Due(TimePoint now) {
    if (last_ && now - *last_ < std::chrono::minutes(1)) {
      ++left_out_;
      return std::nullopt;
    }
    last_ = now;
    const std::uint64_t left_out = left_out_;
    left_out_ = 0;
    return left_out;
  }

 private:
  std::optional<TimePoint> last_;
  std::uint64_t left_out_ = 0;
};

// Returns the end of such a line: " (and 12 times since the last such line)"; "" for none.
inline std::string LeftOutText(std::uint64_t left_out) {
  if (left_out == 0) return "";
  return " (and " + std::to_string(left_out) + (left_out == 1 ? " time" : " times") +
         " since the last such line)";
}

}  // namespace kless
