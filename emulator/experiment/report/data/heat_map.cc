#include "emulator/experiment/report/data/heat_map.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "emulator/base/strings.h"
#include "emulator/experiment/report/data/figure_cases.h"
#include "emulator/experiment/report/data/sweep.h"

namespace kless::experiment {
namespace {

// The most rows of a map whose second axis is chosen automatically.
constexpr std::size_t kRowsMax = 24;

using HeatPaths = std::vector<std::string>;

// The values of the settings that `paths` names, separated by commas; nullopt if the case lacks
// one.
std::optional<std::string> AxisText(const CaseResult& own, const HeatPaths& paths) {
  std::string text;
  for (const std::string& path : paths) {
    const std::string value = SettingOf(own, path);
    if (value.empty()) return std::nullopt;
    text += (text.empty() ? "" : ", ") + value;
  }
  return text;
}

// "parallelization_factor, resource_shards": the last word of each path.
std::string AxisName(const HeatPaths& paths) {
  std::string text;
  for (const std::string& path : paths) text += (text.empty() ? "" : ", ") + ShortPath(path);
  return text;
}

HeatPaths SplitPaths(const std::string& text) {
  HeatPaths paths;
  for (const std::string_view path : Split(text, ',')) paths.emplace_back(path);
  return paths;
}

std::size_t AxisIndex(const std::vector<std::string>& values, const std::string& value) {
  return static_cast<std::size_t>(std::find(values.begin(), values.end(), value) - values.begin());
}

// Returns the values of an axis: all combinations in the cases, in the order of the paths' values.
std::vector<std::string> AxisValues(const MeasuredExperiment& experiment,
                                    const std::vector<std::size_t>& cases, const HeatPaths& paths) {
  std::vector<SweptValues> of_path;
  for (const std::string& path : paths) of_path.push_back(ValuesOf(experiment, cases, path));
  std::map<std::vector<std::size_t>, std::string> ordered;
  for (const std::size_t index : cases) {
    const CaseResult& own = *experiment.cases[index].result;
    const auto text = AxisText(own, paths);
    if (!text) continue;
    std::vector<std::size_t> place;
    for (std::size_t i = 0; i < paths.size(); ++i) {
      place.push_back(AxisIndex(of_path[i].texts, SettingOf(own, paths[i])));
    }
    ordered.emplace(std::move(place), *text);
  }
  std::vector<std::string> values;
  for (const auto& [place, text] : ordered) values.push_back(text);
  return values;
}

struct HeatAxes {
  HeatPaths x, y;
  std::string metric;
  std::vector<std::size_t> cases;
};

// For a sweep without `heat_map`: the path with the most values is the x axis, the others the y
// axis, as many of them as remain readable.
std::optional<HeatAxes> DefaultAxes(const MeasuredExperiment& experiment, const Sweep& sweep) {
  if (sweep.paths.size() < 2) return std::nullopt;
  const std::vector<std::string> metrics = SweptMetrics(experiment, sweep.cases);
  if (metrics.empty()) return std::nullopt;
  std::vector<std::pair<std::size_t, std::string>> counted;
  for (const std::string& path : sweep.paths) {
    counted.emplace_back(ValuesOf(experiment, sweep.cases, path).texts.size(), path);
  }
  const auto widest =
      std::max_element(counted.begin(), counted.end(),
                       [](const auto& a, const auto& b) { return a.first < b.first; });
  HeatAxes axes{{widest->second}, {}, metrics.front(), sweep.cases};
  counted.erase(widest);
  std::size_t rows = 1;
  for (const auto& [count, path] : counted) {
    if (!axes.y.empty() && rows * count > kRowsMax) continue;
    rows *= count;
    axes.y.push_back(path);
  }
  return axes;
}

// Returns the cases whose values belong to one map.
std::vector<std::vector<std::size_t>> HeatFacets(const MeasuredExperiment& experiment,
                                                 const HeatAxes& axes) {
  using Key = std::tuple<std::string, std::string, std::string, std::string>;
  std::vector<std::pair<Key, std::vector<std::size_t>>> facets;
  for (const std::size_t index : axes.cases) {
    const CaseResult& own = *experiment.cases[index].result;
    if (!AxisText(own, axes.x) || !AxisText(own, axes.y)) continue;
    if (experiment.cases[index].Find(axes.metric) == nullptr) continue;
    const Key key(own.entry, own.control_plane, own.profile, own.start);
    auto facet = std::find_if(facets.begin(), facets.end(),
                              [&](const auto& each) { return each.first == key; });
    if (facet == facets.end()) facet = facets.insert(facet, {key, {}});
    facet->second.push_back(index);
  }
  std::vector<std::vector<std::size_t>> cases;
  for (auto& [key, own] : facets) cases.push_back(std::move(own));
  return cases;
}

HeatMap MakeOneMap(const MeasuredExperiment& experiment, const HeatAxes& axes,
                   const std::vector<std::string>& x_values,
                   const std::vector<std::string>& y_values, std::vector<std::size_t> cases) {
  HeatMap map{AxisName(axes.x), AxisName(axes.y), axes.metric, "", x_values, y_values, {}, {},
              std::move(cases)};
  std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> cells;  // (y, x)
  for (const std::size_t index : map.cases) {
    const MeasuredCase& own = experiment.cases[index];
    const SummarisedMetric* const metric = own.Find(map.metric);
    map.unit = metric->unit;
    const std::size_t x = AxisIndex(x_values, *AxisText(*own.result, axes.x));
    const std::size_t y = AxisIndex(y_values, *AxisText(*own.result, axes.y));
    cells[{y, x}].push_back(metric->statistic.median);
  }
  for (const auto& [place, values] : cells) {
    map.cells.push_back({place.second, place.first, Summarise(values).mean});
  }
  for (const std::string& path : VaryingPaths(experiment, map.cases)) {
    const bool on_axis = std::find(axes.x.begin(), axes.x.end(), path) != axes.x.end() ||
                         std::find(axes.y.begin(), axes.y.end(), path) != axes.y.end();
    if (!on_axis) map.averaged.push_back(ShortPath(path));
  }
  return map;
}

}  // namespace

std::vector<HeatMap> MakeHeatMaps(const MeasuredExperiment& experiment) {
  const ExperimentResult& result = *experiment.result;
  std::vector<HeatAxes> all;
  if (result.heat_x && result.heat_y && result.heat_metric) {
    std::vector<std::size_t> cases(experiment.cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) cases[i] = i;
    all.push_back({SplitPaths(*result.heat_x), SplitPaths(*result.heat_y), *result.heat_metric,
                   std::move(cases)});
  } else {
    for (const Sweep& sweep : FindSweeps(experiment)) {
      if (auto axes = DefaultAxes(experiment, sweep)) all.push_back(std::move(*axes));
    }
  }
  std::vector<HeatMap> maps;
  for (const HeatAxes& axes : all) {
    const std::vector<std::vector<std::size_t>> facets = HeatFacets(experiment, axes);
    std::vector<std::size_t> cases;
    for (const auto& facet : facets) cases.insert(cases.end(), facet.begin(), facet.end());
    std::sort(cases.begin(), cases.end());
    const std::vector<std::string> x_values = AxisValues(experiment, cases, axes.x);
    const std::vector<std::string> y_values = AxisValues(experiment, cases, axes.y);
    for (const auto& facet : facets) {
      maps.push_back(MakeOneMap(experiment, axes, x_values, y_values, facet));
    }
  }
  return maps;
}

}  // namespace kless::experiment
