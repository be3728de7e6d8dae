// summary.json, and the tables that a terminal shows at the end of a run.
#pragma once

#include <string>

#include "emulator/experiment/measured_experiment.h"

namespace kless::experiment {

// Indented JSON with the keys in the order of outputs.h, numbers with nine significant digits.
std::string MakeSummary(const MeasuredExperiment& experiment);
std::string MakeSummaryText(const MeasuredExperiment& experiment);

// The few metrics that say how a case went, in order; cases lack those they have no facts for.
const std::vector<std::string>& MainMetrics();

// What was published, as a cell: "3.29 s", "> 12.9 s" for a lower bound, "" for nothing.
std::string PublishedText(const PublishedRow& row);

}  // namespace kless::experiment
