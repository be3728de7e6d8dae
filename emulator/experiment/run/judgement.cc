#include "emulator/experiment/run/judgement.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "emulator/base/number_text.h"
#include "emulator/experiment/measures/metrics.h"

namespace kless::experiment {
namespace {

// A hypothesis is consistent with a published value if one of its cases comes this close.
constexpr double kConsistent = 0.1;

std::vector<double> MetricOf(const std::vector<RunResult>& runs, const std::string& name,
                             std::string* unit) {
  std::vector<double> values;
  for (const RunResult& run : runs) {
    for (const Metric& metric : MeasureRun(run)) {
      if (metric.name != name) continue;
      values.push_back(metric.value);
      if (unit != nullptr) *unit = metric.unit;
    }
  }
  return values;
}

double Pick(const Statistic& statistic, const std::string& which) {
  if (which == "best") return statistic.best;
  if (which == "worst") return statistic.worst;
  return statistic.median;
}

struct Measured {
  double value = 0;
  Statistic statistic;
  bool known = false;
};

// Measures a value or, with `minus`, the differences seed by seed.
Measured Measure(std::vector<double> of, const std::optional<std::vector<double>>& minus,
                 const std::string& which) {
  Measured measured;
  if (of.empty() || (minus && minus->size() != of.size())) return measured;
  for (std::size_t i = 0; minus && i < of.size(); ++i) of[i] -= (*minus)[i];
  measured.known = true;
  measured.statistic = Summarise(of);
  measured.value = Pick(measured.statistic, which);
  return measured;
}

double ErrorAgainst(const PublishedRow& row, double value) {
  if (row.published) return *row.published == 0 ? 0 : (value - *row.published) / *row.published;
  if (row.at_least && value < *row.at_least) return (value - *row.at_least) / *row.at_least;
  if (row.at_most && value > *row.at_most) return (value - *row.at_most) / *row.at_most;
  return 0;
}

class Judgement {
 public:
  Judgement(const Scenario& scenario, ExperimentResult* result)
      : scenario_(scenario), result_(result) {}

  void JudgePublished(const PublishedSpec& spec, const LeftOutRuns& left_out) {
    PublishedRow row = spec.row;
    if (!spec.minus) row.case_name = CaseName(spec.of);
    std::optional<std::vector<double>> minus;
    if (spec.minus) minus = Values(*spec.minus, row.metric, nullptr);
    const Measured measured = Measure(Values(spec.of, row.metric, &row.unit), minus, row.statistic);
    row.emulated = measured.value;
    row.best = measured.statistic.best;
    row.median = measured.statistic.median;
    row.worst = measured.statistic.worst;
    row.relative_error = measured.known ? ErrorAgainst(row, row.emulated) : 1;
    if (!measured.known) row.label += " (no metric '" + row.metric + "')";
    if (!left_out.of.empty()) {
      std::optional<std::vector<double>> other;
      if (!left_out.minus.empty()) other = MetricOf(left_out.minus.front(), row.metric, nullptr);
      const Measured without =
          Measure(MetricOf(left_out.of.front(), row.metric, nullptr), other, row.statistic);
      row.left_out_error = ErrorAgainst(row, without.value);
    }
    result_->published.push_back(std::move(row));
  }

  void JudgeThreshold(const ThresholdSpec& spec) {
    for (const CaseResult& each : result_->cases) {
      if (!Selects(spec.of, each.entry, each.control_plane, each.start, each.parameters)) continue;
      std::string unit;
      const std::vector<double> values = MetricOf(each.runs, spec.metric, &unit);
      ThresholdOutcome outcome;
      outcome.label = spec.metric + " (" + spec.statistic + ") ";
      if (spec.at_least) outcome.label += ">= " + FormatShort(*spec.at_least) + " ";
      if (spec.at_most) outcome.label += "<= " + FormatShort(*spec.at_most) + " ";
      outcome.label += "in case " + each.name;
      if (values.empty()) {
        outcome.ok = false;
        outcome.detail = "the case has no such metric";
      } else {
        const double value = Pick(Summarise(values), spec.statistic);
        outcome.ok = (!spec.at_most || value <= *spec.at_most) &&
                     (!spec.at_least || value >= *spec.at_least);
        outcome.detail = "emulated " + FormatShort(value) + (unit == "1" ? "" : " " + unit);
      }
      result_->thresholds.push_back(std::move(outcome));
    }
  }

