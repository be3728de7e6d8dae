#include "emulator/experiment/report/figures/figure_environments.h"

#include <algorithm>

#include "emulator/base/number_text.h"

namespace kless::experiment {
namespace {

bool HasThrottles(const CsvOutput* throttles, std::size_t index) {
  return throttles != nullptr &&
         std::any_of(throttles->series.begin(), throttles->series.end(),
                     [&](const CsvSeries& series) { return series.case_index == index; });
}

// Execution environments by state, with the cap and the refusals.
class EnvironmentFigure {
 public:
  explicit EnvironmentFigure(FigureContext& context) : context_(context) {}

  static int PeakOf(const RunResult& run) {
    int peak = 1;
    for (const EnvironmentSample& sample : run.environments) {
      peak = std::max(peak, sample.initializing + sample.busy + sample.idle);
    }
    return peak;
  }

  // The cap is worth its line where the run comes anywhere near it.
  static bool ShowsCap(const RunResult& run) {
    return run.concurrency_cap > 0 && run.concurrency_cap <= 3 * PeakOf(run);
  }

  static int TopOf(const RunResult& run) {
    return std::max(PeakOf(run), ShowsCap(run) ? run.concurrency_cap : 0);
  }

  Panel EnvironmentPanel(const CasePanel& panel, const CsvOutput& file, const CsvSeries& series,
                         int top) const {
    const RunResult& run = context_.RunOf(series.case_index);
    const std::string rows = SeriesRows(file, series);
    Panel made;
    made.title = panel.title;
    made.elements = {rows + " using 2:($3+$4+$5) with filledcurves y=0 lc rgb '#D9D9D9'",
                     rows + " using 2:($3+$4) with filledcurves y=0 lc rgb '#8FB996'",
                     rows + " using 2:3 with filledcurves y=0 lc rgb '#7B3F61'",
                     rows + " using 2:($3+$4+$5) with lines lc rgb '#555555' lw 0.8"};
    if (ShowsCap(run)) {
      made.elements.push_back(std::to_string(run.concurrency_cap) +
                              " with lines lc rgb 'black' dt (8,4) lw 1.6");
    } else if (run.concurrency_cap > 0) {
      made.title += (made.title.empty() ? "" : "; ") + std::string("concurrency cap ") +
                    std::to_string(run.concurrency_cap) + ", not reached";
    }
    const CsvOutput* const throttles = context_.File("data/throttles.csv");
    if (HasThrottles(throttles, series.case_index)) {
      for (const CsvSeries& marks : SeriesOf(*throttles, {series.case_index})) {
        made.elements.push_back(SeriesRows(*throttles, marks) + " using 2:(" +
                                FormatNumber(top * 1.08) + "):(0):(" + FormatNumber(top * 0.14) +
                                ") with vectors nohead lw 2.4 lc rgb '#AA0000'");
      }
    }
    return made;
  }

  void Draw(const CaseGroup& group) {
    const CsvOutput* const file = context_.File("data/environments.csv");
    if (file == nullptr) return;
    std::vector<CsvSeries> all = SeriesOf(*file, group.cases);
    std::erase_if(all, [&](const CsvSeries& series) { return !HasEnvironments(series); });
    if (all.empty()) return;
    PanelChoice choice = context_.ByCase(CasesOf(all));
    FigureLayout layout = LayoutOf(choice.panels.size());
    if (choice.panels.size() <= 3) layout.columns = 1;
    layout.panel_height = layout.columns == 1 ? (choice.panels.size() == 1 ? 300 : 170) : 160;
    layout.x_label = kTimeLabel;
    layout.y_label = "environments";
    double longest = 0;
    int lowest_top = 0, highest_top = 0;
    bool shows_cap = false, shows_throttles = false;
    for (const std::size_t index : CasesOf(choice)) {
      const RunResult& run = context_.RunOf(index);
      longest = std::max(longest, ActiveSeconds(run));
      const int top = TopOf(run);
      lowest_top = lowest_top == 0 ? top : std::min(lowest_top, top);
      highest_top = std::max(highest_top, top);
      shows_cap = shows_cap || ShowsCap(run);
      shows_throttles = shows_throttles || HasThrottles(context_.File("data/throttles.csv"), index);
    }
    layout.shares_y = highest_top <= 3 * lowest_top;
    FitTitles(layout, &choice);
    AddEnvironmentLegend(shows_cap, shows_throttles, &layout);
    for (const CasePanel& panel : choice.panels) {
      const std::size_t index = panel.cases.front();
      const int top = layout.shares_y ? highest_top : TopOf(context_.RunOf(index));
      Panel made = EnvironmentPanel(panel, *file, SeriesOf(*file, {index}).front(), top);
      made.settings =
          LinearAxis("x", longest > 0 ? longest * 1.03 : 1, layout.TicsAcross(), false) +
          LinearAxis("y", top * (shows_throttles ? 1.28 : 1.1), 5, true);
      layout.panels.push_back(std::move(made));
    }
    std::string caption = "Stacked, of the median run. ";
    if (shows_cap) {
      caption +=
          "The concurrency cap is on environments with an invocation, which are busy or "
          "initialising for one; idle ones do not count. ";
    }
    if (shows_throttles) {
      caption += "A red bar marks an instant at which invocations were refused. ";
    }
    std::vector<std::string> data = {"data/environments.csv"};
    if (shows_throttles) data.push_back("data/throttles.csv");
    context_.Add("environments-" + group.file, context_.Title("Execution environments", group),
                 std::move(caption), choice, std::move(data), layout);
  }

  static void AddEnvironmentLegend(bool cap, bool throttles, FigureLayout* layout) {
    const auto area = [&](const char* colour, const char* text) {
      layout->legend.push_back({LegendEntry::Sample::kArea,
                                std::string("fs solid 1 noborder fc rgb '") + colour + "'", text});
    };
    area("#7B3F61", "initialising");
    area("#8FB996", "busy");
    area("#D9D9D9", "idle");
    if (cap) {
      layout->legend.push_back(
          {LegendEntry::Sample::kLine, "lc rgb 'black' dt (8,4)", "cap on busy and initialising"});
    }
    if (throttles) area("#AA0000", "invocations refused");
  }

  bool HasEnvironments(const CsvSeries& series) const {
    const RunResult& run = context_.RunOf(series.case_index);
    return std::any_of(run.environments.begin(), run.environments.end(),
                       [](const EnvironmentSample& sample) {
                         return sample.initializing + sample.busy + sample.idle > 0;
                       });
  }

 private:
  FigureContext& context_;
};

}  // namespace

void DrawEnvironments(const CaseGroup& group, FigureContext& context) {
  EnvironmentFigure(context).Draw(group);
}

}  // namespace kless::experiment
