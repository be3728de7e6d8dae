// Experiment: runs all cases of a scenario with all seeds, and judges the results.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "emulator/base/error.h"
#include "emulator/experiment/run/experiment_result.h"
#include "emulator/experiment/scenario/scenario.h"

namespace kless::experiment {

struct ExperimentOptions {
  int processes = 1;   // the result does not depend on it
  bool real = false;   // real time: runs are sequential, in this process
  std::string folder;  // runs/CASE.db (and snapshots) of each case's first seed; "": none
  // Called at the beginning and after each run; may be null.
  std::function<void(std::size_t ended, std::size_t runs)> progress;
  std::function<bool()> interrupted;  // may be null
};

// kCancelled: interrupted.  A run with a problem is not an error (RunResult::problem).
Result<ExperimentResult> RunExperiment(const Scenario& scenario, const ExperimentOptions& options);

// Returns "case NAME, seed 3: 2 of 100 jobs do not have exactly their pods: ...", one per run that
// has a problem.
std::vector<std::string> Problems(const ExperimentResult& result);

}  // namespace kless::experiment
