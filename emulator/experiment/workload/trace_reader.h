// Traces of real platforms as workloads.  `workload.trace` of a scenario:
//
//   file: PATH             the trace, below the scenario's folder or the working directory
//   format: azure-2019 | azure-2021 | iluvatar | plain     default: detected by the header
//   as: jobs | invocations (jobs) each invocation becomes one Job of one pod, or an invocation
//   limit_minutes: N       only the trace's first minutes
//   limit_functions: N     only its first functions
//   speed: X               (1) arrival times are divided by it; durations are kept
//
// azure-2019  Azure Functions Trace 2019: counts per function and minute, header
//             `HashFunction,Trigger,1..N` or `HashOwner,HashApp,HashFunction,Trigger,1..1440`. Each
//             count is one arrival in its own minute.  Further keys:
//   durations: PATH        percentile_Average_0..100 in ms; an invocation draws from the straight
//                          lines between them; values below 1 ms, the resolution, become 1 ms
//   memory: PATH           AverageAllocatedMb_pct1..pct100; a Job draws from it likewise, a
//   function
//                          has the largest value, within Lambda's 128..10240
//   iat: exponential | uniform | equidistant   (exponential) gaps within a minute, scaled to fill
//   it shift: true | false    cuts the circle of gaps at a random point.  False: the first
//   invocation
//                          of a minute is at its beginning, so all functions start at once, a burst
//                          that the trace does not have.  (false for equidistant, else true)
//   granularity: minute | second   (minute) the meaning of a column
//   The rows of the three files are joined by those of HashOwner, HashApp, HashFunction that both
//   have (in the original, memory is per application).  A function without a row has no duration or
//   memory.
// azure-2021  `app,func,end_timestamp,duration` in seconds: start = end - duration, relative to the
//             earliest start.
// iluvatar    `func_name,invoke_time_ms`; metadata: PATH has `func_name,cold_dur_ms,warm_dur_ms,
//             mem_mb`: an invocation lasts warm_dur_ms, a function's init is cold_dur_ms -
//             warm_dur_ms.
// plain       `time[,jobs][,pods][,duration]`, in seconds: so many Jobs of so many pods at that
// time.
//
// iat, shift and granularity are as in invitro, which does not shift by default:
// https://github.com/vhive-serverless/invitro/blob/main/docs/configuration.md (2026-11-23).
// Schemas: https://github.com/Azure/AzurePublicDataset (2026-11-23).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "emulator/base/error.h"
#include "emulator/base/random.h"
#include "emulator/experiment/workload/workload.h"

namespace kless::experiment {

struct TraceOptions {
  std::string file, durations, memory, metadata;  // paths of existing files; empty: not given
  std::string format;                             // empty: detected by the header
  bool as_jobs = true;
  std::string iat = "exponential";
  bool shift = true;
  bool per_second = false;
  int limit_minutes = 0;    // 0: all
  int limit_functions = 0;  // 0: all
  double speed = 1;
};

// kInvalidArgument, kNotFound: as in MakeWorkload.  Reads no file.
Result<TraceOptions> ParseTraceOptions(const nlohmann::json& description, const std::string& place,
                                       const std::string& folder);
// kInvalidArgument: "path:line: problem"; kNotFound: a file is missing.
Result<Workload> ReadTrace(const TraceOptions& options, Random& random);

}  // namespace kless::experiment
