// junit.xml: a test case for each threshold, each published value and each case of the scenario,
// for the test report of a CI system.
#pragma once

#include <optional>
#include <string>

#include "emulator/experiment/run/experiment_result.h"

namespace kless::experiment {

// nullopt if the scenario has neither thresholds nor published values.
std::optional<std::string> MakeJunit(const ExperimentResult& result);

}  // namespace kless::experiment
