// Outputs: everything an experiment leaves in its folder.
//
//   summary.json           {"scenario", "title", "results": [{"scenario", "case", "control_plane",
//                          "start", "parameters": {PATH: VALUE}, "metric", "value" (median),
//                          "best", "worst", "unit", "ci95": [low, high] of the mean, "n", and where
//                          published "published" or "published_at_least", "published_at_most";
//                          "relative_error", "source"}], "table": [...], "fitted": [...],
//                          "thresholds": [...], "findings": [...], "cases": [...]}
//   data/*.csv             a file per figure and per table: csv.h; continuum.csv begins with
//                          Continuum's six columns
//   pods.csv               every pod of the representative runs with its causes, in seconds
//   figures/*.svg, *.png   drawn by gnuplot; figures.gp draws them again from data/
//   traces/CASE.json       Chrome trace events of the representative run (Perfetto,
//                          chrome://tracing)
//   report.html            self-contained: no network, figures inline
//   junit.xml              if there are thresholds or a published table
//
// No path, host, date, CPU time or folder name in any of them: equal results give equal bytes
// (figures and report: with the same gnuplot and fonts).
#pragma once

#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/experiment/experiment_result.h"

namespace kless::experiment {

struct OutputOptions {
  bool figures = true;  // false: no gnuplot is run, the report has tables only
};

// `folder` exists; what an earlier call left there is overwritten.  Returns remarks for the user
// ("gnuplot is not installed: no figures; ...", "figure pods-x shows 12 of 24 lines").
// kUnavailable: a file cannot be written.
Result<std::vector<std::string>> WriteOutputs(const ExperimentResult& result,
                                              const std::string& folder,
                                              const OutputOptions& options);

// The tables that a terminal shows at the end of a run: published rows, or the main metrics; then
// problems of runs and thresholds.
std::string SummaryText(const ExperimentResult& result);

// `kless experiment explain DIR [POD]`: reads pods.csv.  Without a pod: means per case and cause.
// With one: its causes, in every case that has a pod of that name; the name of a Job stands for its
// pods.  kNotFound: no such folder or pod (with the nearest names).  kInvalidArgument: pods.csv is
// not one that WriteOutputs wrote.
Result<std::string> Explain(const std::string& folder, const std::string& pod);

// `kless experiment compare A B`: the metrics of both summaries that differ, side by side, with
// their ratio, and how many are equal.  kNotFound: no such folder.  kInvalidArgument: not a
// summary.
Result<std::string> CompareSummaries(const std::string& folder_a, const std::string& folder_b);

}  // namespace kless::experiment
