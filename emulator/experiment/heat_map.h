// HeatMap: the median of a metric by two swept settings.
#pragma once

#include <string>
#include <vector>

#include "emulator/experiment/measured_experiment.h"

namespace kless::experiment {

struct HeatCell {
  std::size_t x = 0, y = 0;  // indices
  double value = 0;          // mean over the cases that differ in other settings only
};

struct HeatMap {
  std::string x_name, y_name, metric, unit;
  std::vector<std::string> x_values, y_values;  // by number if all are numbers, else as swept
  std::vector<HeatCell> cells;                  // by y, then x; combinations without cases lack
};

// Without cells if the result names no settings or no case has them.
HeatMap MakeHeatMap(const MeasuredExperiment& experiment);

}  // namespace kless::experiment
