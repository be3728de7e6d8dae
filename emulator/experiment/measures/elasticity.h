// Elasticity: how closely the execution environments followed the demand for them.  Pure functions.
//
// The metrics of SPEC RG's "Ready for Rain" (SPEC-RG-2016-01, arXiv 1604.03470) and of Ilyushkin et
// al. (ICPE 2017, TOMPECS 2018).  d(t): demand, s(t): supply, T = end, R: the most resources there
// can be, sums over time.
//
// This was checked (2026-11) against BUNGEE, the benchmark of the report's first author
// (https://github.com/NikolasHerbst/BUNGEE, package metric): accuracies are areas between the two
// curves divided by T; timeshares divide the time of each kind by T; jitter is (E_S - E_D)/T, where
// a change by n resources counts n, and the initial value is not a change.  It was not checked
// against the papers, whose full text was not available: the division by R and by d(t), and the
// two-sided instability.  BUNGEE divides by neither, and its instability counts only supply that
// moves above demand (sgn ds > sgn dd), each difference being that to the curve's next change.  The
// step of instability is kless's choice: a hundredth of the run, since with ever smaller steps
// almost nothing moves within one.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "emulator/experiment/measures/run_result.h"

namespace kless::experiment {

// A step function: (time, value from then on), with increasing times; zero before the first.
using Steps = std::vector<std::pair<std::int64_t, double>>;

// The environments needed if every event were served at once with zero cold start: for each
// invocation its run time, from its request.  Refused invocations have no run time.
Steps Demand(const RunResult& run);
// Live environments that are not initialising.
Steps Supply(const RunResult& run);

// Measured over [0, end).
struct Elasticity {
  double under_accuracy = 0;  // a_U = 100/(T R) sum max(d - s, 0) dt, in %
  double over_accuracy = 0;   // a_O = 100/(T R) sum max(s - d, 0) dt, in %
  // theta_U = 100/T sum max(d - s, 0)/d dt, theta_O likewise, in %.  Times with d = 0 are excluded
  // from the sum, but not from T.
  double under_accuracy_relative = 0, over_accuracy_relative = 0;
  double under_timeshare = 0, over_timeshare = 0;  // tau_U, tau_O: 100/T of the time, in %
  // The percentage of kInstabilitySteps equal steps over which supply and demand changed in
  // different directions (one of them rose, fell, or was constant, and the other did not).
  double instability = 0;
  // (E_S - E_D)/T, E: resources added and removed after 0.  Above 0: supply moved more often than
  // demand; below: supply did not follow.  (BUNGEE gives it per minute.)
  double jitter_per_s = 0;
};
constexpr int kInstabilitySteps = 100;

// `resources_max` is R; 0: the accuracies a_U and a_O are 0.  All is 0 unless end > 0.
Elasticity MeasureElasticity(const Steps& demand, const Steps& supply, std::int64_t end,
                             double resources_max);

}  // namespace kless::experiment
