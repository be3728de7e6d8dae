// Outputs: everything an experiment leaves in its folder.
//
//   summary.json           {"scenario", "title", "what_if": what the command line changed of
//                          published rows, which are then not judged ("ok": null), "results":
//                          [{"scenario", "case", "control_plane", "start", "parameters": {PATH:
//                          VALUE}, "metric", "value" (median), "best", "worst", "unit", "ci95":
//                          [low, high] of the mean, "n", and where published "published" or
//                          "published_at_least", "published_at_most"; "relative_error", "source"}],
//                          "table": [...], "fitted": [...], "thresholds": [...], "findings": [...],
//                          "notes": [...],
//                          "cases": [...]}
//   data/*.csv             a file per figure and per table: csv.h; continuum.csv begins with
//                          Continuum's six columns
//   pods.csv               every pod of the representative runs with its causes, in seconds
//   figures/*.svg, *.png   drawn by gnuplot; figures.gp draws them again from data/
//   traces/CASE.json       Chrome trace events of the representative run (Perfetto,
//                          chrome://tracing)
//   report.html            self-contained: no network, figures inline
//   junit.xml              if there are thresholds or a published table
//   scenario.yaml, run.json, inputs/   what was run (as_run.h)
//   kless-files.txt        the files of the result (results_folder.h)
//
// No path, host, date, CPU time or folder name in any of them: equal results give equal bytes
// (figures and report: with the same gnuplot and fonts).
#pragma once

#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/experiment/run/experiment_result.h"

namespace kless::experiment {

struct OutputOptions {
  bool figures = true;  // false: gnuplot is not run, and the report has tables only
};

// `folder` must exist; files of an earlier call are overwritten.  Returns remarks for the user
// ("gnuplot is not installed: no figures; ...", "figure pods-x shows 12 of 24 lines").
// kUnavailable: a file cannot be written.
Result<std::vector<std::string>> WriteOutputs(const ExperimentResult& result,
                                              const std::string& folder,
                                              const OutputOptions& options);

}  // namespace kless::experiment
