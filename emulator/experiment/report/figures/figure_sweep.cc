#include "emulator/experiment/report/figures/figure_sweep.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "emulator/base/number_text.h"
#include "emulator/experiment/measures/metric_definitions.h"
#include "emulator/experiment/report/data/heat_map.h"
#include "emulator/experiment/report/data/sweep.h"
#include "emulator/experiment/report/figures/figure_bars.h"

namespace kless::experiment {
namespace {

// Returns "sweep", "sweep-2", ...
std::string NumberedName(const std::string& base, int number) {
  return number == 1 ? base : base + "-" + std::to_string(number);
}

// Returns the text with a capital first letter.
std::string TitleCase(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text;
}

std::string UnitOf(const MeasuredExperiment& experiment, const std::vector<std::size_t>& cases,
                   const std::string& metric) {
  for (const std::size_t index : cases) {
    const SummarisedMetric* const found = experiment.cases[index].Find(metric);
    if (found != nullptr) return found->unit;
  }
  return "";
}

std::string BandSentence(const MeasuredExperiment& experiment,
                         const std::vector<std::size_t>& cases, const char* band) {
  std::size_t runs = 0;
  for (const std::size_t index : cases) {
    runs = std::max(runs, experiment.cases[index].result->runs.size());
  }
  return runs <= 1
             ? ""
             : "Median of " + std::to_string(runs) + " runs; " + band + ": lowest and highest. ";
}

// A metric along one swept number: a line for each system and start, with its band.
class SweepLines {
 public:
  SweepLines(FigureContext& context, const Sweep& sweep, SweptValues values)
      : context_(context), sweep_(sweep), values_(std::move(values)) {
    const std::vector<double>& numbers = *values_.numbers;
    logarithmic_ = numbers.front() > 0 && numbers.back() >= 8 * numbers.front();
  }

  void Draw(int number) {
    const std::vector<std::string> metrics = SweptMetrics(context_.experiment(), sweep_.cases);
    if (metrics.empty()) return;
    const std::string name = NumberedName("sweep", number);
    const std::vector<std::string> entries = Entries();
    FigureLayout layout;
    const std::string& path = sweep_.paths.front();
    layout.x_label = ShortPath(path) + (values_.are_durations ? " (s)" : "");
    if (entries.size() == 1) {
      layout.columns = static_cast<int>(metrics.size());
      layout.left = metrics.size() == 1 ? 80 : 96;
      layout.panel_height = metrics.size() == 1 ? 360 : 290;
      layout.shares_y = false;
      for (const std::string& metric : metrics) {
        layout.panels.push_back(MakePanel(name, metric, sweep_.cases, layout));
        layout.panels.back().y_label =
            MetricLabel(metric, UnitOf(context_.experiment(), sweep_.cases, metric));
      }
    } else {
      layout.columns = entries.size() == 2 || entries.size() == 4 ? 2 : 3;
      layout.panel_height = layout.columns == 2 ? 250 : 200;
      layout.y_label = MetricLabel(metrics.front(),
                                   UnitOf(context_.experiment(), sweep_.cases, metrics.front()));
      for (const std::string& entry : entries) {
        std::vector<std::size_t> cases;
        for (const std::size_t index : sweep_.cases) {
          if (context_.ResultOf(index).entry == entry) cases.push_back(index);
        }
        layout.panels.push_back(MakePanel(name, metrics.front(), cases, layout));
        layout.panels.back().title = entry;
      }
    }
    context_.AddSystems(sweep_.cases, false, &layout);
    PanelChoice shown;
    shown.panels.push_back({"", "", sweep_.cases});
    const std::string workload = WorkloadOf(context_.experiment(), sweep_.cases);
    context_.Add(name,
                 TitleCase(MetricLabel(metrics.front(), "")) + " over " + ShortPath(path) +
                     (workload.empty() ? "" : ", " + workload),
                 BandSentence(context_.experiment(), sweep_.cases, "band"), shown,
                 {"data/sweep.csv"}, layout);
  }

 private:
  std::vector<std::string> Entries() const {
    std::vector<std::string> entries;
    for (const std::size_t index : sweep_.cases) {
      const std::string& entry = context_.ResultOf(index).entry;
      if (std::find(entries.begin(), entries.end(), entry) == entries.end()) {
        entries.push_back(entry);
      }
    }
    return entries;
  }

