// The tables of report.html, each as HTML; "" if there is nothing to show.
#pragma once

#include <string>
#include <vector>

#include "emulator/experiment/report/data/measured_experiment.h"
#include "emulator/experiment/report/html.h"

namespace kless::experiment {

std::string PublishedPart(const ExperimentResult& result);
std::string FittedPart(const ExperimentResult& result);
std::string ThresholdsPart(const ExperimentResult& result);
std::string SourcesPart(const ExperimentResult& result);
// A row per case, with the definitions of the columns.
std::string OverviewPart(const MeasuredExperiment& experiment);
std::string CausesPart(const MeasuredExperiment& experiment);
// A row per objective: in how many cases it is met, and in which it is not.
std::string SloPart(const MeasuredExperiment& experiment);
// `links` are those of each case, to its files.
std::string CasesPart(const MeasuredExperiment& experiment,
                      const std::vector<std::vector<HtmlLink>>& links);

enum class MetricKind { kCost, kElasticity, kAmplification, kOther };
// With few cases, metrics are rows, with the band of the runs; with more, cases are rows, with
// medians only.  Metrics that are equal in all cases of a group are one sentence.
std::string MetricsPart(const MeasuredExperiment& experiment, MetricKind kind);

}  // namespace kless::experiment
