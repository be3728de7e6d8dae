// TimeHistogram: durations counted by bucket, for metrics.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kless {

class TimeHistogram {
 public:
  // Upper bounds in seconds, ascending; they must outlive the histogram.  An upper bound belongs to
  // its bucket; longer durations are in a last bucket of their own.
  explicit TimeHistogram(std::span<const double> bounds)
      : bounds_(bounds), counts_(bounds.size() + 1) {}

  void Add(std::chrono::nanoseconds duration) {
    const double seconds = std::chrono::duration<double>(duration).count();
    const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), seconds);
    ++counts_[static_cast<std::size_t>(bucket - bounds_.begin())];
    seconds_ += seconds;
  }

  std::span<const double> bounds() const { return bounds_; }
  const std::vector<std::uint64_t>& counts() const { return counts_; }  // not cumulative
  double seconds() const { return seconds_; }                           // of all together

 private:
  std::span<const double> bounds_;
  std::vector<std::uint64_t> counts_;
  double seconds_ = 0;
};

}  // namespace kless
