#include "emulator/experiment/summary.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/text_table.h"
#include "emulator/experiment/number_text.h"
#include "emulator/experiment/outputs.h"

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
          {"ok", row.ok()},
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
                     {"profile", own.profile},
                     {"workload", own.workload_rule},
                     {"seeds", std::move(seeds)},
                     {"representative", own.representative},
                     {"problems", std::move(problems)}});
  }
  return cases;
}

std::string PublishedTable(const ExperimentResult& result) {
  TextTable table({"", "published", "emulated", "of", "median", "band", "error", "", "evidence"});
  for (const PublishedRow& row : result.published) {
    const std::string unit = row.unit.empty() ? "" : " " + row.unit;
    std::string band;
    if (row.best && row.worst) band = FormatShort(*row.best) + ".." + FormatShort(*row.worst);
    table.Add({row.label, PublishedText(row), FormatShort(row.emulated) + unit, row.statistic,
               FormatShort(row.median), band, FormatPercent(row.relative_error),
               row.ok() ? "ok" : "OFF", EvidenceName(row.evidence)});
  }
  return table.Text();
}

std::string MainTable(const MeasuredExperiment& experiment) {
  std::vector<std::string> columns;
  for (const std::string& name : MainMetrics()) {
    for (const MeasuredCase& own : experiment.cases) {
      if (own.Find(name) == nullptr) continue;
      columns.push_back(name);
      break;
    }
  }
  std::vector<std::string> header = {"case"};
  header.insert(header.end(), columns.begin(), columns.end());
  TextTable table(header);
  table.AlignRightFrom(1);
  for (const MeasuredCase& own : experiment.cases) {
    std::vector<std::string> row = {own.result->name};
    for (const std::string& name : columns) {
      const SummarisedMetric* const metric = own.Find(name);
      row.push_back(metric == nullptr ? "" : FormatShort(metric->statistic.median));
    }
    table.Add(std::move(row));
  }
  return table.Text();
}

}  // namespace

const std::vector<std::string>& MainMetrics() {
  static const std::vector<std::string> names = {
      "pods",        "last_pod_s",        "pod_latency_p50_ms",        "pod_latency_p99_ms",
      "invocations", "cold_starts",       "invocation_latency_p99_ms", "slowdown_p99",
      "throttles",   "environments_peak", "idle_share_percent",        "cost_total_usd"};
  return names;
}

std::string PublishedText(const PublishedRow& row) {
  const std::string unit = row.unit.empty() ? "" : " " + row.unit;
  if (row.published) return FormatShort(*row.published) + unit;
  if (row.at_least && row.at_most) {
    return FormatShort(*row.at_least) + " to " + FormatShort(*row.at_most) + unit;
  }
  if (row.at_least) return "> " + FormatShort(*row.at_least) + unit;
  if (row.at_most) return "< " + FormatShort(*row.at_most) + unit;
  return "";
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
  const ordered_json summary = {
      {"scenario", result.scenario},   {"title", result.title},
      {"results", std::move(results)}, {"table", std::move(table)},
      {"fitted", std::move(fitted)},   {"thresholds", std::move(thresholds)},
      {"findings", result.findings},   {"cases", CasesToJson(result)}};
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
