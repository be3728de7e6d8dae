// Figures of lines and areas: pods over time, latencies, slowdowns.
#pragma once

#include "emulator/experiment/report/figures/figure_context.h"

namespace kless::experiment {

// Each appends its figures, if there is something to show.
void DrawPods(const CaseGroup& group, FigureContext& context);
void DrawLatency(const CaseGroup& group, FigureContext& context);
void DrawSlowdown(FigureContext& context);

}  // namespace kless::experiment
