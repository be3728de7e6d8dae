#include "store/sqlite/sqlite_invocation_log.h"

#include <algorithm>
#include <cmath>

#include "emulator/base/clock.h"
#include "emulator/base/strings.h"

namespace kless {
namespace {

// SQL users read milliseconds; the conversion back is exact for every duration below eleven days.
double Milliseconds(std::int64_t nanos) { return static_cast<double>(nanos) / 1e6; }
std::int64_t Nanoseconds(double milliseconds) { return std::llround(milliseconds * 1e6); }

// Formats numbers as in [3,4,5].
std::string ToJsonArray(const std::vector<std::uint64_t>& numbers) {
  std::string text = "[";
  for (const std::uint64_t number : numbers) {
    if (text.size() > 1) text += ',';
    text += std::to_string(number);
  }
  return text += ']';
}

std::vector<std::uint64_t> FromJsonArray(std::string_view text) {
  std::vector<std::uint64_t> numbers;
  if (text.size() < 3) return numbers;
  for (const std::string_view part : Split(text.substr(1, text.size() - 2), ',')) {
    if (const auto number = ParseUnsigned(part)) numbers.push_back(*number);
  }
  return numbers;
}

StartKind StartKindFromName(std::string_view name) {
  if (name == "cold") return StartKind::kCold;
  return name == "waited" ? StartKind::kWaited : StartKind::kWarm;
}

constexpr std::string_view kColumns =
    "id, function, request_id, environment, start, trigger, requested_unix_nanos, queued_ms, "
    "init_ms, run_ms, store_ms, billed_ms, memory_mb, throttles, outcome, error, caused_by";

InvocationRecord ReadRow(const SqliteStatement& row) {
  InvocationRecord record;
  record.id = static_cast<std::uint64_t>(row.Integer(0));
  record.function = row.Bytes(1);
  record.request_id = row.Bytes(2);
  record.environment = row.Bytes(3);
  record.start = StartKindFromName(row.Bytes(4));
  record.trigger = row.Bytes(5);
  record.requested_unix_nanos = row.Integer(6);
  record.queued = Nanoseconds(row.Real(7));
  record.init = Nanoseconds(row.Real(8));
  record.run = Nanoseconds(row.Real(9));
  record.store = Nanoseconds(row.Real(10));
  record.billed = Nanoseconds(row.Real(11));
  record.memory_mb = static_cast<int>(row.Integer(12));
  record.throttles = static_cast<int>(row.Integer(13));
  record.outcome = row.Bytes(14);
  record.error = row.Bytes(15);
  record.caused_by = FromJsonArray(row.Bytes(16));
  return record;
}

}  // namespace

SqliteInvocationLog::SqliteInvocationLog(SqliteConnection& connection, EventLoop& event_loop,
                                         Turn& turn, Duration retention_age)
    : event_loop_(event_loop),
      turn_(turn),
      retention_age_(retention_age),
      insert_(connection,
              "INSERT INTO invocations VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
              "?13, ?14, ?15, ?16, ?17)"),
      delete_(connection, "DELETE FROM invocations WHERE id <= ?1"),
      select_(connection, "SELECT " + std::string(kColumns) +
                              " FROM invocations WHERE id > ?1 ORDER BY id LIMIT ?2"),
      select_by_function_(connection, "SELECT " + std::string(kColumns) +
                                          " FROM invocations WHERE function = ?3 AND id > ?1 "
                                          "ORDER BY id LIMIT ?2"),
      select_backwards_(connection, "SELECT " + std::string(kColumns) +
                                        " FROM invocations WHERE id < ?1 ORDER BY id DESC LIMIT "
                                        "?2"),
      select_backwards_by_function_(connection,
                                    "SELECT " + std::string(kColumns) +
                                        " FROM invocations WHERE function = ?3 AND id < ?1 "
                                        "ORDER BY id DESC LIMIT ?2"),
      select_oldest_(connection,
                     "SELECT id, requested_unix_nanos FROM invocations ORDER BY id LIMIT ?1") {
  latest_id_ =
      static_cast<std::uint64_t>(connection.QueryInteger("SELECT max(id) FROM invocations"));
}

void SqliteInvocationLog::Append(InvocationRecord record) {
  try {
    turn_.Begin();
    const std::string caused_by = ToJsonArray(record.caused_by);
    insert_.BindInteger(1, static_cast<std::int64_t>(latest_id_ + 1));
    insert_.BindText(2, record.function);
    insert_.BindText(3, record.request_id);
    insert_.BindText(4, record.environment);
    insert_.BindText(5, StartKindName(record.start));
    insert_.BindText(6, record.trigger);
    insert_.BindInteger(7, record.requested_unix_nanos);
    insert_.BindReal(8, Milliseconds(record.queued));
    insert_.BindReal(9, Milliseconds(record.init));
    insert_.BindReal(10, Milliseconds(record.run));
    insert_.BindReal(11, Milliseconds(record.store));
    insert_.BindReal(12, Milliseconds(record.billed));
    insert_.BindInteger(13, record.memory_mb);
    insert_.BindInteger(14, record.throttles);
    insert_.BindText(15, record.outcome);
    insert_.BindText(16, record.error);
    insert_.BindText(17, caused_by);
    insert_.Run();
    ++latest_id_;
  } catch (const SqliteError& error) {
    turn_.Fail(error);
  }
}

std::vector<InvocationRecord> SqliteInvocationLog::Select(SqliteStatement& all,
                                                          SqliteStatement& of_function,
                                                          const std::string& function,
                                                          std::uint64_t position, int limit) {
  std::vector<InvocationRecord> records;
  SqliteStatement& select = function.empty() ? all : of_function;
  // A position beyond SQLite's range is after every row.
  select.BindInteger(
      1, static_cast<std::int64_t>(std::min<std::uint64_t>(position, std::uint64_t{INT64_MAX})));
  select.BindInteger(2, std::clamp(limit, 1, 10'000));
  if (!function.empty()) select.BindText(3, function);
  const SqliteReset reset(select);
  while (select.Step()) records.push_back(ReadRow(select));
  return records;
}

std::vector<InvocationRecord> SqliteInvocationLog::Read(const std::string& function,
                                                        std::uint64_t after, int limit) const {
  return Select(select_, select_by_function_, function, after, limit);
}

std::vector<InvocationRecord> SqliteInvocationLog::ReadBackwards(const std::string& function,
                                                                 std::uint64_t before,
                                                                 int limit) const {
  return Select(select_backwards_, select_backwards_by_function_, function, before, limit);
}

std::uint64_t SqliteInvocationLog::TrimTarget(std::uint64_t count) const {
  const std::int64_t oldest_kept = event_loop_.UnixNanos() - retention_age_.count();
  // The newest row stays so that ids continue from it after a restart.
  count = std::max<std::uint64_t>(count, 1);
  const std::uint64_t by_count = latest_id_ > count ? latest_id_ - count : 0;
  std::uint64_t target = 0;
  select_oldest_.BindInteger(1, kTrimRows);
  const SqliteReset reset(select_oldest_);
  while (select_oldest_.Step()) {
    const auto id = static_cast<std::uint64_t>(select_oldest_.Integer(0));
    if (id >= latest_id_ || (id > by_count && select_oldest_.Integer(1) >= oldest_kept)) break;
    target = id;
  }
  return target;
}

void SqliteInvocationLog::Trim(std::uint64_t count) {
  const std::uint64_t target = TrimTarget(count);
  if (target == 0) return;
  try {
    turn_.Begin();
    delete_.BindInteger(1, static_cast<std::int64_t>(target));
    delete_.Run();
  } catch (const SqliteError& error) {
    turn_.Fail(error);
  }
}

}  // namespace kless
