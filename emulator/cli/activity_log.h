// ActivityLog: what a daemon logs about itself at level info: its start, a line for each minute in
// which there were cold starts, throttles or failures, and a summary at the end.
//
// A minute is one of real time, whatever the emulated clock does: the lines are for people who
// watch the process.  At a higher level it costs nothing.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "emulator/emulator.h"

namespace kless::cli {

// Sums over all functions.
struct Activity {
  std::uint64_t invocations = 0, cold_starts = 0, throttles = 0;
  std::uint64_t failures = 0;  // errors, timeouts and crashes
};
// Returns the sums since the start of the process.
Activity ActivityOf(const FunctionPool& pool);
// Returns the activity after `before`; nullopt without a cold start, throttle or failure.
std::optional<Activity> NewsSince(const Activity& before, const Activity& now);

class ActivityLog {
 public:
  static constexpr std::chrono::seconds kPeriod{60};

  // The emulator must outlive it.
  ActivityLog(asio::io_context& context, Emulator& emulator);

  // Logs the start with the settings that were given; minutes follow.
  void LogStart(const std::string& endpoint, const std::string& given);
  // Logs that the signal was received.  No minute follows.
  void LogSignal(int signal);
  // Logs the sums since the start.
  void LogEnd(std::uint64_t requests);

 private:
  void WaitForMinute();

  Emulator& emulator_;
  asio::steady_timer timer_;
  const std::chrono::steady_clock::time_point began_;
  Activity last_;
};

// Returns the settings that were given, except those of the log: "latency=thesis-2024 seed=7".
std::string GivenSettings(const Config& config);

}  // namespace kless::cli
