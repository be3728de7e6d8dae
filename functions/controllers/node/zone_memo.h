// The node lifecycle controller's state of the zones between two passes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kless::controllers {

enum class ZoneState { kNormal, kPartialDisruption, kFullDisruption };

// A rate limiter with a burst of 1, and the nodes that wait for it.
struct Zone {
  ZoneState state = ZoneState::kNormal;
  std::int64_t period_nanos = 0;  // 0: it grants no tokens
  std::int64_t free_unix_nanos = 0;
  std::vector<std::string> queue;

  bool Gives(std::int64_t unix_nanos) const {
    return period_nanos > 0 && unix_nanos >= free_unix_nanos;
  }
  void Take(std::int64_t unix_nanos) { free_unix_nanos = unix_nanos + period_nanos; }
  // A limiter that granted no tokens is replaced by a new, empty one.
  void SetPeriod(std::int64_t nanos, std::int64_t unix_nanos);
};

struct ZoneMemo {
  std::int64_t due_unix_nanos = 0;    // time of the next pass; 0: none
  std::map<std::string, Zone> zones;  // by region and zone label

  static ZoneMemo Parse(const std::string& text);
  std::string ToText() const;
};

}  // namespace kless::controllers
