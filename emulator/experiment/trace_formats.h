// The readers behind trace_reader.h, one per format, and what they share.  Pure but for the files
// they read and the draws from `random`.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/random.h"
#include "emulator/experiment/csv_file.h"
#include "emulator/experiment/trace_reader.h"
#include "emulator/experiment/workload.h"

namespace kless::experiment {

// `file` has read its header.  Arrivals come back in the order of the source, unsorted.
Result<Workload> ReadAzure2019(CsvFile& file, const TraceOptions& options, Random& random);
Result<Workload> ReadAzure2021(CsvFile& file, const TraceOptions& options);
Result<Workload> ReadIluvatar(CsvFile& file, const TraceOptions& options);
Result<Workload> ReadPlain(CsvFile& file, const TraceOptions& options);

// A distribution given by some of its percentiles, straight lines between them.
struct Quantiles {
  std::vector<double> at;      // ascending, the last one 1
  std::vector<double> values;  // as many
  // `unit` in [0, 1); below the first percentile: its value.
  double Sample(double unit) const;
};

// Gives each function of a trace a name that a function may have: 1..64 of [a-zA-Z0-9-_], each
// once.
class FunctionNames {
 public:
  std::string Take(std::string_view name);

 private:
  std::set<std::string, std::less<>> taken_;
};

constexpr double kTraceMaxMilliseconds = 366.0 * 86400 * 1e3;
constexpr double kTraceMaxMegabytes = 1e7;
// Decimal fractions of a trace (1.001 s) keep their whole nanoseconds.
Duration RoundedNanos(double nanos);
// Milliseconds of a trace as a duration; below its resolution of 1 ms: 1 ms, since zero would say
// that the workload gives none.
Duration TraceDuration(double milliseconds);
int LambdaMemory(double megabytes);  // within 128..10240, whole

// The Arrival of one invocation of `function` (index and description).
Arrival InvocationArrival(const TraceOptions& options, double at_ns, int function);
// kInvalidArgument: more arrivals than a workload may have.
Result<void> CheckArrivals(std::uint64_t arrivals, const CsvFile& file);
// "; only the first 10 minutes; time divided by 10", or nothing.
std::string LimitsText(const TraceOptions& options);
// "85470 invocations of 1000 functions, each one Job of one pod".
std::string CountsText(const TraceOptions& options, std::size_t arrivals, std::size_t functions);

}  // namespace kless::experiment
