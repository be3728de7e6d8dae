// ChangeFeed: the one ordered log of the file, shared by all tables.
//
// A record becomes visible when its transaction commits.  All readers share a bounded ring of
// recent records; older ones are read from SQLite.  Readers hold their own positions.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "emulator/base/clock.h"
#include "emulator/base/error.h"
#include "emulator/base/loop/task.h"
#include "store/item/item.h"

namespace kless {

class ChangeFeed {
 public:
  virtual ~ChangeFeed() = default;
  // The newest record that readers may see.
  virtual std::uint64_t Latest() const = 0;
  // Records up to and including this one have been trimmed; any position from here on can be read.
  virtual std::uint64_t LowWaterMark() const = 0;
  // Returns the records of all tables with sequence > after, oldest first, at most `limit`. kGone:
  // `after` is below the low-water mark.
  virtual Result<std::vector<RecordPtr>> Read(std::uint64_t after, int limit) const = 0;
  // Returns the records of one table with after < sequence <= until, oldest first, at most `limit`,
  // but looks at no more than the next `span` records of the feed.  `*seen` is how far it has
  // looked: read on from there. kGone as for Read.
  virtual Result<std::vector<RecordPtr>> ReadTable(int table, std::uint64_t after,
                                                   std::uint64_t until, int limit,
                                                   std::uint64_t span,
                                                   std::uint64_t* seen) const = 0;
  // Visits every record with sequence > after, newest first, those of the open turn included.
  // Requires after >= LowWaterMark().
  virtual void VisitBack(std::uint64_t after,
                         const std::function<void(const ChangeRecord&)>& visit) const = 0;
  // Completes with true as soon as Latest() > after, or with false at the deadline.  Readers are
  // woken in the order in which they began to wait.
  virtual Task<bool> WaitBeyond(std::uint64_t after, std::optional<TimePoint> deadline) = 0;
  // Returns the newest position whose record was written at or before `unix_nanos`, or the
  // low-water mark if there is none.  It serves reads that lag (secondary indexes) and starting
  // positions.
  virtual std::uint64_t PositionAt(std::int64_t unix_nanos) const = 0;
};

// Returns the shard of a partition: a hash that is stable across machines and releases.
int ShardOf(std::string_view partition, int shards);

}  // namespace kless
