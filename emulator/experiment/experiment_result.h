// ExperimentResult: all cases of a scenario with all their runs, and the published values for them:
// the input of all outputs (summary, CSV, figures, report, JUnit).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/experiment/metrics.h"
#include "emulator/experiment/run_result.h"

namespace kless::experiment {

// The origin of a value of the published table in the model.
enum class Evidence {
  kInput,      // a parameter of the model, set to the published value
  kFitted,     // a parameter was chosen to reproduce it
  kPredicted,  // it follows from parameters that have other sources
};
const char* EvidenceName(Evidence evidence);  // "input", "fitted", "predicted"

// A row of the table published | emulated | error | source.
struct PublishedRow {
  std::string label;                        // "100 jobs of 1 pod, serverless, warm"
  std::string figure;                       // "5.2a"
  std::string metric;                       // name in MeasureRun
  std::string statistic;                    // "best", "median"
  std::optional<double> published;          // the published value, or
  std::optional<double> at_least, at_most;  // the published bounds
  double emulated = 0;
  std::optional<double> median, worst, best;
  double relative_error = 0;  // signed; 0 within bounds
  double tolerance = 0.05;    // of |relative_error|
  Evidence evidence = Evidence::kPredicted;
  std::string fitted_by;  // kFitted: the parameter, "submitter.rtt", and its evidence
  std::optional<double> left_out_error;  // without this figure in the fit
  std::string unit;
  std::string source;
  std::string case_name;  // CaseResult::name that it is about; "": it compares cases
  // What the command line changed of the cases that the row is about ("--without init"): the row
  // then shows a what-if, which is not judged against what was published.
  std::vector<std::string> what_if;
  bool judged() const { return what_if.empty(); }
  bool ok() const;  // within the tolerance
  bool off() const { return judged() && !ok(); }
};

struct FittedParameter {
  std::string path;                     // "profile.store_request_cpu"
  double value = 0, low = 0, high = 0;  // bounds from independent evidence
  std::string unit;
  std::string evidence;   // a sentence with its source
  std::string fitted_to;  // label of the row
  std::string name;       // its name in rows; its path unless two profiles have one each
};

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
