// The CSV files of lines and areas: one function per file of csv.h, which describes them.
#pragma once

#include <optional>

#include "emulator/experiment/csv.h"

namespace kless::experiment {

CsvFile PodsOverTimeCsv(const MeasuredExperiment& experiment, const CaseGroup& group);
CsvFile LatencyCdfCsv(const MeasuredExperiment& experiment);
CsvFile SlowdownCsv(const MeasuredExperiment& experiment);
CsvFile EnvironmentsCsv(const MeasuredExperiment& experiment);
CsvFile ThrottlesCsv(const MeasuredExperiment& experiment);
CsvFile FeedCsv(const MeasuredExperiment& experiment);

}  // namespace kless::experiment
