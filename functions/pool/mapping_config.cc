#include "functions/pool/mapping_config.h"

#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"

namespace kless {
namespace {

constexpr Duration kBackOffMinimum = std::chrono::milliseconds(1);
constexpr Duration kBackOffMaximum = std::chrono::hours(1);

Error BadMappingField(const std::string& message) {
  return MakeError(ErrorCode::kInvalidArgument, "event source mapping: " + message);
}

// null, or -1 as in Lambda: no limit.
Result<void> SetMaximumRecordAge(EventSourceMappingConfig& config, const nlohmann::json& value) {
  if (value.is_null() || value == -1) {
    config.maximum_record_age = Duration(-1);
    return {};
  }
  const auto set = SetMilliseconds(&config.maximum_record_age, value, std::chrono::seconds(60),
                                   std::chrono::seconds(604'800));
  if (set.has_value()) return {};
  return WrongValue("a duration from 1m to 168h, or null for no limit", value);
}

Result<void> SetStartingPosition(EventSourceMappingConfig& config, const nlohmann::json& value) {
  if (value != "LATEST" && value != "TRIM_HORIZON") {
    return WrongValue("TRIM_HORIZON or LATEST", value);
  }
  config.starting_position =
      value == "LATEST" ? StartingPosition::kLatest : StartingPosition::kTrimHorizon;
  return {};
}

Result<void> SetTumblingWindow(EventSourceMappingConfig& config, const nlohmann::json& value) {
  Duration window{};
  const auto set = SetMilliseconds(&window, value, Duration::zero(), std::chrono::seconds(900));
  if (set.has_error() || (window > Duration::zero() && window < std::chrono::seconds(1))) {
    return WrongValue("0, or a duration from 1s to 15m", value);
  }
  config.tumbling_window = window;
  return {};
}

}  // namespace

const std::vector<ConfigField<EventSourceMappingConfig>>& MappingFields() {
  using C = const EventSourceMappingConfig&;
  using M = EventSourceMappingConfig&;
  using J = const nlohmann::json&;
  using nlohmann::json;
  static const std::vector<ConfigField<EventSourceMappingConfig>> fields = {
      {"enabled", "Whether the function gets records, true or false",
       [](C c) { return json(c.enabled); },
       [](M c, J value) { return SetTrueOrFalse(&c.enabled, value); }},
      {"batch_size", "Change records per invocation, 1..10000",
       [](C c) { return json(c.batch_size); },
       [](M c, J value) { return SetWholeNumber(&c.batch_size, value, 1, 10'000); }},
      {"maximum_batching_window_ms", "How many milliseconds a batch is collected, 0..300000",
       [](C c) { return json(ToMilliseconds(c.maximum_batching_window)); },
       [](M c, J value) {
         return SetMilliseconds(&c.maximum_batching_window, value, Duration::zero(),
                                std::chrono::seconds(300));
       }},
      {"parallelization_factor", "Batches in flight per shard, 1..10",
       [](C c) { return json(c.parallelization_factor); },
       [](M c, J value) { return SetWholeNumber(&c.parallelization_factor, value, 1, 10); }},
      {"starting_position", "Where a new data file is read from: TRIM_HORIZON or LATEST",
       [](C c) {
         return json(c.starting_position == StartingPosition::kLatest ? "LATEST" : "TRIM_HORIZON");
       },
       SetStartingPosition},
      {"maximum_retry_attempts", "Retries of a failed batch, -1 (no limit) or 0..10000",
       [](C c) { return json(c.maximum_retry_attempts); },
       [](M c, J value) { return SetWholeNumber(&c.maximum_retry_attempts, value, -1, 10'000); }},
      {"maximum_record_age_ms",
       "Age in milliseconds at which a record is dropped, 60000..604800000; null: never",
       [](C c) {
         return c.maximum_record_age < Duration::zero()
                    ? json()
                    : json(ToMilliseconds(c.maximum_record_age));
       },
       SetMaximumRecordAge},
      {"bisect_batch_on_function_error", "Split a failed batch in two, true or false",
       [](C c) { return json(c.bisect_batch_on_function_error); },
       [](M c, J value) { return SetTrueOrFalse(&c.bisect_batch_on_function_error, value); }},
      {"report_batch_item_failures", "Use the failed record that a handler reports, true or false",
       [](C c) { return json(c.report_batch_item_failures); },
       [](M c, J value) { return SetTrueOrFalse(&c.report_batch_item_failures, value); }},
      {"tumbling_window_ms",
       "How many milliseconds a state is carried from batch to batch, 0 (none) or 1000..900000",
       [](C c) { return json(ToMilliseconds(c.tumbling_window)); }, SetTumblingWindow},
      {"retry_initial_ms",
       "First back-off in milliseconds after an error or a throttle, doubling, 1..3600000",
       [](C c) { return json(ToMilliseconds(c.retry_initial)); },
       [](M c, J value) {
         return SetMilliseconds(&c.retry_initial, value, kBackOffMinimum, kBackOffMaximum);
       }},
      {"retry_maximum_ms", "Longest back-off in milliseconds, 1..3600000",
       [](C c) { return json(ToMilliseconds(c.retry_maximum)); },
       [](M c, J value) {
         return SetMilliseconds(&c.retry_maximum, value, kBackOffMinimum, kBackOffMaximum);
       }},
  };
  return fields;
}

nlohmann::json MappingConfigToJson(const EventSourceMappingConfig& config) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& field : MappingFields()) json[field.name] = field.get(config);
  return json;
}

const std::vector<std::string>& MappingConfigFields() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made;
    for (const auto& field : MappingFields()) made.push_back(field.name);
    return made;
  }();
  return names;
}

Result<void> PatchMappingConfig(const std::string& field, const nlohmann::json& value,
                                EventSourceMappingConfig* config) {
  for (const auto& each : MappingFields()) {
    if (each.name != field) continue;
    const auto set = each.set(*config, value);
    if (set.has_value()) return {};
    return BadMappingField("'" + field + "' " + set.error().message);
  }
  return BadMappingField("unknown field '" + field + "'" +
                         DidYouMean(field, MappingConfigFields()));
}

Result<void> ValidateMappingConfig(const EventSourceMappingConfig& config) {
  const auto bad = [&](const std::string& rule) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "event source mapping '" + config.name + "': " + rule);
  };
  if (config.name.empty() || config.name.size() > 255) {
    return bad("the name must have 1 to 255 characters");
  }
  EventSourceMappingConfig copy = config;
  for (const auto& field : MappingFields()) {
    const auto set = field.set(copy, field.get(config));
    if (set.has_error()) return bad("'" + field.name + "' " + set.error().message);
  }
  if (config.tumbling_window > Duration::zero() && config.parallelization_factor > 1) {
    return bad("'tumbling_window_ms' needs a parallelization_factor of 1: a window has one state");
  }
  if (config.retry_maximum < config.retry_initial) {
    return bad("'retry_maximum_ms' must be at least retry_initial_ms");
  }
  return {};
}

}  // namespace kless
