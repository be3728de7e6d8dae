#include "emulator/experiment/report/summary.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "emulator/base/number_text.h"
#include "emulator/base/text_table.h"

namespace kless::experiment {
namespace {

using nlohmann::ordered_json;

ordered_json Optional(const std::optional<double>& value) {
  return value ? ordered_json(RoundNumber(*value)) : ordered_json(nullptr);
}

const PublishedRow* FindPublished(const ExperimentResult& result, const std::string& case_name,
                                  const std::string& metric) {
  for (const PublishedRow& row : result.published) {
    if (row.case_name == case_name && row.metric == metric) return &row;
  }
  return nullptr;
}

ordered_json ResultToJson(const ExperimentResult& result, const CaseResult& own,
                          const ordered_json& parameters, const SummarisedMetric& metric) {
  const Statistic& over_runs = metric.statistic;
  ordered_json row = {{"scenario", result.scenario},
                      {"case", own.name},
                      {"control_plane", own.control_plane},
                      {"start", own.start},
                      {"parameters", parameters},
                      {"metric", metric.name},
                      {"value", RoundNumber(over_runs.median)},
                      {"best", RoundNumber(over_runs.best)},
                      {"worst", RoundNumber(over_runs.worst)},
                      {"unit", metric.unit},
                      {"ci95", {RoundNumber(over_runs.ci95_low), RoundNumber(over_runs.ci95_high)}},
                      {"n", over_runs.n}};
  if (const PublishedRow* const published = FindPublished(result, own.name, metric.name)) {
    if (published->published) row["published"] = RoundNumber(*published->published);
    if (published->at_least) row["published_at_least"] = RoundNumber(*published->at_least);
    if (published->at_most) row["published_at_most"] = RoundNumber(*published->at_most);
    row["relative_error"] = RoundNumber(published->relative_error);
    row["source"] = published->source;
  }
  return row;
}

ordered_json PublishedToJson(const PublishedRow& row) {
  return {{"label", row.label},
          {"figure", row.figure},
          {"case", row.case_name},
          {"metric", row.metric},
          {"statistic", row.statistic},
          {"unit", row.unit},
          {"published", Optional(row.published)},
          {"at_least", Optional(row.at_least)},
          {"at_most", Optional(row.at_most)},
          {"emulated", RoundNumber(row.emulated)},
          {"median", Optional(row.median)},
          {"best", Optional(row.best)},
          {"worst", Optional(row.worst)},
          {"relative_error", RoundNumber(row.relative_error)},
          {"tolerance", RoundNumber(row.tolerance)},
          {"ok", row.judged() ? ordered_json(row.ok()) : ordered_json(nullptr)},
          {"what_if", row.what_if},
          {"evidence", EvidenceName(row.evidence)},
          {"fitted_by", row.fitted_by},
          {"left_out_error", Optional(row.left_out_error)},
          {"source", row.source}};
}

ordered_json CasesToJson(const ExperimentResult& result) {
  ordered_json cases = ordered_json::array();
  for (const CaseResult& own : result.cases) {
    ordered_json seeds = ordered_json::array(), problems = ordered_json::array();
    for (const RunResult& run : own.runs) {
      seeds.push_back(run.seed);
      if (!run.problem.empty()) problems.push_back(run.problem);
    }
    cases.push_back({{"case", own.name},
                     {"label", own.label},
                     {"group", own.group},
                     {"entry", own.entry},
                     {"profile", own.profile},
                     {"workload", own.workload_rule},
                     {"seeds", std::move(seeds)},
                     {"representative", own.representative},
                     {"problems", std::move(problems)}});
  }
  return cases;
}

// Significant digits of what a terminal shows; the files have nine.
constexpr int kTerminalDigits = 3;

std::string TerminalNumber(double value) { return FormatShort(value, kTerminalDigits); }

std::string ToleranceText(double tolerance) { return FormatShort(tolerance * 100) + " %"; }

// "ok", or "ok 10 %" where the tolerance is not the usual one.
std::string Verdict(const PublishedRow& row, double usual) {
  if (!row.judged()) return "what-if";
  const std::string word = row.ok() ? "ok" : "OFF";
  return row.tolerance == usual ? word : word + " " + ToleranceText(row.tolerance);
}

// What the words of the verdict mean, for those that are there.
std::string VerdictLegend(const ExperimentResult& result, double usual) {
  const bool any_judged = std::any_of(result.published.begin(), result.published.end(),
                                      [](const PublishedRow& row) { return row.judged(); });
  std::string text;
  if (any_judged) text = "ok: within " + ToleranceText(usual) + " of what was published";
  std::set<double> others;
  for (const PublishedRow& row : result.published) {
    if (row.judged() && row.tolerance != usual) others.insert(row.tolerance);
  }
  for (const double other : others) {
    text += "; ok " + ToleranceText(other) + ": within " + ToleranceText(other);
  }
  text += std::string(text.empty() ? "" : "; ") + "band: lowest and highest of the runs\n";
  if (const std::string changes = WhatIfText(result); !changes.empty()) {
    text += "what-if: run with " + changes + ", so the row is shown and not judged\n";
  }
  return text;
}

// The tolerance that most rows have.
double UsualTolerance(const ExperimentResult& result) {
  std::map<double, int> counts;
  for (const PublishedRow& row : result.published) ++counts[row.tolerance];
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? 0 : most->first;
}

std::string PublishedTable(const ExperimentResult& result) {
  const double usual = UsualTolerance(result);
  TextTable table({"", "published", "emulated", "band", "error", "", "evidence"});
  for (const PublishedRow& row : result.published) {
    const std::string unit = row.unit.empty() ? "" : " " + row.unit;
    std::string band;
    if (row.best && row.worst) {
      band = TerminalNumber(*row.best);
      const std::string worst = TerminalNumber(*row.worst);
      if (worst != band) band += ".." + worst;
    }
    const std::string statistic = row.statistic == "median" ? "med." : row.statistic;
    table.Add({row.label, row.PublishedText(),
               TerminalNumber(row.emulated) + unit + " " + statistic, band,
               FormatPercent(row.relative_error), Verdict(row, usual), EvidenceName(row.evidence)});
  }
  return table.Text() + VerdictLegend(result, usual);
}

// A column of the main table.
struct MainColumn {
  const char* metric;
  const char* heading;
};

const std::vector<MainColumn>& PodColumns() {
  static const std::vector<MainColumn> columns = {{"pods", "pods"},
                                                  {"last_pod_s", "last pod s"},
                                                  {"pod_latency_p50_ms", "p50 ms"},
                                                  {"pod_latency_p99_ms", "p99 ms"},
                                                  {"cold_starts", "cold starts"},
                                                  {"throttles", "throttles"},
                                                  {"environments_peak", "environments"},
                                                  {"cost_total_usd", "cost USD"}};
  return columns;
}

// For runs whose pods end: columns that are zero in every case are left out.
const std::vector<MainColumn>& EndedPodColumns() {
  static const std::vector<MainColumn> columns = {{"pods", "pods"},
                                                  {"last_pod_s", "last pod s"},
                                                  {"pod_latency_p99_ms", "p99 ms"},
                                                  {"pods_succeeded", "succeeded"},
                                                  {"pods_failed", "failed"},
                                                  {"last_pod_end_s", "last end s"},
                                                  {"cold_starts", "cold starts"},
                                                  {"throttles", "throttles"},
                                                  {"feed_records", "records"},
                                                  {"cost_total_usd", "cost USD"}};
  return columns;
}

const std::vector<MainColumn>& InvocationColumns() {
  static const std::vector<MainColumn> columns = {
      {"invocations", "invocations"},          {"invocation_latency_p50_ms", "p50 ms"},
      {"invocation_latency_p99_ms", "p99 ms"}, {"slowdown_p99", "slowdown p99"},
      {"cold_starts", "cold starts"},          {"throttles", "throttles"},
      {"environments_peak", "environments"},   {"idle_share_percent", "idle %"},
      {"cost_total_usd", "cost USD"}};
  return columns;
}

bool AnyCaseHas(const MeasuredExperiment& experiment, const char* metric) {
  return std::any_of(experiment.cases.begin(), experiment.cases.end(),
                     [&](const MeasuredCase& own) { return own.Find(metric) != nullptr; });
}

bool IsZeroEverywhere(const MeasuredExperiment& experiment, const char* metric) {
  return std::all_of(experiment.cases.begin(), experiment.cases.end(),
                     [&](const MeasuredCase& own) {
                       const SummarisedMetric* const found = own.Find(metric);
                       return found == nullptr || found->statistic.median == 0;
                     });
}

// A property (control plane, start or parameter) that is not equal in all cases: its name, and each
// case's value ("" if it has none).
struct Difference {
  std::string name;
  std::vector<std::string> values;
};

std::vector<Difference> DifferencesOfCases(const MeasuredExperiment& experiment) {
  std::vector<std::string> paths;
  for (const MeasuredCase& own : experiment.cases) {
    for (const auto& [path, value] : own.result->parameters) {
      if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
    }
  }
  std::vector<Difference> differences;
  const auto add = [&](std::string name, auto value_of) {
    Difference made{std::move(name), {}};
    for (const MeasuredCase& own : experiment.cases) made.values.push_back(value_of(*own.result));
    const bool equal = std::all_of(made.values.begin(), made.values.end(),
                                   [&](const auto& value) { return value == made.values.front(); });
    if (!equal) differences.push_back(std::move(made));
  };
  add("control plane", [](const CaseResult& own) { return own.control_plane; });
  add("start", [](const CaseResult& own) { return own.start; });
  for (const std::string& path : paths) {
    add(path.substr(path.rfind('.') + 1), [&](const CaseResult& own) {
      for (const auto& [other, value] : own.parameters) {
        if (other == path) return value;
      }
      return std::string();
    });
  }
  return differences;
}

// Names of the cases; where those would make the table too wide: entries and values, and a legend.
std::vector<std::string> CaseCells(const MeasuredExperiment& experiment, std::string* legend) {
  constexpr std::size_t kNameMax = 32;
  std::vector<std::string> cells;
  std::size_t longest = 0;
  for (const MeasuredCase& own : experiment.cases) {
    cells.push_back(own.result->name);
    longest = std::max(longest, own.result->name.size());
  }
  const std::vector<Difference> differences = DifferencesOfCases(experiment);
  if (longest <= kNameMax || differences.empty()) return cells;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i] = experiment.cases[i].result->entry;
    for (const Difference& difference : differences) {
      if (difference.values[i].empty()) continue;
      cells[i] += (cells[i].empty() ? "" : " ") + difference.values[i];
    }
  }
  for (const Difference& difference : differences) {
    *legend += (legend->empty() ? "case: " : ", ") + difference.name;
  }
  *legend += "; summary.json has the names\n";
  return cells;
}

