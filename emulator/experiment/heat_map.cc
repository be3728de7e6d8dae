#include "emulator/experiment/heat_map.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

namespace kless::experiment {
namespace {

const std::string* Setting(const CaseResult& own, const std::string& path) {
  for (const auto& [name, value] : own.parameters) {
    if (name == path) return &value;
  }
  return nullptr;
}

std::optional<double> Number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void SortIfNumbers(std::vector<std::string>& values) {
  for (const std::string& value : values) {
    if (!Number(value)) return;
  }
  std::stable_sort(values.begin(), values.end(), [](const std::string& a, const std::string& b) {
    return *Number(a) < *Number(b);
  });
}

std::size_t IndexOf(const std::vector<std::string>& values, const std::string& value) {
  return static_cast<std::size_t>(std::find(values.begin(), values.end(), value) - values.begin());
}

}  // namespace

HeatMap MakeHeatMap(const MeasuredExperiment& experiment) {
  const ExperimentResult& result = *experiment.result;
  if (!result.heat_x || !result.heat_y || !result.heat_metric) return {};
  HeatMap map{*result.heat_x, *result.heat_y, *result.heat_metric, "", {}, {}, {}};
  struct Point {
    const std::string* x;
    const std::string* y;
    double value;
  };
  std::vector<Point> points;
  for (const MeasuredCase& own : experiment.cases) {
    const std::string* const x = Setting(*own.result, map.x_name);
    const std::string* const y = Setting(*own.result, map.y_name);
    const SummarisedMetric* const metric = own.Find(map.metric);
    if (x == nullptr || y == nullptr || metric == nullptr) continue;
    map.unit = metric->unit;
    points.push_back({x, y, metric->statistic.median});
    if (IndexOf(map.x_values, *x) == map.x_values.size()) map.x_values.push_back(*x);
    if (IndexOf(map.y_values, *y) == map.y_values.size()) map.y_values.push_back(*y);
  }
  SortIfNumbers(map.x_values);
  SortIfNumbers(map.y_values);
  std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> cells;  // (y, x)
  for (const Point& point : points) {
    cells[{IndexOf(map.y_values, *point.y), IndexOf(map.x_values, *point.x)}].push_back(
        point.value);
  }
  for (const auto& [place, values] : cells) {
    map.cells.push_back({place.second, place.first, Summarise(values).mean});
  }
  return map;
}

}  // namespace kless::experiment
