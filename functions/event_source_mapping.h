// EventSourceMapping: reads the change feed and invokes a function with batches of its records.
//
// One loop reads the feed for all shards.  Each shard is split into `parallelization_factor` lanes
// by item key, with one batch in flight per lane, so the records of one item are always delivered
// in order.  A function error or a throttle blocks its lane and loses nothing.  Delivery is at
// least once: the persisted checkpoint of a shard is the position below which every record was
// delivered, dropped or filtered out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "emulator/base/scheduler.h"
#include "functions/config_field.h"
#include "functions/pool.h"
#include "store/store.h"

namespace kless {

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
  // Selects the records to deliver; null selects all.  Must not throw.  `filter_text` is shown in
  // the status.
  std::function<bool(const ChangeRecord&)> filter;
  std::string filter_text;
  // Back-off of a lane after an error or a throttle; it doubles up to the maximum.  At least 1 ms.
  // AWS does not publish its values.
  Duration retry_initial = std::chrono::milliseconds(100);
  Duration retry_maximum = std::chrono::seconds(10);
  // Called with the records of a batch that was given up and the condition
  // ("RetryAttemptsExhausted", "RecordAgeExceeded").  If null, they are dropped and counted.
  std::function<void(std::vector<RecordPtr>, std::string)> on_failure;
  bool enabled = true;
};

struct EventSourceMappingStatus {
  std::string name, function, table, state;  // "Enabled", "Disabled"
  std::string last_processing_result;  // "No records processed", "OK", "PROBLEM: Function call
                                       // failed", "PROBLEM: throttled"
  std::string last_error;              // the function's error message
  std::uint64_t position = 0;          // lowest checkpoint of all shards
  std::uint64_t latest = 0;            // of the feed
  Duration iterator_age{};             // age of the oldest record not yet delivered
  // Records that pass the filter and are not processed yet: unread, in a lane, or in flight.  The
  // unread ones beyond the first few thousand count whether they pass or not.
  std::uint64_t waiting = 0;
  std::uint64_t delivered = 0, filtered = 0, discarded = 0, batches = 0, errors = 0, throttles = 0;
  std::uint64_t gaps = 0;       // how often its position had been trimmed, and it skipped ahead
  std::uint64_t in_flight = 0;  // records
  std::vector<std::uint64_t> shard_positions;
};
// kInvalidArgument names the field at fault and its range.
Result<void> ValidateMappingConfig(const EventSourceMappingConfig& config);
// {"enabled", "batch_size", "maximum_batching_window_ms", "parallelization_factor",
//  "starting_position", "maximum_retry_attempts", "maximum_record_age_ms" (null: no limit),
//  "bisect_batch_on_function_error", "report_batch_item_failures", "retry_initial_ms",
//  "retry_maximum_ms"}
nlohmann::json MappingConfigToJson(const EventSourceMappingConfig& config);
// Returns these fields, with their names.
const std::vector<ConfigField<EventSourceMappingConfig>>& MappingFields();
const std::vector<std::string>& MappingConfigFields();
// Replaces one of these fields of the configuration.  kInvalidArgument: unknown field, wrong type,
// or out of range.
Result<void> PatchMappingConfig(const std::string& field, const nlohmann::json& value,
                                EventSourceMappingConfig* config);
// The name of the stored value that holds the positions of a mapping.
std::string CheckpointName(const std::string& mapping);
// {"name", "function", "table", "state", "last_processing_result", "last_error", "position",
// "latest",
//  "iterator_age_ms", "delivered", "filtered", "discarded", "batches", "errors", "throttles",
//  "gaps", "in_flight", "shard_positions": [...], "config": {"batch_size",
//  "maximum_batching_window_ms", ...}}
nlohmann::json MappingStatusToJson(const EventSourceMappingConfig& config,
                                   const EventSourceMappingStatus& status);

class EventSourceMapping {
 public:
  // kInvalidArgument: out of range, unknown table or function.  Loads the persisted checkpoint, or
  // uses the starting position.  All references, and `telemetry` if it is not null, must outlive
  // the mapping.
  static Result<std::unique_ptr<EventSourceMapping>> Create(Scheduler& scheduler, Store& store,
                                                            FunctionPool& pool, Faults& faults,
                                                            const LatencyProfile& profile,
                                                            EventSourceMappingConfig config,
                                                            std::uint64_t seed,
                                                            Telemetry* telemetry = nullptr);
  virtual ~EventSourceMapping() = default;
  // Starts polling.  Call it once.
  virtual void Start() = 0;
  // Stops reading records; batches in flight end.  Used at shutdown and when the mapping is
  // disabled.
  virtual void Stop() = 0;
  virtual const EventSourceMappingConfig& config() const = 0;
  virtual EventSourceMappingStatus Status() const = 0;
  // Whether every committed record was delivered, dropped or filtered out, and nothing is in
  // flight.
  virtual bool Idle() const = 0;
};

using EventSourceMappings = std::map<std::string, std::unique_ptr<EventSourceMapping>>;  // by name

}  // namespace kless