std::string MainTable(const MeasuredExperiment& experiment) {
  if (experiment.cases.empty()) return "";
  const bool has_pods = AnyCaseHas(experiment, "pods");
  const bool pods_end = AnyCaseHas(experiment, "last_pod_end_s");
  std::vector<MainColumn> columns;
  for (const MainColumn& column : pods_end   ? EndedPodColumns()
                                  : has_pods ? PodColumns()
                                             : InvocationColumns()) {
    if (!AnyCaseHas(experiment, column.metric)) continue;
    // Classic control planes have no environments.
    const bool needs_some = pods_end || std::string_view(column.metric) == "environments_peak";
    if (needs_some && IsZeroEverywhere(experiment, column.metric)) continue;
    columns.push_back(column);
  }
  std::string legend;
  const std::vector<std::string> cells = CaseCells(experiment, &legend);
  std::vector<std::string> header = {"case"};
  for (const MainColumn& column : columns) header.emplace_back(column.heading);
  TextTable table(header);
  table.AlignRightFrom(1);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::vector<std::string> row = {cells[i]};
    for (const MainColumn& column : columns) {
      const SummarisedMetric* const metric = experiment.cases[i].Find(column.metric);
      row.push_back(metric == nullptr ? "" : TerminalNumber(metric->statistic.median));
    }
    table.Add(std::move(row));
  }
  std::string text = table.Text() + legend;
  if (has_pods && !(pods_end && IsZeroEverywhere(experiment, "pod_latency_p99_ms"))) {
    text += std::string(pods_end ? "p99" : "p50, p99") +
            ": from a job being due until its pod was written\n";
  }
  if (!has_pods) text += "p50, p99: wait, init and run of an invocation\n";
  return text;
}

}  // namespace

