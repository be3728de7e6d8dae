// A synthetic invocation trace with the heavy tail that excerpts of real traces lack.
// `workload.synthetic` of a scenario:
//
//   functions: 200         1..100000
//   minutes: 60            1..527040
//   invocations: 50000     1..10000000, the exact number
//   tail: 1.1              0..10, the exponent of the popularity; 0: all functions are equal
//   as: invocations | jobs (invocations) jobs: each becomes one Job of one pod
//
// Popularity is Zipf's law: each invocation is of the function of rank k (1..functions) with a
// probability in proportion to k^-tail, which is a Pareto distribution of invocations per function
// with exponent 1/tail.  Given their number, the arrivals of a function are a Poisson process.  The
// reason: Shahrad et al., Serverless in the Wild, USENIX ATC 2020
// (https://www.usenix.org/conference/atc20/presentation/shahrad), find invocation rates over eight
// orders of magnitude, and that the 18.6 % most popular applications make 99.6 % of all
// invocations.  They fit no law: Zipf is kless's model of it.  Of 1000 functions, the 18.6 % most
// popular make 84 % of the invocations at tail 1.1, 97 % at 1.5, 99.7 % at 2.  A truncated
// excerpt, such as the hour of 1000 functions in IntelliSys-Lab/Freyr-sim (none above 991
// invocations), has 11 % with its ten most popular functions; here they have 48 % at tail 1.1.
//
// Duration and memory belong to a function and are drawn independently of its rank, like the 1000
// functions of that excerpt (Azure Functions Trace 2019, CC-BY 4.0; read 2026-11-23): average
// durations are log-normal with mean -1.18 and deviation 2.61 of the logarithm of seconds, here cut
// to 1 ms..15 minutes, Lambda's longest; memory has the excerpt's percentiles of
// AverageAllocatedMb, for functions within Lambda's 128..10240.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/random.h"
#include "emulator/experiment/workload/workload.h"

namespace kless::experiment {

struct SyntheticOptions {
  int functions = 200;
  int minutes = 60;
  std::int64_t invocations = 50'000;
  double tail = 1.1;
  bool as_jobs = false;
};

// kInvalidArgument: as in MakeWorkload.
Result<SyntheticOptions> ParseSyntheticOptions(const nlohmann::json& description,
                                               const std::string& place);
// Functions are named synthetic-1, synthetic-2, ... by rank.
Workload MakeSyntheticTrace(const SyntheticOptions& options, Random& random);

}  // namespace kless::experiment
