// report.html: everything of an experiment on one page that needs no network.
#pragma once

#include <string>
#include <vector>

#include "emulator/experiment/figures.h"
#include "emulator/experiment/measured_experiment.h"

namespace kless::experiment {

// A figure as it goes into the page.
struct InlineFigure {
  std::string name, caption;
  std::string svg;  // as gnuplot wrote it, or
  std::string png;  // its bytes, where the SVG is too long
};

// SVGs above this are taken as PNG, so that the page stays below about 5 MB.
constexpr std::size_t kInlineSvgMax = 300'000;

// Reads what DrawFigures left in the folder; figures that are not there are left out.
std::vector<InlineFigure> ReadFigures(const FigureSet& set, const std::string& folder);
std::string MakeReport(const MeasuredExperiment& experiment,
                       const std::vector<InlineFigure>& figures);

}  // namespace kless::experiment