const std::vector<std::string>& MainMetrics() {
  static const std::vector<std::string> names = {
      "pods",        "last_pod_s",        "pod_latency_p50_ms",        "pod_latency_p99_ms",
      "invocations", "cold_starts",       "invocation_latency_p99_ms", "slowdown_p99",
      "throttles",   "environments_peak", "idle_share_percent",        "cost_total_usd"};
  return names;
}

std::string MakeSummary(const MeasuredExperiment& experiment) {
  const ExperimentResult& result = *experiment.result;
  ordered_json results = ordered_json::array(), table = ordered_json::array();
  ordered_json fitted = ordered_json::array(), thresholds = ordered_json::array();
  for (const MeasuredCase& own : experiment.cases) {
    ordered_json parameters = ordered_json::object();
    for (const auto& [path, value] : own.result->parameters) parameters[path] = value;
    for (const SummarisedMetric& metric : own.metrics) {
      results.push_back(ResultToJson(result, *own.result, parameters, metric));
    }
  }
  for (const PublishedRow& row : result.published) table.push_back(PublishedToJson(row));
  for (const FittedParameter& parameter : result.fitted) {
    fitted.push_back({{"path", parameter.path},
                      {"value", RoundNumber(parameter.value)},
                      {"low", RoundNumber(parameter.low)},
                      {"high", RoundNumber(parameter.high)},
                      {"unit", parameter.unit},
                      {"evidence", parameter.evidence},
                      {"fitted_to", parameter.fitted_to}});
  }
  for (const ThresholdOutcome& threshold : result.thresholds) {
    thresholds.push_back(
        {{"label", threshold.label}, {"ok", threshold.ok}, {"detail", threshold.detail}});
  }
  const ordered_json summary = {{"scenario", result.scenario},
                                {"title", result.title},
                                {"what_if", WhatIfs(result)},
                                {"results", std::move(results)},
                                {"table", std::move(table)},
                                {"fitted", std::move(fitted)},
                                {"thresholds", std::move(thresholds)},
                                {"findings", result.findings},
                                {"notes", result.notes},
                                {"cases", CasesToJson(result)}};
  return summary.dump(1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

std::string MakeSummaryText(const MeasuredExperiment& experiment) {
  const ExperimentResult& result = *experiment.result;
  std::string text = result.published.empty() ? MainTable(experiment) : PublishedTable(result);
  for (const CaseResult& own : result.cases) {
    for (const RunResult& run : own.runs) {
      if (run.problem.empty()) continue;
      text += "\ncase " + own.name + ", seed " + std::to_string(run.seed) + ": " + run.problem;
    }
  }
  if (!result.thresholds.empty()) text += '\n';
  for (const ThresholdOutcome& threshold : result.thresholds) {
    text += (threshold.ok ? "ok       " : "BROKEN   ") + threshold.label;
    text += threshold.detail.empty() ? "\n" : ": " + threshold.detail + '\n';
  }
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

std::string SummaryText(const ExperimentResult& result) {
  return MakeSummaryText(MeasureExperiment(result));
}

}  // namespace kless::experiment
