#include "emulator/experiment/heat_map.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "emulator/base/strings.h"

namespace kless::experiment {
namespace {

// The values of the settings that `paths` names, by comma; none if the case lacks one.
std::optional<std::string> CaseSettings(const CaseResult& own, const std::string& paths) {
  std::string text;
  for (const std::string_view path : Split(paths, ',')) {
    const auto found = std::find_if(own.parameters.begin(), own.parameters.end(),
                                    [&](const auto& each) { return each.first == path; });
    if (found == own.parameters.end()) return std::nullopt;
    text += (text.empty() ? "" : ", ") + found->second;
  }
  return text;
}

// "parallelization_factor, resource_shards": the last word of each path.
std::string ShortNames(const std::string& paths) {
  std::string text;
  for (const std::string_view path : Split(paths, ',')) {
    const auto dot = path.rfind('.');
    text += (text.empty() ? "" : ", ") +
            std::string(dot == std::string_view::npos ? path : path.substr(dot + 1));
  }
  return text;
}

std::optional<double> CellNumber(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void SortIfNumbers(std::vector<std::string>& values) {
  for (const std::string& value : values) {
    if (!CellNumber(value)) return;
  }
  std::stable_sort(values.begin(), values.end(), [](const std::string& a, const std::string& b) {
    return *CellNumber(a) < *CellNumber(b);
  });
}

std::size_t IndexOf(const std::vector<std::string>& values, const std::string& value) {
  return static_cast<std::size_t>(std::find(values.begin(), values.end(), value) - values.begin());
}

}  // namespace

HeatMap MakeHeatMap(const MeasuredExperiment& experiment) {
  const ExperimentResult& result = *experiment.result;
  if (!result.heat_x || !result.heat_y || !result.heat_metric) return {};
  HeatMap map{
      ShortNames(*result.heat_x), ShortNames(*result.heat_y), *result.heat_metric, "", {}, {}, {}};
  struct Point {
    std::string x;
    std::string y;
    double value;
  };
  std::vector<Point> points;
  for (const MeasuredCase& own : experiment.cases) {
    const auto x = CaseSettings(*own.result, *result.heat_x);
    const auto y = CaseSettings(*own.result, *result.heat_y);
    const SummarisedMetric* const metric = own.Find(map.metric);
    if (!x || !y || metric == nullptr) continue;
    map.unit = metric->unit;
    points.push_back({*x, *y, metric->statistic.median});
    if (IndexOf(map.x_values, *x) == map.x_values.size()) map.x_values.push_back(*x);
    if (IndexOf(map.y_values, *y) == map.y_values.size()) map.y_values.push_back(*y);
  }
  SortIfNumbers(map.x_values);
  SortIfNumbers(map.y_values);
  std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> cells;  // (y, x)
  for (const Point& point : points) {
    cells[{IndexOf(map.y_values, point.y), IndexOf(map.x_values, point.x)}].push_back(point.value);
  }
  for (const auto& [place, values] : cells) {
    map.cells.push_back({place.second, place.first, Summarise(values).mean});
  }
  return map;
}

}  // namespace kless::experiment
