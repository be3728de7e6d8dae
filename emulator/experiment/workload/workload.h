// Workload: the submissions of a scenario, as a list of arrivals in order of time.
//
// Its forms in a scenario (YAML):
//   {jobs: 100, pods: 1}                            100 Jobs of one pod, all due at once
//   {jobs: 100, pods: 1, arrival: {process: poisson, rate_per_s: 20}}
//   {jobs: 100, arrival: {process: constant, rate_per_s: 20}}
//   {jobs: 100, arrival: {process: burst, size: 10, every: 5s}}     10 at once, 5 s apart
//   {list: [{at: 0s, jobs: 1, pods: 100}, {at: 2s, jobs: 5, pods: 2, duration: 30s}]}
//   {trace: {file: PATH, format: azure-2019, durations: PATH, memory: PATH, as: jobs, ...}}
//   {synthetic: {functions: 200, minutes: 60, invocations: 50000, tail: 1.1, as: invocations}}
//
// `process: at-once` names the default.  pods is 1 unless given; `duration`, next to jobs or in a
// list entry, is the run time of each pod.  constant: one every 1/rate from 0 on; poisson: the
// first one after a first gap.  The keys of `trace` are described in trace_reader.h, those of
// `synthetic` in synthetic_trace.h.  Pure except for trace files and the draws; used by one thread.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/base/clock.h"
#include "emulator/base/error.h"
#include "emulator/base/random.h"

namespace kless::experiment {

// A workload with more arrivals, or more pods in total, is refused.
constexpr std::uint64_t kWorkloadMaxArrivals = 10'000'000;
constexpr std::uint64_t kWorkloadMaxPodsPerJob = 1'000'000;

// One Job or invocation of the workload, and its time.
struct Arrival {
  Duration at{};        // since the workload's start
  int pods = 1;         // a Job: parallelism and completions
  Duration duration{};  // of the pod, or of the invocation; zero: not given
  int memory_mb = 0;    // 0: not given
  int function = -1;    // index into Workload::functions; -1: a Job
};

// A function of an invocation trace.
struct TraceFunction {
  std::string name;          // as in the trace, shortened to a valid name of a function
  int memory_mb = 128;       // within Lambda's range
  Duration cold_duration{};  // init; zero: the profile's
};

struct Workload {
  std::vector<Arrival> arrivals;         // by `at`, equal ones in the order of the source
  std::vector<TraceFunction> functions;  // for invocation workloads, else empty
  std::string rule;                      // how rows became arrivals: one sentence for the report
};

// `folder`: relative trace paths are searched below it, then below the working directory.  `random`
// draws arrival times and samples; equal draws give equal workloads. kInvalidArgument and kNotFound
// name the key or file at fault, and for an unknown key the nearest one.
Result<Workload> MakeWorkload(const nlohmann::json& description, const std::string& folder,
                              Random& random);
// Only checks keys and values, and that files exist; reads no trace.
Result<void> ValidateWorkload(const nlohmann::json& description, const std::string& folder);

}  // namespace kless::experiment
