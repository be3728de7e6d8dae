#include "emulator/experiment/figure_bars.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "emulator/experiment/breakdowns.h"
#include "emulator/experiment/heat_map.h"
#include "emulator/experiment/number_text.h"

namespace kless::experiment {
namespace {

constexpr std::size_t kBarsMax = 24;

// Names of all parts in the order of their first appearance, those without time left out.
std::vector<std::string> PartNames(const std::vector<Breakdown>& breakdowns) {
  std::vector<std::string> names;
  for (const Breakdown& breakdown : breakdowns) {
    for (const auto& [name, seconds] : breakdown.parts) {
      if (seconds > 0 && std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
      }
    }
  }
  return names;
}

// A legend over the whole width, however wide the labels at the left are.
struct Legend {
  int rows = 1;
  std::string command;
};

Legend MakeLegend(const std::vector<std::string>& names) {
  constexpr int kWidth = 880, kSample = 62, kCharacter = 9;
  std::size_t longest = 1;
  for (const std::string& name : names) longest = std::max(longest, name.size());
  const int columns = std::clamp(kWidth / (kSample + kCharacter * static_cast<int>(longest)), 1, 6);
  const int rows = (static_cast<int>(names.size()) + columns - 1) / columns;
  return {rows, "set key at screen 0.02, screen 0.985 left top horizontal maxcols " +
                    std::to_string(columns) + "\n"};
}

// Names of the cases, with their group where that tells them apart.
std::vector<std::string> BarLabels(const MeasuredExperiment& experiment,
                                   const std::vector<Breakdown>& breakdowns) {
  std::vector<std::string> labels;
  for (const Breakdown& breakdown : breakdowns) {
    const MeasuredCase& own = experiment.cases[breakdown.case_index];
    const auto same =
        std::count_if(breakdowns.begin(), breakdowns.end(), [&](const Breakdown& other) {
          return experiment.cases[other.case_index].Label() == own.Label();
        });
    labels.push_back(same > 1 ? own.title : own.Label());
  }
  return labels;
}

struct BarBlocks {
  std::vector<std::string> parts;  // rows "begin,end,y" of each name
  std::string totals;              // rows "end,y,text"
  double longest = 0;
};

BarBlocks MakeBarBlocks(const std::vector<Breakdown>& breakdowns,
                        const std::vector<std::string>& names) {
  BarBlocks blocks;
  blocks.parts.resize(names.size());
  for (std::size_t i = 0; i < breakdowns.size(); ++i) {
    double begin = 0;
    const std::string y = std::to_string(-static_cast<int>(i));
    for (const auto& [name, seconds] : breakdowns[i].parts) {
      if (seconds <= 0) continue;
      const auto part = std::find(names.begin(), names.end(), name) - names.begin();
      blocks.parts[static_cast<std::size_t>(part)] +=
          FormatNumber(begin) + "," + FormatNumber(begin + seconds) + "," + y + "\n";
      begin += seconds;
    }
    blocks.longest = std::max(blocks.longest, begin);
    blocks.totals += FormatNumber(begin) + "," + y + ",\"" + FormatShort(begin, 3) + "\"\n";
  }
  return blocks;
}

// Horizontal bars, the first at the top, with their total at the end.
void DrawBars(const MeasuredExperiment& experiment, std::vector<Breakdown> breakdowns,
              const Figure& figure, FigureScript& script, FigureSet& set) {
  if (breakdowns.empty()) return;
  if (breakdowns.size() > kBarsMax) {
    set.remarks.push_back("figure " + figure.name + " shows the first " + std::to_string(kBarsMax) +
                          " of " + std::to_string(breakdowns.size()) + " cases");
    breakdowns.resize(kBarsMax);
  }
  const std::vector<std::string> names = PartNames(breakdowns);
  if (names.empty()) return;
  const BarBlocks blocks = MakeBarBlocks(breakdowns, names);
  const std::string prefix = figure.name + "_";
  std::vector<std::string> elements;
  for (std::size_t k = 0; k < names.size(); ++k) {
    script.AddBlock(prefix + std::to_string(k), blocks.parts[k]);
    elements.push_back("$" + prefix + std::to_string(k) +
                       " using (($1+$2)/2):3:1:2:($3-0.34):($3+0.34) with boxxyerror " +
                       SegmentStyle(k) + " title " + GnuplotString(names[k]));
  }
  script.AddBlock(prefix + "totals", blocks.totals);
  elements.push_back("$" + prefix + "totals using 1:2:3 with labels left offset 0.6,0 notitle");
  const std::vector<std::string> labels = BarLabels(experiment, breakdowns);
  std::string tics;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    tics += (i > 0 ? ", " : "") + GnuplotString(labels[i]) + " -" + std::to_string(i);
  }
  const Legend legend = MakeLegend(names);
  const auto bars = static_cast<int>(breakdowns.size());
  const int top = 16 + 26 * legend.rows, bottom = 76;  // pixels
  const int height = top + 34 * bars + 10 + bottom;
  const auto share = [&](int pixels) { return FormatNumber(static_cast<double>(pixels) / height); };
  script.AddFigure(
      figure.name, 900, height,
      legend.command + "set tmargin at screen " + share(height - top) + "\nset bmargin at screen " +
          share(bottom) + "\nset border 1\nset grid xtics noytics\nset ytics scale 0 (" + tics +
          ")\nset xlabel 'time (s)'\nset xrange [0:" + FormatNumber(blocks.longest * 1.1) +
          "]\nset yrange [" + FormatNumber(-bars + 0.4) + ":0.6]\n" + PlotCommand(elements));
  set.figures.push_back(figure);
}

}  // namespace

