// InvocationLog: one row per invocation, in SQLite beside the table; what reports, the admin door
// and users' SQL read.  Rows are written in the turn's transaction.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emulator/base/error.h"

namespace kless {

enum class StartKind { kCold, kWaited, kWarm };
const char* StartKindName(StartKind kind);  // "cold", "waited", "warm"

// Durations in nanoseconds of emulated time.
struct InvocationRecord {
  std::uint64_t id = 0;  // given by the log, ascending in order of completion
  std::string function;
  std::string request_id;  // UUID
  std::string environment;
  // cold: an environment was initialised for it.  waited: it waited for an init that was already
  // under way.  warm: it found an idle environment.
  StartKind start = StartKind::kWarm;
  std::string trigger;  // "sync", "async", "mapping"
  std::int64_t requested_unix_nanos = 0;
  std::int64_t queued = 0;  // request to the start of init or run: throttles and waits
  std::int64_t init = 0;    // of a cold start; what was left of the init for a waited one
  std::int64_t run = 0;
  std::int64_t store = 0;  // of run: in store calls
  std::int64_t billed = 0;
  int memory_mb = 0;
  int throttles = 0;    // refusals before it ran
  std::string outcome;  // "ok", "error", "timeout", "crash", "throttled", "partial"
  std::string error;    // a sentence; empty for "ok"
  // Sequence numbers of the change records that caused it; empty for direct invocations.
  std::vector<std::uint64_t> caused_by;
};

class InvocationLog {
 public:
  virtual ~InvocationLog() = default;
  virtual void Append(InvocationRecord record) = 0;
  // Rows with id > after, oldest first; `function` "" means all.  limit 1..10000.
  virtual std::vector<InvocationRecord> Read(const std::string& function, std::uint64_t after,
                                             int limit) const = 0;
  virtual std::uint64_t LatestId() const = 0;
  // Deletes rows that are older than the store's retention age or beyond the newest `count`, the
  // oldest first, a bounded number in one call.  The newest row always stays.
  virtual void Trim(std::uint64_t count) = 0;
};

}  // namespace kless