  // Every value has a tick; labels that would overlap are left out.
  std::string XAxis(int pixels) const {
    const std::vector<double>& numbers = *values_.numbers;
    const double low = numbers.front(), high = numbers.back();
    const auto place = [&](double value) {
      return logarithmic_ ? std::log10(value / low) / std::log10(high / low)
                          : (value - low) / (high - low);
    };
    std::string tics;
    double free_from = -1e9;
    for (const double value : numbers) {
      const std::string text = FormatNumber(value);
      const double middle = place(value) * pixels * 0.92, half = TextWidth(text) / 2.0 + 4;
      const bool fits = middle - half >= free_from;
      if (fits) free_from = middle + half;
      tics += (tics.empty() ? "'" : ", '") + (fits ? text : std::string()) + "' " + text;
    }
    const std::string range = logarithmic_ ? FormatNumber(low / std::pow(high / low, 0.04)) + ":" +
                                                 FormatNumber(high * std::pow(high / low, 0.04))
                                           : FormatNumber(low - (high - low) * 0.04) + ":" +
                                                 FormatNumber(high + (high - low) * 0.04);
    return std::string(logarithmic_ ? "set logscale x\n" : "") + "set xrange [" + range +
           "]\nset xtics (" + tics + ")\n";
  }

  Panel MakePanel(const std::string& name, const std::string& metric,
                  const std::vector<std::size_t>& cases, const FigureLayout& layout) {
    // The rows of each line, by system and start in the order of the cases.
    std::vector<std::size_t> leaders;  // a case of each line
    std::map<std::size_t, std::vector<std::pair<double, std::string>>> rows;
    double highest = 0;
    for (const std::size_t index : sweep_.cases) {
      const SummarisedMetric* const found = context_.experiment().cases[index].Find(metric);
      if (found == nullptr) continue;
      highest = std::max(highest, found->statistic.worst);
      if (std::find(cases.begin(), cases.end(), index) == cases.end()) continue;
      const CaseResult& own = context_.ResultOf(index);
      auto leader = std::find_if(leaders.begin(), leaders.end(), [&](std::size_t other) {
        const CaseResult& each = context_.ResultOf(other);
        return each.control_plane == own.control_plane && each.profile == own.profile &&
               each.start == own.start;
      });
      if (leader == leaders.end()) leader = leaders.insert(leader, index);
      const double x = *SettingNumber(SettingOf(own, sweep_.paths.front()));
      const Statistic& over_runs = found->statistic;
      rows[*leader].emplace_back(x, FormatNumber(x) + "," + FormatNumber(over_runs.median) + "," +
                                        FormatNumber(over_runs.best) + "," +
                                        FormatNumber(over_runs.worst) + "\n");
    }
    Panel panel;
    const int width = (kFigureWidth - layout.left - layout.right) / layout.columns - 60;
    panel.settings = XAxis(width) +
                     LinearAxis("y", highest > 0 ? highest * 1.08 : 1, layout.TicsUpwards(), false);
    std::vector<std::string> lines;
    for (const std::size_t leader : leaders) {
      const CaseResult& own = context_.ResultOf(leader);
      auto& points = rows[leader];
      std::stable_sort(points.begin(), points.end(),
                       [](const auto& a, const auto& b) { return a.first < b.first; });
      std::string text;
      for (const auto& [x, row] : points) text += row;
      std::string block = name + "_" + metric + "_" + std::to_string(leader);
      std::replace(block.begin(), block.end(), '-', '_');
      context_.script().AddBlock(block, text);
      if (own.runs.size() > 1) {
        panel.elements.push_back("$" + block + " using 1:3:($4*(1+1e-9)) with filledcurves " +
                                 context_.styles().Colour(own) +
                                 " fs transparent solid 0.22 noborder");
      }
      lines.push_back("$" + block + " using 1:2 with linespoints lw 2.2 ps 1.1*mark " +
                      context_.styles().Line(own, own.start));
    }
    panel.elements.insert(panel.elements.end(), lines.begin(), lines.end());
    return panel;
  }

