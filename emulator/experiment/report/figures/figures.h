// The figures of an experiment, drawn by gnuplot from the files below data/.
//
//   sweep, sweep-N        a metric over the swept values: lines over a number, bars over names
//   heat-map, heat-map-N  a metric by two settings
//   startup               stages of a start, a bar per control plane, profile and setting
//   pods-GROUP            pods over time: median run as line, all runs as band, published values
//   latency-GROUP         cumulative share of pods by their latency, by kind of start
//   environments-GROUP    initialising, busy and idle environments, the cap, refusals
//   feed-GROUP            iterator age and records waiting; each setting has its own
//                         figure: iterator-age-GROUP, waiting-GROUP
//   slowdown              cumulative share of invocations by their slowdown
//   causes                how the time of a pod was spent
//
// Colour is the system and dash the start in all of them (figure_style.h).  Cases that would be
// drawn alike get panels of their own.  A figure or panel without data is left out.
#pragma once

#include <string>
#include <vector>

#include "emulator/experiment/report/data/csv.h"

namespace kless::experiment {

struct Figure {
  std::string name;                // figures/NAME.svg and .png
  std::string title;               // "Pods over time, 100 jobs of one pod"
  std::string caption;             // how to interpret it, in sentences
  std::vector<std::string> data;   // the CSV files it is drawn from
  std::vector<std::size_t> cases;  // the cases shown, by index
};

struct FigureSet {
  std::string script;  // to be run in the experiment's folder
  std::vector<Figure> figures;
  std::vector<std::string> remarks;  // what could not be drawn
};

FigureSet MakeFigures(const MeasuredExperiment& experiment, const std::vector<CsvOutput>& files);

// Writes figures/figures.gp and runs gnuplot on it, once.  Without gnuplot, or if it fails, `set`
// has no figures and a remark. kUnavailable: the script cannot be written.
Result<void> DrawFigures(FigureSet& set, const std::string& folder);

}  // namespace kless::experiment
