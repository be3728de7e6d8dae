#include "functions/pool/keep_alive.h"

namespace kless {
namespace {

constexpr Duration kBin = std::chrono::minutes(1);
constexpr int kHeadPercent = 5;
constexpr int kTailPercent = 99;

}  // namespace

const char* KeepAlivePolicyName(KeepAlivePolicy policy) {
  switch (policy) {
    case KeepAlivePolicy::kTtl:
      return "ttl";
    case KeepAlivePolicy::kLru:
      return "lru";
    case KeepAlivePolicy::kHistogram:
      return "histogram";
  }
  return "";
}

void IdleTimes::Add(Duration idle) {
  ++samples_;
  const auto bin = idle / kBin;
  if (bin < kBins) {
    ++bins_[static_cast<std::size_t>(bin)];
  } else {
    ++out_of_range_;
  }
}

// Returns the bin of a percentile of the samples within range.
int IdleTimes::Percentile(int percent) const {
  const std::uint64_t within = samples_ - out_of_range_;
  const std::uint64_t rank = (within * static_cast<std::uint64_t>(percent) + 99) / 100;
  std::uint64_t seen = 0;
  for (int bin = 0; bin < kBins; ++bin) {
    seen += bins_[static_cast<std::size_t>(bin)];
    if (seen >= rank) return bin;
  }
  return kBins - 1;
}

std::optional<IdleTimes::Window> IdleTimes::Predict() const {
  if (samples_ < kSamplesNeeded || 2 * out_of_range_ > samples_) return std::nullopt;
  Window window;
  window.prewarm = Percentile(kHeadPercent) * kBin * 9 / 10;
  window.keep_alive = (Percentile(kTailPercent) + 1) * kBin * 11 / 10;
  return window;
}

}  // namespace kless
