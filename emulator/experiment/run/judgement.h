// Judgement: compares the runs with published values, thresholds and hypotheses.
#pragma once

#include <string>
#include <vector>

#include "emulator/experiment/run/experiment_result.h"
#include "emulator/experiment/scenario/scenario.h"

namespace kless::experiment {

// The runs of one published row with its figure left out of the fit; by case, by repeat.
struct LeftOutRuns {
  std::vector<std::vector<RunResult>> of, minus;
};

// Fills published, thresholds and findings of `result`, whose cases must be complete.
void Judge(const Scenario& scenario, const std::vector<LeftOutRuns>& left_out,
           ExperimentResult* result);

// The repeat whose last pod (its end, for invocations) is the lower median.
std::size_t MedianRun(const std::vector<RunResult>& runs);

// The share of the variation of `values` that one factor explains: the sum of squares between its
// levels over the total (eta squared), 0..1; levels[i] belongs to values[i].
double ExplainedShare(const std::vector<double>& values, const std::vector<std::string>& levels);

}  // namespace kless::experiment
