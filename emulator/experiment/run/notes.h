// Notes on an experiment: what had no effect in its runs, each a sentence with its remedy.
#pragma once

#include <string>
#include <vector>

#include "emulator/experiment/run/experiment_result.h"
#include "emulator/experiment/scenario/scenario.h"

namespace kless::experiment {

// `result` contains the runs of the scenario's cases, in their order.  The notes follow this order:
// cold starts without an init, settings that are not used, cold cases that do not differ from their
// warm ones, swept parameters without effect, caps on concurrency that are never reached.
std::vector<std::string> NotesOnExperiment(const Scenario& scenario,
                                           const ExperimentResult& result);

}  // namespace kless::experiment
