// Outputs: everything an experiment leaves in its folder.
//
//   summary.json           {"scenario", "results": [{"scenario", "case", "control_plane", "start",
//                          "parameters", "metric", "value" (median), "best", "unit", "ci95": [low,
//                          high], "n", and where published "published", "relative_error",
//                          "source"}], "table": [...], "fitted": [...], "thresholds": [...]}
//   data/*.csv             a file per figure; continuum.csv has Continuum's six columns
//   pods.csv               every pod of the representative runs with its causes, in seconds
//   figures/*.svg, *.png   drawn by gnuplot
//   traces/CASE.json       Chrome trace events of the representative run (Perfetto,
//   chrome://tracing) report.html            self-contained: no network, figures inline junit.xml
//   if there are thresholds or a published table
//
// No path, host, date, CPU time or folder name in any of them: equal results give equal bytes
// (figures and report: with the same gnuplot).
#pragma once

#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/experiment/experiment_result.h"

namespace kless::experiment {

struct OutputOptions {
  bool figures = true;  // false: no gnuplot is run, the report has tables only
};

// `folder` exists.  Returns remarks for the user ("gnuplot is not installed: no figures; install
// gnuplot-nox").  kUnavailable: a file cannot be written.
Result<std::vector<std::string>> WriteOutputs(const ExperimentResult& result,
                                              const std::string& folder,
                                              const OutputOptions& options);

// The tables that a terminal shows at the end of a run: published rows, or the main metrics.
std::string SummaryText(const ExperimentResult& result);

// `kless experiment explain DIR [POD]`: reads pods.csv.  Without a pod: means per case and cause.
// kNotFound: no such folder or pod (with the nearest names).
Result<std::string> Explain(const std::string& folder, const std::string& pod);

// `kless experiment compare A B`: metrics of both summaries side by side, with their ratio.
Result<std::string> CompareSummaries(const std::string& folder_a, const std::string& folder_b);

}  // namespace kless::experiment
