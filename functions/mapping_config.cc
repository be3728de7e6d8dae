// Limits of an event source mapping's configuration, and the JSON form of its status.
#include <nlohmann/json.hpp>

#include "functions/event_source_mapping.h"

namespace kless {
namespace {

Result<void> Check(bool holds, const std::string& mapping, const std::string& rule) {
  if (holds) return {};
  return MakeError(ErrorCode::kInvalidArgument, "event source mapping '" + mapping + "': " + rule);
}

bool Within(Duration value, Duration low, Duration high) { return value >= low && value <= high; }

nlohmann::json ConfigToJson(const EventSourceMappingConfig& config) {
  nlohmann::json json = {
      {"batch_size", config.batch_size},
      {"maximum_batching_window_ms", ToMilliseconds(config.maximum_batching_window)},
      {"parallelization_factor", config.parallelization_factor},
      {"starting_position",
       config.starting_position == StartingPosition::kLatest ? "LATEST" : "TRIM_HORIZON"},
      {"maximum_retry_attempts", config.maximum_retry_attempts},
      {"maximum_record_age_ms", nullptr},
      {"bisect_batch_on_function_error", config.bisect_batch_on_function_error},
      {"report_batch_item_failures", config.report_batch_item_failures},
      {"filter", config.filter_text},
      {"retry_initial_ms", ToMilliseconds(config.retry_initial)},
      {"retry_maximum_ms", ToMilliseconds(config.retry_maximum)}};
  if (config.maximum_record_age >= Duration::zero()) {
    json["maximum_record_age_ms"] = ToMilliseconds(config.maximum_record_age);
  }
  return json;
}

}  // namespace

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
          {"config", ConfigToJson(config)}};
}

}  // namespace kless
