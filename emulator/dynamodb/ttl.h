// TimeToLive: deletes items after the time that an attribute of theirs names.
//
// An internal index of each table with TTL orders the items by that attribute; nothing is scanned.
// Only numbers count, as Unix seconds, and only those of the last five years:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
// Until it is deleted, an expired item is read as any other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "emulator/base/loop/event.h"
#include "emulator/base/loop/event_loop.h"
#include "emulator/base/loop/task.h"
#include "emulator/dynamodb/catalog.h"
#include "emulator/dynamodb/writer.h"

namespace kless::dynamodb {

constexpr std::int64_t kTimeToLiveOldestSeconds = std::int64_t{5} * 365 * 24 * 3600;

class TimeToLiveLoop {
 public:
  // `delay`: from the time that the attribute names to the deletion.
  TimeToLiveLoop(EventLoop& event_loop, Catalog& catalog, Writer& writer, Duration delay);
  ~TimeToLiveLoop();
  TimeToLiveLoop(const TimeToLiveLoop&) = delete;
  TimeToLiveLoop& operator=(const TimeToLiveLoop&) = delete;

  // Begins to delete; before it, nothing happens by itself.
  void Start();
  void Stop();
  // Deletes every item of the table that has expired, without the delay.  Returns their number; 0
  // for a table without TTL.
  std::uint64_t ExpireNow(const TableState& table);
  // Deletions since the start of the process.
  std::uint64_t deletions() const { return deletions_; }
  // Whether nothing has to be deleted at this moment, and no failed deletion is to be repeated yet.
  bool Idle() const;

 private:
  struct Watch;

  // The date of an entry's sort key, rounded up.
  static std::int64_t SecondsOf(const std::string& key);
  void CountTables();
  void Changed();
  static Task<> Follow(std::shared_ptr<Watch> watch);
  void Schedule();
  void Run();
  // Deletes at most `limit` items that expired at or before `unix_seconds`.
  std::uint64_t Delete(const TableState& table, std::int64_t unix_seconds, std::uint64_t limit);
  // The date of the next deletion in the table (Unix nanoseconds), delay included.
  std::optional<std::int64_t> NextOf(const TableState& table) const;

  EventLoop& event_loop_;
  Catalog& catalog_;
  Writer& writer_;
  const Duration delay_;
  const std::shared_ptr<Watch> watch_;
  Event changed_;  // a table's TTL was switched on or off
  bool running_ = false;
  bool has_tables_ = false;  // some table has TTL
  std::optional<EventLoop::TimerId> timer_;
  std::uint64_t deletions_ = 0;
  std::int64_t retry_nanos_ = 0;  // after a deletion that failed, nothing is tried before it
};

}  // namespace kless::dynamodb
