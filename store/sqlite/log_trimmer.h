// LogTrimmer: raises the low-water mark of the change log and deletes rows that are no longer
// reachable.
#pragma once

#include <cstdint>
#include <optional>

#include "emulator/base/clock.h"
#include "store/sqlite/change_log.h"
#include "store/sqlite/file/sqlite.h"

namespace kless {

class LogTrimmer {
 public:
  LogTrimmer(SqliteConnection& connection, ChangeLog& log);

  struct Limits {
    std::int64_t oldest_unix_nanos = 0;     // older records are trimmed
    std::uint64_t records_max = 0;          // records in excess of this are trimmed, oldest first
    std::optional<std::uint64_t> position;  // up to here, whatever their age
    std::uint64_t records_per_call = 0;
  };
  // Whether Trim would have records to examine, and so needs a transaction.  O(1).
  bool HasWork(const Limits& limits) const;
  // Trims committed records inside the turn's transaction.  Returns how many.
  std::uint64_t Trim(const Limits& limits);

 private:
  ChangeLog& log_;
  mutable SqliteStatement select_;
  SqliteStatement delete_change_;
  SqliteStatement save_low_water_;
};

}  // namespace kless
