#include "emulator/experiment/workload/synthetic_trace.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/experiment/input/description_keys.h"
#include "emulator/experiment/workload/trace_values.h"

namespace kless::experiment {
namespace {

constexpr double kLogSecondsMean = -1.1787;
constexpr double kLogSecondsDeviation = 2.6051;
constexpr double kShortestMilliseconds = 1;
constexpr double kLongestMilliseconds = 900'000;

const Quantiles& Memory() {
  static const Quantiles memory{{0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1},
                                {70, 104, 122, 150, 191, 275, 506, 1259}};
  return memory;
}

struct Described {
  Duration duration{};
  double memory_mb = 0;
};

}  // namespace

Result<SyntheticOptions> ParseSyntheticOptions(const nlohmann::json& description,
                                               const std::string& place) {
  const SyntheticOptions defaults;
  DescriptionKeys keys(description, place, {"functions", "minutes", "invocations", "tail", "as"});
  SyntheticOptions options;
  options.functions = static_cast<int>(keys.Integer("functions", 1, 100'000, defaults.functions));
  options.minutes = static_cast<int>(keys.Integer("minutes", 1, 366 * 1440, defaults.minutes));
  options.invocations = keys.Integer(
      "invocations", 1, static_cast<std::int64_t>(kWorkloadMaxArrivals), defaults.invocations);
  options.tail = keys.NotNegative("tail", 10, defaults.tail);
  options.as_jobs = keys.Choice("as", {"invocations", "jobs"}, "invocations") == "jobs";
  if (keys.error()) return *keys.error();
  return options;
}

Workload MakeSyntheticTrace(const SyntheticOptions& options, Random& random) {
  Workload workload;
  std::vector<Described> described;
  std::vector<double> cumulated;  // cumulative weights of the ranks
  double sum = 0;
  for (int rank = 1; rank <= options.functions; ++rank) {
    const double seconds = PortableExp(kLogSecondsMean + kLogSecondsDeviation * random.Normal());
    const double milliseconds =
        std::clamp(seconds * 1e3, kShortestMilliseconds, kLongestMilliseconds);
    described.push_back({FromMilliseconds(milliseconds), Memory().Sample(random.Unit())});
    sum += PortableExp(-options.tail * PortableLog(rank));
    cumulated.push_back(sum);
    if (options.as_jobs) continue;
    workload.functions.push_back({.name = "synthetic-" + std::to_string(rank),
                                  .memory_mb = LambdaMemory(described.back().memory_mb)});
  }
  const double length_ns = options.minutes * 60e9;
  workload.arrivals.reserve(static_cast<std::size_t>(options.invocations));
  for (std::int64_t i = 0; i < options.invocations; ++i) {
    const double place = random.Unit() * sum;
    const auto found = std::upper_bound(cumulated.begin(), cumulated.end() - 1, place);
    const auto index = static_cast<std::size_t>(found - cumulated.begin());
    Arrival arrival;
    arrival.at = Duration(static_cast<Duration::rep>(random.Unit() * length_ns));
    arrival.duration = described[index].duration;
    if (options.as_jobs) {
      arrival.memory_mb = static_cast<int>(described[index].memory_mb + 0.5);
    } else {
      arrival.memory_mb = workload.functions[index].memory_mb;
      arrival.function = static_cast<int>(index);
    }
    workload.arrivals.push_back(arrival);
  }
  std::stable_sort(workload.arrivals.begin(), workload.arrivals.end(),
                   [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
  workload.rule = fmt::format(
      "{} invocations of {} made-up functions in {} minutes{}; a function's popularity is in "
      "proportion to 1/rank^{:.6g}, its arrivals are a Poisson process, its duration is log-normal",
      options.invocations, options.functions, options.minutes,
      options.as_jobs ? ", each one Job of one pod" : "", options.tail);
  return workload;
}

}  // namespace kless::experiment
