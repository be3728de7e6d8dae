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

#include "emulator/base/loop/event_loop.h"
#include "functions/pool/mapping/failed_batch.h"
#include "functions/pool/mapping_config.h"
#include "functions/pool/pool.h"
#include "store/store.h"

namespace kless {

// Why a mapping stops: what it shows until it is gone or replaced.
enum class StopReason { kDisable, kUpdate, kDelete };

struct EventSourceMappingStatus {
  // state: "Creating" before Start, "Enabled"; once stopped, by reason, "Disabling" while a batch
  // is in flight and "Disabled" after that, "Updating", or "Deleting"
  std::string name, function, table, state;
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
  // Records that the function itself wrote, of those that it gets: it triggers itself.  Counted
  // since the start, and only where the writer is still known (WriterLog).
  std::uint64_t own_writes = 0;
  std::uint64_t gaps = 0;       // how often its position had been trimmed, and it skipped ahead
  std::uint64_t in_flight = 0;  // records
  std::vector<std::uint64_t> shard_positions;
};
// The names of the stored values that hold the positions of a mapping, its last result and its open
// tumbling windows.
std::string CheckpointName(const std::string& mapping);
std::string LastResultName(const std::string& mapping);
std::string OpenWindowsName(const std::string& mapping);
// Removes what a mapping has stored, so that a new one of this name continues nothing.
void ForgetMapping(Store& store, const std::string& mapping);
// {"name", "function", "table", "state", "last_processing_result", "last_error", "position",
// "latest",
//  "iterator_age_ms", "delivered", "filtered", "discarded", "batches", "errors", "throttles",
//  "own_writes", "gaps", "in_flight", "shard_positions": [...], "config": {"batch_size",
//  "maximum_batching_window_ms", ...}}
nlohmann::json MappingStatusToJson(const EventSourceMappingConfig& config,
                                   const EventSourceMappingStatus& status);

class EventSourceMapping {
 public:
  // kInvalidArgument: out of range, unknown table or function.  Loads the persisted checkpoint, or
  // uses the starting position.  All references, and `telemetry` if it is not null, must outlive
  // the mapping.
  static Result<std::unique_ptr<EventSourceMapping>> Create(EventLoop& event_loop, Store& store,
                                                            FunctionPool& pool, Faults& faults,
                                                            const LatencyProfile& profile,
                                                            EventSourceMappingConfig config,
                                                            std::uint64_t seed,
                                                            Telemetry* telemetry = nullptr);
  virtual ~EventSourceMapping() = default;
  // Starts polling.  Call it once.
  virtual void Start() = 0;
  // Stops reading records; batches in flight end.  Used at shutdown and when the mapping is
  // disabled, replaced or deleted.  A second call changes only the reason.
  virtual void Stop(StopReason reason) = 0;
  virtual const EventSourceMappingConfig& config() const = 0;
  virtual EventSourceMappingStatus Status() const = 0;
  // Whether every committed record was delivered, dropped or filtered out, and nothing is in
  // flight.
  virtual bool Idle() const = 0;
};

using EventSourceMappings = std::map<std::string, std::unique_ptr<EventSourceMapping>>;  // by name

}  // namespace kless
