// The CSV files of lines and areas: one function per file of csv.h, which describes them.
#pragma once

#include <optional>

#include "emulator/experiment/report/data/csv.h"

namespace kless::experiment {

CsvOutput PodsOverTimeCsv(const MeasuredExperiment& experiment, const CaseGroup& group);
CsvOutput LatencyCdfCsv(const MeasuredExperiment& experiment);
CsvOutput SlowdownCsv(const MeasuredExperiment& experiment);
CsvOutput EnvironmentsCsv(const MeasuredExperiment& experiment);
CsvOutput ThrottlesCsv(const MeasuredExperiment& experiment);
CsvOutput FeedCsv(const MeasuredExperiment& experiment);

}  // namespace kless::experiment
