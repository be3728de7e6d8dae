// Sweeps: the settings that an experiment sweeps, and what its figures show of them by default.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emulator/experiment/report/data/measured_experiment.h"

namespace kless::experiment {

// Cases that differ in the same settings, apart from control plane, profile and start.
struct Sweep {
  std::vector<std::string> paths;  // none: the scenario's own `cases` are what differs
  std::vector<std::size_t> cases;  // ascending
};
// Returns them in the order of their first case.  Entries of `cases` that sweep the same paths are
// one sweep.
std::vector<Sweep> FindSweeps(const MeasuredExperiment& experiment);

// Returns the number for a setting's text; a duration ("100ms") in seconds.
std::optional<double> SettingNumber(const std::string& text);

// The values of one path in the order of an axis: by number if all are numbers, else as swept.  A 0
// that is swept after larger numbers means "no limit" in kless's settings: such values keep their
// order.
struct SweptValues {
  std::vector<std::string> texts;
  // The numbers, if there are at least three, enough for a line.
  std::optional<std::vector<double>> numbers;
  bool are_durations = false;
};
SweptValues ValuesOf(const MeasuredExperiment& experiment, const std::vector<std::size_t>& cases,
                     const std::string& path);

// Returns the metrics that a sweep's figures show: that of `heat_map`, or the end of the last pod,
// or the latency of invocations; then the run's cost, if it differs between the cases.
std::vector<std::string> SweptMetrics(const MeasuredExperiment& experiment,
                                      const std::vector<std::size_t>& cases);

}  // namespace kless::experiment
