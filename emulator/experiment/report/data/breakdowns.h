// Breakdowns: a time as the sum of named parts, per case.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "emulator/experiment/report/data/measured_experiment.h"

namespace kless::experiment {

struct Breakdown {
  std::size_t case_index = 0;
  std::vector<std::pair<std::string, double>> parts;  // name and seconds, in order
  double Total() const;
};

// The stages of a start: the median of each over the runs.  Cases without stages are left out.
std::vector<Breakdown> StartupBreakdowns(const MeasuredExperiment& experiment);
// All causes, including those without time: the mean over the pods of all runs.  Cases without pods
// are left out.
std::vector<Breakdown> CauseBreakdowns(const MeasuredExperiment& experiment);

}  // namespace kless::experiment
