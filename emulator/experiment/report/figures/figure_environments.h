// The figure of environments over time, with the cap and the throttles.
#pragma once

#include "emulator/experiment/report/figures/figure_context.h"

namespace kless::experiment {

// Appends its figures, if there is something to show.
void DrawEnvironments(const CaseGroup& group, FigureContext& context);

}  // namespace kless::experiment
