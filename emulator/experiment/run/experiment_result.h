// ExperimentResult: all cases of a scenario with all their runs, and the published values for them:
// the input of all outputs (summary, CSV, figures, report, JUnit).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/experiment/measures/metrics.h"
#include "emulator/experiment/measures/run_result.h"
#include "emulator/experiment/scenario/published_row.h"

namespace kless::experiment {

// A limit that a scenario sets on a metric; if broken: exit code 3 and a JUnit failure.
struct ThresholdOutcome {
  std::string label;  // "last_pod_s <= 5 in case burst"
  bool ok = true;
  std::string detail;  // "emulated 6.21 s"
};

struct CaseResult {
  std::string name;           // unique, a file name: "fig-5.2a-cold"
  std::string label;          // for legends: "Kubeλess, cold"
  std::string system;         // the control plane as `labels` call it: "Kubeλess"
  std::string entry;          // of the scenario's `cases`; "" if it has none
  std::string group;          // cases that share figures: "fig-5.2a"
  std::string control_plane;  // "serverless", "classic"
  std::string start;          // "cold", "warm"
  std::string profile;        // the latency profile's name
  std::vector<std::pair<std::string, std::string>> parameters;  // swept paths and their values
  std::string workload_rule;
  std::vector<RunResult> runs;  // by repeat; seeds ascend
  // The run whose last pod (or end) is the median, which figures draw as the line.
  std::size_t representative = 0;
};

struct ExperimentResult {
  std::string scenario;
  std::string title;
  std::string description;
  std::vector<CaseResult> cases;
  std::vector<PublishedRow> published;
  std::vector<FittedParameter> fitted;
  std::vector<ThresholdOutcome> thresholds;
  std::vector<std::string> findings;  // sentences that the model supports, with their numbers
  // What had no effect, each with its remedy (see notes.h).
  std::vector<std::string> notes;
  std::map<std::string, std::string> sources;  // of every number in the profiles: path -> source
  // What the command line changed of any case: "--without init", each once.
  std::vector<std::string> changes;
  // The swept paths of the heat map; several on one axis are separated by commas.
  std::optional<std::string> heat_x, heat_y, heat_metric;
};

// What the command line changed of any published row, each change once; empty if all are judged.
std::vector<std::string> WhatIfs(const ExperimentResult& result);
// The same as one text: "--without init, --set functions.account_concurrency=1000".
std::string WhatIfText(const ExperimentResult& result);

}  // namespace kless::experiment
