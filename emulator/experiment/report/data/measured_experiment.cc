#include "emulator/experiment/report/data/measured_experiment.h"

#include <algorithm>
#include <map>
#include <utility>

namespace kless::experiment {
namespace {

std::vector<SummarisedMetric> MetricsOf(const std::vector<RunResult>& runs) {
  std::vector<SummarisedMetric> metrics;
  std::map<std::string, std::pair<std::size_t, std::vector<double>>> values;
  for (const RunResult& run : runs) {
    for (const Metric& metric : MeasureRun(run)) {
      const auto [found, is_new] =
          values.try_emplace(metric.name, metrics.size(), std::vector<double>());
      if (is_new) metrics.push_back({metric.name, metric.unit, {}});
      found->second.second.push_back(metric.value);
    }
  }
  for (const auto& [name, entry] : values) {
    metrics[entry.first].statistic = Summarise(entry.second);
  }
  return metrics;
}

std::string UniqueFile(const std::string& name, const std::vector<CaseGroup>& groups) {
  const std::string base = FileName(name);
  std::string file = base;
  for (int n = 2; std::any_of(groups.begin(), groups.end(),
                              [&](const CaseGroup& other) { return other.file == file; });
       ++n) {
    file = base + '-' + std::to_string(n);
  }
  return file;
}

}  // namespace

const SummarisedMetric* MeasuredCase::Find(std::string_view metric) const {
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [&](const SummarisedMetric& own) { return own.name == metric; });
  return found == metrics.end() ? nullptr : &*found;
}

const RunResult* MeasuredCase::Representative() const {
  if (result->runs.empty()) return nullptr;
  return &result->runs[std::min(result->representative, result->runs.size() - 1)];
}

const std::string& MeasuredCase::Label() const {
  return result->label.empty() ? result->name : result->label;
}

MeasuredExperiment MeasureExperiment(const ExperimentResult& result) {
  MeasuredExperiment measured;
  measured.result = &result;
  for (std::size_t i = 0; i < result.cases.size(); ++i) {
    const CaseResult& own = result.cases[i];
    measured.cases.push_back({&own, MetricsOf(own.runs), ""});
    const std::string& name = own.group.empty() ? result.scenario : own.group;
    auto group = std::find_if(measured.groups.begin(), measured.groups.end(),
                              [&](const CaseGroup& other) { return other.name == name; });
    if (group == measured.groups.end()) {
      group = measured.groups.insert(group, {name, UniqueFile(name, measured.groups), {}});
    }
    group->cases.push_back(i);
  }
  // Groups of one case each are less informative than their cases side by side.
  const bool are_single =
      measured.groups.size() > 1 &&
      std::all_of(measured.groups.begin(), measured.groups.end(),
                  [](const CaseGroup& group) { return group.cases.size() == 1; });
  if (are_single) {
    CaseGroup all{result.scenario, FileName(result.scenario), {}};
    for (std::size_t i = 0; i < measured.cases.size(); ++i) all.cases.push_back(i);
    measured.groups = {std::move(all)};
  }
  for (MeasuredCase& own : measured.cases) {
    const auto same =
        std::count_if(measured.cases.begin(), measured.cases.end(),
                      [&](const MeasuredCase& other) { return other.Label() == own.Label(); });
    own.title = same > 1 ? own.Label() + " (" + own.result->group + ")" : own.Label();
  }
  return measured;
}

bool HasPrefix(std::string_view name, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return name.starts_with(prefix); });
}

const std::vector<std::string>& CostPrefixes() {
  static const std::vector<std::string> prefixes = {"cost_", "break_even_", "busy_gb_s",
                                                    "init_gb_s", "idle_"};
  return prefixes;
}

std::string FileName(std::string_view name) {
  std::string file;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-';
    if (plain || file.empty() || file.back() != '-') file.push_back(plain ? c : '-');
  }
  if (file.empty() || file.front() == '.') file.insert(0, 1, '_');
  return file;
}

}  // namespace kless::experiment
