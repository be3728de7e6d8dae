// Figures that are no lines over time or value: stacked bars and the heat map.
#pragma once

#include <string>

#include "emulator/experiment/csv.h"
#include "emulator/experiment/figure_script.h"
#include "emulator/experiment/figures.h"

namespace kless::experiment {

// Each appends its figure to both, if there is something to show.
void DrawStartup(const MeasuredExperiment& experiment, FigureScript& script, FigureSet& set);
void DrawCauses(const MeasuredExperiment& experiment, FigureScript& script, FigureSet& set);
void DrawHeatMap(const MeasuredExperiment& experiment, FigureScript& script, FigureSet& set);

}  // namespace kless::experiment
