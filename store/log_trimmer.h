// LogTrimmer: raises the low-water mark of the change log and deletes what nobody can reach any
// more.
#pragma once

#include <cstdint>
#include <optional>

#include "emulator/base/clock.h"
#include "store/change_log.h"
#include "store/sqlite.h"

namespace kless {

class LogTrimmer {
 public:
  LogTrimmer(SqliteConnection& connection, ChangeLog& log);

  struct Limits {
    std::int64_t oldest_unix_nanos = 0;     // older records go
    std::uint64_t records_max = 0;          // more than these go, the oldest first
    std::optional<std::uint64_t> position;  // records up to here go, whatever their age
    std::uint64_t records_per_call = 0;
  };
  // The records that Trim would look at are there: a transaction is needed.  O(1).
  bool HasWork(const Limits& limits) const;
  // Inside the turn's transaction.  Only committed records are trimmed.  Returns how many.
  std::uint64_t Trim(const Limits& limits);

 private:
  ChangeLog& log_;
  mutable SqliteStatement select_;
  SqliteStatement delete_change_;
  SqliteStatement save_low_water_;
};

}  // namespace kless
