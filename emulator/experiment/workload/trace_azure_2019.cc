#include "emulator/experiment/workload/trace_azure_2019.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "emulator/base/strings.h"
#include "emulator/experiment/workload/trace_values.h"

namespace kless::experiment {
namespace {

const std::vector<std::string>& KeyColumns() {
  static const std::vector<std::string> columns = {"HashOwner", "HashApp", "HashFunction"};
  return columns;
}

std::string Key(const CsvFile& file, const std::vector<std::size_t>& columns) {
  std::string key;
  for (const std::size_t column : columns) {
    key += file.Cell(column);
    key += ',';
  }
  return key;
}

// The durations or the memory of functions.
class FunctionTable {
 public:
  // `percents` name the columns after `prefix`.
  static Result<FunctionTable> Read(const std::string& path, const CsvFile& counts,
                                    const std::string& prefix, const std::vector<int>& percents,
                                    double highest) {
    FunctionTable table;
    KLESS_TRY(auto opened, CsvFile::Open(path));
    CsvFile& file = *opened;
    table.name_ = file.Name();
    std::vector<std::size_t> own;
    for (const std::string& column : KeyColumns()) {
      const auto here = file.Find(column);
      const auto there = counts.Find(column);
      if (!here || !there) continue;
      own.push_back(*here);
      table.columns_.push_back(*there);
    }
    if (own.empty()) {
      return file.Complaint("none of HashOwner, HashApp, HashFunction is a column here and in " +
                            counts.Name() + "; rows cannot be told apart");
    }
    std::vector<std::size_t> columns;
    for (const int percent : percents) {
      KLESS_TRY(const auto column,
                file.Require(prefix + std::to_string(percent), "an azure-2019 trace"));
      columns.push_back(column);
      table.at_.push_back(percent / 100.0);
    }
    while (true) {
      KLESS_TRY(const auto more, file.Next());
      if (!more) return table;
      std::vector<double> values;
      for (const std::size_t column : columns) {
        KLESS_TRY(const auto value, file.Number(column, highest));
        values.push_back(value);
      }
      // Published excerpts repeat rows; the first one counts.
      table.rows_.try_emplace(Key(file, own), Quantiles{table.at_, std::move(values)});
    }
  }

  // The row for the function in `counts`' current row; nullptr if there is none.
  const Quantiles* Find(const CsvFile& counts) {
    const auto found = rows_.find(Key(counts, columns_));
    ++(found == rows_.end() ? missing_ : found_);
    return found == rows_.end() ? nullptr : &found->second;
  }
  const std::string& name() const { return name_; }
  int found() const { return found_; }
  int missing() const { return missing_; }

