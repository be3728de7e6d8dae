#include "emulator/experiment/report/data/csv_series.h"

#include <algorithm>
#include <map>
#include <set>

#include "emulator/base/clock.h"
#include "emulator/experiment/report/data/csv_table.h"

namespace kless::experiment {
namespace {

// Collects the rows of one file, and which of them form a series.
class SeriesFile {
 public:
  SeriesFile(std::string path, const std::vector<std::string>& header)
      : path_(std::move(path)), table_(header) {}

  CsvTable& table() { return table_; }
  void Begin(std::size_t case_index, std::string kind, std::size_t total) {
    series_.push_back(
        {case_index, std::move(kind), table_.rows(), 0, static_cast<std::int64_t>(total), 0, 0});
  }
  void SetRange(double lowest, double highest) {
    series_.back().lowest = lowest;
    series_.back().highest = highest;
  }
  void End() { series_.back().row_count = table_.rows() - series_.back().first_row; }
  CsvOutput Take() { return {std::move(path_), table_.TakeText(), std::move(series_)}; }

 private:
  std::string path_;
  CsvTable table_;
  std::vector<CsvSeries> series_;
};

std::vector<std::int64_t> CreationTimes(const RunResult& run) {
  std::vector<std::int64_t> times;
  times.reserve(run.pods.size());
  for (const PodTiming& pod : run.pods) times.push_back(pod.created);
  std::sort(times.begin(), times.end());
  return times;
}

// The numbers of times before `at`, and at or before it.
std::int64_t Before(const std::vector<std::int64_t>& times, std::int64_t at) {
  return std::lower_bound(times.begin(), times.end(), at) - times.begin();
}
std::int64_t Until(const std::vector<std::int64_t>& times, std::int64_t at) {
  return std::upper_bound(times.begin(), times.end(), at) - times.begin();
}

struct PodCounts {
  std::vector<std::vector<std::int64_t>> runs;  // creation times
  std::size_t representative = 0;
};

void AddPodRow(CsvTable& table, const std::string& name, std::int64_t at, const PodCounts& counts,
               std::int64_t (*count)(const std::vector<std::int64_t>&, std::int64_t)) {
  std::int64_t lowest = count(counts.runs.front(), at), highest = lowest;
  for (const auto& times : counts.runs) {
    lowest = std::min(lowest, count(times, at));
    highest = std::max(highest, count(times, at));
  }
  table.Text(name).Seconds(at).Whole(count(counts.runs[counts.representative], at));
  table.Whole(lowest).Whole(highest);
  table.EndRow();
}

// Adds the shares of sorted values: the curve of a cumulative distribution.
void AddDistribution(SeriesFile& file, const std::vector<std::string>& first_cells,
                     std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto positive = std::upper_bound(values.begin(), values.end(), 0.0);
  file.SetRange(positive == values.end() ? 0 : *positive, values.back());
  for (const std::size_t i : ThinEvenly(values.size(), kSeriesRowsMax)) {
    for (const std::string& cell : first_cells) file.table().Text(cell);
    file.table().Number(values[i]);
    file.table().Number(static_cast<double>(i + 1) / static_cast<double>(values.size()));
    file.table().EndRow();
  }
}

// Latencies in seconds by kind of start: of pods, or of invocations if there are no pods.
std::map<std::string, std::vector<double>> Latencies(const std::vector<RunResult>& runs) {
  std::map<std::string, std::vector<double>> latencies;
  for (const RunResult& run : runs) {
    for (const PodTiming& pod : run.pods) {
      std::int64_t nanos = 0;
      for (const std::int64_t cause : pod.causes) nanos += cause;
      latencies[pod.start].push_back(static_cast<double>(nanos) / kNanosPerSecond);
    }
  }
  if (!latencies.empty()) return latencies;
  for (const RunResult& run : runs) {
    for (const InvocationTiming& row : run.invocations) {
      if (row.outcome == "throttled") continue;
      latencies[row.start].push_back(static_cast<double>(row.queued + row.init + row.run) /
                                     kNanosPerSecond);
    }
  }
  return latencies;
}

}  // namespace

CsvOutput PodsOverTimeCsv(const MeasuredExperiment& experiment, const CaseGroup& group) {
  SeriesFile file("data/pods_over_time-" + group.file + ".csv",
                  {"case", "time_s", "pods", "pods_min", "pods_max"});
  for (const std::size_t index : group.cases) {
    const CaseResult& own = *experiment.cases[index].result;
    PodCounts counts;
    std::set<std::int64_t> jumps;
    for (const RunResult& run : own.runs) {
      counts.runs.push_back(CreationTimes(run));
      jumps.insert(counts.runs.back().begin(), counts.runs.back().end());
    }
    if (jumps.empty()) continue;
    counts.representative = std::min(own.representative, own.runs.size() - 1);
    const std::vector<std::int64_t> times(jumps.begin(), jumps.end());
    file.Begin(index, "", counts.runs[counts.representative].size());
    if (times.front() > 0) AddPodRow(file.table(), own.name, 0, counts, Until);
    for (const std::size_t i : ThinEvenly(times.size(), kSeriesRowsMax / 2 - 1)) {
      AddPodRow(file.table(), own.name, times[i], counts, Before);
      AddPodRow(file.table(), own.name, times[i], counts, Until);
    }
    file.End();
  }
  return file.Take();
}

CsvOutput LatencyCdfCsv(const MeasuredExperiment& experiment) {
  SeriesFile file("data/latency_cdf.csv", {"case", "start", "latency_s", "share"});
  for (std::size_t i = 0; i < experiment.cases.size(); ++i) {
    const CaseResult& own = *experiment.cases[i].result;
    for (auto& [start, values] : Latencies(own.runs)) {
      file.Begin(i, start, values.size());
      AddDistribution(file, {own.name, start}, std::move(values));
      file.End();
    }
  }
  return file.Take();
}

CsvOutput SlowdownCsv(const MeasuredExperiment& experiment) {
  SeriesFile file("data/slowdown.csv", {"case", "slowdown", "share"});
  for (std::size_t i = 0; i < experiment.cases.size(); ++i) {
    const CaseResult& own = *experiment.cases[i].result;
    std::vector<double> values;
    for (const RunResult& run : own.runs) {
      for (const InvocationTiming& row : run.invocations) {
        if (row.ideal <= 0 || row.outcome == "throttled") continue;
        values.push_back(static_cast<double>(row.queued + row.init + row.run) /
                         static_cast<double>(row.ideal));
      }
    }
    if (values.empty()) continue;
    file.Begin(i, "", values.size());
    AddDistribution(file, {own.name}, std::move(values));
    file.End();
  }
  return file.Take();
}

CsvOutput EnvironmentsCsv(const MeasuredExperiment& experiment) {
  SeriesFile file("data/environments.csv",
                  {"case", "time_s", "initializing", "busy", "idle", "concurrency_cap"});
  for (std::size_t i = 0; i < experiment.cases.size(); ++i) {
    const MeasuredCase& own = experiment.cases[i];
    const RunResult* const run = own.Representative();
    if (run == nullptr || run->environments.empty()) continue;
    std::vector<double> heights;
    for (const EnvironmentSample& sample : run->environments) {
      heights.push_back(sample.initializing + sample.busy);
    }
    file.Begin(i, "", run->environments.size());
    const auto add = [&](std::int64_t at, const EnvironmentSample& sample) {
      file.table().Text(own.result->name).Seconds(at).Whole(sample.initializing);
      file.table().Whole(sample.busy).Whole(sample.idle).Whole(run->concurrency_cap);
      file.table().EndRow();
    };
    const EnvironmentSample* before = nullptr;
    for (const std::size_t k : ThinToPeaks(heights, kSeriesRowsMax / 2 - 1)) {
      const EnvironmentSample& sample = run->environments[k];
      if (before != nullptr) add(sample.at, *before);
      add(sample.at, sample);
      before = &sample;
    }
    if (run->end > before->at) add(run->end, *before);
    file.End();
  }
  return file.Take();
}

// Instants closer than a hundredth of the run share one mark.
CsvOutput ThrottlesCsv(const MeasuredExperiment& experiment) {
  constexpr std::int64_t kMarks = 100;
  SeriesFile file("data/throttles.csv", {"case", "time_s", "throttles"});
  for (std::size_t i = 0; i < experiment.cases.size(); ++i) {
    const MeasuredCase& own = experiment.cases[i];
    const RunResult* const run = own.Representative();
    if (run == nullptr || run->throttles.empty()) continue;
    std::vector<std::int64_t> instants = run->throttles;
    std::sort(instants.begin(), instants.end());
    const std::int64_t width =
        std::max<std::int64_t>(1, std::max(run->end, instants.back()) / kMarks);
    file.Begin(i, "", instants.size());
    for (std::size_t first = 0; first < instants.size();) {
      std::size_t last = first + 1;
      while (last < instants.size() && instants[last] - instants[first] < width) ++last;
      file.table().Text(own.result->name).Seconds(instants[first]);
      file.table().Whole(static_cast<std::int64_t>(last - first)).EndRow();
      first = last;
    }
    file.End();
  }
  return file.Take();
}

CsvOutput FeedCsv(const MeasuredExperiment& experiment) {
  SeriesFile file("data/feed.csv", {"case", "time_s", "iterator_age_s", "queued"});
  for (std::size_t i = 0; i < experiment.cases.size(); ++i) {
    const MeasuredCase& own = experiment.cases[i];
    const RunResult* const run = own.Representative();
    if (run == nullptr || run->feed.empty()) continue;
    std::vector<double> ages;
    for (const FeedSample& sample : run->feed) {
      ages.push_back(static_cast<double>(sample.iterator_age));
    }
    file.Begin(i, "", run->feed.size());
    for (const std::size_t k : ThinToPeaks(ages, kSeriesRowsMax)) {
      const FeedSample& sample = run->feed[k];
      file.table().Text(own.result->name).Seconds(sample.at).Seconds(sample.iterator_age);
      file.table().Whole(static_cast<std::int64_t>(sample.queued)).EndRow();
    }
    file.End();
  }
  return file.Take();
}

}  // namespace kless::experiment
