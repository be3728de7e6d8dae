#include "emulator/experiment/report/figures/figure_bars.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "emulator/base/number_text.h"
#include "emulator/experiment/measures/metric_definitions.h"
#include "emulator/experiment/report/data/breakdowns.h"

namespace kless::experiment {
namespace {

constexpr std::size_t kBarsMax = 24;
constexpr int kBarPitch = 32;
constexpr int kLabelWidthMax = 300;

// Chooses `count` of `size` indices, evenly spread, including the first and the last; `sentence`
// describes the choice.
std::vector<std::size_t> ChooseBars(std::size_t size, std::string* sentence) {
  if (size > kBarsMax) {
    *sentence += "Shown are " + std::to_string(kBarsMax) + " of " + std::to_string(size) +
                 " cases, evenly spread over their order; the CSV file has all of them. ";
  }
  return ThinEvenly(size, kBarsMax);
}

// The names of all parts in order of first appearance, except those without time.
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

// Uses the titles of the cases as labels of the bars, the first at the top, and reserves the space
// they need.
void AddBarAxis(const std::vector<std::string>& labels, double longest, FigureLayout* layout,
                Panel* panel) {
  std::string tics;
  int widest = 40;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    widest = std::max(widest, TextWidth(labels[i]));
    tics += (i > 0 ? ", " : "") + GnuplotString(labels[i]) + " -" + std::to_string(i);
  }
  const auto bars = static_cast<int>(labels.size());
  layout->left = widest + 24;
  layout->right = 70;  // a total may be to the right of the axis
  layout->panel_height = kBarPitch * bars + 12;
  panel->settings = LinearAxis("x", longest > 0 ? longest * 1.04 : 1, 9, false) +
                    "set border 1\nset grid xtics noytics\nset ytics scale 0 (" + tics +
                    ")\nset yrange [" + FormatNumber(-bars + 0.4) + ":0.6]\n";
}

// Names the cases by what distinguishes them; by the values of settings alone if the names would
// need too much space, and then `caption` names the settings.
std::vector<std::string> BarLabels(const FigureContext& context,
                                   const std::vector<std::size_t>& cases, std::string* caption) {
  for (const bool values_only : {false, true}) {
    std::vector<std::string> labels;
    int widest = 0;
    for (const std::size_t index : cases) {
      labels.push_back(
          CaseTitle(context.experiment(), context.styles(), index, cases, values_only));
      widest = std::max(widest, TextWidth(labels.back()));
    }
    if (widest > kLabelWidthMax && !values_only) continue;
    if (values_only) *caption += TitlesSentence(context.experiment(), cases);
    for (std::string& label : labels) label = FitText(label, kLabelWidthMax);
    return labels;
  }
  return {};
}

// Draws horizontal bars of parts, with their total at the end.
void DrawStackedBars(FigureContext& context, std::vector<Breakdown> breakdowns, Figure figure) {
  const auto chosen = ChooseBars(breakdowns.size(), &figure.caption);
  std::vector<Breakdown> shown;
  for (const std::size_t index : chosen) shown.push_back(std::move(breakdowns[index]));
  const std::vector<std::string> names = PartNames(shown);
  if (names.empty()) return;
  std::vector<std::string> rows(names.size());  // "begin,end,y" of each part
  std::vector<std::size_t> cases;
  std::string totals;  // "end,y,text"
  double longest = 0;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    double begin = 0;
    const std::string y = std::to_string(-static_cast<int>(i));
    for (const auto& [name, seconds] : shown[i].parts) {
      if (seconds <= 0) continue;
      const auto part = std::find(names.begin(), names.end(), name) - names.begin();
      rows[static_cast<std::size_t>(part)] +=
          FormatNumber(begin) + "," + FormatNumber(begin + seconds) + "," + y + "\n";
      begin += seconds;
    }
    longest = std::max(longest, begin);
    totals += FormatNumber(begin) + "," + y + ",\"" + FormatShort(begin, 3) + "\"\n";
    cases.push_back(shown[i].case_index);
  }
  FigureLayout layout;
  Panel panel;
  const std::string prefix = figure.name + "_";
  for (std::size_t k = 0; k < names.size(); ++k) {
    context.script().AddBlock(prefix + std::to_string(k), rows[k]);
    panel.elements.push_back("$" + prefix + std::to_string(k) +
                             " using (($1+$2)/2):3:1:2:($3-0.34):($3+0.34) with boxxyerror " +
                             SegmentStyle(names[k]));
    layout.legend.push_back({LegendEntry::Sample::kArea, SegmentStyle(names[k]), names[k]});
  }
  context.script().AddBlock(prefix + "totals", totals);
  panel.elements.push_back("$" + prefix + "totals using 1:2:3 with labels left offset 0.6,0");
  layout.x_label = "time (s)";
  AddBarAxis(BarLabels(context, cases, &figure.caption), longest, &layout, &panel);
  layout.panels.push_back(std::move(panel));
  PanelChoice choice;
  choice.panels.push_back({"", "", cases});
  context.Add(figure.name, figure.title, figure.caption, choice, figure.data, layout);
}

}  // namespace