  // Computes what the factors of each hypothesis explain, and which hypotheses come close to the
  // published value.
  void JudgeHypotheses() {
    if (scenario_.hypotheses.empty()) return;
    const std::string& metric = scenario_.hypotheses_metric;
    std::vector<double> values;
    std::vector<const CaseResult*> cases;
    for (const CaseResult& each : result_->cases) {
      const std::vector<double> repeats = MetricOf(each.runs, metric, nullptr);
      if (repeats.empty()) continue;
      values.push_back(Summarise(repeats).median);
      cases.push_back(&each);
    }
    std::string consistent;
    int consistent_count = 0;
    for (const HypothesisSpec& hypothesis : scenario_.hypotheses) {
      double share = 0;
      std::string parts;
      for (const std::string& factor : hypothesis.factors) {
        const double one = ExplainedShare(values, Levels(cases, factor));
        share += one;
        parts += (parts.empty() ? "" : ", ") + factor + " " + Percent(one);
      }
      result_->findings.push_back(hypothesis.name + " (" + hypothesis.says +
                                  "): its factors explain " + Percent(share) +
                                  " of the variation of " + metric + " over " +
                                  std::to_string(values.size()) + " cases (" + parts + ").");
      if (!scenario_.hypotheses_published) continue;
      const auto distance = Nearest(hypothesis, cases, values);
      if (distance && *distance <= kConsistent) {
        consistent += (consistent.empty() ? "" : " and ") + hypothesis.name;
        ++consistent_count;
      }
    }
    if (scenario_.hypotheses_published) {
      const std::string verdict = consistent_count == 1 ? "it supports " + consistent + " alone"
                                  : consistent_count == 0
                                      ? "it supports none of them"
                                      : "it does not decide between " + consistent;
      result_->findings.push_back(
          "A result of this model, not of a measurement: " + verdict +
          ", for only what comes within " + Percent(kConsistent) + " of the published " +
          FormatShort(*scenario_.hypotheses_published) + " is consistent with it.");
    }
    for (const HypothesisSpec& hypothesis : scenario_.hypotheses) Slopes(hypothesis, cases, values);
  }

 private:
  static std::string Percent(double share) {
    return FormatShort(std::round(share * 1000) / 10) + " %";
  }

  static std::vector<std::string> Levels(const std::vector<const CaseResult*>& cases,
                                         const std::string& factor) {
    std::vector<std::string> levels;
    for (const CaseResult* each : cases) {
      std::string level;
      for (const auto& [path, value] : each->parameters) {
        if (path == factor) level = value;
      }
      levels.push_back(std::move(level));
    }
    return levels;
  }

  // The smallest |relative error| of a hypothesis's cases against the published value.
  std::optional<double> Nearest(const HypothesisSpec& hypothesis,
                                const std::vector<const CaseResult*>& cases,
                                const std::vector<double>& values) {
    const double published = *scenario_.hypotheses_published;
    std::optional<std::size_t> nearest;
    double low = 0, high = 0;
    std::size_t count = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const CaseResult& each = *cases[i];
      if (!Selects(hypothesis.where, each.entry, each.control_plane, each.start, each.parameters)) {
        continue;
      }
      low = count == 0 ? values[i] : std::min(low, values[i]);
      high = count == 0 ? values[i] : std::max(high, values[i]);
      ++count;
      if (!nearest || std::abs(values[i] - published) < std::abs(values[*nearest] - published)) {
        nearest = i;
      }
    }
    if (!nearest) return std::nullopt;
    std::string at;
    for (const auto& [path, value] : cases[*nearest]->parameters) {
      at += (at.empty() ? "" : ", ") + path.substr(path.rfind('.') + 1) + " " + value;
    }
    const double distance = std::abs(values[*nearest] - published) / published;
    result_->findings.push_back(hypothesis.name + " in the " + std::to_string(count) +
                                " cases where it holds: " + scenario_.hypotheses_metric + " from " +
                                FormatShort(low) + " to " + FormatShort(high) +
                                "; nearest to the published " + FormatShort(published) + " is " +
                                FormatShort(values[*nearest]) + " (" + at + ").");
    return distance;
  }

