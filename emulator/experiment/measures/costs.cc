#include "emulator/experiment/measures/costs.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/clock.h"

namespace kless::experiment {
namespace {

constexpr double kMegabytesPerGigabyte = 1024;
constexpr double kSecondsPerMonth = kHoursPerMonth * 3600;

// Returns which invocations provisioned concurrency serves, by their index: each that begins while
// fewer of its function run there than are provisioned, as in Lambda, where only what exceeds it is
// served on demand.
std::vector<bool> ServedByProvisioned(const RunResult& run) {
  std::vector<bool> served(run.invocations.size(), false);
  std::map<std::string, std::vector<std::pair<std::int64_t, std::size_t>>> begun;  // by function
  for (std::size_t i = 0; i < run.invocations.size(); ++i) {
    const InvocationTiming& row = run.invocations[i];
    if (row.outcome == "throttled" || !run.provisioned.contains(row.function)) continue;
    begun[row.function].emplace_back(row.requested + row.queued, i);
  }
  for (auto& [function, rows] : begun) {
    const auto count = static_cast<std::size_t>(run.provisioned.at(function).environments);
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> ends;
    for (const auto& [at, index] : rows) {
      while (!ends.empty() && ends.top() <= at) ends.pop();
      if (ends.size() >= count) continue;
      served[index] = true;
      ends.push(at + run.invocations[index].init + run.invocations[index].run);
    }
  }
  return served;
}

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
  constexpr double kMbNanosPerGbSecond = kMegabytesPerGigabyte * kNanosPerSecond;
  const std::vector<bool> served = ServedByProvisioned(run);
  std::uint64_t requests = 0;
  double on_demand = 0, in_provisioned = 0;  // MB x nanoseconds, summed in the order of the log
  for (std::size_t i = 0; i < run.invocations.size(); ++i) {
    const InvocationTiming& row = run.invocations[i];
    if (row.outcome == "throttled") continue;  // it never began, so it is not billed
    ++requests;
    (served[i] ? in_provisioned : on_demand) += static_cast<double>(row.billed) * row.memory_mb;
  }
  ServerlessCosts costs;
  costs.requests_usd = static_cast<double>(requests) * kLambdaUsdPerRequest;
  costs.compute_usd = on_demand / kMbNanosPerGbSecond * kLambdaUsdPerGbSecond +
                      in_provisioned / kMbNanosPerGbSecond * kProvisionedUsdPerGbSecondOfUse;
  double provisioned_gb = 0;
  for (const auto& [function, kept] : run.provisioned) {
    provisioned_gb += kept.environments * kept.memory_mb / kMegabytesPerGigabyte;
  }
  costs.provisioned_usd =
      provisioned_gb * static_cast<double>(run.end) / kNanosPerSecond * kProvisionedUsdPerGbSecond;
  costs.provisioned_usd_per_month = provisioned_gb * kSecondsPerMonth * kProvisionedUsdPerGbSecond;
  costs.writes_usd = static_cast<double>(writes->second) * kDynamoUsdPerWriteUnit;
  costs.reads_usd = static_cast<double>(reads->second) * kDynamoUsdPerReadUnit;
  const auto bytes = run.counts.find("item_bytes");
  if (bytes != run.counts.end()) {
    costs.storage_usd_per_month =
        static_cast<double>(bytes->second) / kBytesPerGb * kDynamoUsdPerGbMonth;
  }
  return costs;
}

std::optional<double> BreakEvenPerHour(double usd_each, double idle_usd_per_month,
                                       double usd_per_hour) {
  if (usd_each <= 0) return std::nullopt;
  return std::max(0.0, usd_per_hour - idle_usd_per_month / kHoursPerMonth) / usd_each;
}

}  // namespace kless::experiment
