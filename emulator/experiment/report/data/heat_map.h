// HeatMap: the median of a metric by two swept settings.
#pragma once

#include <string>
#include <vector>

#include "emulator/experiment/report/data/measured_experiment.h"

namespace kless::experiment {

struct HeatCell {
  std::size_t x = 0, y = 0;  // indices
  double value = 0;          // mean over the cases that differ only in other settings
};

struct HeatMap {
  std::string x_name, y_name, metric, unit;
  // by number if all are numbers, else in the swept order
  std::vector<std::string> x_values, y_values;
  // by y, then x; combinations without cases are missing
  std::vector<HeatCell> cells;
  std::vector<std::string> averaged;  // swept settings that are on no axis
  std::vector<std::size_t> cases;     // of one entry, system and start
};

// Returns one for each entry of `cases`, system and start, all with the same axes: those that the
// scenario names in `heat_map`, else of each sweep over two or more paths the one with the most
// values, and the others.  Maps with different axes follow each other.
std::vector<HeatMap> MakeHeatMaps(const MeasuredExperiment& experiment);

}  // namespace kless::experiment
