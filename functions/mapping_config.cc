// Limits and JSON form of an event source mapping's configuration, and the JSON form of its status.
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/event_source_mapping.h"

namespace kless {
namespace {

Result<void> Check(bool holds, const std::string& mapping, const std::string& rule) {
  if (holds) return {};
  return MakeError(ErrorCode::kInvalidArgument, "event source mapping '" + mapping + "': " + rule);
}

bool Within(Duration value, Duration low, Duration high) { return value >= low && value <= high; }

Result<void> Wrong(const std::string& field, const std::string& form) {
  return MakeError(ErrorCode::kInvalidArgument,
                   "event source mapping: '" + field + "' must be " + form);
}

Result<void> ReadMappingInt(const std::string& field, const nlohmann::json& value, int* out) {
  constexpr std::int64_t kHigh = 1'000'000;  // exceeds every range
  if (!value.is_number_integer() || value.get<std::int64_t>() < -kHigh ||
      value.get<std::int64_t>() > kHigh) {
    return Wrong(field, "a whole number");
  }
  *out = static_cast<int>(value.get<std::int64_t>());
  return {};
}

Result<void> ReadFlag(const std::string& field, const nlohmann::json& value, bool* out) {
  if (!value.is_boolean()) return Wrong(field, "true or false");
  *out = value.get<bool>();
  return {};
}

Result<void> ReadMappingDuration(const std::string& field, const nlohmann::json& value,
                                 Duration* out) {
  constexpr double kHighMs = 1e12;  // exceeds every range
  if (!value.is_number() || !(value.get<double>() >= 0 && value.get<double>() <= kHighMs)) {
    return Wrong(field, "a number of milliseconds");
  }
  *out = FromMilliseconds(value.get<double>());
  return {};
}

}  // namespace

nlohmann::json MappingConfigToJson(const EventSourceMappingConfig& config) {
  nlohmann::json json = {
      {"enabled", config.enabled},
      {"batch_size", config.batch_size},
      {"maximum_batching_window_ms", ToMilliseconds(config.maximum_batching_window)},
      {"parallelization_factor", config.parallelization_factor},
      {"starting_position",
       config.starting_position == StartingPosition::kLatest ? "LATEST" : "TRIM_HORIZON"},
      {"maximum_retry_attempts", config.maximum_retry_attempts},
      {"maximum_record_age_ms", nullptr},
      {"bisect_batch_on_function_error", config.bisect_batch_on_function_error},
      {"report_batch_item_failures", config.report_batch_item_failures},
      {"retry_initial_ms", ToMilliseconds(config.retry_initial)},
      {"retry_maximum_ms", ToMilliseconds(config.retry_maximum)}};
  if (config.maximum_record_age >= Duration::zero()) {
    json["maximum_record_age_ms"] = ToMilliseconds(config.maximum_record_age);
  }
  return json;
}

const std::vector<std::string>& MappingConfigFields() {
  static const std::vector<std::string> fields = [] {
    std::vector<std::string> names;
    const nlohmann::json config = MappingConfigToJson({});
    for (const auto& [name, value] : config.items()) names.push_back(name);
    return names;
  }();
  return fields;
}

Result<void> PatchMappingConfig(const std::string& field, const nlohmann::json& value,
                                EventSourceMappingConfig* config) {
  if (field == "enabled") return ReadFlag(field, value, &config->enabled);
  if (field == "batch_size") return ReadMappingInt(field, value, &config->batch_size);
  if (field == "maximum_batching_window_ms") {
    return ReadMappingDuration(field, value, &config->maximum_batching_window);
  }
  if (field == "parallelization_factor") {
    return ReadMappingInt(field, value, &config->parallelization_factor);
  }
  if (field == "starting_position") {
    if (value != "LATEST" && value != "TRIM_HORIZON") {
      return Wrong(field, R"("TRIM_HORIZON" or "LATEST")");
    }
    config->starting_position =
        value == "LATEST" ? StartingPosition::kLatest : StartingPosition::kTrimHorizon;
    return {};
  }
  if (field == "maximum_retry_attempts") {
    return ReadMappingInt(field, value, &config->maximum_retry_attempts);
  }
  if (field == "maximum_record_age_ms") {
    config->maximum_record_age = Duration(-1);
    return value.is_null() ? Result<void>()
                           : ReadMappingDuration(field, value, &config->maximum_record_age);
  }
  if (field == "bisect_batch_on_function_error") {
    return ReadFlag(field, value, &config->bisect_batch_on_function_error);
  }
  if (field == "report_batch_item_failures") {
    return ReadFlag(field, value, &config->report_batch_item_failures);
  }
  if (field == "retry_initial_ms") return ReadMappingDuration(field, value, &config->retry_initial);
  if (field == "retry_maximum_ms") return ReadMappingDuration(field, value, &config->retry_maximum);
  const auto nearest = NearestWord(field, MappingConfigFields());
  return MakeError(ErrorCode::kInvalidArgument,
                   "event source mapping: unknown field '" + field + "'" +
                       (nearest ? "; did you mean '" + *nearest + "'?" : std::string()));
}

Result<void> ValidateMappingConfig(const EventSourceMappingConfig& config) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  const std::string& name = config.name;
  const Result<void> checks[] = {
      Check(!name.empty() && name.size() <= 255, name, "the name must have 1 to 255 characters"),
      Check(config.batch_size >= 1 && config.batch_size <= 10'000, name,
            "batch_size must be from 1 to 10000"),
      Check(Within(config.maximum_batching_window, Duration::zero(), seconds(300)), name,
            "maximum_batching_window must be from 0 to 300 s"),
      Check(config.parallelization_factor >= 1 && config.parallelization_factor <= 10, name,
            "parallelization_factor must be from 1 to 10"),
      Check(config.maximum_retry_attempts >= -1 && config.maximum_retry_attempts <= 10'000, name,
            "maximum_retry_attempts must be from -1 to 10000"),
      Check(config.maximum_record_age < Duration::zero() ||
                Within(config.maximum_record_age, seconds(60), seconds(604'800)),
            name, "maximum_record_age must be negative (no limit) or from 60 s to 604800 s"),
      Check(config.retry_initial >= milliseconds(1) && config.retry_maximum >= config.retry_initial,
            name, "retry_initial must be at least 1 ms and at most retry_maximum"),
  };
  for (const Result<void>& check : checks) {
    if (check.has_error()) return check;
  }
  return {};
}

nlohmann::json MappingStatusToJson(const EventSourceMappingConfig& config,
                                   const EventSourceMappingStatus& status) {
  nlohmann::json settings = MappingConfigToJson(config);
  settings["filter"] = config.filter_text;
  return {{"name", status.name},
          {"function", status.function},
          {"table", status.table},
          {"state", status.state},
          {"last_processing_result", status.last_processing_result},
          {"last_error", status.last_error},
          {"position", status.position},
          {"latest", status.latest},
          {"iterator_age_ms", ToMilliseconds(status.iterator_age)},
          {"delivered", status.delivered},
          {"filtered", status.filtered},
          {"discarded", status.discarded},
          {"batches", status.batches},
          {"errors", status.errors},
          {"throttles", status.throttles},
          {"gaps", status.gaps},
          {"in_flight", status.in_flight},
          {"shard_positions", status.shard_positions},
          {"config", std::move(settings)}};
}

}  // namespace kless
