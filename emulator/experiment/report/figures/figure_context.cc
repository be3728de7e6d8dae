#include "emulator/experiment/report/figures/figure_context.h"

#include <algorithm>
#include <array>
#include <set>

#include "emulator/base/number_text.h"

namespace kless::experiment {

std::string FigureContext::Title(const std::string& what, const CaseGroup& group) const {
  const std::string workload = WorkloadOf(experiment_, group.cases);
  if (workload.empty()) return experiment_.groups.size() > 1 ? what + ", " + group.name : what;
  const auto same = std::count_if(
      experiment_.groups.begin(), experiment_.groups.end(),
      [&](const CaseGroup& other) { return WorkloadOf(experiment_, other.cases) == workload; });
  return what + ", " + workload + (same > 1 ? " (" + group.name + ")" : "");
}

void FigureContext::AddSystems(const std::vector<std::size_t>& cases, bool with_ends,
                               FigureLayout* layout) const {
  std::set<std::string> seen;
  for (const std::size_t index : cases) {
    const CaseResult& own = ResultOf(index);
    std::string text = styles_.Name(own);
    if (!own.start.empty()) text += ", " + own.start;
    const SummarisedMetric* const last = experiment_.cases[index].Find("last_pod_s");
    if (with_ends && last != nullptr) {
      text += ": " + FormatShort(last->statistic.median, 3) + " s";
    }
    if (!seen.insert(text).second) continue;
    layout->legend.push_back(
        {LegendEntry::Sample::kLine, styles_.Line(own, own.start), std::move(text)});
  }
}

void FigureContext::Add(const std::string& name, const std::string& title, std::string caption,
                        const PanelChoice& choice, std::vector<std::string> data,
                        const FigureLayout& layout) {
  script_.AddFigure(name, layout);
  caption += choice.chosen;
  while (!caption.empty() && caption.back() == ' ') caption.pop_back();
  set_.figures.push_back({name, title, std::move(caption), std::move(data), CasesOf(choice)});
}

FigureSet FigureContext::Take() {
  set_.script = script_.Take();
  return std::move(set_);
}

// Returns the series of a file that belong to one of the cases.
std::vector<CsvSeries> SeriesOf(const CsvOutput& file, const std::vector<std::size_t>& cases) {
  std::vector<CsvSeries> chosen;
  for (const CsvSeries& series : file.series) {
    if (std::find(cases.begin(), cases.end(), series.case_index) != cases.end()) {
      chosen.push_back(series);
    }
  }
  return chosen;
}

std::vector<std::size_t> CasesOf(const std::vector<CsvSeries>& series) {
  std::vector<std::size_t> cases;
  for (const CsvSeries& own : series) {
    if (cases.empty() || cases.back() != own.case_index) cases.push_back(own.case_index);
  }
  return cases;
}

std::vector<std::size_t> CasesOf(const PanelChoice& choice) {
  std::vector<std::size_t> cases;
  for (const CasePanel& panel : choice.panels) {
    cases.insert(cases.end(), panel.cases.begin(), panel.cases.end());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

std::string SeriesRows(const CsvOutput& file, const CsvSeries& series) {
  return GnuplotString(file.path) + " skip " + std::to_string(series.first_row + 1) +
         " every ::::" + std::to_string(series.row_count - 1);
}

std::string Markers(const CsvSeries& series, int count) {
  const auto every = series.row_count / static_cast<std::size_t>(count);
  return " lw 2.2 ps 0.9*mark pi " + std::to_string(std::max<std::size_t>(1, every));
}

std::int64_t LastPod(const RunResult& run) {
  std::int64_t last = 0;
  for (const PodTiming& pod : run.pods) last = std::max(last, pod.created);
  return last;
}

double ActiveSeconds(const RunResult& run) {
  std::int64_t end = LastPod(run);
  for (const InvocationTiming& row : run.invocations) {
    end = std::max(end, row.requested + row.queued + row.init + row.run);
  }
  return static_cast<double>(end) / 1e9;
}

FigureLayout LayoutOf(std::size_t panels) {
  FigureLayout layout;
  layout.columns = panels == 1 ? 1 : panels == 2 || panels == 4 ? 2 : panels <= 12 ? 3 : 4;
  constexpr std::array<int, 4> kHeights = {400, 250, 180, 150};
  layout.panel_height = kHeights[static_cast<std::size_t>(layout.columns - 1)];
  return layout;
}

std::string LinearAxis(const char* axis, double high, int most, bool whole) {
  const double step = LinearStep(high, most);
  return std::string("set ") + axis + "range [0:" + FormatNumber(high) + "]\n" + "set " + axis +
         "tics " + FormatNumber(whole ? std::max(1.0, step) : step) + "\n";
}

std::pair<double, double> LogEnds(const std::vector<CsvSeries>& series) {
  double low = 0, high = 0;
  for (const CsvSeries& own : series) {
    if (own.lowest > 0) low = low == 0 ? own.lowest : std::min(low, own.lowest);
    high = std::max(high, own.highest);
  }
  return LogRange(low, high);
}

void FitTitles(const FigureLayout& layout, PanelChoice* choice) {
  const auto width = static_cast<int>(layout.PanelWidth());
  const auto fits = [&](const CasePanel& panel) { return TextWidth(panel.title) <= width; };
  if (std::all_of(choice->panels.begin(), choice->panels.end(), fits)) return;
  for (CasePanel& panel : choice->panels) panel.title = FitText(panel.short_title, width);
  choice->chosen = choice->titles + choice->chosen;
}

}  // namespace kless::experiment
