// The figures of the feed over time: how many records wait, and for how long.
#pragma once

#include "emulator/experiment/report/figures/figure_context.h"

namespace kless::experiment {

// Appends its figures, if there is something to show.
void DrawFeed(const CaseGroup& group, FigureContext& context);

}  // namespace kless::experiment