void DrawStartup(FigureContext& context) {
  std::vector<Breakdown> shown;
  std::set<std::tuple<std::string, std::string, std::vector<std::pair<std::string, std::string>>>>
      seen;
  // A start depends on the control plane and its settings: workloads do not add bars.
  for (Breakdown& breakdown : StartupBreakdowns(context.experiment())) {
    const CaseResult& own = context.ResultOf(breakdown.case_index);
    if (breakdown.Total() <= 0) continue;
    if (!seen.insert({own.control_plane, own.profile, own.parameters}).second) continue;
    shown.push_back(std::move(breakdown));
  }
  const bool all_equal =
      shown.size() > 1 && std::all_of(shown.begin(), shown.end(), [&](const Breakdown& each) {
        return each.parts == shown.front().parts;
      });
  DrawStackedBars(
      context, std::move(shown),
      {"startup",
       "Start-up of the control plane",
       std::string("How long the first Job of a cold start waits for each stage; median "
                   "over the runs. ") +
           (all_equal ? "It is the same with all of these settings. " : ""),
       {"data/startup.csv"},
       {}});
}

void DrawCauses(FigureContext& context) {
  DrawStackedBars(context, CauseBreakdowns(context.experiment()),
                  {"causes",
                   "How the time of a pod was spent",
                   "From the moment its Job was due until the pod was written: mean over all pods "
                   "of all runs. The table below defines the causes. " +
                       std::string(kReadingOfCauses) + " ",
                   {"data/causes.csv"},
                   {}});
}

void DrawMetricBars(FigureContext& context, const std::vector<std::size_t>& cases,
                    const std::string& metric, const std::string& unit, Figure figure) {
  std::vector<std::size_t> shown;
  for (const std::size_t index : cases) {
    if (context.experiment().cases[index].Find(metric) != nullptr) shown.push_back(index);
  }
  if (shown.empty()) return;
  std::vector<std::size_t> chosen;
  for (const std::size_t i : ChooseBars(shown.size(), &figure.caption)) chosen.push_back(shown[i]);
  FigureLayout layout;
  Panel panel;
  std::string prefix = figure.name + "_bar_";
  std::replace(prefix.begin(), prefix.end(), '-', '_');
  std::string totals, whiskers;
  double longest = 0;
  std::set<std::string> in_legend;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const CaseResult& own = context.ResultOf(chosen[i]);
    const Statistic& over_runs = context.experiment().cases[chosen[i]].Find(metric)->statistic;
    const std::string y = std::to_string(-static_cast<int>(i));
    const std::string median = FormatNumber(over_runs.median);
    longest = std::max(longest, over_runs.worst);
    context.script().AddBlock(prefix + std::to_string(i), "0," + median + "," + y + "\n");
    const std::string colour = context.styles().Colour(own);
    const std::string fill = own.start == "cold"
                                 ? "fs pattern 4 border " + colour + " fc" + colour.substr(2)
                                 : "fs solid 1 noborder fc" + colour.substr(2);
    panel.elements.push_back("$" + prefix + std::to_string(i) +
                             " using (($1+$2)/2):3:1:2:($3-0.3):($3+0.3) with boxxyerror " + fill);
    whiskers += median + "," + y + "," + FormatNumber(over_runs.best) + "," +
                FormatNumber(over_runs.worst) + "\n";
    totals +=
        FormatNumber(over_runs.worst) + "," + y + ",\"" + FormatShort(over_runs.median, 3) + "\"\n";
    std::string text = context.styles().Name(own);
    if (!own.start.empty()) text += ", " + own.start;
    if (in_legend.insert(text).second) {
      layout.legend.push_back({LegendEntry::Sample::kArea, fill, std::move(text)});
    }
  }
  context.script().AddBlock(prefix + "whiskers", whiskers);
  context.script().AddBlock(prefix + "totals", totals);
  panel.elements.push_back("$" + prefix +
                           "whiskers using 1:2:3:4 with xerrorbars pt 0 lw 1.4 lc rgb 'black'");
  panel.elements.push_back("$" + prefix + "totals using 1:2:3 with labels left offset 0.6,0");
  layout.x_label = MetricLabel(metric, unit);
  AddBarAxis(BarLabels(context, chosen, &figure.caption), longest, &layout, &panel);
  layout.panels.push_back(std::move(panel));
  PanelChoice choice;
  choice.panels.push_back({"", "", chosen});
  context.Add(figure.name, figure.title, figure.caption, choice, figure.data, layout);
}

}  // namespace kless::experiment
