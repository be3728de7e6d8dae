// Traces that list each arrival in a row of its own: azure-2021, iluvatar, plain.
#pragma once

#include "emulator/base/error.h"
#include "emulator/experiment/input/csv_file.h"
#include "emulator/experiment/workload/trace_reader.h"
#include "emulator/experiment/workload/workload.h"

namespace kless::experiment {

// `file` has read its header.  Arrivals are returned in the order of the source, unsorted.
Result<Workload> ReadAzure2021(CsvFile& file, const TraceOptions& options);
Result<Workload> ReadIluvatar(CsvFile& file, const TraceOptions& options);
Result<Workload> ReadPlain(CsvFile& file, const TraceOptions& options);

}  // namespace kless::experiment
