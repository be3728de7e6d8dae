#include "emulator/experiment/costs.h"

#include <algorithm>
#include <cstdint>

namespace kless::experiment {
namespace {

constexpr double kBilledNanosPerSecond = 1e9;
constexpr double kMegabytesPerGigabyte = 1024;

}  // namespace

bool IsClassic(const RunResult& run) {
  return run.environment_memory_mb == 0 && run.invocations.empty();
}

std::optional<ServerlessCosts> MeasureServerlessCosts(const RunResult& run) {
  const auto reads = run.counts.find("store_reads");
  const auto writes = run.counts.find("store_writes");
  if (run.invocations.empty() || reads == run.counts.end() || writes == run.counts.end()) {
    return std::nullopt;
  }
  std::uint64_t requests = 0;
  double mb_nanos = 0;  // summed in the order of the log
  for (const InvocationTiming& row : run.invocations) {
    if (row.outcome == "throttled") continue;  // it never began, so it is not billed
    ++requests;
    mb_nanos += static_cast<double>(row.billed) * row.memory_mb;
  }
  ServerlessCosts costs;
  costs.requests_usd = static_cast<double>(requests) * kLambdaUsdPerRequest;
  costs.compute_usd =
      mb_nanos / (kMegabytesPerGigabyte * kBilledNanosPerSecond) * kLambdaUsdPerGbSecond;
  costs.writes_usd = static_cast<double>(writes->second) * kDynamoUsdPerWriteUnit;
  costs.reads_usd = static_cast<double>(reads->second) * kDynamoUsdPerReadUnit;
  const auto bytes = run.counts.find("item_bytes");
  if (bytes != run.counts.end()) {
    costs.storage_usd_per_month =
        static_cast<double>(bytes->second) / kBytesPerGb * kDynamoUsdPerGbMonth;
  }
  return costs;
}

std::optional<double> BreakEvenPerHour(double usd_each, double storage_usd_per_month,
                                       double usd_per_hour) {
  if (usd_each <= 0) return std::nullopt;
  return std::max(0.0, usd_per_hour - storage_usd_per_month / kHoursPerMonth) / usd_each;
}

}  // namespace kless::experiment
