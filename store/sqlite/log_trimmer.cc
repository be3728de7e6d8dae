#include "store/sqlite/log_trimmer.h"

#include <algorithm>
#include <string>
#include <vector>

namespace kless {

LogTrimmer::LogTrimmer(SqliteConnection& connection, ChangeLog& log)
    : log_(log),
      select_(connection,
              "SELECT sequence, kind, unix_nanos, previous FROM changes WHERE sequence > ?1 "
              "AND sequence <= ?2 ORDER BY sequence"),
      delete_change_(connection, "DELETE FROM changes WHERE sequence = ?1"),
      save_low_water_(connection, "UPDATE meta SET value = ?1 WHERE name = 'low_water'") {}

namespace {
// Returns the newest record that is trimmed by count or position, whatever its age.
std::uint64_t AgelessTarget(const ChangeLog& log, const LogTrimmer::Limits& limits) {
  const std::uint64_t retained = log.latest() - log.low_water();
  std::uint64_t target = log.low_water();
  if (retained > limits.records_max) target = log.latest() - limits.records_max;
  if (limits.position) target = std::max(target, std::min(*limits.position, log.latest()));
  return target;
}
}  // namespace

bool LogTrimmer::HasWork(const Limits& limits) const {
  if (limits.records_per_call == 0 || log_.low_water() >= log_.latest()) return false;
  if (AgelessTarget(log_, limits) > log_.low_water()) return true;
  select_.BindInteger(1, static_cast<std::int64_t>(log_.low_water()));
  select_.BindInteger(2, static_cast<std::int64_t>(log_.low_water() + 1));
  const SqliteReset reset(select_);
  return select_.Step() && select_.Integer(2) < limits.oldest_unix_nanos;
}

// A row is referenced in two ways: as an item's current image, and as the old image of a retained
// record.  When record q is trimmed, the image before it (q.previous) loses its only reader: the
// item has moved on to q, and no other record has the same `previous`.  Row q itself stays, for its
// item or for the record that follows it, whose trimming will delete it; only a removal has
// neither.
std::uint64_t LogTrimmer::Trim(const Limits& limits) {
  const std::uint64_t before = log_.low_water();
  const std::uint64_t ageless = AgelessTarget(log_, limits);
  const std::uint64_t until = log_.latest() - before > limits.records_per_call
                                  ? before + limits.records_per_call
                                  : log_.latest();
  std::uint64_t low_water = before;
  std::vector<std::int64_t> unreachable;
  {
    select_.BindInteger(1, static_cast<std::int64_t>(before));
    select_.BindInteger(2, static_cast<std::int64_t>(until));
    const SqliteReset reset(select_);
    while (select_.Step()) {
      const std::int64_t sequence = select_.Integer(0);
      const bool old = select_.Integer(2) < limits.oldest_unix_nanos;
      if (!old && static_cast<std::uint64_t>(sequence) > ageless) break;
      if (!select_.IsNull(3)) unreachable.push_back(select_.Integer(3));
      if (select_.Bytes(1) == "REMOVE" || select_.Bytes(1) == "EXPIRE") {
        unreachable.push_back(sequence);
      }
      low_water = static_cast<std::uint64_t>(sequence);
    }
  }
  if (low_water == before) return 0;
  // Rows are deleted in key order because neighbouring rows share pages.
  std::sort(unreachable.begin(), unreachable.end());
  for (const std::int64_t sequence : unreachable) {
    delete_change_.BindInteger(1, sequence);
    delete_change_.Run();
  }
  save_low_water_.BindInteger(1, static_cast<std::int64_t>(low_water));
  save_low_water_.Run();
  log_.set_low_water(low_water);
  return low_water - before;
}

}  // namespace kless
