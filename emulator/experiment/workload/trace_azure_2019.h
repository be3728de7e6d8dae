// Azure Functions Trace 2019: counts per function and minute, and the two accompanying files.
#pragma once

#include "emulator/base/error.h"
#include "emulator/base/random.h"
#include "emulator/experiment/input/csv_file.h"
#include "emulator/experiment/workload/trace_reader.h"
#include "emulator/experiment/workload/workload.h"

namespace kless::experiment {

// `file` has read its header.  Arrivals are returned in the order of the source, unsorted.
Result<Workload> ReadAzure2019(CsvFile& file, const TraceOptions& options, Random& random);

}  // namespace kless::experiment