  // The mean at each level of a factor, against which a reader can check the shares.
  void Slopes(const HypothesisSpec& hypothesis, const std::vector<const CaseResult*>& cases,
              const std::vector<double>& values) {
    for (const std::string& factor : hypothesis.factors) {
      const std::vector<std::string> levels = Levels(cases, factor);
      std::vector<std::string> order;
      std::map<std::string, std::vector<double>> by_level;
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (!by_level.contains(levels[i])) order.push_back(levels[i]);
        by_level[levels[i]].push_back(values[i]);
      }
      std::string text = "Mean " + scenario_.hypotheses_metric + " by " + factor + ":";
      for (const std::string& level : order) {
        text += " " + level + " -> " +
                FormatShort(std::round(Summarise(by_level[level]).mean * 1000) / 1000) + ";";
      }
      text.back() = '.';
      result_->findings.push_back(std::move(text));
    }
  }

  std::string CaseName(const Selector& selector) const {
    for (const CaseResult& each : result_->cases) {
      if (Selects(selector, each.entry, each.control_plane, each.start, each.parameters)) {
        return each.name;
      }
    }
    return {};
  }

  std::vector<double> Values(const Selector& selector, const std::string& metric,
                             std::string* unit) const {
    for (const CaseResult& each : result_->cases) {
      if (Selects(selector, each.entry, each.control_plane, each.start, each.parameters)) {
        return MetricOf(each.runs, metric, unit);
      }
    }
    return {};
  }

  const Scenario& scenario_;
  ExperimentResult* const result_;
};

// Sets the parameter to its value in the case to whose figure it was fitted.
void SetFittedValue(const Scenario& scenario, FittedParameter* fitted) {
  const std::string path =
      fitted->path.starts_with("profile.") ? fitted->path.substr(8) : fitted->path;
  for (const PublishedSpec& row : scenario.published) {
    if (row.row.fitted_by != fitted->name) continue;
    for (const CaseSpec& each : scenario.cases) {
      if (!Selects(row.of, each.entry, ControlPlaneName(each.run.config.control_plane), each.start,
                   each.parameters)) {
        continue;
      }
      const Distribution* const found = each.run.config.latency.Find(path);
      if (found != nullptr) fitted->value = found->TypicalMs();
    }
  }
}

}  // namespace

void Judge(const Scenario& scenario, const std::vector<LeftOutRuns>& left_out,
           ExperimentResult* result) {
  Judgement judgement(scenario, result);
  for (std::size_t i = 0; i < scenario.published.size(); ++i) {
    judgement.JudgePublished(scenario.published[i], left_out[i]);
  }
  for (FittedParameter& fitted : result->fitted) SetFittedValue(scenario, &fitted);
  for (const ThresholdSpec& spec : scenario.thresholds) judgement.JudgeThreshold(spec);
  judgement.JudgeHypotheses();
}

std::size_t MedianRun(const std::vector<RunResult>& runs) {
  std::vector<std::pair<std::int64_t, std::size_t>> ends;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    ends.emplace_back(runs[i].pods.empty() ? runs[i].end : runs[i].pods.back().created, i);
  }
  if (ends.empty()) return 0;
  std::sort(ends.begin(), ends.end());
  return ends[(ends.size() - 1) / 2].second;
}

double ExplainedShare(const std::vector<double>& values, const std::vector<std::string>& levels) {
  if (values.empty()) return 0;
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  double total = 0;
  std::map<std::string, std::pair<double, double>> by_level;  // sum, count
  for (std::size_t i = 0; i < values.size(); ++i) {
    total += (values[i] - mean) * (values[i] - mean);
    by_level[levels[i]].first += values[i];
    by_level[levels[i]].second += 1;
  }
  if (total == 0) return 0;
  double between = 0;
  for (const auto& [level, part] : by_level) {
    const double level_mean = part.first / part.second;
    between += part.second * (level_mean - mean) * (level_mean - mean);
  }
  return between / total;
}

}  // namespace kless::experiment
