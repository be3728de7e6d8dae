#include "emulator/experiment/report/figures/figure_feed.h"

#include <algorithm>
#include <set>

namespace kless::experiment {
namespace {

// What waits in the feed, and for how long.
class FeedFigure {
 public:
  explicit FeedFigure(FigureContext& context) : context_(context) {}

  // A column of feed.csv, drawn for the cases that have anything in it.
  struct FeedPart {
    const char* name;  // of its figure
    const char* title;
    int column = 0;  // of the file
    std::string label;
    double high = 0;
    std::vector<std::size_t> cases;
  };

  std::vector<FeedPart> FeedParts(const std::vector<CsvSeries>& all) const {
    FeedPart age{"iterator-age", "Iterator age", 3, "iterator age (s)", 0, {}};
    FeedPart queued{"waiting", "Records waiting", 4, "", 0, {}};
    bool serverless = false, classic = false;
    for (const CsvSeries& series : all) {
      const RunResult& run = context_.RunOf(series.case_index);
      double oldest = 0, most = 0;
      for (const FeedSample& sample : run.feed) {
        oldest = std::max(oldest, static_cast<double>(sample.iterator_age) / 1e9);
        most = std::max(most, static_cast<double>(sample.queued));
      }
      if (oldest > 0) age.cases.push_back(series.case_index);
      if (most > 0) {
        queued.cases.push_back(series.case_index);
        (context_.ResultOf(series.case_index).control_plane == "classic" ? classic : serverless) =
            true;
      }
      age.high = std::max(age.high, oldest);
      queued.high = std::max(queued.high, most);
    }
    queued.label = !classic      ? "records waiting"
                   : !serverless ? "keys in the work queue"
                                 : "records or keys waiting";
    if (!serverless) queued.title = "Work queue";
    std::vector<FeedPart> parts;
    if (!age.cases.empty()) parts.push_back(std::move(age));
    if (!queued.cases.empty()) parts.push_back(std::move(queued));
    return parts;
  }

  Panel FeedPanel(const CasePanel& panel, const FeedPart& part, const CsvOutput& file,
                  const FigureLayout& layout, double longest) const {
    Panel made;
    made.title = panel.title;
    made.settings = LinearAxis("x", longest > 0 ? longest * 1.03 : 1, layout.TicsAcross(), false) +
                    LinearAxis("y", part.high * 1.08, layout.TicsUpwards(), part.column == 4);
    for (const CsvSeries& series : SeriesOf(file, panel.cases)) {
      if (std::find(part.cases.begin(), part.cases.end(), series.case_index) == part.cases.end()) {
        continue;
      }
      const CaseResult& own = context_.ResultOf(series.case_index);
      made.elements.push_back(SeriesRows(file, series) + " using 2:" + std::to_string(part.column) +
                              " with linespoints " + context_.styles().Line(own, own.start) +
                              Markers(series, layout.columns == 1 ? 9 : 5));
    }
    return made;
  }

  // How far the figure goes: until nothing waits any more.
  double FeedSeconds(const std::vector<std::size_t>& cases) const {
    double end = 0;
    for (const std::size_t index : cases) {
      for (const FeedSample& sample : context_.RunOf(index).feed) {
        if (sample.iterator_age > 0 || sample.queued > 0) {
          end = std::max(end, static_cast<double>(sample.at) / 1e9);
        }
      }
      end = std::max(end, ActiveSeconds(context_.RunOf(index)));
    }
    return end;
  }

  void Draw(const CaseGroup& group) {
    const CsvOutput* const file = context_.File("data/feed.csv");
    if (file == nullptr) return;
    const std::vector<CsvSeries> all = SeriesOf(*file, group.cases);
    const std::vector<FeedPart> parts = FeedParts(all);
    if (parts.empty()) return;
    std::set<std::size_t> shown;
    for (const FeedPart& part : parts) shown.insert(part.cases.begin(), part.cases.end());
    const PanelChoice choice = context_.BySetting({shown.begin(), shown.end()});
    const double longest = FeedSeconds(CasesOf(choice));
    const std::string about_age =
        "Iterator age: that of the oldest record not yet processed, as Lambda reports it. ";
    const std::string about_waiting =
        "Waiting: records not yet processed; in the classic plane, keys in the work queue. ";
    if (choice.panels.size() == 1) {
      FigureLayout layout;
      layout.panel_height = parts.size() == 1 ? 300 : 200;
      layout.x_label = kTimeLabel;
      context_.AddSystems({shown.begin(), shown.end()}, false, &layout);
      for (const FeedPart& part : parts) {
        layout.panels.push_back(FeedPanel(choice.panels[0], part, *file, layout, longest));
        layout.panels.back().y_label = part.label;
      }
      const bool with_age = parts.front().column == 3;
      context_.Add(
          "feed-" + group.file,
          context_.Title(parts.size() == 2 ? "Iterator age and records waiting" : parts[0].title,
                         group),
          (with_age ? about_age : "") + (parts.back().column == 4 ? about_waiting : "") +
              "The median run of each case. ",
          choice, {"data/feed.csv"}, layout);
      return;
    }
    for (const FeedPart& part : parts) {
      PanelChoice own = choice;
      std::erase_if(own.panels, [&](const CasePanel& panel) {
        return std::none_of(panel.cases.begin(), panel.cases.end(), [&](std::size_t index) {
          return std::find(part.cases.begin(), part.cases.end(), index) != part.cases.end();
        });
      });
      if (own.panels.empty()) continue;
      FigureLayout layout = LayoutOf(own.panels.size());
      FitTitles(layout, &own);
      layout.x_label = kTimeLabel;
      layout.y_label = part.label;
      context_.AddSystems(CasesOf(own), false, &layout);
      for (const CasePanel& panel : own.panels) {
        layout.panels.push_back(FeedPanel(panel, part, *file, layout, longest));
      }
      context_.Add(std::string(part.name) + "-" + group.file, context_.Title(part.title, group),
                   (part.column == 3 ? about_age : about_waiting) + "The median run of each case. ",
                   own, {"data/feed.csv"}, layout);
    }
  }

 private:
  FigureContext& context_;
};

}  // namespace

void DrawFeed(const CaseGroup& group, FigureContext& context) { FeedFigure(context).Draw(group); }

}  // namespace kless::experiment
