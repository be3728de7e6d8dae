// Notes on an experiment: what its runs show to be without effect, each a sentence with its remedy.
#pragma once

#include <string>
#include <vector>

#include "emulator/experiment/experiment_result.h"
#include "emulator/experiment/scenario.h"

namespace kless::experiment {

// `result` holds the runs of the scenario's cases, in their order.  In this order: cold starts
// without an init, settings that nothing heeds, cold cases that do not differ from their warm ones,
// swept parameters that change nothing, caps on concurrency that are never reached.
std::vector<std::string> NotesOnExperiment(const Scenario& scenario,
                                           const ExperimentResult& result);

}  // namespace kless::experiment
