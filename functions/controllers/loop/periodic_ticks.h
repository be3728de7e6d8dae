// The times at which periodic loops pass: multiples of a period of the Unix time.
#pragma once

#include <cstdint>

namespace kless::controllers {

// The first multiple of `period_nanos` after an instant.
inline std::int64_t TickAfter(std::int64_t unix_nanos, std::int64_t period_nanos) {
  return (unix_nanos / period_nanos + 1) * period_nanos;
}
// The first one that is not before it.
inline std::int64_t TickAt(std::int64_t unix_nanos, std::int64_t period_nanos) {
  return TickAfter(unix_nanos - 1, period_nanos);
}

}  // namespace kless::controllers
