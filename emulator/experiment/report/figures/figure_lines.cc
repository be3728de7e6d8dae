#include "emulator/experiment/report/figures/figure_lines.h"

#include <algorithm>
#include <set>

#include "emulator/base/number_text.h"

namespace kless::experiment {
namespace {

std::string RunsSentence(const MeasuredExperiment& experiment,
                         const std::vector<std::size_t>& cases) {
  std::size_t runs = 0;
  for (const std::size_t index : cases) {
    runs = std::max(runs, experiment.cases[index].result->runs.size());
  }
  if (runs <= 1) return "";
  return "Line: the median run; band: lowest and highest of " + std::to_string(runs) +
         " runs at each instant. ";
}

// Figures of pods over time, of latencies and of slowdowns.
class LineFigures {
 public:
  explicit LineFigures(FigureContext& context) : context_(context) {}

  // Adds published ends: crosses at the height of all pods, a bar for a range, an arrow for one
  // bound.  Differences between cases are not ends and belong to no case.
  void AddPublished(const CasePanel& panel, double height, double longest,
                    std::vector<std::string>* elements, FigureLayout* layout) {
    for (const PublishedRow& row : context_.experiment().result->published) {
      if (row.metric != "last_pod_s" || row.case_name.empty()) continue;
      const bool is_here = std::any_of(
          panel.cases.begin(), panel.cases.end(),
          [&](std::size_t index) { return context_.ResultOf(index).name == row.case_name; });
      if (!is_here) continue;
      const std::string block =
          "published_" + std::to_string(&row - context_.experiment().result->published.data());
      const std::string y = FormatNumber(height);
      const std::string text = "published " + row.PublishedText() + ": " + row.label;
      const std::string point = std::to_string(1 + layout->marks.size() % 3);
      const std::string ink = " lc rgb 'black' lw 2";
      if (row.published) {
        context_.script().AddBlock(block, FormatNumber(*row.published) + "," + y + "\n");
        elements->push_back("$" + block + " using 1:2 with points" + ink + " pt " + point +
                            " ps 1.7*mark");
        layout->marks.push_back({LegendEntry::Sample::kMarker, "lc rgb 'black' pt " + point, text});
      } else if (row.at_least && row.at_most) {
        context_.script().AddBlock(block, FormatNumber((*row.at_least + *row.at_most) / 2) + "," +
                                              y + "," + FormatNumber(*row.at_least) + "," +
                                              FormatNumber(*row.at_most) + "\n");
        elements->push_back("$" + block + " using 1:2:3:4 with xerrorbars pt 0" + ink);
        layout->marks.push_back({LegendEntry::Sample::kLine, "lc rgb 'black' dt 1", text});
      } else if (row.at_least || row.at_most) {
        const double begin = row.at_least ? *row.at_least : *row.at_most;
        const double step = (row.at_least ? 0.06 : -0.06) * longest;
        context_.script().AddBlock(
            block, FormatNumber(begin) + "," + y + "," + FormatNumber(step) + ",0\n");
        elements->push_back("$" + block + " using 1:2:3:4 with vectors head filled" + ink);
        elements->push_back("$" + block + " using 1:2 with points" + ink + " pt " + point +
                            " ps 1.7*mark");
        layout->marks.push_back({LegendEntry::Sample::kMarker, "lc rgb 'black' pt " + point, text});
      }
    }
  }

  // Returns the end of the axis: the last pod of all runs, and the values published for these
  // cases.
  double LongestPod(const PanelChoice& choice) const {
    double longest = 0;
    for (const std::size_t index : CasesOf(choice)) {
      const SummarisedMetric* const last = context_.experiment().cases[index].Find("last_pod_s");
      if (last != nullptr) longest = std::max(longest, last->statistic.worst);
      for (const PublishedRow& row : context_.experiment().result->published) {
        if (row.case_name != context_.ResultOf(index).name || row.metric != "last_pod_s") continue;
        longest = std::max(longest, row.published.value_or(0));
        longest = std::max(longest, row.at_most.value_or(row.at_least.value_or(0) * 1.08));
      }
    }
    return longest;
  }

