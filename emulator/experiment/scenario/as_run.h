// AsRun: what repeats an experiment.  The folder of results contains
//
//   scenario.yaml  the text of the scenario, and below it `as_run`: the version of kless, the
//                  command line, and what it changed.  `kless experiment run DIR/scenario.yaml`
//                  repeats the run, bit by bit.
//   run.json       {"kless", "command", "seeds", "cases": [{"case", "control_plane", "start",
//                  "settings": all settings given by the scenario and the command line}]}
//   inputs/        the recording, snapshot, latency profile and traces that it read, by their file
//                  names
//
// They do not contain the folder of the results, the number of processes, or whether figures were
// drawn: these do not change a result.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/experiment/scenario/scenario.h"

namespace kless::experiment {

// Returns the scenario's own `as_run` with `options` merged into it.  `command` is that of this
// run, without options ("kless experiment run small.yaml").  Errors name the key.
Result<AsRun> MakeAsRun(const nlohmann::json& tree, const std::string& text,
                        const std::string& command, const ScenarioOptions& options);

// Returns a tree as the text of a scenario: a line for each key.
std::string ScenarioText(const nlohmann::json& tree);

// Returns the text of scenario.yaml.
std::string AsRunText(const AsRun& as_run);

// Writes the three into an existing folder.  Returns remarks: inputs that are too large to be
// copied.  kUnavailable: a file cannot be written.
Result<std::vector<std::string>> WriteAsRun(const Scenario& scenario, const std::string& folder);

}  // namespace kless::experiment
