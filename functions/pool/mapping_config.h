// EventSourceMappingConfig: the settings of an event source mapping, with their limits and JSON.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/base/clock.h"
#include "emulator/base/error.h"
#include "functions/pool/config_field.h"
#include "functions/pool/function_event.h"
#include "store/item/item.h"

namespace kless {

struct FailedBatch;

enum class StartingPosition { kTrimHorizon, kLatest };

// Names, defaults and ranges follow Lambda's CreateEventSourceMapping (reference aws.md, g1 and
// g4).
struct EventSourceMappingConfig {
  std::string name;
  std::string function;
  std::string table;
  int batch_size = 100;                // 1..10000
  Duration maximum_batching_window{};  // 0..300 s
  int parallelization_factor = 1;      // 1..10
  StartingPosition starting_position = StartingPosition::kTrimHorizon;
  int maximum_retry_attempts = -1;  // -1: no limit; 0..10000
  Duration maximum_record_age{-1};  // negative: no limit; 60 s..604800 s
  bool bisect_batch_on_function_error = false;
  bool report_batch_item_failures = false;
  Duration tumbling_window{};  // 0: none; 1..900 s, with a parallelization factor of 1
  // How the records look in events, and in failure records; null: see stream_event.h.
  RecordSourcePtr source;
  // Selects the records to deliver; null selects all.  Must not throw.  `filter_text` is shown in
  // the status.
  std::function<bool(const ChangeRecord&)> filter;
  std::string filter_text;
  // Back-off of a lane after an error or a throttle; it doubles up to the maximum.  At least 1 ms.
  // AWS does not publish its values.
  Duration retry_initial = std::chrono::milliseconds(100);
  Duration retry_maximum = std::chrono::seconds(10);
  // Called with each batch that was given up (mapping/failed_batch.h).  If null, it is dropped and
  // counted.
  std::function<void(const FailedBatch&)> on_failure;
  bool enabled = true;
};

// kInvalidArgument names the field at fault and its range.
Result<void> ValidateMappingConfig(const EventSourceMappingConfig& config);
// {"enabled", "batch_size", "maximum_batching_window_ms", "parallelization_factor",
//  "starting_position", "maximum_retry_attempts", "maximum_record_age_ms" (null: no limit),
//  "bisect_batch_on_function_error", "report_batch_item_failures", "tumbling_window_ms",
//  "retry_initial_ms", "retry_maximum_ms"}
nlohmann::json MappingConfigToJson(const EventSourceMappingConfig& config);
// Returns these fields, with their names.
const std::vector<ConfigField<EventSourceMappingConfig>>& MappingFields();
const std::vector<std::string>& MappingConfigFields();
// Replaces one of these fields of the configuration.  kInvalidArgument: unknown field, wrong type,
// or out of range.
Result<void> PatchMappingConfig(const std::string& field, const nlohmann::json& value,
                                EventSourceMappingConfig* config);

}  // namespace kless
