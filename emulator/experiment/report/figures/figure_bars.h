// Figures of horizontal bars: a time as the sum of its parts, and a metric by cases.
#pragma once

#include <string>
#include <vector>

#include "emulator/experiment/report/figures/figure_context.h"

namespace kless::experiment {

// Each appends its figure, if there is something to show.
void DrawStartup(FigureContext& context);
void DrawCauses(FigureContext& context);
// Draws a bar per case, coloured by its system and hatched for a cold start, with the lowest and
// highest run as whiskers.  `figure` has no cases yet.
void DrawMetricBars(FigureContext& context, const std::vector<std::size_t>& cases,
                    const std::string& metric, const std::string& unit, Figure figure);

}  // namespace kless::experiment
