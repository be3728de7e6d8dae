// What the readers of traces share: distributions, names, durations, limits and sentences.  Pure.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/random.h"
#include "emulator/experiment/input/csv_file.h"
#include "emulator/experiment/workload/trace_reader.h"
#include "emulator/experiment/workload/workload.h"

namespace kless::experiment {

// A distribution given by some of its percentiles, with straight lines between them.
struct Quantiles {
  std::vector<double> at;      // ascending, the last is 1
  std::vector<double> values;  // one for each
  // `unit` is in [0, 1); below the first percentile it returns that one's value.
  double Sample(double unit) const;
};

// Gives each function of a trace a valid, unique name: 1..64 of [a-zA-Z0-9-_].
class FunctionNames {
 public:
  std::string Take(std::string_view name);

 private:
  std::set<std::string, std::less<>> taken_;
};

constexpr double kTraceMaxMilliseconds = 366.0 * 86400 * 1e3;
constexpr double kTraceMaxMegabytes = 1e7;
// Decimal fractions in a trace (1.001 s) keep their whole nanoseconds.
Duration RoundedNanos(double nanos);
// The milliseconds of a trace as a duration; values below its resolution of 1 ms become 1 ms, since
// zero would mean that the workload gives none.
Duration TraceDuration(double milliseconds);
int LambdaMemory(double megabytes);  // within 128..10240, whole

// The Arrival of one invocation of `function` (index and description).
Arrival InvocationArrival(const TraceOptions& options, double at_ns, int function);
// kInvalidArgument: more arrivals than a workload may have.
Result<void> CheckArrivals(std::uint64_t arrivals, const CsvFile& file);
// Returns "; only the first 10 minutes; time divided by 10", or "".
std::string LimitsText(const TraceOptions& options);
// Returns "85470 invocations of 1000 functions, each one Job of one pod".
std::string CountsText(const TraceOptions& options, std::size_t arrivals, std::size_t functions);

}  // namespace kless::experiment
