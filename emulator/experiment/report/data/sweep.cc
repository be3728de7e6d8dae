#include "emulator/experiment/report/data/sweep.h"

#include <algorithm>
#include <charconv>

#include "emulator/base/duration.h"
#include "emulator/experiment/report/data/figure_cases.h"

namespace kless::experiment {
namespace {

std::optional<double> PlainNumber(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool AnyHas(const MeasuredExperiment& experiment, const std::vector<std::size_t>& cases,
            const std::string& metric) {
  return std::any_of(cases.begin(), cases.end(), [&](std::size_t index) {
    return experiment.cases[index].Find(metric) != nullptr;
  });
}

bool Differs(const MeasuredExperiment& experiment, const std::vector<std::size_t>& cases,
             const std::string& metric) {
  std::optional<double> first;
  for (const std::size_t index : cases) {
    const SummarisedMetric* const found = experiment.cases[index].Find(metric);
    if (found == nullptr) continue;
    if (first && *first != found->statistic.median) return true;
    first = found->statistic.median;
  }
  return false;
}

}  // namespace

std::vector<Sweep> FindSweeps(const MeasuredExperiment& experiment) {
  std::vector<std::pair<std::string, std::vector<std::size_t>>> entries;
  for (std::size_t i = 0; i < experiment.cases.size(); ++i) {
    const std::string& entry = experiment.cases[i].result->entry;
    auto own = std::find_if(entries.begin(), entries.end(),
                            [&](const auto& each) { return each.first == entry; });
    if (own == entries.end()) own = entries.insert(own, {entry, {}});
    own->second.push_back(i);
  }
  std::vector<Sweep> sweeps;
  for (const auto& [entry, cases] : entries) {
    const std::vector<std::string> paths = VaryingPaths(experiment, cases);
    if (paths.empty()) continue;
    auto same = std::find_if(sweeps.begin(), sweeps.end(),
                             [&](const Sweep& each) { return each.paths == paths; });
    if (same == sweeps.end()) same = sweeps.insert(same, {paths, {}});
    same->cases.insert(same->cases.end(), cases.begin(), cases.end());
  }
  for (Sweep& sweep : sweeps) std::sort(sweep.cases.begin(), sweep.cases.end());
  if (sweeps.empty() && entries.size() > 1 && experiment.groups.size() == 1) {
    sweeps.push_back({{}, experiment.groups.front().cases});
  }
  return sweeps;
}

std::optional<double> SettingNumber(const std::string& text) {
  if (const auto number = PlainNumber(text)) return number;
  const auto duration = ParseDuration(text);
  if (!duration) return std::nullopt;
  return static_cast<double>(duration->count()) / 1e9;
}

SweptValues ValuesOf(const MeasuredExperiment& experiment, const std::vector<std::size_t>& cases,
                     const std::string& path) {
  SweptValues made;
  for (const std::size_t index : cases) {
    const std::string value = SettingOf(*experiment.cases[index].result, path);
    const bool is_known =
        std::find(made.texts.begin(), made.texts.end(), value) != made.texts.end();
    if (!is_known) made.texts.push_back(value);
  }
  std::vector<double> numbers;
  for (const std::string& text : made.texts) {
    const auto number = SettingNumber(text);
    if (!number) return made;
    numbers.push_back(*number);
    made.are_durations = made.are_durations || !PlainNumber(text);
  }
  if (numbers.size() > 1 && numbers.back() == 0 && numbers.front() > 0) return made;
  std::stable_sort(made.texts.begin(), made.texts.end(),
                   [](const std::string& a, const std::string& b) {
                     return *SettingNumber(a) < *SettingNumber(b);
                   });
  std::sort(numbers.begin(), numbers.end());
  if (numbers.size() >= 3) made.numbers = std::move(numbers);
  return made;
}

std::vector<std::string> SweptMetrics(const MeasuredExperiment& experiment,
                                      const std::vector<std::size_t>& cases) {
  std::vector<std::string> metrics;
  for (const std::string& name :
       {experiment.result->heat_metric.value_or(""), std::string("last_pod_s"),
        std::string("invocation_latency_p99_ms")}) {
    if (!metrics.empty() || !AnyHas(experiment, cases, name)) continue;
    metrics.push_back(name);
  }
  if (!metrics.empty() && metrics.front() != "cost_total_usd" &&
      Differs(experiment, cases, "cost_total_usd")) {
    metrics.emplace_back("cost_total_usd");
  }
  return metrics;
}

}  // namespace kless::experiment
