// The parts of a scenario that define the evaluation of the runs: published, fitted, thresholds,
// heat_map, hypotheses.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/experiment/scenario/scenario.h"

namespace kless::experiment {

// `tree` is that of the file, `trees` those of the cases, in their order; `scenario` holds the
// cases.  `some_cases`: rows about missing cases are left out instead of refused.  Each problem is
// "path: sentence".
void ReadScenarioRows(const nlohmann::json& tree, const std::vector<nlohmann::json>& trees,
                      const std::string& folder, bool some_cases, Scenario* scenario,
                      std::vector<std::string>* problems);

}  // namespace kless::experiment
