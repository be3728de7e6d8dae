// Metrics: numbers derived from the facts of a run.  Definitions and their sources stand beside
// each function; each is checked against a value computed by hand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "emulator/experiment/run_result.h"

namespace kless::experiment {

struct Metric {
  std::string name;  // snake_case with its unit last: "last_pod_s", "cost_total_usd"
  std::string unit;  // "s", "ms", "1", "USD", "GB*s", "%"
  double value = 0;
};

// Everything that can be said of the run, in a fixed order; what the run has no facts for is left
// out (no invocations: no cold starts).
std::vector<Metric> MeasureRun(const RunResult& run);

// Quantile by linear interpolation between order statistics (type 7); values need not be sorted.
double Quantile(std::vector<double> values, double q);

// Over repeats of one case.
struct Statistic {
  double median = 0, best = 0, worst = 0, mean = 0;  // best: the smallest
  double ci95_low = 0, ci95_high = 0;  // of the mean, Student's t; equal to the mean for n = 1
  std::size_t n = 0;
};
Statistic Summarise(const std::vector<double>& values);

// Step function: (time, value from then on), times rising.
using Steps = std::vector<std::pair<std::int64_t, double>>;

// Environments needed if every event were served at once with zero cold start: invocations that
// would run at each instant, from their request, for their run time.
Steps Demand(const RunResult& run);
// Live environments that are not initialising.
Steps Supply(const RunResult& run);

// SPEC RG "Ready for Rain" (SPEC-RG-2016-01, arXiv 1604.03470), over [0, end).
struct Elasticity {
  double under_accuracy = 0;  // a_U = 1/(T R) sum (d - s)^+ dt, in %
  double over_accuracy = 0;   // a_O, in %
  double under_accuracy_relative = 0,
         over_accuracy_relative = 0;               // theta_U, theta_O: d = 0 left out
  double under_timeshare = 0, over_timeshare = 0;  // tau_U, tau_O, in %
  double instability = 0;   // share of time steps in which supply and demand move apart, in %
  double jitter_per_s = 0;  // (changes of supply - changes of demand) / T
};
Elasticity MeasureElasticity(const Steps& demand, const Steps& supply, std::int64_t end,
                             double resources_max);

}  // namespace kless::experiment
