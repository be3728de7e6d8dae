#include "emulator/experiment/report/report_html.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "emulator/base/strings.h"
#include "emulator/base/system/files.h"
#include "emulator/experiment/report/markup.h"
#include "emulator/experiment/report/report_tables.h"

namespace kless::experiment {
namespace {

// The parts of the page in order; empty ones are left out.
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

// What the command line changed stands directly under the title.
std::string WhatIfPart(const ExperimentResult& result) {
  if (result.changes.empty()) return "";
  std::string text = "What-if: run with ";
  for (std::size_t i = 0; i < result.changes.size(); ++i) {
    text += (i == 0 ? "" : ", ") + result.changes[i];
  }
  text += ".";
  if (!WhatIfs(result).empty()) {
    text += " Published values of what this changes are shown, not judged.";
  }
  return "<p class=\"what-if\">" + EscapeMarkup(text) + "</p>\n";
}

std::string FiguresPart(const std::vector<InlineFigure>& figures) {
  std::string text;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const InlineFigure& figure = figures[i];
    const std::string number = "Figure " + std::to_string(i + 1) + ".";
    text += "<figure id=\"" + FileName("figure-" + figure.name) + "\"><div class=\"plot\">";
    if (!figure.svg.empty()) {
      text += figure.svg;
    } else {
      text += "<img alt=\"" + EscapeMarkup(figure.title) + "\" src=\"data:image/png;base64," +
              Base64Encode(figure.png) + "\">";
    }
    text += "</div><figcaption><b>" + number + " " + EscapeMarkup(figure.title) + ".</b> " +
            EscapeMarkup(figure.caption);
    if (!figure.links.empty()) {
      text += "<span class=\"links\">" + Links(figure.links) + "</span>";
    }
    text += "</figcaption></figure>\n";
  }
  return text;
}

// Makes the ids of one SVG different from those of the others on the page.
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

// gnuplot names its elements after its commands, which browsers show under the pointer.
std::string WithoutTitles(std::string_view svg) {
  constexpr std::string_view kEnd = "</title>";
  std::string text;
  while (true) {
    const std::size_t begin = svg.find("<title>");
    const std::size_t end = svg.find(kEnd, begin);
    text += svg.substr(0, begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) return text;
    svg.remove_prefix(end + kEnd.size());
  }
}

// Only the element, without the XML declaration.
std::string SvgElement(std::string_view file, std::string_view prefix) {
  const std::size_t begin = file.find("<svg");
  return begin == std::string::npos ? "" : WithOwnIds(WithoutTitles(file.substr(begin)), prefix);
}

}  // namespace

ReportFiles ReadReportFiles(const MeasuredExperiment& experiment, const FigureSet& set,
                            const std::string& folder) {
  // More cases than these are linked from the table of cases alone.
  constexpr std::size_t kCasesLinked = 2;
  const auto exists = [&](const std::string& path) {
    std::error_code error;
    return std::filesystem::is_regular_file(folder + "/" + path, error);
  };
  ReportFiles files;
  for (const MeasuredCase& own : experiment.cases) {
    std::vector<HtmlLink> links;
    const std::string trace = "traces/" + FileName(own.result->name) + ".json";
    const std::string database = "runs/" + own.result->name + ".db";
    if (exists(trace)) links.push_back({"trace", trace});
    if (exists(database)) links.push_back({"database", database});
    files.cases.push_back(std::move(links));
  }
  std::size_t inlined = 0;
  for (const Figure& figure : set.figures) {
    InlineFigure own{figure.name, figure.title, figure.caption, "", "", {}};
    const std::string path = "figures/" + figure.name;
    const auto svg = ReadFile(folder + "/" + path + ".svg");
    if (svg.has_value() && svg.value().size() <= kInlineSvgMax &&
        inlined + svg.value().size() <= kInlineTotalMax) {
      own.svg = SvgElement(svg.value(), "f" + std::to_string(files.figures.size()) + "_");
      inlined += svg.value().size();
    }
    if (own.svg.empty()) {
      const auto png = ReadFile(folder + "/" + path + ".png");
      if (png.has_error()) continue;
      own.png = png.value();
    }
    for (const std::string& data : figure.data) {
      if (exists(data)) own.links.push_back({data, data});
    }
    for (const char* format : {"svg", "png"}) {
      const std::string file = path + "." + format;
      if (exists(file)) own.links.push_back({file.substr(sizeof("figures/") - 1), file});
    }
    for (const std::size_t index : figure.cases) {
      if (figure.cases.size() > kCasesLinked) break;
      for (const HtmlLink& link : files.cases[index]) {
        own.links.push_back({link.text + " of " + experiment.cases[index].result->name, link.href});
      }
    }
    if (figure.cases.size() > kCasesLinked) {
      own.links.push_back({"traces and databases of the cases", "#Cases"});
    }
    files.figures.push_back(std::move(own));
  }
  return files;
}

std::string MakeReport(const MeasuredExperiment& experiment, const ReportFiles& files) {
  const ExperimentResult& result = *experiment.result;
  Page page;
  page.Add("Notes", result.notes.empty() ? "" : BulletList(result.notes));
  page.Add("Findings", result.findings.empty() ? "" : BulletList(result.findings));
  page.Add("Published and emulated", PublishedPart(result));
  page.Add("Thresholds", ThresholdsPart(result));
  page.Add("Overview", OverviewPart(experiment));
  page.Add("Figures", FiguresPart(files.figures));
  page.Add("Where the time went", CausesPart(experiment));
  page.Add("Service level objectives", SloPart(experiment));
  page.Add("Costs", MetricsPart(experiment, MetricKind::kCost));
  page.Add("Elasticity", MetricsPart(experiment, MetricKind::kElasticity));
  page.Add("Event amplification", MetricsPart(experiment, MetricKind::kAmplification));
  const std::string others = MetricsPart(experiment, MetricKind::kOther);
  page.Add("Metrics by case", others.empty() ? "" : Details("All other metrics", others));
  page.Add("Fitted parameters", FittedPart(result));
  page.Add("Cases", CasesPart(experiment, files.cases));
  page.Add("Sources of the numbers", SourcesPart(result));
  const std::string title = result.title.empty() ? result.scenario : result.title;
  std::string body = "<h1>" + EscapeMarkup(title) + "</h1>\n" + WhatIfPart(result);
  if (!result.description.empty()) body += Paragraph(result.description);
  return HtmlPage(title, body + page.Contents() + page.text());
}

}  // namespace kless::experiment
