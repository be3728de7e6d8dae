// summary.json, and the tables that a terminal shows at the end of a run.
#pragma once

#include <string>

#include "emulator/experiment/measured_experiment.h"

namespace kless::experiment {

// Indented JSON with the keys in the order of outputs.h, and numbers with nine significant digits.
std::string MakeSummary(const MeasuredExperiment& experiment);
std::string MakeSummaryText(const MeasuredExperiment& experiment);

// The few metrics that summarise a case, in order; cases lack those without facts.
const std::vector<std::string>& MainMetrics();

// The published value as a cell: "3.29 s", "> 12.9 s" for a lower bound, "" if there is none.
std::string PublishedText(const PublishedRow& row);

}  // namespace kless::experiment
