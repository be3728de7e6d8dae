#include "emulator/experiment/report/report_tables.h"

#include <algorithm>

#include "emulator/base/number_text.h"
#include "emulator/experiment/measures/metric_definitions.h"
#include "emulator/experiment/report/data/breakdowns.h"
#include "emulator/experiment/report/data/figure_cases.h"
#include "emulator/experiment/report/data/figure_style.h"
#include "emulator/experiment/report/markup.h"
#include "emulator/experiment/report/summary.h"

namespace kless::experiment {
namespace {

using Definitions = std::vector<std::pair<std::string, std::string>>;

std::string WithUnit(const std::string& value, const std::string& unit) {
  return value.empty() || unit.empty() || unit == "1" ? value : value + " " + unit;
}

std::string DefinitionOf(const std::string& metric) {
  const MetricDefinition* const found = FindMetricDefinition(metric);
  return found == nullptr ? "" : std::string(found->text) + ".";
}

// A metric's name may break after an underscore: a blank without width.
std::string Breakable(const std::string& name) {
  std::string text;
  for (const char c : name) {
    text += c;
    if (c == '_') text += "\xE2\x80\x8B";
  }
  return text;
}

// Adds the definition of a metric; metrics that share one share an entry.
void Define(const std::string& metric, Definitions* definitions) {
  std::string meaning = DefinitionOf(metric);
  if (meaning.empty()) return;
  const auto same = std::find_if(definitions->begin(), definitions->end(),
                                 [&](const auto& each) { return each.second == meaning; });
  if (same != definitions->end()) {
    same->first += ", " + metric;
  } else {
    definitions->emplace_back(metric, std::move(meaning));
  }
}

// Names the cases by what distinguishes them; by the values of settings alone if the names would
// take several lines each, and then `note` names the settings.
struct CaseNames {
  std::vector<std::string> titles;
  std::string note;  // a paragraph, or ""
};

CaseNames NameCases(const MeasuredExperiment& experiment) {
  constexpr int kWidthMax = 330;
  const SystemStyles styles(experiment);
  std::vector<std::size_t> all(experiment.cases.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  CaseNames names;
  for (const bool values_only : {false, true}) {
    names.titles.clear();
    int widest = 0;
    for (const std::size_t index : all) {
      names.titles.push_back(CaseTitle(experiment, styles, index, all, values_only));
      widest = std::max(widest, TextWidth(names.titles.back()));
    }
    if (values_only) names.note = Paragraph(TitlesSentence(experiment, all));
    if (widest <= kWidthMax) break;
  }
  return names;
}

std::string BandText(const Statistic& over_runs) {
  const std::string median = FormatShort(over_runs.median);
  const std::string low = FormatShort(over_runs.best), high = FormatShort(over_runs.worst);
  return low == high ? median : median + "\n" + low + " – " + high;
}

bool IsKind(const std::string& metric, MetricKind kind) {
  static const std::vector<std::string> amplification = {"user_writes", "feed_records", "delivered",
                                                         "filtered", "event_amplification"};
  const bool cost = HasPrefix(metric, CostPrefixes());
  const bool elasticity = metric.starts_with("elasticity_");
  const bool amplified = HasPrefix(metric, amplification);
  switch (kind) {
    case MetricKind::kCost:
      return cost;
    case MetricKind::kElasticity:
      return elasticity;
    case MetricKind::kAmplification:
      return amplified;
    case MetricKind::kOther:
      break;
  }
  return !cost && !elasticity && !amplified && !metric.starts_with("cause_");
}

// The metrics of a kind that cases of a group have, in the order of the first case with each.
struct GroupMetrics {
  // those that differ between cases or runs, or whose group is one case
  std::vector<std::string> names;
  std::string constant;  // "errors 0, timeouts 0": the others
  std::vector<std::string> constant_names;
};

GroupMetrics MetricsOfGroup(const MeasuredExperiment& experiment, const CaseGroup& group,
                            MetricKind kind) {
  std::vector<std::string> all;
  for (const std::size_t index : group.cases) {
    for (const SummarisedMetric& metric : experiment.cases[index].metrics) {
      if (IsKind(metric.name, kind) &&
          std::find(all.begin(), all.end(), metric.name) == all.end()) {
        all.push_back(metric.name);
      }
    }
  }
  GroupMetrics made;
  for (const std::string& name : all) {
    const SummarisedMetric* const first = experiment.cases[group.cases.front()].Find(name);
    const bool constant =
        group.cases.size() > 1 && first != nullptr &&
        std::all_of(group.cases.begin(), group.cases.end(), [&](std::size_t index) {
          const SummarisedMetric* const own = experiment.cases[index].Find(name);
          return own != nullptr && own->statistic.best == own->statistic.worst &&
                 own->statistic.best == first->statistic.best;
        });
    if (!constant) {
      made.names.push_back(name);
      continue;
    }
    made.constant += (made.constant.empty() ? "" : ", ") + name + " " +
                     WithUnit(FormatShort(first->statistic.median), first->unit);
    made.constant_names.push_back(name);
  }
  return made;
}

std::string UnitOfMetric(const MeasuredExperiment& experiment, const CaseGroup& group,
                         const std::string& name) {
  for (const std::size_t index : group.cases) {
    const SummarisedMetric* const found = experiment.cases[index].Find(name);
    if (found != nullptr) return found->unit == "1" ? "" : found->unit;
  }
  return "";
}

constexpr std::size_t kCasesAcross = 4;
constexpr std::size_t kMetricsAcross = 8;

std::string MetricsDown(const MeasuredExperiment& experiment, const CaseGroup& group,
                        const std::vector<std::string>& names) {
  std::vector<std::string> header = {"metric", "unit"};
  for (const std::size_t index : group.cases) header.push_back(experiment.cases[index].Label());
  HtmlTable table(header, 2, header.size());
  for (const std::string& name : names) {
    const std::string definition = DefinitionOf(name);
    std::vector<std::string> row = {Breakable(name) + (definition.empty() ? "" : "\n" + definition),
                                    UnitOfMetric(experiment, group, name)};
    for (const std::size_t index : group.cases) {
      const SummarisedMetric* const metric = experiment.cases[index].Find(name);
      row.push_back(metric == nullptr ? "" : BandText(metric->statistic));
    }
    table.Add(row);
  }
  return table.empty() ? "" : table.Text();
}

std::string CasesDown(const MeasuredExperiment& experiment, const CaseGroup& group,
                      const std::vector<std::string>& names) {
  const auto [titles, note] = NameCases(experiment);
  std::string text;
  for (std::size_t first = 0; first < names.size(); first += kMetricsAcross) {
    const std::size_t last = std::min(names.size(), first + kMetricsAcross);
    std::vector<std::string> header = {"case"};
    Definitions definitions;
    for (std::size_t i = first; i < last; ++i) {
      const std::string unit = UnitOfMetric(experiment, group, names[i]);
      header.push_back(names[i] + (unit.empty() ? "" : " (" + unit + ")"));
      Define(names[i], &definitions);
    }
    HtmlTable table(header, 1, header.size());
    for (const std::size_t index : group.cases) {
      std::vector<std::string> row = {titles[index]};
      for (std::size_t i = first; i < last; ++i) {
        const SummarisedMetric* const metric = experiment.cases[index].Find(names[i]);
        row.push_back(metric == nullptr ? "" : FormatShort(metric->statistic.median));
      }
      table.Add(row);
    }
    text += table.Text() + DefinitionList(definitions);
  }
  return text.empty() ? "" : note + text;
}

}  // namespace

std::string PublishedPart(const ExperimentResult& result) {
  if (result.published.empty()) return "";
  HtmlTable table({"", "published", "emulated", "median", "error", "verdict", "evidence"}, 1, 5);
  for (const PublishedRow& row : result.published) {
    const std::string band = row.best && row.worst
                                 ? "\n" + FormatShort(*row.best) + " – " + FormatShort(*row.worst)
                                 : "";
    std::string evidence = EvidenceName(row.evidence);
    if (!row.fitted_by.empty()) evidence += "\nby " + row.fitted_by;
    if (row.left_out_error) {
      evidence += (row.fitted_by.empty() ? "\n" : "; ") +
                  ("left out: " + FormatPercent(*row.left_out_error));
    }
    const std::string verdict = !row.judged() ? "what-if" : row.ok() ? "ok" : "off";
    table.Add(
        {row.label + (row.source.empty() ? "" : "\n" + row.source), row.PublishedText(),
         WithUnit(FormatShort(row.emulated), row.unit) +
             (row.statistic.empty() ? "" : "\n" + row.statistic),
         FormatShort(row.median) + band,
         FormatPercent(row.relative_error) + "\nof ±" + FormatPercent(row.tolerance).substr(1),
         verdict, evidence},
        verdict);
  }
  return table.Text() +
         Paragraph(
             "Below the median: lowest and highest of the runs. Below the error: the tolerance. "
             "Evidence: input, a parameter was set to the published value; fitted, a parameter was "
             "chosen so that it comes out; predicted, it follows from parameters that have other "
             "sources. Left out: the error with this value left out of the fit.");
}

std::string FittedPart(const ExperimentResult& result) {
  if (result.fitted.empty()) return "";
  HtmlTable table({"parameter", "value", "from", "to", "fitted to", "bounds by"}, 1, 4);
  for (const FittedParameter& parameter : result.fitted) {
    table.Add({parameter.path, FormatShort(parameter.value) + "\n" + parameter.unit,
               FormatShort(parameter.low), FormatShort(parameter.high), parameter.fitted_to,
               parameter.evidence});
  }
  return table.Text();
}

std::string ThresholdsPart(const ExperimentResult& result) {
  if (result.thresholds.empty()) return "";
  HtmlTable table({"threshold", "verdict", "detail"}, 0, 0);
  for (const ThresholdOutcome& threshold : result.thresholds) {
    const std::string verdict = threshold.ok ? "ok" : "off";
    table.Add({threshold.label, verdict, threshold.detail}, verdict);
  }
  return table.Text();
}

std::string OverviewPart(const MeasuredExperiment& experiment) {
  std::vector<std::string> header = {"case"}, columns;
  Definitions definitions;
  for (const std::string& name : MainMetrics()) {
    const auto has = std::find_if(experiment.cases.begin(), experiment.cases.end(),
                                  [&](const MeasuredCase& own) { return own.Find(name); });
    if (has == experiment.cases.end()) continue;
    columns.push_back(name);
    header.push_back(MetricLabel(name, has->Find(name)->unit));
    Define(name, &definitions);
  }
  HtmlTable table(header, 1, header.size());
  const auto [titles, note] = NameCases(experiment);
  for (std::size_t i = 0; i < experiment.cases.size(); ++i) {
    const MeasuredCase& own = experiment.cases[i];
    std::vector<std::string> row = {titles[i]};
    for (const std::string& name : columns) {
      const SummarisedMetric* const metric = own.Find(name);
      row.push_back(metric == nullptr ? "" : FormatShort(metric->statistic.median));
    }
    table.Add(row);
  }
  if (table.empty()) return "";
  return note + table.Text() + Paragraph("Medians over the runs.") + DefinitionList(definitions);
}

std::string MetricsPart(const MeasuredExperiment& experiment, MetricKind kind) {
  std::string text;
  bool without_bands = false;
  for (const CaseGroup& group : experiment.groups) {
    const GroupMetrics metrics = MetricsOfGroup(experiment, group, kind);
    if (metrics.names.empty() && metrics.constant.empty()) continue;
    if (experiment.groups.size() > 1) text += "<h3>" + EscapeMarkup(group.name) + "</h3>\n";
    const bool few = group.cases.size() <= kCasesAcross;
    without_bands = without_bands || !few;
    text += few ? MetricsDown(experiment, group, metrics.names)
                : CasesDown(experiment, group, metrics.names);
    if (metrics.constant.empty()) continue;
    text += Paragraph("The same in all cases and runs: " + metrics.constant + ".");
    Definitions definitions;
    for (const std::string& name : metrics.constant_names) {
      Define(name, &definitions);
    }
    text += DefinitionList(definitions);
  }
  if (text.empty()) return "";
  return text + Paragraph(without_bands ? "Medians over the runs; data/metrics.csv has their "
                                          "lowest, highest and mean with its confidence interval."
                                        : "Medians over the runs; below them, where runs differ, "
                                          "the lowest and the highest.");
}

std::string SloPart(const MeasuredExperiment& experiment) {
  struct Objective {
    SloOutcome worst;
    std::size_t cases = 0, met = 0;
    std::string missed;
    std::size_t missed_shown = 0;
  };
  constexpr std::size_t kMissedShown = 6;
  std::vector<Objective> objectives;
  const auto [titles, note] = NameCases(experiment);
  for (std::size_t i = 0; i < experiment.cases.size(); ++i) {
    const RunResult* const run = experiment.cases[i].Representative();
    if (run == nullptr) continue;
    for (const SloOutcome& outcome : CheckSlos(*run)) {
      auto found = std::find_if(objectives.begin(), objectives.end(), [&](const Objective& each) {
        return each.worst.name == outcome.name;
      });
      if (found == objectives.end()) found = objectives.insert(found, {outcome, 0, 0, "", 0});
      ++found->cases;
      found->met += outcome.ok ? 1 : 0;
      if (outcome.measured_s > found->worst.measured_s) found->worst = outcome;
      if (outcome.ok || found->missed_shown >= kMissedShown) continue;
      found->missed += (found->missed.empty() ? "" : "; ") + titles[i] + ": " +
                       FormatShort(outcome.measured_s, 3) + " s";
      ++found->missed_shown;
    }
  }
  HtmlTable table({"objective", "verdict", "met in", "worst", "missed in"}, 2, 4);
  for (Objective& own : objectives) {
    const std::size_t missed = own.cases - own.met;
    if (missed > own.missed_shown) {
      own.missed += "; and " + std::to_string(missed - own.missed_shown) + " more";
    }
    const std::string verdict = missed == 0 ? "ok" : "missed";
    table.Add(
        {own.worst.text, verdict, std::to_string(own.met) + " of " + std::to_string(own.cases),
         FormatShort(own.worst.measured_s, 3) + " s", own.missed},
        verdict);
  }
  if (table.empty()) return "";
  return note + table.Text() +
         Paragraph("Of the median run of each case; data/slo.csv has every case.");
}

std::string CausesPart(const MeasuredExperiment& experiment) {
  const std::vector<Breakdown> breakdowns = CauseBreakdowns(experiment);
  if (breakdowns.empty()) return "";
  std::vector<bool> present(kCauses);
  for (const Breakdown& breakdown : breakdowns) {
    for (std::size_t k = 0; k < kCauses; ++k) {
      present[k] = present[k] || breakdown.parts[k].second > 0;
    }
  }
  std::vector<std::string> header = {"case", "mean"};
  Definitions definitions;
  for (std::size_t k = 0; k < kCauses; ++k) {
    if (!present[k]) continue;
    header.push_back(CauseNames()[k]);
    definitions.emplace_back(CauseNames()[k], std::string(CauseDefinitions()[k].text) + ".");
  }
  HtmlTable table(header, 1, header.size());
  const auto [titles, note] = NameCases(experiment);
  for (const Breakdown& breakdown : breakdowns) {
    std::vector<std::string> row = {titles[breakdown.case_index],
                                    FormatShort(breakdown.Total() * 1e3)};
    for (std::size_t k = 0; k < kCauses; ++k) {
      if (present[k]) row.push_back(FormatShort(breakdown.parts[k].second * 1e3));
    }
    table.Add(row);
  }
  return table.Text() +
         Paragraph(
             "In milliseconds, mean over all pods of all runs, from the moment the Job was "
             "due until the pod was written.") +
         Paragraph(kReadingOfCauses) + DefinitionList(definitions);
}

std::string CasesPart(const MeasuredExperiment& experiment,
                      const std::vector<std::vector<HtmlLink>>& links) {
  HtmlTable table({"case", "control plane", "settings", "runs", "workload", "problems", "files"}, 3,
                  4);
  for (std::size_t i = 0; i < experiment.cases.size(); ++i) {
    const CaseResult& own = *experiment.cases[i].result;
    std::string settings, problems;
    for (const auto& [path, value] : own.parameters) {
      settings += (settings.empty() ? "" : ", ") + path + " = " + value;
    }
    for (const RunResult& run : own.runs) {
      if (run.problem.empty()) continue;
      problems += (problems.empty() ? "" : "; ") + ("seed " + std::to_string(run.seed)) + ": " +
                  run.problem;
    }
    table.Add({own.label + "\n" + own.name,
               own.control_plane + (own.start.empty() ? "" : ", " + own.start) + "\n" + own.profile,
               settings, std::to_string(own.runs.size()), own.workload_rule, problems},
              i < links.size() ? links[i] : std::vector<HtmlLink>());
  }
  return table.empty() ? "" : table.Text();
}

std::string SourcesPart(const ExperimentResult& result) {
  if (result.sources.empty()) return "";
  HtmlTable table({"number", "source"}, 0, 0);
  for (const auto& [path, source] : result.sources) table.Add({path, source});
  return table.Text();
}

}  // namespace kless::experiment
