#include "emulator/experiment/workload/trace_events.h"

#include <algorithm>
#include <map>
#include <utility>

#include "emulator/experiment/input/description_keys.h"
#include "emulator/experiment/workload/trace_values.h"

namespace kless::experiment {
namespace {

// A timestamp may count from 1970; only differences must fit into a workload.
constexpr double kMaxTimestampSeconds = 9e9;

bool BeyondLimit(const TraceOptions& options, double at_ns) {
  return options.limit_minutes > 0 && at_ns >= options.limit_minutes * 60e9;
}

// Numbers functions by their first appearance; -1 beyond limit_functions.
class FunctionIndex {
 public:
  explicit FunctionIndex(const TraceOptions& options) : options_(options) {}

  int Find(const std::string& key, std::string_view name) {
    const auto found = indices_.find(key);
    if (found != indices_.end()) return found->second;
    int index = static_cast<int>(functions.size());
    if (options_.limit_functions > 0 && index >= options_.limit_functions) {
      index = -1;
    } else {
      functions.push_back({.name = names_.Take(name)});
    }
    indices_.emplace(key, index);
    return index;
  }

  std::vector<TraceFunction> functions;

 private:
  const TraceOptions& options_;
  std::map<std::string, int> indices_;
  FunctionNames names_;
};

struct FunctionFacts {
  double cold_ms = 0, warm_ms = 0, memory_mb = 0;
};

Result<std::map<std::string, FunctionFacts>> ReadMetadata(const std::string& path) {
  std::map<std::string, FunctionFacts> facts;
  KLESS_TRY(auto opened, CsvFile::Open(path));
  CsvFile& file = *opened;
  std::vector<std::size_t> columns;
  for (const char* column : {"func_name", "cold_dur_ms", "warm_dur_ms", "mem_mb"}) {
    KLESS_TRY(const auto found, file.Require(column, "the metadata of an iluvatar trace"));
    columns.push_back(found);
  }
  while (true) {
    KLESS_TRY(const auto more, file.Next());
    if (!more) return facts;
    KLESS_TRY(const auto cold, file.Number(columns[1], kTraceMaxMilliseconds));
    KLESS_TRY(const auto warm, file.Number(columns[2], kTraceMaxMilliseconds));
    KLESS_TRY(const auto memory, file.Number(columns[3], kTraceMaxMegabytes));
    if (cold < warm) {
      return file.Complaint("cold_dur_ms includes the init, so it must not be below warm_dur_ms");
    }
    const FunctionFacts row{cold, warm, memory};
    if (!facts.emplace(file.Cell(columns[0]), row).second) {
      return file.Complaint("a second row for function '" + std::string(file.Cell(columns[0])) +
                            "'; remove one");
    }
  }
}

}  // namespace

Result<Workload> ReadAzure2021(CsvFile& file, const TraceOptions& options) {
  std::vector<std::size_t> columns;
  for (const char* column : {"app", "func", "end_timestamp", "duration"}) {
    KLESS_TRY(const auto found, file.Require(column, "azure-2021"));
    columns.push_back(found);
  }
  struct Row {
    double start, duration;
    int function;
  };
  std::vector<Row> rows;
  FunctionIndex index(options);
  double earliest = kMaxTimestampSeconds;
  while (true) {
    KLESS_TRY(const auto more, file.Next());
    if (!more) break;
    KLESS_TRY(const auto end, file.Number(columns[2], kMaxTimestampSeconds));
    KLESS_TRY(const auto duration, file.Number(columns[3], kWorkloadMaxSeconds));
    // A function's hash is unique only within its application.
    const std::string key =
        std::string(file.Cell(columns[0])) + "," + std::string(file.Cell(columns[1]));
    const int function = index.Find(key, file.Cell(columns[1]));
    const double start = end - duration;
    earliest = std::min(earliest, start);
    if (function < 0) continue;
    rows.push_back({start, duration, function});
    KLESS_TRY_VOID(CheckArrivals(rows.size(), file));
  }
  Workload workload;
  for (const Row& row : rows) {
    const double at_ns = (row.start - earliest) * 1e9;
    if (BeyondLimit(options, at_ns)) continue;
    Arrival arrival = InvocationArrival(options, at_ns, row.function);
    arrival.duration = TraceDuration(row.duration * 1e3);
    workload.arrivals.push_back(arrival);
  }
  workload.rule = CountsText(options, workload.arrivals.size(), index.functions.size()) +
                  ", from " + file.Name() + "; each begins at its end less its duration" +
                  LimitsText(options);
  if (!options.as_jobs) workload.functions = std::move(index.functions);
  return workload;
}

Result<Workload> ReadIluvatar(CsvFile& file, const TraceOptions& options) {
  KLESS_TRY(const auto name, file.Require("func_name", "iluvatar"));
  KLESS_TRY(const auto time, file.Require("invoke_time_ms", "iluvatar"));
  std::map<std::string, FunctionFacts> facts;
  if (!options.metadata.empty()) {
    KLESS_TRY(auto read, ReadMetadata(options.metadata));
    facts = std::move(read);
  }
  Workload workload;
  FunctionIndex index(options);
  while (true) {
    KLESS_TRY(const auto more, file.Next());
    if (!more) break;
    KLESS_TRY(const auto at_ms, file.Number(time, kTraceMaxMilliseconds));
    const std::string key(file.Cell(name));
    const int function = index.Find(key, key);
    if (function < 0 || BeyondLimit(options, at_ms * 1e6)) continue;
    Arrival arrival = InvocationArrival(options, at_ms * 1e6, function);
    if (!options.metadata.empty()) {
      const auto known = facts.find(key);
      if (known == facts.end()) {
        return file.Complaint("function '" + key + "' has no row in " + options.metadata);
      }
      const FunctionFacts& fact = known->second;
      TraceFunction& described = index.functions[static_cast<std::size_t>(function)];
      described.memory_mb = LambdaMemory(fact.memory_mb);
      // Zero would mean the profile's init: a function without one gets the shortest possible.
      described.cold_duration =
          std::max(RoundedNanos((fact.cold_ms - fact.warm_ms) * 1e6), Duration(1));
      arrival.duration = TraceDuration(fact.warm_ms);
      arrival.memory_mb = options.as_jobs ? std::max(1, static_cast<int>(fact.memory_mb + 0.5))
                                          : described.memory_mb;
    }
    workload.arrivals.push_back(arrival);
    KLESS_TRY_VOID(CheckArrivals(workload.arrivals.size(), file));
  }
  workload.rule = CountsText(options, workload.arrivals.size(), index.functions.size()) +
                  ", from " + file.Name() +
                  (options.metadata.empty()
                       ? "; without metadata, so without durations"
                       : "; each lasts its function's warm duration, init is cold less warm") +
                  LimitsText(options);
  if (!options.as_jobs) workload.functions = std::move(index.functions);
  return workload;
}

Result<Workload> ReadPlain(CsvFile& file, const TraceOptions& options) {
  KLESS_TRY(const auto time, file.Require("time", "plain"));
  for (const std::string& column : file.header()) {
    const std::vector<std::string> known = {"time", "jobs", "pods", "duration"};
    if (std::find(known.begin(), known.end(), column) != known.end()) continue;
    return file.Complaint("unknown column '" + column + "'" + KeyHint(column, known));
  }
  const auto jobs_column = file.Find("jobs");
  const auto pods_column = file.Find("pods");
  const auto duration_column = file.Find("duration");
  Workload workload;
  std::uint64_t rows = 0, all_pods = 0;
  while (true) {
    KLESS_TRY(const auto more, file.Next());
    if (!more) break;
    KLESS_TRY(const auto at, file.Number(time, kWorkloadMaxSeconds));
    std::uint64_t jobs = 1;
    Arrival arrival = InvocationArrival(options, at * 1e9, -1);
    if (jobs_column) {
      KLESS_TRY(const auto count, file.Count(*jobs_column, kWorkloadMaxArrivals));
      jobs = count;
    }
    if (pods_column) {
      KLESS_TRY(const auto count, file.Count(*pods_column, kWorkloadMaxPodsPerJob));
      if (count == 0) return file.Complaint("pods must be at least 1");
      arrival.pods = static_cast<int>(count);
    }
    if (duration_column) {
      KLESS_TRY(const auto seconds, file.Number(*duration_column, kWorkloadMaxSeconds));
      arrival.duration = RoundedNanos(seconds * 1e9);
    }
    ++rows;
    if (BeyondLimit(options, at * 1e9)) continue;
    all_pods += jobs * static_cast<std::uint64_t>(arrival.pods);
    KLESS_TRY_VOID(CheckArrivals(std::max(all_pods, workload.arrivals.size() + jobs), file));
    workload.arrivals.insert(workload.arrivals.end(), jobs, arrival);
  }
  workload.rule = std::to_string(workload.arrivals.size()) + " Jobs from " + std::to_string(rows) +
                  " rows of " + file.Name() + ", each row's Jobs due at its time" +
                  LimitsText(options);
  return workload;
}

}  // namespace kless::experiment
