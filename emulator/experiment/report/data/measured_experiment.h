// MeasuredExperiment: the metrics of every case over its runs, computed once for all outputs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emulator/experiment/measures/metrics.h"
#include "emulator/experiment/run/experiment_result.h"

namespace kless::experiment {

struct SummarisedMetric {
  std::string name;
  std::string unit;
  Statistic statistic;  // over the runs that have the metric
};

struct MeasuredCase {
  const CaseResult* result = nullptr;
  std::vector<SummarisedMetric> metrics;  // in the order of MeasureRun

  // nullptr if it does not have the metric
  const SummarisedMetric* Find(std::string_view metric) const;
  std::string title;  // its label, with its group if several cases have that label
  // The run that figures draw as the line; nullptr if there are no runs.
  const RunResult* Representative() const;
  const std::string& Label() const;  // for legends; its name if it has no label
};

// Cases that share figures.  If every group of the scenario has a single case, all share them.
struct CaseGroup {
  std::string name;
  std::string file;                // unique among the groups, for file names
  std::vector<std::size_t> cases;  // indices
};

struct MeasuredExperiment {
  const ExperimentResult* result = nullptr;  // must outlive this
  std::vector<MeasuredCase> cases;           // as in the result
  std::vector<CaseGroup> groups;             // in the order of their first case
};

MeasuredExperiment MeasureExperiment(const ExperimentResult& result);

bool HasPrefix(std::string_view name, const std::vector<std::string>& prefixes);
// The prefixes of metrics about money and about unused resources.
const std::vector<std::string>& CostPrefixes();

// The letters, digits, '.', '_' and '-' of `name`, with everything else as '-'; never empty, never
// hidden.
std::string FileName(std::string_view name);

}  // namespace kless::experiment
