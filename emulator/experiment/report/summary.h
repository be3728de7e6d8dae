// summary.json, and the tables that a terminal shows at the end of a run.
#pragma once

#include <string>

#include "emulator/experiment/report/data/measured_experiment.h"

namespace kless::experiment {

// Indented JSON with the keys in the order of outputs.h, and numbers with nine significant digits.
std::string MakeSummary(const MeasuredExperiment& experiment);
std::string MakeSummaryText(const MeasuredExperiment& experiment);

// The tables shown on a terminal at the end of a run: published rows, or the main metrics; then
// problems of runs and thresholds.
std::string SummaryText(const ExperimentResult& result);

// The few metrics that summarise a case, in order; cases lack those without facts.
const std::vector<std::string>& MainMetrics();

}  // namespace kless::experiment