  void DrawPods(const CaseGroup& group) {
    const std::string path = "data/pods_over_time-" + group.file + ".csv";
    const CsvOutput* const file = context_.File(path);
    if (file == nullptr) return;
    PanelChoice choice = context_.BySetting(CasesOf(SeriesOf(*file, group.cases)));
    FigureLayout layout = LayoutOf(choice.panels.size());
    FitTitles(layout, &choice);
    layout.x_label = kTimeLabel;
    layout.y_label = "pods created";
    const std::vector<std::size_t> shown = CasesOf(choice);
    context_.AddSystems(shown, choice.panels.size() == 1, &layout);
    const double longest = LongestPod(choice);
    double height = 0;
    for (const CsvSeries& series : SeriesOf(*file, shown)) {
      height = std::max(height, static_cast<double>(series.total));
    }
    const std::string axes =
        LinearAxis("x", longest > 0 ? longest * 1.03 : 1, layout.TicsAcross(), false) +
        LinearAxis("y", height * 1.08, layout.TicsUpwards(), true);
    for (const CasePanel& panel : choice.panels) {
      std::vector<std::string> elements, lines;
      for (const CsvSeries& series : SeriesOf(*file, panel.cases)) {
        const CaseResult& own = context_.ResultOf(series.case_index);
        if (own.runs.size() > 1) {
          elements.push_back(SeriesRows(*file, series) + " using 2:4:($5+1e-6) with filledcurves " +
                             context_.styles().Colour(own) + " fs transparent solid 0.22 noborder");
        }
        // The rows continue until the last pod of all runs; the line ends with its own.
        lines.push_back(
            SeriesRows(*file, series) +
            " using ($2 <= " + FormatSeconds(LastPod(context_.RunOf(series.case_index))) +
            " ? $2 : NaN):3 with linespoints " + context_.styles().Line(own, own.start) +
            Markers(series, choice.panels.size() == 1 ? 7 : 4));
      }
      elements.insert(elements.end(), lines.begin(), lines.end());
      AddPublished(panel, height, longest, &elements, &layout);
      layout.panels.push_back({panel.title, axes, std::move(elements), "", std::nullopt});
    }
    std::string caption = choice.panels.size() == 1 ? "The legend gives the last pod's time. " : "";
    caption += RunsSentence(context_.experiment(), shown);
    context_.Add("pods-" + group.file, context_.Title("Pods over time", group), std::move(caption),
                 choice, {path}, layout);
  }

  // An invocation is "waited" if its work waited for an environment that was still starting.
  static std::string KindText(const std::string& kind) {
    if (kind == "cold") return "cold environment";
    return kind == "waited" ? "waited for a start" : kind + " environment";
  }

