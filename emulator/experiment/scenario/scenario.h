// Scenario: an experiment as a YAML file describes it (configs/experiments), loaded, checked, and
// expanded into the cases to run.
//
//   name, title, description       for people
//   any setting of kless.yaml      latency, control_plane, store.*, functions.*
//   profile: {...}                 values of the latency profile changed here
//   workload, submitter, start, warm_up, faults, limit, from, snapshot_at, keep_history
//   seeds: 5 | [1, 7]              repeats
//   cases: [{name: a, ...}]        each with its own values of all of the above; cases with the
//   same
//                                  `group` share figures
//   sweep: {path: [values]}        any path over a list; several: all combinations.  control_plane
//                                  and start may be lists: short for a sweep
//   published, fitted, thresholds, heat_map, hypotheses, labels
//   as_run                         of the scenario.yaml in a folder of results: what the command
//                                  line said (as_run.h)
//
// Errors are "FILE:LINE: KEY: sentence", one per line, with the nearest known key.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/experiment/scenario/published_row.h"
#include "emulator/experiment/scenario/run_spec.h"

namespace kless::experiment {

struct CaseSpec {
  // Unique, a file name: what tells the case from the others of its scenario.  The entry, then
  // control plane and start where they are swept, then the swept values:
  // "fig-5.2a-cold-memory_mb-128".  A scenario of one case: control plane and start.
  std::string name;
  std::string label;   // for legends
  std::string system;  // the name of the control plane in `labels`, else its own name
  std::string entry;   // of `cases`; "" if there are none
  std::string group;   // cases that share figures: the entry's `group`, else its name
  std::string start;   // "cold", "warm"
  std::vector<std::pair<std::string, std::string>> parameters;  // swept paths with their values
  // What the command line changed of this case and its control plane depends on: "--without init",
  // "--set functions.account_concurrency=1000"; each once.  Not what it set to the file's value.
  std::vector<std::string> changes;
  std::string settings;  // JSON text of everything that scenario and command line say of the case
  RunSpec run;
};

// Selects cases by "case" (entry), "control_plane", "start", or a swept path, each with its value.
using Selector = std::map<std::string, std::string>;
bool Selects(const Selector& selector, const std::string& entry, const std::string& control_plane,
             const std::string& start,
             const std::vector<std::pair<std::string, std::string>>& parameters);

struct PublishedSpec {
  PublishedRow row;  // its emulated values are not set
  Selector of;
  std::optional<Selector> minus;  // set if the row is about a difference
  // kFitted: the selected cases with the fitted parameter in the middle of its bounds.
  std::vector<CaseSpec> left_out, left_out_minus;
};

struct ThresholdSpec {
  std::string metric, statistic;  // "median" by default
  Selector of;
  std::optional<double> at_most, at_least;
};

struct HypothesisSpec {
  std::string name, says;
  std::vector<std::string> factors;  // swept paths
  Selector where;                    // the cases to which it applies
};

constexpr int kSeedsMaximum = 10'000;  // repeats of a case

struct ScenarioOptions {
  std::vector<std::pair<std::string, std::string>> sets;  // --set path=value
  std::vector<std::string> without;                       // --without cause
  // --case: names of cases or of entries; empty: all.  A name may also be long: with scenario or
  // entry, control plane and start ("three-serverless-cold").
  std::vector<std::string> only;
  std::optional<int> seeds;                 // --seeds N
  std::optional<std::uint64_t> first_seed;  // --seed S; 1
};

// What was run, for the folder of results (as_run.h).
struct AsRun {
  std::string name;         // Scenario::name, which may come from the name of the file
  std::string text;         // of the scenario's file, without what an earlier run added
  std::string command;      // "kless experiment run small.yaml --without init"
  ScenarioOptions options;  // of the file's `as_run` and of the command line
};

struct Scenario {
  std::string name, title, description;
  std::vector<std::uint64_t> seeds;
  std::vector<CaseSpec> cases;
  std::vector<PublishedSpec> published;
  std::vector<FittedParameter> fitted;
  std::vector<ThresholdSpec> thresholds;
  std::optional<std::string> heat_x, heat_y, heat_metric;
  std::string hypotheses_metric;
  std::optional<double> hypotheses_published;  // the published value of the metric
  std::vector<HypothesisSpec> hypotheses;
  AsRun as_run;
  std::vector<std::string> remarks;  // what the user should know before the run, a sentence each
};

// Names and paths are found as base/system/config_files.h says.  kNotFound: no such file or name.
// kInvalidArgument: every problem, one a line.
Result<Scenario> LoadScenario(const std::string& name_or_path, const ScenarioOptions& options);

// The session of a recording as a scenario: one case per start ("cold", "warm"), with the settings
// that the daemon was given.  Its seed is the recording's unless the options name another.
Result<Scenario> ScenarioOfRecording(const std::string& path,
                                     const std::vector<std::string>& starts,
                                     const ScenarioOptions& options);

struct ListedScenario {
  std::string name;
  std::string title;   // "" if the file has none
  std::string origin;  // ConfigFile::origin
};
// Every scenario that has a name, by name.
std::vector<ListedScenario> ListScenarios();

// The JSON schema of scenario files, generated from the tables that read them.
std::string ScenarioSchema();

}  // namespace kless::experiment
