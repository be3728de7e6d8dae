// AsRun: what repeats an experiment.  The folder of results holds
//
//   scenario.yaml  the text of the scenario, and below it `as_run`: the version of kless, the
//   command
//                  line, and what it changed.  `kless experiment run DIR/scenario.yaml` does the
//                  same again, bit by bit.
//   run.json       {"kless", "command", "seeds", "cases": [{"case", "control_plane", "start",
//                  "settings": everything that the scenario and the command line say of it}]}
//   inputs/        the recording, snapshot, latency profile and traces that it read, by their file
//                  names
//
// Where the results stand, how many processes made them and whether figures were drawn is not in
// them: it changes no result.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/experiment/scenario.h"

namespace kless::experiment {

// What a scenario's own `as_run` says, then `options`, which win.  `command`: of this run, without
// options ("kless experiment run small.yaml").  The error names the key.
Result<AsRun> MakeAsRun(const nlohmann::json& tree, const std::string& text,
                        const std::string& command, const ScenarioOptions& options);

// A tree as the text of a scenario: a line for each key.
std::string ScenarioText(const nlohmann::json& tree);

// The text of scenario.yaml.
std::string AsRunText(const AsRun& as_run);

// Writes the three into a folder that exists.  Returns remarks: inputs that are too large to be
// copied.  kUnavailable: a file cannot be written.
Result<std::vector<std::string>> WriteAsRun(const Scenario& scenario, const std::string& folder);

}  // namespace kless::experiment
