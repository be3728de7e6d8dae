#include "emulator/experiment/workload/trace_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "emulator/experiment/input/csv_file.h"
#include "emulator/experiment/input/description_keys.h"
#include "emulator/experiment/workload/trace_formats.h"

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

double Quantiles::Sample(double unit) const {
  const auto above = std::upper_bound(at.begin(), at.end(), unit);
  if (above == at.begin()) return values.front();
  if (above == at.end()) return values.back();
  const auto i = static_cast<std::size_t>(above - at.begin());
  return values[i - 1] + (values[i] - values[i - 1]) * (unit - at[i - 1]) / (at[i] - at[i - 1]);
}

std::string FunctionNames::Take(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  std::string cleaned(name.substr(0, kLongest));
  for (char& c : cleaned) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!allowed && c != '_') c = '-';
  }
  if (cleaned.empty()) cleaned = "function";
  std::string candidate = cleaned;
  for (int number = 2; !taken_.insert(candidate).second; ++number) {
    const std::string suffix = "-" + std::to_string(number);
    candidate = cleaned.substr(0, kLongest - suffix.size()) + suffix;
  }
  return candidate;
}

Duration RoundedNanos(double nanos) { return Duration(static_cast<Duration::rep>(nanos + 0.5)); }

Duration TraceDuration(double milliseconds) {
  return RoundedNanos(std::max(milliseconds, 1.0) * 1e6);
}

int LambdaMemory(double megabytes) {
  return static_cast<int>(std::clamp(megabytes, 128.0, 10240.0) + 0.5);
}

Arrival InvocationArrival(const TraceOptions& options, double at_ns, int function) {
  Arrival arrival;
  constexpr double kFarAway = 9e18;  // ReadTrace refuses it
  arrival.at = RoundedNanos(std::min(at_ns / options.speed, kFarAway));
  if (!options.as_jobs) arrival.function = function;
  return arrival;
}

Result<void> CheckArrivals(std::uint64_t arrivals, const CsvFile& file) {
  if (arrivals <= kWorkloadMaxArrivals) return {};
  return file.Complaint("more than " + std::to_string(kWorkloadMaxArrivals) +
                        " arrivals or pods by here; set limit_minutes or limit_functions, or cut "
                        "the trace");
}

std::string LimitsText(const TraceOptions& options) {
  std::string text;
  if (options.limit_minutes > 0) {
    text += "; only its first " + std::to_string(options.limit_minutes) + " minutes";
  }
  if (options.limit_functions > 0) {
    text += "; only its first " + std::to_string(options.limit_functions) + " functions";
  }
  if (options.speed != 1) {
    text += fmt::format("; arrival times divided by {:.6g}", options.speed);
  }
  return text;
}

std::string CountsText(const TraceOptions& options, std::size_t arrivals, std::size_t functions) {
  return fmt::format("{} invocations of {} functions{}", arrivals, functions,
                     options.as_jobs ? ", each one Job of one pod" : "");
}

}  // namespace kless::experiment
