#include "emulator/base/duration.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <utility>

namespace kless {
namespace {

// Longer names come first, so that "ms" is not parsed as "m".
constexpr std::array<std::pair<std::string_view, double>, 6> kUnits{{
    {"ns", 1},
    {"us", 1e3},
    {"ms", 1e6},
    {"s", 1e9},
    {"m", 60e9},
    {"h", 3600e9},
}};
constexpr double kMaxNanos = 9.2e18;

}  // namespace

std::optional<Duration> ParseDuration(std::string_view text) {
  double total = 0;
  bool first = true;
  while (first || !text.empty()) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{} || !(number >= 0)) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    double unit = 0;
    if (text.empty() && first) {
      unit = 1e6;
    } else {
      for (const auto& [name, nanos] : kUnits) {
        if (!text.starts_with(name)) continue;
        unit = nanos;
        text.remove_prefix(name.size());
        break;
      }
    }
    if (unit == 0) return std::nullopt;
    total += number * unit;
    if (total > kMaxNanos) return std::nullopt;
    first = false;
  }
  return Duration(static_cast<Duration::rep>(total));
}

std::string FormatDuration(Duration duration) {
  using std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
  if (duration < seconds(1) && duration > Duration::zero()) {
    return fmt::format("{:.6g}ms", ToMilliseconds(duration));
  }
  std::string text;
  const auto take = [&](auto unit, const char* name) {
    const auto count = duration / unit;
    if (count == 0) return;
    text += std::to_string(count) + name;
    duration -= count * unit;
  };
  take(hours(1), "h");
  take(minutes(1), "m");
  if (duration > Duration::zero() || text.empty()) {
    text += fmt::format("{:.9g}s", static_cast<double>(duration.count()) / 1e9);
  }
  return text;
}

}  // namespace kless