void DrawStartup(const MeasuredExperiment& experiment, FigureScript& script, FigureSet& set) {
  std::vector<Breakdown> shown;
  std::set<std::tuple<std::string, std::string, std::vector<std::pair<std::string, std::string>>>>
      seen;
  // A start is of the control plane and its settings: workloads do not make another bar.
  for (Breakdown& breakdown : StartupBreakdowns(experiment)) {
    const CaseResult& own = *experiment.cases[breakdown.case_index].result;
    if (breakdown.Total() <= 0) continue;
    if (!seen.insert({own.control_plane, own.profile, own.parameters}).second) continue;
    const bool is_shown = std::any_of(shown.begin(), shown.end(), [&](const Breakdown& other) {
      return other.parts == breakdown.parts &&
             experiment.cases[other.case_index].result->control_plane == own.control_plane;
    });
    if (!is_shown) shown.push_back(std::move(breakdown));
  }
  DrawBars(experiment, std::move(shown),
           {"startup",
            "Start of the control plane by stage, median over the runs: what the first "
            "Job of a cold start has to wait for."},
           script, set);
}

void DrawCauses(const MeasuredExperiment& experiment, FigureScript& script, FigureSet& set) {
  DrawBars(experiment, CauseBreakdowns(experiment),
           {"causes",
            "Where the time of a pod went, from the moment its Job was due until its "
            "write: mean over all pods of all runs."},
           script, set);
}

void DrawHeatMap(const MeasuredExperiment& experiment, FigureScript& script, FigureSet& set) {
  const HeatMap map = MakeHeatMap(experiment);
  if (map.cells.empty()) return;
  double lowest = map.cells.front().value, highest = lowest;
  for (const HeatCell& cell : map.cells) {
    lowest = std::min(lowest, cell.value);
    highest = std::max(highest, cell.value);
  }
  std::string rows;
  for (const HeatCell& cell : map.cells) {
    const bool dark = cell.value < lowest + 0.55 * (highest - lowest);
    rows += std::to_string(cell.x) + "," + std::to_string(cell.y) + "," + FormatNumber(cell.value) +
            ",\"" + FormatShort(cell.value, 3) + "\"," + (dark ? "0xFFFFFF" : "0x000000") + "\n";
  }
  script.AddBlock("heat_map", rows);
  const auto tics = [](const std::vector<std::string>& values) {
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i) {
      text += (i > 0 ? ", " : "") + GnuplotString(values[i]) + " " + std::to_string(i);
    }
    return text;
  };
  const auto range = [](std::size_t count) {
    return "[-0.5:" + FormatNumber(static_cast<double>(count) - 0.5) + "]";
  };
  const std::string unit = map.unit.empty() || map.unit == "1" ? "" : " (" + map.unit + ")";
  // Viridis: rises in lightness, so it reads in grey and for colour-blind readers.
  script.AddFigure(
      "heat-map", 900, std::max(360, 150 + 60 * static_cast<int>(map.y_values.size())),
      "unset grid\nset border 0\nset tics scale 0\nset xtics (" + tics(map.x_values) +
          ")\nset ytics (" + tics(map.y_values) + ")\nset xlabel " + GnuplotString(map.x_name) +
          "\nset ylabel " + GnuplotString(map.y_name) + "\nset cblabel " +
          GnuplotString(map.metric + unit) + "\nset xrange " + range(map.x_values.size()) +
          "\nset yrange " + range(map.y_values.size()) +
          "\nset palette defined (0 '#440154', 1 '#3B528B', 2 '#21918C', 3 '#5EC962', 4 "
          "'#FDE725')\n" +
          (lowest == highest ? "set cbrange [" + FormatNumber(lowest - 1) + ":" +
                                   FormatNumber(highest + 1) + "]\n"
                             : "") +
          PlotCommand({"$heat_map using 1:2:($1-0.48):($1+0.48):($2-0.47):($2+0.47):3 with "
                       "boxxyerror fc palette notitle",
                       "$heat_map using 1:2:4:5 with labels tc rgb variable notitle"}));
  set.figures.push_back({"heat-map", map.metric + unit + " by " + map.x_name + " and " +
                                         map.y_name + ": median over the runs."});
}

}  // namespace kless::experiment
