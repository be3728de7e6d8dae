// The figures of an experiment, drawn by gnuplot from the files below data/.
//
//   startup               stages of a start, a bar per control plane, profile and setting
//   pods-GROUP            pods over time: median run as line, all runs as band, published values
//   latency-GROUP         cumulative share of pods by their latency, by kind of start
//   environments-GROUP    initialising, busy and idle environments, the cap, refusals
//   feed-GROUP            iterator age and records waiting
//   slowdown              cumulative share of invocations by their slowdown
//   causes                where the time of a pod went
//   heat-map              a metric by two settings
#pragma once

#include <string>
#include <vector>

#include "emulator/experiment/csv.h"

namespace kless::experiment {

struct Figure {
  std::string name;     // figures/NAME.svg and .png
  std::string caption;  // a sentence or two
};

struct FigureSet {
  std::string script;  // run in the experiment's folder
  std::vector<Figure> figures;
  std::vector<std::string> remarks;  // what a figure leaves out
};

FigureSet MakeFigures(const MeasuredExperiment& experiment, const std::vector<CsvOutput>& files);

// Writes figures/figures.gp and runs gnuplot on it, once.  Without gnuplot, or if it fails, `set`
// is left without figures and with a remark.  kUnavailable: the script cannot be written.
Result<void> DrawFigures(FigureSet& set, const std::string& folder);

}  // namespace kless::experiment