  FigureContext& context_;
  const Sweep& sweep_;
  const SweptValues values_;
  bool logarithmic_ = false;
};

// Draws bars of a metric by the names of the cases.
void DrawSweepBars(FigureContext& context, const Sweep& sweep, int number) {
  const MeasuredExperiment& experiment = context.experiment();
  const std::vector<std::string> metrics = SweptMetrics(experiment, sweep.cases);
  if (metrics.empty()) return;
  const std::string& metric = metrics.front();
  std::string what;
  for (const std::string& path : sweep.paths) what += (what.empty() ? "" : ", ") + ShortPath(path);
  const std::string workload = WorkloadOf(experiment, sweep.cases);
  DrawMetricBars(context, sweep.cases, metric, UnitOf(experiment, sweep.cases, metric),
                 {NumberedName("sweep", number),
                  TitleCase(MetricLabel(metric, "")) + " by " + (what.empty() ? "case" : what) +
                      (workload.empty() ? "" : ", " + workload),
                  BandSentence(experiment, sweep.cases, "whiskers"),
                  {"data/sweep.csv"},
                  {}});
}

std::string HeatTics(const std::vector<std::string>& values, bool labelled) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    text +=
        (i > 0 ? ", " : "") + GnuplotString(labelled ? values[i] : "") + " " + std::to_string(i);
  }
  return text;
}

std::string HeatRange(std::size_t count) {
  return "[-0.5:" + FormatNumber(static_cast<double>(count) - 0.5) + "]";
}

// Maps with the same axes side by side, in one scale of colours.
class HeatMapFigure {
 public:
  HeatMapFigure(FigureContext& context, std::vector<HeatMap> maps)
      : context_(context), maps_(std::move(maps)) {
    lowest_ = highest_ = maps_.front().cells.front().value;
    for (const HeatMap& map : maps_) {
      cases_.insert(cases_.end(), map.cases.begin(), map.cases.end());
      for (const HeatCell& cell : map.cells) {
        lowest_ = std::min(lowest_, cell.value);
        highest_ = std::max(highest_, cell.value);
      }
    }
    std::sort(cases_.begin(), cases_.end());
    logarithmic_ = lowest_ > 0 && highest_ > 10 * lowest_;
  }

  void Draw(int number) {
    const HeatMap& first = maps_.front();
    const std::string name = NumberedName("heat-map", number);
    FigureLayout layout;
    layout.columns = maps_.size() == 1 ? 1 : 2;
    int widest = 0;
    for (const std::string& value : first.y_values) widest = std::max(widest, TextWidth(value));
    layout.left = 54 + widest;
    layout.right = 112;  // the scale of colours
    const auto rows = static_cast<int>(first.y_values.size());
    // The label of the axis is vertical.
    const int least = std::max(150, TextWidth(first.y_name) - 40);
    layout.panel_height = std::max(least, std::min(rows * 52, 620));
    layout.x_label = first.x_name;
    layout.y_label = first.y_name;
    layout.panels.resize(maps_.size());
    for (std::size_t i = 0; i < maps_.size(); ++i) {
      layout.panels[i].title = MapTitle(i);
      layout.panels[i] = MakePanel(name, i, layout);
    }
    PanelChoice shown;
    shown.panels.push_back({"", "", cases_});
    const std::string workload = WorkloadOf(context_.experiment(), cases_);
    std::size_t runs = 0;
    for (const std::size_t index : cases_) {
      runs = std::max(runs, context_.ResultOf(index).runs.size());
    }
    std::string caption = runs > 1 ? "Median of " + std::to_string(runs) + " runs. " : "";
    if (!first.averaged.empty()) {
      caption += "Each cell is the mean over the settings of ";
      for (std::size_t i = 0; i < first.averaged.size(); ++i) {
        caption += (i == 0                           ? ""
                    : i + 1 == first.averaged.size() ? " and "
                                                     : ", ") +
                   first.averaged[i];
      }
      caption += ". ";
    }
    if (logarithmic_) caption += "The scale of colours is logarithmic. ";
    context_.Add(name,
                 TitleCase(MetricLabel(first.metric, "")) + " by " + first.x_name + " and " +
                     first.y_name + (workload.empty() ? "" : ", " + workload),
                 std::move(caption), shown, {"data/heat_map.csv"}, layout);
  }

 private:
  bool IsDark(double value) const {
    const double share = logarithmic_ ? std::log(value / lowest_) / std::log(highest_ / lowest_)
                         : highest_ > lowest_ ? (value - lowest_) / (highest_ - lowest_)
                                              : 0;
    return share < 0.55;
  }

  std::string MapTitle(std::size_t index) const {
    if (maps_.size() == 1) return "";
    return CaseTitle(context_.experiment(), context_.styles(), maps_[index].cases.front(),
                     Leaders());
  }

