// Keep-alive policies: how long an idle environment is kept.  Pure computation; the pool acts.
//
//   ttl        a fixed time (FunctionConfig::keep_alive), which is what has been observed on Lambda
//   lru        until starting another one exceeds the pool's memory; then the environment that has
//              been idle longest is reclaimed, whatever its function
//   histogram  by the idle times of the function: M. Shahrad et al., "Serverless in the Wild",
//              USENIX ATC 2020, section 4.2
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/clock.h"

namespace kless {

enum class KeepAlivePolicy { kTtl, kLru, kHistogram };
const char* KeepAlivePolicyName(KeepAlivePolicy policy);  // "ttl", "lru", "histogram"

// Counts, by minutes, how long a function was idle between the end of its last invocation and the
// admission of the next one.
class IdleTimes {
 public:
  static constexpr int kBins = 240;          // of one minute each: four hours
  static constexpr int kSamplesNeeded = 10;  // our choice; the paper gives no number

  void Add(Duration idle);
  std::uint64_t samples() const { return samples_; }

  // Both durations start when the function becomes idle.
  struct Window {
    // zero: environments stay; otherwise they are reclaimed, and one is started then
    Duration prewarm{};
    Duration keep_alive{};  // when environments that are still unused are reclaimed
  };
  // Spans the 5th to the 99th percentile, each rounded outwards to a whole bin and widened by a
  // tenth, as in the paper. nullopt: there are fewer than kSamplesNeeded samples, or more than half
  // of them are beyond the last bin; the caller then uses its fixed time.
  std::optional<Window> Predict() const;

 private:
  int Percentile(int percent) const;

  std::array<std::uint32_t, kBins> bins_{};
  std::uint64_t samples_ = 0;
  std::uint64_t out_of_range_ = 0;
};

}  // namespace kless
