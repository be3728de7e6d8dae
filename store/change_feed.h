// ChangeFeed: the one ordered log of the file, all tables together.
//
// A record becomes visible when its transaction commits.  All readers share a bounded ring of
// recent records and fall back to SQLite behind it.  Readers hold their own positions.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "emulator/base/clock.h"
#include "emulator/base/error.h"
#include "emulator/base/task.h"
#include "store/item.h"

namespace kless {

class ChangeFeed {
 public:
  virtual ~ChangeFeed() = default;
  // The newest record that readers may see.
  virtual std::uint64_t Latest() const = 0;
  // Records up to here have been trimmed; a position of at least this can be read from.
  virtual std::uint64_t LowWaterMark() const = 0;
  // Records with sequence > after, oldest first, at most `limit`, of all tables.  kGone: `after` is
  // below the low-water mark.
  virtual Result<std::vector<RecordPtr>> Read(std::uint64_t after, int limit) const = 0;
  // Completes as soon as Latest() > after (true) or at the deadline (false).  Readers are woken in
  // the order in which they began to wait.
  virtual Task<bool> WaitBeyond(std::uint64_t after, std::optional<TimePoint> deadline) = 0;
  // The newest position whose record was written at or before `unix_nanos`; the low-water mark if
  // there is none.  For reads that lag (secondary indexes) and for starting positions.
  virtual std::uint64_t PositionAt(std::int64_t unix_nanos) const = 0;
};

// The shard of a partition: by hash, stable across machines and releases.
int ShardOf(std::string_view partition, int shards);

}  // namespace kless
