#include "emulator/experiment/report/data/breakdowns.h"

#include <array>

namespace kless::experiment {

double Breakdown::Total() const {
  double total = 0;
  for (const auto& [name, seconds] : parts) total += seconds;
  return total;
}

std::vector<Breakdown> StartupBreakdowns(const MeasuredExperiment& experiment) {
  std::vector<Breakdown> breakdowns;
  for (std::size_t i = 0; i < experiment.cases.size(); ++i) {
    const MeasuredCase& own = experiment.cases[i];
    const RunResult* const run = own.Representative();
    if (run == nullptr || run->startup.empty()) continue;
    Breakdown breakdown{i, {}};
    for (std::size_t k = 0; k < run->startup.size(); ++k) {
      const std::string& name = run->startup[k].name;
      std::vector<double> seconds;
      for (const RunResult& other : own.result->runs) {
        if (k < other.startup.size() && other.startup[k].name == name) {
          seconds.push_back(static_cast<double>(other.startup[k].duration) / 1e9);
        }
      }
      breakdown.parts.emplace_back(name, Summarise(seconds).median);
    }
    breakdowns.push_back(std::move(breakdown));
  }
  return breakdowns;
}

std::vector<Breakdown> CauseBreakdowns(const MeasuredExperiment& experiment) {
  std::vector<Breakdown> breakdowns;
  for (std::size_t i = 0; i < experiment.cases.size(); ++i) {
    std::array<double, kCauses> sums{};
    double pods = 0;
    for (const RunResult& run : experiment.cases[i].result->runs) {
      for (const PodTiming& pod : run.pods) {
        for (std::size_t k = 0; k < kCauses; ++k) sums[k] += static_cast<double>(pod.causes[k]);
        ++pods;
      }
    }
    if (pods == 0) continue;
    Breakdown breakdown{i, {}};
    for (std::size_t k = 0; k < kCauses; ++k) {
      breakdown.parts.emplace_back(CauseNames()[k], sums[k] / 1e9 / pods);
    }
    breakdowns.push_back(std::move(breakdown));
  }
  return breakdowns;
}

}  // namespace kless::experiment
