// FigureContext: the data from which every figure of an experiment is drawn, and the common parts
// of all figures: series of a case, axes, legends, titles.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "emulator/experiment/report/data/csv.h"
#include "emulator/experiment/report/data/figure_cases.h"
#include "emulator/experiment/report/data/figure_style.h"
#include "emulator/experiment/report/figures/figure_layout.h"
#include "emulator/experiment/report/figures/figure_script.h"
#include "emulator/experiment/report/figures/figures.h"

namespace kless::experiment {

// The number of panels in a figure; of more than these a choice is drawn, which the caption states.
constexpr std::size_t kPanelsMax = 16;
constexpr const char* kTimeLabel = "time since the first submission (s)";

class FigureContext {
 public:
  // Both must outlive the context.
  FigureContext(const MeasuredExperiment& experiment, const std::vector<CsvOutput>& files)
      : experiment_(experiment), files_(files), styles_(experiment) {}

  const MeasuredExperiment& experiment() const { return experiment_; }
  const SystemStyles& styles() const { return styles_; }
  FigureScript& script() { return script_; }
  const CsvOutput* File(const std::string& path) const { return FindCsv(files_, path); }
  const CaseResult& ResultOf(std::size_t index) const { return *experiment_.cases[index].result; }
  // REQUIRES: the case has a run, as every case with a series has.
  const RunResult& RunOf(std::size_t index) const {
    return *experiment_.cases[index].Representative();
  }
  PanelChoice BySetting(const std::vector<std::size_t>& cases) const {
    return PanelsBySetting(experiment_, styles_, cases, kPanelsMax);
  }
  PanelChoice ByCase(const std::vector<std::size_t>& cases) const {
    return PanelsByCase(experiment_, styles_, cases, kPanelsMax);
  }

  // Returns "Pods over time, 100 jobs of one pod", with the group if the workload does not imply
  // it.
  std::string Title(const std::string& what, const CaseGroup& group) const;
  // Adds one entry to the legend for each system and start of the cases; with the last pod's time.
  void AddSystems(const std::vector<std::size_t>& cases, bool with_ends,
                  FigureLayout* layout) const;
  // Appends the figure; a trailing blank of the caption is dropped.
  void Add(const std::string& name, const std::string& title, std::string caption,
           const PanelChoice& choice, std::vector<std::string> data, const FigureLayout& layout);
  FigureSet Take();

 private:
  const MeasuredExperiment& experiment_;
  const std::vector<CsvOutput>& files_;
  const SystemStyles styles_;
  FigureScript script_;
  FigureSet set_;
};

// Returns the series of a file that belong to one of the cases.
std::vector<CsvSeries> SeriesOf(const CsvOutput& file, const std::vector<std::size_t>& cases);
std::vector<std::size_t> CasesOf(const std::vector<CsvSeries>& series);
std::vector<std::size_t> CasesOf(const PanelChoice& choice);  // ascending
// Returns 'FILE' skip ... every ...: the rows of one series.
std::string SeriesRows(const CsvOutput& file, const CsvSeries& series);
// Returns the line width, and about `count` markers along the line, to distinguish lines without
// colour.
std::string Markers(const CsvSeries& series, int count);

// Returns when the last pod was written, and the last invocation ended: idle environments remain
// for a long time.
std::int64_t LastPod(const RunResult& run);
double ActiveSeconds(const RunResult& run);

// Returns columns and heights for this number of panels of lines.
FigureLayout LayoutOf(std::size_t panels);
// An axis from 0 to `high`, with at most `most` ticks, only at whole numbers if `whole`.
std::string LinearAxis(const char* axis, double high, int most, bool whole);
// Returns the ends of a logarithmic axis for the values above 0 of distributions.
std::pair<double, double> LogEnds(const std::vector<CsvSeries>& series);
// Chooses titles that fit the layout's panels: with the names of the settings, else their values
// alone, and then the caption names the settings.
void FitTitles(const FigureLayout& layout, PanelChoice* choice);

}  // namespace kless::experiment