 private:
  std::string name_;
  std::vector<std::size_t> columns_;  // in the counts file
  std::vector<double> at_;
  std::map<std::string, Quantiles> rows_;
  int found_ = 0, missing_ = 0;
};

// The columns of counts, which must be numbered in order.
Result<std::vector<std::size_t>> CountColumns(const CsvFile& file, const TraceOptions& options) {
  std::vector<std::size_t> columns;
  std::uint64_t expected = 0;
  for (std::size_t i = 0; i < file.header().size(); ++i) {
    const auto number = ParseUnsigned(file.header()[i]);
    if (!number) continue;
    if (!columns.empty() && *number != expected) {
      return file.Complaint("column " + std::to_string(*number) + " follows column " +
                            std::to_string(expected - 1) +
                            "; the columns of counts must be 1, 2, 3...");
    }
    expected = *number + 1;
    columns.push_back(i);
  }
  if (columns.empty()) {
    return file.Complaint("no columns 1, 2, 3... with counts per minute, which azure-2019 needs");
  }
  if (options.limit_minutes > 0) {
    const auto kept = static_cast<std::size_t>(options.limit_minutes) *
                      (options.per_second ? std::size_t{60} : std::size_t{1});
    columns.resize(std::min(columns.size(), kept));
  }
  return columns;
}

// Adds `count` places in [0, 1), in ascending order.
void Spread(std::uint64_t count, const TraceOptions& options, Random& random,
            std::vector<double>* places) {
  places->clear();
  double sum = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    places->push_back(sum);
    sum += options.iat == "equidistant"   ? 1
           : options.iat == "exponential" ? -PortableLog(1 - random.Unit())
                                          : random.Unit();
  }
  if (!(sum > 0)) sum = 1;
  const double cut = options.shift ? random.Unit() : 0;
  constexpr double kBelowOne = 1 - 0x1.0p-32;  // so that it does not round into the next minute
  for (double& place : *places) {
    place = place / sum - cut;
    if (place < 0) place += 1;
    place = std::min(place, kBelowOne);
  }
  std::sort(places->begin(), places->end());
}

struct FunctionRow {
  const Quantiles* durations = nullptr;  // nullptr: there is no row
  const Quantiles* memory = nullptr;
  std::vector<std::pair<std::size_t, std::uint64_t>> counts;  // by minute, without zeros
};

void AddArrivals(const FunctionRow& row, int function, const TraceOptions& options, Random& random,
                 std::vector<Arrival>* arrivals) {
  const double unit_ns = options.per_second ? 1e9 : 60e9;
  std::vector<double> places;
  for (const auto& [unit, count] : row.counts) {
    Spread(count, options, random, &places);
    for (const double place : places) {
      const double at_ns = std::floor((static_cast<double>(unit) + place) * unit_ns);
      Arrival arrival = InvocationArrival(options, at_ns, function);
      if (row.durations != nullptr) {
        arrival.duration = TraceDuration(row.durations->Sample(random.Unit()));
      }
      if (row.memory != nullptr) {
        arrival.memory_mb =
            options.as_jobs ? std::max(1, static_cast<int>(row.memory->Sample(random.Unit()) + 0.5))
                            : LambdaMemory(row.memory->values.back());
      }
      arrivals->push_back(arrival);
    }
  }
}

std::string Rule(const TraceOptions& options, const CsvFile& file, std::size_t columns,
                 const Workload& workload, std::size_t functions, const FunctionTable* durations,
                 const FunctionTable* memory) {
  const std::string unit = options.per_second ? "second" : "minute";
  std::string rule = CountsText(options, workload.arrivals.size(), functions) + ", from " +
                     std::to_string(columns) + " " + unit + "s of " + file.Name() +
                     "; within its " + unit + " by " + options.iat + " gaps" +
                     (options.shift ? " cut at a random point" : "");
  const auto add = [&](const FunctionTable* table, const std::string& how) {
    if (table == nullptr) return;
    rule += "; " + how + " " + table->name();
    if (table->missing() > 0) {
      rule += " (" + std::to_string(table->missing()) + " functions have no row there)";
    }
  };
  add(durations, "durations drawn from the percentiles in");
  add(memory, options.as_jobs ? "memory drawn from the percentiles in"
                              : "memory the largest, within 128 to 10240 MB, in");
  return rule + LimitsText(options);
}

}  // namespace

Result<Workload> ReadAzure2019(CsvFile& file, const TraceOptions& options, Random& random) {
  KLESS_TRY(const auto name, file.Require("HashFunction", "azure-2019"));
  KLESS_TRY(const auto columns, CountColumns(file, options));

  FunctionTable durations, memory;
  if (!options.durations.empty()) {
    KLESS_TRY(auto read, FunctionTable::Read(options.durations, file, "percentile_Average_",
                                             {0, 1, 25, 50, 75, 99, 100}, kTraceMaxMilliseconds));
    durations = std::move(read);
  }
  if (!options.memory.empty()) {
    KLESS_TRY(auto read, FunctionTable::Read(options.memory, file, "AverageAllocatedMb_pct",
                                             {1, 5, 25, 50, 75, 95, 99, 100}, kTraceMaxMegabytes));
    memory = std::move(read);
  }

  Workload workload;
  FunctionNames names;
  std::vector<FunctionRow> rows;
  std::uint64_t arrivals = 0;
  while (options.limit_functions == 0 ||
         rows.size() < static_cast<std::size_t>(options.limit_functions)) {
    KLESS_TRY(const auto more, file.Next());
    if (!more) break;
    FunctionRow row;
    if (!options.durations.empty()) row.durations = durations.Find(file);
    if (!options.memory.empty()) row.memory = memory.Find(file);
    if (!options.as_jobs) {
      TraceFunction function;
      function.name = names.Take(file.Cell(name));
      if (row.memory != nullptr) function.memory_mb = LambdaMemory(row.memory->values.back());
      workload.functions.push_back(std::move(function));
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
      KLESS_TRY(const auto count, file.Count(columns[i], kWorkloadMaxArrivals));
      if (count == 0) continue;
      row.counts.emplace_back(i, count);
      arrivals += count;
    }
    KLESS_TRY_VOID(CheckArrivals(arrivals, file));
    rows.push_back(std::move(row));
  }
  for (const FunctionTable* table : {&durations, &memory}) {
    if (table->missing() == 0 || table->found() > 0) continue;
    return MakeError(ErrorCode::kInvalidArgument, table->name() + ": no row for any function of " +
                                                      file.Name() +
                                                      "; give the files of the same day");
  }
  workload.arrivals.reserve(arrivals);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    AddArrivals(rows[i], static_cast<int>(i), options, random, &workload.arrivals);
  }
  workload.rule = Rule(options, file, columns.size(), workload, rows.size(),
                       options.durations.empty() ? nullptr : &durations,
                       options.memory.empty() ? nullptr : &memory);
  return workload;
}

}  // namespace kless::experiment
