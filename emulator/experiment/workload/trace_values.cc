#include "emulator/experiment/workload/trace_values.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

namespace kless::experiment {

double Quantiles::Sample(double unit) const {
  const auto above = std::upper_bound(at.begin(), at.end(), unit);
  if (above == at.begin()) return values.front();
  if (above == at.end()) return values.back();
  const auto i = static_cast<std::size_t>(above - at.begin());
  return values[i - 1] + (values[i] - values[i - 1]) * (unit - at[i - 1]) / (at[i] - at[i - 1]);
}

std::string FunctionNames::Take(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  std::string cleaned(name.substr(0, kLongest));
  for (char& c : cleaned) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!allowed && c != '_') c = '-';
  }
  if (cleaned.empty()) cleaned = "function";
  std::string candidate = cleaned;
  for (int number = 2; !taken_.insert(candidate).second; ++number) {
    const std::string suffix = "-" + std::to_string(number);
    candidate = cleaned.substr(0, kLongest - suffix.size()) + suffix;
  }
  return candidate;
}

Duration RoundedNanos(double nanos) { return Duration(static_cast<Duration::rep>(nanos + 0.5)); }

Duration TraceDuration(double milliseconds) {
  return RoundedNanos(std::max(milliseconds, 1.0) * 1e6);
}

int LambdaMemory(double megabytes) {
  return static_cast<int>(std::clamp(megabytes, 128.0, 10240.0) + 0.5);
}

Arrival InvocationArrival(const TraceOptions& options, double at_ns, int function) {
  Arrival arrival;
  constexpr double kFarAway = 9e18;  // ReadTrace refuses it
  arrival.at = RoundedNanos(std::min(at_ns / options.speed, kFarAway));
  if (!options.as_jobs) arrival.function = function;
  return arrival;
}

Result<void> CheckArrivals(std::uint64_t arrivals, const CsvFile& file) {
  if (arrivals <= kWorkloadMaxArrivals) return {};
  return file.Complaint("more than " + std::to_string(kWorkloadMaxArrivals) +
                        " arrivals or pods by here; set limit_minutes or limit_functions, or cut "
                        "the trace");
}

std::string LimitsText(const TraceOptions& options) {
  std::string text;
  if (options.limit_minutes > 0) {
    text += "; only its first " + std::to_string(options.limit_minutes) + " minutes";
  }
  if (options.limit_functions > 0) {
    text += "; only its first " + std::to_string(options.limit_functions) + " functions";
  }
  if (options.speed != 1) {
    text += fmt::format("; arrival times divided by {:.6g}", options.speed);
  }
  return text;
}

std::string CountsText(const TraceOptions& options, std::size_t arrivals, std::size_t functions) {
  return fmt::format("{} invocations of {} functions{}", arrivals, functions,
                     options.as_jobs ? ", each one Job of one pod" : "");
}

}  // namespace kless::experiment