  void DrawLatency(const CaseGroup& group) {
    const CsvOutput* const file = context_.File("data/latency_cdf.csv");
    if (file == nullptr) return;
    // A logarithmic axis cannot show zero.
    std::vector<CsvSeries> all = SeriesOf(*file, group.cases);
    std::erase_if(all, [](const CsvSeries& own) { return own.highest <= 0; });
    if (all.empty()) return;
    PanelChoice choice = context_.ByCase(CasesOf(all));
    FigureLayout layout = LayoutOf(choice.panels.size());
    FitTitles(layout, &choice);
    const bool of_pods = !context_.RunOf(choice.panels.front().cases.front()).pods.empty();
    const std::string what = of_pods ? "pods" : "invocations";
    layout.x_label = of_pods ? "latency of a pod (s)" : "latency of an invocation (s)";
    layout.y_label = "share of " + what + " (%)";
    std::vector<CsvSeries> shown = all;
    const std::vector<std::size_t> cases = CasesOf(choice);
    std::erase_if(shown, [&](const CsvSeries& own) {
      return std::find(cases.begin(), cases.end(), own.case_index) == cases.end();
    });
    const std::string axes =
        std::string("set yrange [0:102]\nset ytics ") + (layout.columns > 2 ? "50" : "20") + "\n";
    std::set<std::string> seen;
    for (const CasePanel& panel : choice.panels) {
      std::vector<std::string> elements;
      std::int64_t total = 0;
      for (const CsvSeries& series : SeriesOf(*file, panel.cases)) {
        if (series.highest <= 0) continue;
        const CaseResult& own = context_.ResultOf(series.case_index);
        const std::string start = series.kind.empty() ? own.start : series.kind;
        const std::string style = context_.styles().Line(own, start);
        elements.push_back(SeriesRows(*file, series) +
                           " using ($3 > 0 ? $3 : NaN):($4*100) with linespoints " + style +
                           Markers(series, layout.columns == 1 ? 7 : 4));
        total += series.total;
        const std::string text =
            context_.styles().Name(own) + (series.kind.empty() ? (start.empty() ? "" : ", " + start)
                                                               : ": " + KindText(series.kind));
        if (seen.insert(text).second) {
          layout.legend.push_back({LegendEntry::Sample::kLine, style, text});
        }
      }
      layout.panels.push_back(
          {panel.title,
           axes + "set label 'n = " + std::to_string(total) + "' at graph 0.03, graph 0.9 left\n",
           std::move(elements), "", LogEnds(shown)});
    }
    std::string caption = "Cumulative share of " + what +
                          ", apart by the start of the environment that " +
                          (of_pods ? "wrote them" : "ran them") + "; all runs together. ";
    if (std::all_of(shown.begin(), shown.end(),
                    [](const CsvSeries& own) { return own.kind.empty(); })) {
      caption = "Cumulative share of " + what + "; all runs together. ";
    }
    context_.Add("latency-" + group.file,
                 context_.Title(of_pods ? "Latency of pods" : "Latency of invocations", group),
                 std::move(caption), choice, {"data/latency_cdf.csv"}, layout);
  }

  void DrawSlowdown() {
    const CsvOutput* const file = context_.File("data/slowdown.csv");
    if (file == nullptr) return;
    std::vector<std::size_t> all(context_.experiment().cases.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    std::vector<CsvSeries> series = SeriesOf(*file, all);
    std::erase_if(series, [](const CsvSeries& own) { return own.highest <= 0; });
    if (series.empty()) return;
    PanelChoice choice = context_.BySetting(CasesOf(series));
    FigureLayout layout = LayoutOf(choice.panels.size());
    FitTitles(layout, &choice);
    layout.x_label = "slowdown (response time / duration)";
    layout.y_label = "share of invocations (%)";
    context_.AddSystems(CasesOf(choice), false, &layout);
    const std::string axes = "set yrange [0:102]\nset ytics 20\n";
    for (const CasePanel& panel : choice.panels) {
      std::vector<std::string> elements;
      for (const CsvSeries& own : SeriesOf(*file, panel.cases)) {
        if (own.highest <= 0) continue;
        const CaseResult& result = context_.ResultOf(own.case_index);
        elements.push_back(SeriesRows(*file, own) +
                           " using ($2 > 0 ? $2 : NaN):($3*100) with "
                           "linespoints " +
                           context_.styles().Line(result, result.start) + Markers(own, 7));
      }
      layout.panels.push_back({panel.title, axes, std::move(elements), "", LogEnds(series)});
    }
    const std::string workload = WorkloadOf(context_.experiment(), CasesOf(choice));
    context_.Add("slowdown", "Slowdown of invocations" + (workload.empty() ? "" : ", " + workload),
                 "Cumulative share of invocations by their response time over the duration that "
                 "the workload "
                 "gave them; all runs together. ",
                 choice, {"data/slowdown.csv"}, layout);
  }

 private:
  FigureContext& context_;
};

}  // namespace

void DrawPods(const CaseGroup& group, FigureContext& context) {
  LineFigures(context).DrawPods(group);
}

void DrawLatency(const CaseGroup& group, FigureContext& context) {
  LineFigures(context).DrawLatency(group);
}

void DrawSlowdown(FigureContext& context) { LineFigures(context).DrawSlowdown(); }

}  // namespace kless::experiment
