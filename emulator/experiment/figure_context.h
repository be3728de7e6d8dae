// FigureContext: what every figure of an experiment is drawn with, and what all kinds of figures
// share: series of a case, axes, legends, titles.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "emulator/experiment/csv.h"
#include "emulator/experiment/figure_cases.h"
#include "emulator/experiment/figure_layout.h"
#include "emulator/experiment/figure_script.h"
#include "emulator/experiment/figure_style.h"
#include "emulator/experiment/figures.h"

namespace kless::experiment {

// Panels of a figure; beyond these a choice is drawn, and the caption says which.
constexpr std::size_t kPanelsMax = 16;
constexpr const char* kTimeLabel = "time since the first submission (s)";

class FigureContext {
 public:
  // Both outlive the context.
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

  // "Pods over time, 100 jobs of one pod", with the group where the workload does not tell it.
  std::string Title(const std::string& what, const CaseGroup& group) const;
  // One entry of the legend for each system and start of the cases; with the last pod's time.
  void AddSystems(const std::vector<std::size_t>& cases, bool with_ends,
                  FigureLayout* layout) const;
  // Appends the figure; a blank at the caption's end is dropped.
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

// The series of a file that belong to one of the cases.
std::vector<CsvSeries> SeriesOf(const CsvOutput& file, const std::vector<std::size_t>& cases);
std::vector<std::size_t> CasesOf(const std::vector<CsvSeries>& series);
std::vector<std::size_t> CasesOf(const PanelChoice& choice);  // ascending
// 'FILE' skip ... every ...: the rows of one series.
std::string SeriesRows(const CsvOutput& file, const CsvSeries& series);
// Line width, and about `count` markers along the line, to tell lines apart without colour.
std::string Markers(const CsvSeries& series, int count);

// When the last pod was written, and the last invocation ended: idle environments live on for long.
std::int64_t LastPod(const RunResult& run);
double ActiveSeconds(const RunResult& run);

// Columns and heights for as many panels of lines.
FigureLayout LayoutOf(std::size_t panels);
// From 0 to `high`, with at most `most` ticks, at whole numbers only if `whole`.
std::string LinearAxis(const char* axis, double high, int most, bool whole);
// The ends of a logarithmic axis for the values above 0 of distributions.
std::pair<double, double> LogEnds(const std::vector<CsvSeries>& series);
// Titles that fit the layout's panels: with the names of the settings, else their values alone, and
// then the caption names the settings.
void FitTitles(const FigureLayout& layout, PanelChoice* choice);

}  // namespace kless::experiment
