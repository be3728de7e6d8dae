#include "emulator/experiment/report_html.h"

#include <algorithm>
#include <array>

#include "emulator/base/files.h"
#include "emulator/base/strings.h"
#include "emulator/experiment/breakdowns.h"
#include "emulator/experiment/html.h"
#include "emulator/experiment/markup.h"
#include "emulator/experiment/number_text.h"
#include "emulator/experiment/summary.h"

namespace kless::experiment {
namespace {

// Parts of the page in order; empty ones do not appear.
class Page {
 public:
  void Add(const std::string& heading, const std::string& content) {
    if (content.empty()) return;
    headings_.push_back(heading);
    text_ += Heading(heading) + content;
  }
  std::string Contents() const {
    std::string text = "<nav>";
    for (const std::string& heading : headings_) {
      text += "<a href=\"#" + FileName(heading) + "\">" + EscapeMarkup(heading) + "</a> ";
    }
    return text + "</nav>\n";
  }
  const std::string& text() const { return text_; }

 private:
  std::vector<std::string> headings_;
  std::string text_;
};

std::string WithUnit(const std::string& value, const std::string& unit) {
  return value.empty() || unit.empty() || unit == "1" ? value : value + " " + unit;
}

std::string PublishedPart(const ExperimentResult& result) {
  if (result.published.empty()) return "";
  HtmlTable table({"", "figure", "published", "emulated", "median", "band", "error", "verdict",
                   "left-out error", "evidence", "source"},
                  2, 9);
  for (const PublishedRow& row : result.published) {
    const std::string band =
        row.best && row.worst ? FormatShort(*row.best) + " – " + FormatShort(*row.worst) : "";
    std::string evidence = EvidenceName(row.evidence);
    if (!row.fitted_by.empty()) evidence += ": " + row.fitted_by;
    const std::string verdict = !row.judged() ? "what-if" : row.ok() ? "ok" : "off";
    table.Add({row.label, row.figure, PublishedText(row),
               WithUnit(FormatShort(row.emulated), row.unit) +
                   (row.statistic.empty() ? "" : " (" + row.statistic + ")"),
               FormatShort(row.median), band, FormatPercent(row.relative_error), verdict,
               row.left_out_error ? FormatPercent(*row.left_out_error) : "", evidence, row.source},
              verdict);
  }
  return table.Text() +
         Paragraph(
             "Band: lowest and highest of the runs. Left-out error: with this value left out "
             "of the fit. Evidence: input, a parameter was set to the published value; "
             "fitted, a parameter was chosen so that it comes out; predicted, it follows "
             "from parameters that have other sources.");
}

std::string FittedPart(const ExperimentResult& result) {
  if (result.fitted.empty()) return "";
  HtmlTable table({"parameter", "value", "from", "to", "fitted to", "bounds by"}, 1, 4);
  for (const FittedParameter& parameter : result.fitted) {
    table.Add({parameter.path, WithUnit(FormatShort(parameter.value), parameter.unit),
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

std::string FiguresPart(const std::vector<InlineFigure>& figures) {
  std::string text;
  for (const InlineFigure& figure : figures) {
    text += "<figure id=\"" + FileName("figure-" + figure.name) + "\"><div class=\"plot\">";
    if (!figure.svg.empty()) {
      text += figure.svg;
    } else {
      text += "<img alt=\"" + EscapeMarkup(figure.caption) + "\" src=\"data:image/png;base64," +
              Base64Encode(figure.png) + "\">";
    }
    text += "</div><figcaption>" + EscapeMarkup(figure.caption) + "</figcaption></figure>\n";
  }
  return text;
}

std::string OverviewPart(const MeasuredExperiment& experiment) {
  std::vector<std::string> header = {"case"}, columns;
  for (const std::string& name : MainMetrics()) {
    const auto has = std::find_if(experiment.cases.begin(), experiment.cases.end(),
                                  [&](const MeasuredCase& own) { return own.Find(name); });
    if (has == experiment.cases.end()) continue;
    columns.push_back(name);
    header.push_back(name);
  }
  HtmlTable table(header, 1, header.size());
  for (const MeasuredCase& own : experiment.cases) {
    std::vector<std::string> row = {own.title};
    for (const std::string& name : columns) {
      const SummarisedMetric* const metric = own.Find(name);
      row.push_back(metric == nullptr ? "" : FormatShort(metric->statistic.median));
    }
    table.Add(row);
  }
  return table.empty() ? "" : table.Text() + Paragraph("Medians over the runs.");
}

std::string BandText(const Statistic& over_runs) {
  const std::string median = FormatShort(over_runs.median);
  const std::string low = FormatShort(over_runs.best), high = FormatShort(over_runs.worst);
  return low == high ? median : median + " [" + low + " – " + high + "]";
}

using Chosen = bool (*)(const SummarisedMetric&);

// Metrics down, the cases of a group across, a few at a time.
std::string MetricCells(const MeasuredExperiment& experiment, const CaseGroup& group,
                        Chosen chosen) {
  constexpr std::size_t kColumns = 5;
  std::string text;
  for (std::size_t first = 0; first < group.cases.size(); first += kColumns) {
    const std::size_t last = std::min(group.cases.size(), first + kColumns);
    std::vector<std::string> header = {"metric", "unit"};
    std::vector<std::pair<std::string, std::string>> rows;  // name and unit
    for (std::size_t i = first; i < last; ++i) {
      const MeasuredCase& own = experiment.cases[group.cases[i]];
      header.push_back(own.Label());
      for (const SummarisedMetric& metric : own.metrics) {
        const std::pair<std::string, std::string> row(metric.name, metric.unit);
        if (chosen(metric) && std::find(rows.begin(), rows.end(), row) == rows.end()) {
          rows.push_back(row);
        }
      }
    }
    HtmlTable table(header, 2, header.size());
    for (const auto& [name, unit] : rows) {
      std::vector<std::string> row = {name, unit == "1" ? "" : unit};
      for (std::size_t i = first; i < last; ++i) {
        const SummarisedMetric* const metric = experiment.cases[group.cases[i]].Find(name);
        row.push_back(metric == nullptr ? "" : BandText(metric->statistic));
      }
      table.Add(row);
    }
    if (!table.empty()) text += table.Text();
  }
  return text;
}

std::string MetricsPart(const MeasuredExperiment& experiment, Chosen chosen) {
  std::string text;
  for (const CaseGroup& group : experiment.groups) {
    const std::string tables = MetricCells(experiment, group, chosen);
    if (tables.empty()) continue;
    if (experiment.groups.size() > 1) text += "<h3>" + EscapeMarkup(group.name) + "</h3>\n";
    text += tables;
  }
  return text;
}

bool IsCost(const SummarisedMetric& metric) { return HasPrefix(metric.name, CostPrefixes()); }
bool IsElasticity(const SummarisedMetric& metric) { return metric.name.starts_with("elasticity_"); }
bool IsAmplification(const SummarisedMetric& metric) {
  static const std::vector<std::string> names = {"user_writes", "feed_records", "delivered",
                                                 "filtered", "event_amplification"};
  return HasPrefix(metric.name, names);
}
bool IsOther(const SummarisedMetric& metric) {
  return !IsCost(metric) && !IsElasticity(metric) && !IsAmplification(metric) &&
         !metric.name.starts_with("cause_");
}

std::string SloPart(const MeasuredExperiment& experiment) {
  HtmlTable table({"case", "objective", "verdict", "limit (s)", "measured (s)"}, 3, 5);
  for (const MeasuredCase& own : experiment.cases) {
    const RunResult* const run = own.Representative();
    if (run == nullptr) continue;
    for (const SloOutcome& outcome : CheckSlos(*run)) {
      const std::string verdict = outcome.ok ? "ok" : "off";
      table.Add({own.title, outcome.text, verdict, FormatShort(outcome.limit_s),
                 FormatShort(outcome.measured_s)},
                verdict);
    }
  }
  return table.empty() ? "" : table.Text() + Paragraph("Of the median run of each case.");
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
  for (std::size_t k = 0; k < kCauses; ++k) {
    if (present[k]) header.push_back(CauseNames()[k]);
  }
  HtmlTable table(header, 1, header.size());
  for (const Breakdown& breakdown : breakdowns) {
    std::vector<std::string> row = {experiment.cases[breakdown.case_index].title,
                                    FormatShort(breakdown.Total() * 1e3)};
    for (std::size_t k = 0; k < kCauses; ++k) {
      if (present[k]) row.push_back(FormatShort(breakdown.parts[k].second * 1e3));
    }
    table.Add(row);
  }
  return table.Text() + Paragraph(
                            "In milliseconds, mean over all pods of all runs, from the moment "
                            "the Job was due until the pod was written.");
}

std::string CasesPart(const ExperimentResult& result) {
  HtmlTable table({"case", "name", "control plane", "start", "profile", "settings", "runs",
                   "workload", "problems"},
                  6, 7);
  for (const CaseResult& own : result.cases) {
    std::string settings, problems;
    for (const auto& [path, value] : own.parameters) {
      settings += (settings.empty() ? "" : ", ") + path + " = " + value;
    }
    for (const RunResult& run : own.runs) {
      if (run.problem.empty()) continue;
      problems += (problems.empty() ? "" : "; ") + ("seed " + std::to_string(run.seed)) + ": " +
                  run.problem;
    }
    table.Add({own.label, own.name, own.control_plane, own.start, own.profile, settings,
               std::to_string(own.runs.size()), own.workload_rule, problems});
  }
  return table.empty() ? "" : table.Text();
}

std::string SourcesPart(const ExperimentResult& result) {
  if (result.sources.empty()) return "";
  HtmlTable table({"number", "source"}, 0, 0);
  for (const auto& [path, source] : result.sources) table.Add({path, source});
  return table.Text();
}

// Ids of one SVG, made different from those of the others on the page.
std::string WithOwnIds(std::string_view svg, std::string_view prefix) {
  constexpr std::array<std::string_view, 7> kMarks = {" id='",   " id=\"",   " id = '", " id = \"",
                                                      "href='#", "href=\"#", "url(#"};
  std::string text;
  text.reserve(svg.size() + svg.size() / 8);
  for (std::size_t at = 0; at < svg.size();) {
    const auto mark = std::find_if(kMarks.begin(), kMarks.end(), [&](std::string_view candidate) {
      return svg.substr(at, candidate.size()) == candidate;
    });
    const std::size_t length = mark == kMarks.end() ? 1 : mark->size();
    text += svg.substr(at, length);
    if (mark != kMarks.end()) text += prefix;
    at += length;
  }
  return text;
}

// Only the element, without the declaration of XML.
std::string SvgElement(std::string_view file, std::string_view prefix) {
  const std::size_t begin = file.find("<svg");
  return begin == std::string::npos ? "" : WithOwnIds(file.substr(begin), prefix);
}

}  // namespace

std::vector<InlineFigure> ReadFigures(const FigureSet& set, const std::string& folder) {
  std::vector<InlineFigure> figures;
  for (const Figure& figure : set.figures) {
    InlineFigure own{figure.name, figure.caption, "", ""};
    const std::string path = folder + "/figures/" + figure.name;
    const auto svg = ReadFile(path + ".svg");
    if (svg.has_value() && svg.value().size() <= kInlineSvgMax) {
      own.svg = SvgElement(svg.value(), "f" + std::to_string(figures.size()) + "_");
    }
    if (own.svg.empty()) {
      const auto png = ReadFile(path + ".png");
      if (png.has_error()) continue;
      own.png = png.value();
    }
    figures.push_back(std::move(own));
  }
  return figures;
}

std::string MakeReport(const MeasuredExperiment& experiment,
                       const std::vector<InlineFigure>& figures) {
  const ExperimentResult& result = *experiment.result;
  Page page;
  page.Add("Findings", result.findings.empty() ? "" : BulletList(result.findings));
  page.Add("Published and emulated", PublishedPart(result));
  page.Add("Thresholds", ThresholdsPart(result));
  page.Add("Overview", OverviewPart(experiment));
  page.Add("Figures", FiguresPart(figures));
  page.Add("Where the time went", CausesPart(experiment));
  page.Add("Service level objectives", SloPart(experiment));
  page.Add("Costs", MetricsPart(experiment, IsCost));
  page.Add("Elasticity", MetricsPart(experiment, IsElasticity));
  page.Add("Event amplification", MetricsPart(experiment, IsAmplification));
  page.Add("Metrics by case", MetricsPart(experiment, IsOther));
  page.Add("Fitted parameters", FittedPart(result));
  page.Add("Cases", CasesPart(result));
  page.Add("Sources of the numbers", SourcesPart(result));
  const std::string title = result.title.empty() ? result.scenario : result.title;
  std::string body = "<h1>" + EscapeMarkup(title) + "</h1>\n";
  if (!result.description.empty()) body += Paragraph(result.description);
  if (const std::string what_if = WhatIfText(result); !what_if.empty()) {
    body += Paragraph("What-if: run with " + what_if +
                      ". Published values of what this changes are shown, not judged.");
  }
  return HtmlPage(title, body + page.Contents() + page.text());
}

}  // namespace kless::experiment
