// A run as Chrome trace events, for Perfetto (ui.perfetto.dev) and chrome://tracing.
#pragma once

#include <string>

#include "emulator/experiment/measures/run_result.h"

namespace kless::experiment {

// Further tracks are left out, and a metadata event "left_out" counts them: viewers get slow.
constexpr std::size_t kTracePodsMax = 5000;
constexpr std::size_t kTraceInvocationsMax = 20000;

// {"traceEvents": [...]}, times in microseconds of emulated time:
//   process "environments"  a track per environment: slices init and run
//   process "jobs"          a track per pod, named by its Job: a slice per cause within the pod's
//   process "counters"      environments by state, refusals so far, iterator age, records waiting
std::string MakeTrace(const RunResult& run, const std::string& case_name);

}  // namespace kless::experiment
