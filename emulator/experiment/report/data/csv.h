// The CSV files of an experiment: what its figures show, and what its tables say.  Times are in
// seconds since the run's first submission began.
//
//   data/startup.csv                 stages of a start, median over the runs
//   data/pods_over_time-GROUP.csv    polylines: two rows where the number of pods jumps; the
//                                    representative run, and lowest and highest of all runs
//   data/latency_cdf.csv             share of pods created within a latency, by kind of start; of
//                                    invocations where a case has no pods; all runs together
//   data/environments.csv            of the representative run; polylines, too
//   data/throttles.csv               instants of the representative run, with how many
//   data/feed.csv                    iterator age and records not yet processed
//   data/slowdown.csv                share of invocations with a response time of at most that
//                                    multiple of their duration
//   data/causes.csv                  how the time of a pod was spent, mean over all runs
//   data/sweep.csv                   the metrics of sweep.h for every swept case
//   data/heat_map.csv                median of a metric by two swept settings
//   data/continuum.csv               see MakeContinuumCsv
//   data/{published,metrics,costs,elasticity,slo}.csv
//   pods.csv                         every pod of the representative runs
//
// Series of figures are thinned to kSeriesRowsMax rows; pods.csv and continuum.csv are complete.
// Files without rows are left out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emulator/experiment/report/data/measured_experiment.h"

namespace kless::experiment {

constexpr std::size_t kSeriesRowsMax = 1000;

// A line of a figure: consecutive rows of a file.
struct CsvSeries {
  std::size_t case_index = 0;
  std::string kind;                          // "cold", "waited", "warm" of latency_cdf.csv; else ""
  std::size_t first_row = 0, row_count = 0;  // not counting the header
  std::int64_t total = 0;                    // number of pods or invocations that it represents
  // Describes the values of a cumulative distribution; `lowest` is the lowest above 0, or 0 without
  // one.
  double lowest = 0, highest = 0;
};

struct CsvOutput {
  std::string path;  // relative to the experiment's folder
  std::string text;
  std::vector<CsvSeries> series;  // in the data/ files that figures draw
};

// In the order above.
std::vector<CsvOutput> MakeCsvFiles(const MeasuredExperiment& experiment);
const CsvOutput* FindCsv(const std::vector<CsvOutput>& files, std::string_view path);

// Returns at most `count` indices of 0..size-1, evenly spread, including the first and the last.
std::vector<std::size_t> ThinEvenly(std::size_t size, std::size_t count);
// Returns the index of the highest value in each of at most `count` bins, and the first and the
// last index.
std::vector<std::size_t> ThinToPeaks(const std::vector<double>& values, std::size_t count);

}  // namespace kless::experiment
