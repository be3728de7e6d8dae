// InvocationLog: one row per invocation, in the same SQLite file as the tables; reports, the admin
// door and users' SQL read it.  Rows are written in the turn's transaction.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emulator/base/error.h"

namespace kless {

enum class StartKind { kCold, kWaited, kWarm };
const char* StartKindName(StartKind kind);  // "cold", "waited", "warm"

// Durations are in nanoseconds of emulated time.
struct InvocationRecord {
  std::uint64_t id = 0;  // assigned by the log, in order of completion
  std::string function;
  std::string request_id;  // UUID
  std::string environment;
  // cold: an environment was initialised for it. waited: it waited for an init that was already in
  // progress. warm: it found an idle environment.
  StartKind start = StartKind::kWarm;
  std::string trigger;  // "sync", "async", "mapping"
  std::int64_t requested_unix_nanos = 0;
  std::int64_t queued = 0;  // from the request to the start of init or run: throttles and waits
  std::int64_t init = 0;    // of a cold start; for `waited`, the rest of the init
  std::int64_t run = 0;
  std::int64_t store = 0;  // the part of `run` spent in store calls
  std::int64_t billed = 0;
  int memory_mb = 0;
  int throttles = 0;    // how often it was refused before it ran
  std::string outcome;  // "ok", "error", "timeout", "crash", "throttled", "partial"
  std::string error;    // a sentence; empty for "ok"
  // Sequence numbers of the change records that triggered it; empty for direct invocations.
  std::vector<std::uint64_t> caused_by;
};

class InvocationLog {
 public:
  virtual ~InvocationLog() = default;
  virtual void Append(InvocationRecord record) = 0;
  // Returns rows with id > after, oldest first; an empty `function` means all. 1 <= limit <= 10000.
  virtual std::vector<InvocationRecord> Read(const std::string& function, std::uint64_t after,
                                             int limit) const = 0;
  // Returns rows with id < before, newest first; otherwise like Read.
  virtual std::vector<InvocationRecord> ReadBackwards(const std::string& function,
                                                      std::uint64_t before, int limit) const = 0;
  virtual std::uint64_t LatestId() const = 0;
  // Deletes rows that are older than the store's retention age or exceed the newest `count`, oldest
  // first, a bounded number per call.  The newest row always stays.
  virtual void Trim(std::uint64_t count) = 0;
};

}  // namespace kless
