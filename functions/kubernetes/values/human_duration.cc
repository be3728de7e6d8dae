#include "functions/kubernetes/values/human_duration.h"

#include "emulator/base/clock.h"

namespace kless::kubernetes {

namespace {

// Formats "3m20s", or "3m" if the smaller unit is zero.
std::string Two(std::int64_t large, char large_unit, std::int64_t small, char small_unit) {
  std::string text = std::to_string(large) + large_unit;
  if (small != 0) text += std::to_string(small) + small_unit;
  return text;
}

}  // namespace

std::string HumanDuration(std::int64_t nanos) {
  const std::int64_t seconds = nanos / kNanosPerSecond;
  const std::int64_t minutes = seconds / 60;
  const std::int64_t hours = minutes / 60;
  const std::int64_t days = hours / 24;
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return std::to_string(seconds) + 's';
  if (minutes < 10) return Two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return std::to_string(minutes) + 'm';
  if (hours < 8) return Two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return std::to_string(hours) + 'h';
  if (days < 8) return Two(days, 'd', hours % 24, 'h');
  if (days < 2 * 365) return std::to_string(days) + 'd';
  if (days < 8 * 365) return Two(days / 365, 'y', days % 365, 'd');
  return std::to_string(days / 365) + 'y';
}

}  // namespace kless::kubernetes