  Panel MakePanel(const std::string& name, std::size_t index, const FigureLayout& layout) {
    const HeatMap& map = maps_[index];
    std::string rows;
    for (const HeatCell& cell : map.cells) {
      rows += std::to_string(cell.x) + "," + std::to_string(cell.y) + "," +
              FormatNumber(cell.value) + ",\"" + FormatShort(cell.value, 3) + "\"," +
              (IsDark(cell.value) ? "0xFFFFFF" : "0x000000") + "\n";
    }
    std::string block = name + "_" + std::to_string(index);
    std::replace(block.begin(), block.end(), '-', '_');
    context_.script().AddBlock(block, rows);
    Panel panel;
    panel.title = MapTitle(index);
    const std::string range =
        lowest_ == highest_
            ? "[" + FormatNumber(lowest_ - 1) + ":" + FormatNumber(highest_ + 1) + "]"
            : "[" + FormatNumber(lowest_) + ":" + FormatNumber(highest_) + "]";
    // Viridis increases in lightness, so it is readable in grey and by colour-blind readers.
    panel.settings = "unset grid\nset border 0\nset tics scale 0\nset xtics (" +
                     HeatTics(map.x_values, true) + ")\nset ytics (" +
                     HeatTics(map.y_values, index % static_cast<std::size_t>(layout.columns) == 0) +
                     ")\nset cblabel " + GnuplotString(MetricLabel(map.metric, map.unit)) +
                     "\nset format cb '%g'\nset xrange " + HeatRange(map.x_values.size()) +
                     "\nset yrange " + HeatRange(map.y_values.size()) +
                     "\nset palette defined (0 '#440154', 1 '#3B528B', 2 '#21918C', 3 '#5EC962', 4 "
                     "'#FDE725')\nset cbrange " +
                     range + "\n" + (logarithmic_ ? "set logscale cb\n" : "") +
                     (index == 0 ? ColourBox(layout) : "unset colorbox\n");
    panel.elements = {"$" + block +
                          " using 1:2:($1-0.48):($1+0.48):($2-0.47):($2+0.47):3 with boxxyerror fc "
                          "palette",
                      "$" + block + " using 1:2:4:5 with labels tc rgb variable"};
    return panel;
  }

  // Draws the scale of colours, at the right of all panels.  REQUIRES: the layout has all its
  // panels, because the height depends on them.
  std::string ColourBox(const FigureLayout& layout) const {
    const double height = layout.Height();
    const int length = std::min(layout.PanelsBottom() - layout.PanelsTop(), 320);
    const double left = kFigureWidth - layout.right + 18;
    return "set colorbox vertical user origin screen " + FormatNumber(left / kFigureWidth) +
           ", screen " + FormatNumber(1 - (layout.PanelsTop() + length) / height) +
           " size screen " + FormatNumber(18.0 / kFigureWidth) + ", screen " +
           FormatNumber(length / height) + "\n";
  }

  // Returns a case of each map, which distinguishes the maps.
  std::vector<std::size_t> Leaders() const {
    std::vector<std::size_t> leaders;
    for (const HeatMap& map : maps_) leaders.push_back(map.cases.front());
    return leaders;
  }

  FigureContext& context_;
  const std::vector<HeatMap> maps_;
  std::vector<std::size_t> cases_;
  double lowest_ = 0, highest_ = 0;
  bool logarithmic_ = false;
};

}  // namespace

void DrawSweeps(FigureContext& context) {
  int number = 0;
  for (const Sweep& sweep : FindSweeps(context.experiment())) {
    if (sweep.paths.size() > 1) continue;  // a heat map
    SweptValues values;
    if (!sweep.paths.empty()) {
      values = ValuesOf(context.experiment(), sweep.cases, sweep.paths.front());
    }
    if (values.numbers) {
      SweepLines(context, sweep, std::move(values)).Draw(++number);
    } else {
      DrawSweepBars(context, sweep, ++number);
    }
  }
}

void DrawHeatMaps(FigureContext& context) {
  const std::vector<HeatMap> maps = MakeHeatMaps(context.experiment());
  int number = 0;
  for (std::size_t first = 0; first < maps.size();) {
    std::size_t last = first + 1;
    while (last < maps.size() && maps[last].x_name == maps[first].x_name &&
           maps[last].y_name == maps[first].y_name && maps[last].metric == maps[first].metric) {
      ++last;
    }
    HeatMapFigure(context, {maps.begin() + static_cast<std::ptrdiff_t>(first),
                            maps.begin() + static_cast<std::ptrdiff_t>(last)})
        .Draw(++number);
    first = last;
  }
}

}  // namespace kless::experiment
