#include "emulator/base/number_text.h"

#include <fmt/core.h>

#include <charconv>
#include <cmath>

namespace kless::experiment {
namespace {

// Formats `digits` decimal places below the unit.
std::string Fixed(std::int64_t value, int digits) {
  std::uint64_t magnitude = static_cast<std::uint64_t>(value);
  if (value < 0) magnitude = 0 - magnitude;
  std::uint64_t unit = 1;
  for (int i = 0; i < digits; ++i) unit *= 10;
  std::string text = std::to_string(magnitude / unit);
  if (const std::uint64_t rest = magnitude % unit; rest != 0) {
    std::string fraction = std::to_string(rest);
    fraction.insert(0, static_cast<std::size_t>(digits) - fraction.size(), '0');
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += '.' + fraction;
  }
  return value < 0 ? '-' + text : text;
}

}  // namespace

double RoundNumber(double value) {
  if (!std::isfinite(value)) return 0;
  const std::string text = fmt::format("{:.9g}", value);
  double rounded = 0;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  return rounded == 0 ? 0 : rounded;  // no negative zero
}

std::string FormatNumber(double value) {
  if (!std::isfinite(value)) return "";
  return fmt::format("{:.9g}", value == 0 ? 0 : value);
}

std::string FormatShort(double value, int digits) {
  if (!std::isfinite(value)) return "";
  if (value == 0) return "0";
  const double magnitude = std::abs(value);
  if (magnitude < 1e-9 || magnitude >= 1e15) return fmt::format("{:.{}g}", value, digits);
  if (magnitude < 1e-4) {
    // Costs are that small; people read decimals more easily than exponents.
    const int below = digits - 1 - static_cast<int>(std::floor(std::log10(magnitude)));
    std::string text = fmt::format("{:.{}f}", value, below);
    text.erase(text.find_last_not_of('0') + 1);
    return text;
  }
  if (magnitude >= std::pow(10, digits)) return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}g}", value, digits);
}

std::string FormatShort(const std::optional<double>& value) {
  return value ? FormatShort(*value) : "";
}

std::string FormatPercent(double share) {
  const std::string text = fmt::format("{:+.1f}", share * 100);
  return (text == "-0.0" ? "+0.0" : text) + " %";
}

std::string FormatSeconds(std::int64_t nanos) { return Fixed(nanos, 9); }
std::string FormatMicroseconds(std::int64_t nanos) { return Fixed(nanos, 3); }

}  // namespace kless::experiment
