#include "emulator/experiment/workload/trace_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "emulator/experiment/input/csv_file.h"
#include "emulator/experiment/input/description_keys.h"
#include "emulator/experiment/workload/trace_azure_2019.h"
#include "emulator/experiment/workload/trace_events.h"

namespace kless::experiment {
namespace {

constexpr int kMaxMinutes = 366 * 1440;
constexpr int kMaxFunctions = 10'000'000;
constexpr double kMaxSpeed = 1e6;
const std::vector<std::string>& Formats() {
  static const std::vector<std::string> formats = {"azure-2019", "azure-2021", "iluvatar", "plain"};
  return formats;
}

// kInvalidArgument: a key does not apply to traces of this format.
Result<void> CheckFormat(const TraceOptions& options, const std::string& format,
                         const std::string& place) {
  const auto only = [&](const std::string& key, const std::string& owner) {
    return MakeError(ErrorCode::kInvalidArgument, place + key + " belongs to " + owner +
                                                      " traces; this one is " + format +
                                                      ", remove the key");
  };
  if (format != "azure-2019" && !options.durations.empty()) return only("durations", "azure-2019");
  if (format != "azure-2019" && !options.memory.empty()) return only("memory", "azure-2019");
  if (format != "iluvatar" && !options.metadata.empty()) return only("metadata", "iluvatar");
  if (format == "plain" && !options.as_jobs) {
    return MakeError(ErrorCode::kInvalidArgument,
                     place + "as must be jobs: a plain trace names no functions");
  }
  if (format == "plain" && options.limit_functions != 0) {
    return MakeError(ErrorCode::kInvalidArgument,
                     place + "limit_functions: a plain trace names no functions; remove the key");
  }
  return {};
}

Result<std::string> DetectFormat(const CsvFile& file) {
  if (file.Find("HashFunction") && file.Find("1")) return "azure-2019";
  if (file.Find("end_timestamp") && file.Find("duration")) return "azure-2021";
  if (file.Find("func_name") && file.Find("invoke_time_ms")) return "iluvatar";
  if (file.Find("time")) return "plain";
  std::string shown;
  for (std::size_t i = 0; i < std::min<std::size_t>(file.header().size(), 4); ++i) {
    shown += (i == 0 ? "" : ",") + file.header()[i];
  }
  constexpr std::size_t kShown = 80;
  return file.Complaint(
      "the header '" + shown.substr(0, kShown) +
      "' is of no known format; say `format: azure-2019`, azure-2021, iluvatar or "
      "plain, or convert the file to plain (time,jobs,pods,duration)");
}

}  // namespace

Result<TraceOptions> ParseTraceOptions(const nlohmann::json& description, const std::string& place,
                                       const std::string& folder) {
  DescriptionKeys keys(description, place,
                       {"file", "format", "as", "durations", "memory", "metadata", "iat", "shift",
                        "granularity", "limit_minutes", "limit_functions", "speed"});
  TraceOptions options;
  options.format = keys.Choice("format", Formats(), "");
  options.as_jobs = keys.Choice("as", {"jobs", "invocations"}, "jobs") == "jobs";
  options.iat = keys.Choice("iat", {"exponential", "uniform", "equidistant"}, "exponential");
  options.shift = keys.Flag("shift", options.iat != "equidistant");
  options.per_second = keys.Choice("granularity", {"minute", "second"}, "minute") == "second";
  options.limit_minutes = static_cast<int>(keys.Integer("limit_minutes", 1, kMaxMinutes, 0));
  options.limit_functions = static_cast<int>(keys.Integer("limit_functions", 1, kMaxFunctions, 0));
  options.speed = keys.Positive("speed", kMaxSpeed, 1);
  options.file = keys.File("file", folder, true);
  options.durations = keys.File("durations", folder, false);
  options.memory = keys.File("memory", folder, false);
  options.metadata = keys.File("metadata", folder, false);
  if (keys.error()) return *keys.error();
  if (!options.format.empty()) {
    KLESS_TRY_VOID(CheckFormat(options, options.format, place + "."));
    for (const char* key : {"iat", "shift", "granularity"}) {
      if (options.format == "azure-2019" || !keys.Has(key)) continue;
      keys.Report(
          key, "belongs to azure-2019 traces; this one is " + options.format + ", remove the key");
      return *keys.error();
    }
  }
  return options;
}

Result<Workload> ReadTrace(const TraceOptions& options, Random& random) {
  KLESS_TRY(auto opened, CsvFile::Open(options.file));
  CsvFile& file = *opened;
  std::string format = options.format;
  if (format.empty()) {
    KLESS_TRY(auto detected, DetectFormat(file));
    format = detected;
  }
  KLESS_TRY_VOID(CheckFormat(options, format, options.file + ": "));
  Result<Workload> read = format == "azure-2019"   ? ReadAzure2019(file, options, random)
                          : format == "azure-2021" ? ReadAzure2021(file, options)
                          : format == "iluvatar"   ? ReadIluvatar(file, options)
                                                   : ReadPlain(file, options);
  if (read.has_error()) return read;
  std::vector<Arrival>& arrivals = read.value().arrivals;
  if (arrivals.empty()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     options.file + ": nothing arrives" +
                         (options.limit_minutes + options.limit_functions > 0
                              ? " within the limits; raise limit_minutes or limit_functions"
                              : "; a workload needs at least one arrival"));
  }
  std::stable_sort(arrivals.begin(), arrivals.end(),
                   [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
  if (static_cast<double>(arrivals.back().at.count()) > kWorkloadMaxSeconds * 1e9) {
    return MakeError(ErrorCode::kInvalidArgument,
                     options.file + ": longer than 366 days; set limit_minutes or speed");
  }
  return read;
}

}  // namespace kless::experiment
