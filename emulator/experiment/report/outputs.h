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

// The tables shown on a terminal at the end of a run: published rows, or the main metrics; then
// problems of runs and thresholds.
std::string SummaryText(const ExperimentResult& result);

// `kless experiment explain DIR [POD]`: reads pods.csv.  Without a pod: means per case and cause.
// With one: its causes, in every case that has a pod of that name; the name of a Job stands for its
// pods.  kNotFound: no such folder or pod (with the nearest names).  kInvalidArgument: pods.csv is
// not one that WriteOutputs wrote.
Result<std::string> Explain(const std::string& folder, const std::string& pod);

struct CompareOptions {
  std::string a = {};       // folder of results
  std::string b = {};       // another one; "": both sides are cases of `a`
  std::string case_a = {};  // which cases, as SelectCases takes them (comparison.h); "": all
  std::string case_b = {};
  std::vector<std::string> metrics = {};  // only these; empty: the headline, then what differs
  bool json = false;
};

// `kless experiment compare A [B]`: cases that are alike (comparison.h) side by side: the headline
// first (last pod, median and 99th percentile, cold starts, cost), then the other metrics that
// differ, with their ratio and, where there are several runs, both bands and whether they are
// apart. As JSON: {"a", "b": folders, "differences": [{"what", "a", "b"}], "cases": [{"a", "b":
// names, "metrics": [{"metric", "unit", "headline", "a", "b": {"value", "low", "high", "n"} or
// null, "ratio", "bands_apart": null for single runs}]}], "only_a", "only_b": names}. kNotFound: no
// such folder, case or metric, or no case in common.  kInvalidArgument: not a summary, or a folder
// that has no two sides.
Result<std::string> CompareSummaries(const CompareOptions& options);

}  // namespace kless::experiment
