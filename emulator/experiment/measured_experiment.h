// MeasuredExperiment: the metrics of every case over its runs, computed once for all outputs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emulator/experiment/experiment_result.h"
#include "emulator/experiment/metrics.h"

namespace kless::experiment {

struct SummarisedMetric {
  std::string name;
  std::string unit;
  Statistic statistic;  // over the runs that have the metric
};

struct MeasuredCase {
  const CaseResult* result = nullptr;
  std::vector<SummarisedMetric> metrics;  // in the order of MeasureRun

  const SummarisedMetric* Find(std::string_view metric) const;  // nullptr: it has none
  std::string title;  // its label, with its group where several cases have that label
  // The run that figures draw as the line; nullptr: there are no runs.
  const RunResult* Representative() const;
  const std::string& Label() const;  // for legends; its name if it has no label
};

// Cases that share figures.  If every group of the scenario has one case alone, all share them.
struct CaseGroup {
  std::string name;
  std::string file;                // unique among the groups, for names of files
  std::vector<std::size_t> cases;  // indices
};

struct MeasuredExperiment {
  const ExperimentResult* result = nullptr;  // outlives this
  std::vector<MeasuredCase> cases;           // as in the result
  std::vector<CaseGroup> groups;             // in the order of their first case
};

MeasuredExperiment MeasureExperiment(const ExperimentResult& result);

bool HasPrefix(std::string_view name, const std::vector<std::string>& prefixes);
// Of the metrics about money, and about resources that nobody used.
const std::vector<std::string>& CostPrefixes();

// Letters, digits, '.', '_' and '-' of `name`, the rest as '-'; never empty, never hidden.
std::string FileName(std::string_view name);

}  // namespace kless::experiment
