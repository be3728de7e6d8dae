// The shared parts of `kless experiment run` and `kless replay`: flags, running, results, exit
// codes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emulator/experiment/scenario/scenario.h"

namespace CLI {
class App;
}

namespace kless::cli {

struct ScenarioFlags {
  std::vector<std::string> sets;
  std::vector<std::string> without;
  std::vector<std::string> only;
  int seeds = 0;
  std::uint64_t first_seed = 0;  // 0: the scenario's
  std::string out;
  bool real = false;
  bool no_figures = false;
  int jobs = 0;
};

void AddScenarioFlags(CLI::App& command, ScenarioFlags* flags);
Result<experiment::ScenarioOptions> ScenarioOptionsOf(const ScenarioFlags& flags);
// Runs all cases, writes the results and prints the tables.  Returns the exit code: 0, 1 a run has
// a problem, 2 the results cannot be written, 3 a threshold is broken, 130 interrupted.
int RunAndReport(experiment::Scenario scenario, const ScenarioFlags& flags);

}  // namespace kless::cli
