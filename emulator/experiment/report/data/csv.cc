#include "emulator/experiment/report/data/csv.h"

#include <algorithm>

#include "emulator/base/number_text.h"
#include "emulator/experiment/report/data/breakdowns.h"
#include "emulator/experiment/report/data/csv_series.h"
#include "emulator/experiment/report/data/csv_table.h"
#include "emulator/experiment/report/data/figure_cases.h"
#include "emulator/experiment/report/data/heat_map.h"
#include "emulator/experiment/report/data/sweep.h"

namespace kless::experiment {
namespace {

CsvOutput StartupCsv(const MeasuredExperiment& experiment) {
  CsvTable table({"case", "stage", "begin_s", "end_s"});
  for (const Breakdown& breakdown : StartupBreakdowns(experiment)) {
    double begin = 0;
    for (const auto& [stage, seconds] : breakdown.parts) {
      table.Text(experiment.cases[breakdown.case_index].result->name).Text(stage);
      table.Number(begin).Number(begin + seconds).EndRow();
      begin += seconds;
    }
  }
  return {"data/startup.csv", table.TakeText(), {}};
}

std::vector<std::string> WithCauses(std::vector<std::string> header) {
  for (const std::string& cause : CauseNames()) header.push_back(cause + "_s");
  return header;
}

CsvOutput CausesCsv(const MeasuredExperiment& experiment) {
  CsvTable table(WithCauses({"case"}));
  for (const Breakdown& breakdown : CauseBreakdowns(experiment)) {
    table.Text(experiment.cases[breakdown.case_index].result->name);
    for (const auto& [cause, seconds] : breakdown.parts) table.Number(seconds);
    table.EndRow();
  }
  return {"data/causes.csv", table.TakeText(), {}};
}

CsvOutput SweepCsv(const MeasuredExperiment& experiment) {
  CsvTable table({"case", "entry", "control_plane", "profile", "start", "settings", "metric",
                  "unit", "median", "lowest", "highest", "runs"});
  for (const Sweep& sweep : FindSweeps(experiment)) {
    for (const std::string& metric : SweptMetrics(experiment, sweep.cases)) {
      for (const std::size_t index : sweep.cases) {
        const CaseResult& own = *experiment.cases[index].result;
        const SummarisedMetric* const found = experiment.cases[index].Find(metric);
        if (found == nullptr) continue;
        std::string settings;
        for (const std::string& path : sweep.paths) {
          settings += (settings.empty() ? "" : ", ") + path + " = " + SettingOf(own, path);
        }
        const Statistic& over_runs = found->statistic;
        table.Text(own.name).Text(own.entry).Text(own.control_plane).Text(own.profile);
        table.Text(own.start).Text(settings).Text(metric).Text(found->unit);
        table.Number(over_runs.median).Number(over_runs.best).Number(over_runs.worst);
        table.Whole(static_cast<std::int64_t>(over_runs.n)).EndRow();
      }
    }
  }
  return {"data/sweep.csv", table.TakeText(), {}};
}

CsvOutput HeatMapCsv(const MeasuredExperiment& experiment) {
  CsvTable table({"x", "y", "value", "x_name", "y_name", "metric", "entry", "control_plane",
                  "profile", "start"});
  for (const HeatMap& map : MakeHeatMaps(experiment)) {
    const CaseResult& own = *experiment.cases[map.cases.front()].result;
    for (const HeatCell& cell : map.cells) {
      table.Text(map.x_values[cell.x]).Text(map.y_values[cell.y]).Number(cell.value);
      table.Text(map.x_name).Text(map.y_name).Text(map.metric).Text(own.entry);
      table.Text(own.control_plane).Text(own.profile).Text(own.start).EndRow();
    }
  }
  return {"data/heat_map.csv", table.TakeText(), {}};
}

// The moments in kless that correspond to the lines logged by Continuum's patched Kubernetes:
//   controller_read_workload      the controller started to reconcile the Job
//   controller_unpacked_workload  the pod was constructed: its creation less its datastore calls
//   scheduler_read_pod            the pod was written
// There is no data plane: what kubelets would log stays empty.  The case comes last, so that the
// six columns are where scripts expect them.
CsvOutput ContinuumCsv(const MeasuredExperiment& experiment) {
  CsvTable table({"controller_read_workload", "controller_unpacked_workload", "scheduler_read_pod",
                  "kubelet_pod_received", "kubelet_applied_sandbox", "started_application",
                  "case"});
  for (const MeasuredCase& own : experiment.cases) {
    const RunResult* const run = own.Representative();
    if (run == nullptr) continue;
    for (const PodTiming& pod : run->pods) {
      const std::int64_t read =
          std::max<std::int64_t>(0, run->jobs[static_cast<std::size_t>(pod.job)].reconciled);
      const std::int64_t store = pod.causes[static_cast<std::size_t>(Cause::kStore)];
      table.Seconds(read).Seconds(std::max(std::min(read, pod.created), pod.created - store));
      table.Seconds(pod.created).Empty().Empty().Empty().Text(own.result->name).EndRow();
    }
  }
  return {"data/continuum.csv", table.TakeText(), {}};
}

CsvOutput PodsCsv(const MeasuredExperiment& experiment) {
  CsvTable table(WithCauses({"case", "job", "pod", "due_s", "created_s", "latency_s", "start"}));
  for (const MeasuredCase& own : experiment.cases) {
    const RunResult* const run = own.Representative();
    if (run == nullptr) continue;
    for (const PodTiming& pod : run->pods) {
      const JobTiming& job = run->jobs[static_cast<std::size_t>(pod.job)];
      table.Text(own.result->name).Text(job.name).Text(pod.name).Seconds(job.due);
      table.Seconds(pod.created).Seconds(pod.created - job.due).Text(pod.start);
      for (const std::int64_t cause : pod.causes) table.Seconds(cause);
      table.EndRow();
    }
  }
  return {"pods.csv", table.TakeText(), {}};
}

void AddOptional(CsvTable& table, const std::optional<double>& value) {
  value ? table.Number(*value) : table.Empty();
}

CsvOutput PublishedCsv(const MeasuredExperiment& experiment) {
  CsvTable table({"label",  "figure",    "case",      "metric",         "statistic",
                  "unit",   "published", "at_least",  "at_most",        "emulated",
                  "median", "best",      "worst",     "relative_error", "tolerance",
                  "ok",     "evidence",  "fitted_by", "left_out_error", "source"});
  for (const PublishedRow& row : experiment.result->published) {
    table.Text(row.label).Text(row.figure).Text(row.case_name).Text(row.metric);
    table.Text(row.statistic).Text(row.unit);
    for (const auto& value : {row.published, row.at_least, row.at_most}) AddOptional(table, value);
    table.Number(row.emulated);
    for (const auto& value : {row.median, row.best, row.worst}) AddOptional(table, value);
    table.Number(row.relative_error).Number(row.tolerance);
    table.Text(!row.judged() ? "what-if" : row.ok() ? "true" : "false");
    table.Text(EvidenceName(row.evidence)).Text(row.fitted_by);
    AddOptional(table, row.left_out_error);
    table.Text(row.source).EndRow();
  }
  return {"data/published.csv", table.TakeText(), {}};
}

// Metrics whose name begins with one of the prefixes; without prefixes all metrics.
CsvOutput MetricsCsv(const MeasuredExperiment& experiment, std::string path,
                     const std::vector<std::string>& prefixes) {
  CsvTable table(
      {"case", "metric", "unit", "median", "best", "worst", "mean", "ci95_low", "ci95_high", "n"});
  for (const MeasuredCase& own : experiment.cases) {
    for (const SummarisedMetric& metric : own.metrics) {
      if (!prefixes.empty() && !HasPrefix(metric.name, prefixes)) continue;
      const Statistic& over_runs = metric.statistic;
      table.Text(own.result->name).Text(metric.name).Text(metric.unit).Number(over_runs.median);
      table.Number(over_runs.best).Number(over_runs.worst).Number(over_runs.mean);
      table.Number(over_runs.ci95_low).Number(over_runs.ci95_high);
      table.Whole(static_cast<std::int64_t>(over_runs.n)).EndRow();
    }
  }
  return {std::move(path), table.TakeText(), {}};
}

CsvOutput SloCsv(const MeasuredExperiment& experiment) {
  CsvTable table({"case", "objective", "limit_s", "measured_s", "ok", "text"});
  for (const MeasuredCase& own : experiment.cases) {
    const RunResult* const run = own.Representative();
    if (run == nullptr) continue;
    for (const SloOutcome& outcome : CheckSlos(*run)) {
      table.Text(own.result->name).Text(outcome.name).Number(outcome.limit_s);
      table.Number(outcome.measured_s).Text(outcome.ok ? "true" : "false").Text(outcome.text);
      table.EndRow();
    }
  }
  return {"data/slo.csv", table.TakeText(), {}};
}

bool HasRows(const CsvOutput& file) { return file.text.find('\n') + 1 < file.text.size(); }

}  // namespace

std::vector<CsvOutput> MakeCsvFiles(const MeasuredExperiment& experiment) {
  std::vector<CsvOutput> files;
  files.push_back(StartupCsv(experiment));
  for (const CaseGroup& group : experiment.groups) {
    files.push_back(PodsOverTimeCsv(experiment, group));
  }
  files.push_back(LatencyCdfCsv(experiment));
  files.push_back(EnvironmentsCsv(experiment));
  files.push_back(ThrottlesCsv(experiment));
  files.push_back(FeedCsv(experiment));
  files.push_back(SlowdownCsv(experiment));
  files.push_back(CausesCsv(experiment));
  files.push_back(SweepCsv(experiment));
  files.push_back(HeatMapCsv(experiment));
  files.push_back(ContinuumCsv(experiment));
  files.push_back(PublishedCsv(experiment));
  files.push_back(MetricsCsv(experiment, "data/metrics.csv", {}));
  files.push_back(MetricsCsv(experiment, "data/costs.csv", CostPrefixes()));
  files.push_back(MetricsCsv(experiment, "data/elasticity.csv", {"elasticity_"}));
  files.push_back(SloCsv(experiment));
  files.push_back(PodsCsv(experiment));
  std::erase_if(files, [](const CsvOutput& file) { return !HasRows(file); });
  return files;
}

const CsvOutput* FindCsv(const std::vector<CsvOutput>& files, std::string_view path) {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const CsvOutput& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

std::vector<std::size_t> ThinEvenly(std::size_t size, std::size_t count) {
  std::vector<std::size_t> kept;
  const std::size_t wanted = std::min(size, std::max<std::size_t>(count, 2));
  for (std::size_t i = 0; i < wanted; ++i) {
    kept.push_back(wanted < 2 ? 0 : i * (size - 1) / (wanted - 1));
  }
  return kept;
}

std::vector<std::size_t> ThinToPeaks(const std::vector<double>& values, std::size_t count) {
  if (values.size() <= count || count < 3) return ThinEvenly(values.size(), count);
  std::vector<std::size_t> kept = {0};
  const std::size_t bins = count - 2, inner = values.size() - 2;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    const std::size_t first = 1 + bin * inner / bins, last = 1 + (bin + 1) * inner / bins;
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = values.begin() + static_cast<std::ptrdiff_t>(last);
    kept.push_back(static_cast<std::size_t>(std::max_element(begin, end) - values.begin()));
  }
  kept.push_back(values.size() - 1);
  return kept;
}

}  // namespace kless::experiment
