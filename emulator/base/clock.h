// Time types shared by every module.  Uses only the standard library.
#pragma once

#include <chrono>
#include <cstdint>

namespace kless {

// Nanoseconds since the run's epoch.  A run starts at 0; the EventLoop holds the wall-clock date of
// the epoch, so that the same experiment prints the same timestamps.
struct EmulatedClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<EmulatedClock>;
  static constexpr bool is_steady = true;
  // There is deliberately no static now(): the time comes from a EventLoop.
};

using Duration = EmulatedClock::duration;
using TimePoint = EmulatedClock::time_point;

// Kubernetes counts whole seconds where records and documents hold nanoseconds.
inline constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

// External formats (JSON, YAML, SQL, metrics) use milliseconds; code uses Duration.
inline Duration FromMilliseconds(double milliseconds) {
  return Duration(static_cast<Duration::rep>(milliseconds * 1e6));
}
inline double ToMilliseconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

}  // namespace kless
