// Figures of what an experiment sweeps: a metric along one number, by names, by two settings.
#pragma once

#include "emulator/experiment/report/figures/figure_context.h"

namespace kless::experiment {

// Each appends its figures, if there is something to show.
void DrawSweeps(FigureContext& context);
void DrawHeatMaps(FigureContext& context);

}  // namespace kless::experiment
