// The loop that deletes expired items.
//
// It sleeps until the earliest expiry of any table.  A write may bring an earlier one, so it looks
// again after each commit, as long as a table with TTL exists; a look is one step in an index.

#include "emulator/dynamodb/ttl.h"

#include <algorithm>
#include <string>
#include <vector>

#include "emulator/base/loop/event.h"
#include "emulator/dynamodb/entry_keys.h"
#include "emulator/dynamodb/model/decimal.h"

namespace kless::dynamodb {
namespace {

constexpr std::uint64_t kDeletionsPerStep = 100;
// An item that cannot be deleted stays due: without a pause the loop would do nothing else, and
// virtual time would stand still.
constexpr Duration kRetryDelay = std::chrono::minutes(1);

std::string SecondsKey(std::int64_t seconds) {
  return Decimal(static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0))).ToKeyBytes();
}

}  // namespace

// Outlives the loop in suspended coroutines and posted handlers.
struct TimeToLiveLoop::Watch {
  TimeToLiveLoop* loop = nullptr;  // null once it is gone
};

TimeToLiveLoop::TimeToLiveLoop(EventLoop& event_loop, Catalog& catalog, Writer& writer,
                               Duration delay)
    : event_loop_(event_loop),
      catalog_(catalog),
      writer_(writer),
      delay_(delay),
      watch_(std::make_shared<Watch>()),
      changed_(event_loop) {
  watch_->loop = this;
  CountTables();
  catalog_.OnChange([watch = watch_](int) {
    if (watch->loop != nullptr) watch->loop->Changed();
  });
}

TimeToLiveLoop::~TimeToLiveLoop() {
  Stop();
  watch_->loop = nullptr;
}

void TimeToLiveLoop::Start() {
  running_ = true;
  Schedule();
  Spawn(event_loop_, "time to live", Follow(watch_));
}

void TimeToLiveLoop::Stop() {
  if (!running_) return;
  running_ = false;
  if (timer_) event_loop_.Cancel(*timer_);
  timer_.reset();
}

void TimeToLiveLoop::Changed() {
  CountTables();
  if (!running_) return;
  Schedule();
  changed_.NotifyAll();
}

void TimeToLiveLoop::CountTables() {
  const auto tables = catalog_.All();
  has_tables_ = std::any_of(tables.begin(), tables.end(),
                            [](const TableState* table) { return table->ttl.entries != 0; });
}

Task<> TimeToLiveLoop::Follow(std::shared_ptr<Watch> watch) {
  std::uint64_t seen = 0;
  while (watch->loop != nullptr && watch->loop->running_) {
    if (!watch->loop->has_tables_) {
      co_await watch->loop->changed_.Wait();
      continue;
    }
    ChangeFeed& feed = watch->loop->catalog_.store().feed();
    seen = feed.Latest();
    watch->loop->Schedule();
    co_await feed.WaitBeyond(seen, std::nullopt);
  }
}

std::optional<std::int64_t> TimeToLiveLoop::NextOf(const TableState& table) const {
  if (table.ttl.entries == 0) return std::nullopt;
  const std::int64_t now = event_loop_.UnixNanos() / kNanosPerSecond;
  EntryRange range;
  range.after = EntryPlace{SecondsKey(now - kTimeToLiveOldestSeconds), std::nullopt};
  std::optional<std::int64_t> next;
  table.table->VisitIndex(table.ttl.entries, kExpiryPartition, range, [&](const IndexEntry& entry) {
    next = SecondsOf(entry.entry.sort);
    return false;
  });
  // Dates after the year 2200 do not fit the clock.
  constexpr std::int64_t kLatest = 7'258'118'400;
  if (!next || *next > kLatest) return std::nullopt;
  return *next * kNanosPerSecond + delay_.count();
}

std::int64_t TimeToLiveLoop::SecondsOf(const std::string& key) {
  const auto number = Decimal::FromKeyBytes(key);
  if (!number) return 0;
  const std::string text = number->ToText();
  const std::size_t point = text.find('.');
  const std::string whole = text.substr(0, point);
  if (whole.size() > 12) return std::int64_t{1} << 40;
  std::int64_t seconds = 0;
  for (const char c : whole) {
    if (c >= '0' && c <= '9') seconds = seconds * 10 + (c - '0');
  }
  // A fraction of a second has passed once the next second has.
  return point == std::string::npos ? seconds : seconds + 1;
}

void TimeToLiveLoop::Schedule() {
  if (!running_) return;
  std::optional<std::int64_t> next;
  if (!has_tables_ && !timer_) return;
  for (const TableState* const table : catalog_.All()) {
    const auto one = NextOf(*table);
    if (one && (!next || *one < *next)) next = one;
  }
  const std::int64_t now = event_loop_.UnixNanos();
  if (timer_) event_loop_.Cancel(*timer_);
  timer_.reset();
  if (!next) return;
  const Duration wait(std::max<std::int64_t>(std::max(*next, retry_nanos_) - now, 0));
  timer_ = event_loop_.CallAt(event_loop_.Now() + wait, [watch = watch_] {
    if (watch->loop != nullptr) watch->loop->Run();
  });
}

void TimeToLiveLoop::Run() {
  timer_.reset();
  if (!running_) return;
  const std::int64_t until = (event_loop_.UnixNanos() - delay_.count()) / kNanosPerSecond;
  for (const TableState* const table : catalog_.All()) {
    Delete(*table, until, kDeletionsPerStep);
  }
  Schedule();
}

std::uint64_t TimeToLiveLoop::Delete(const TableState& table, std::int64_t unix_seconds,
                                     std::uint64_t limit) {
  if (table.ttl.entries == 0) return 0;
  const std::int64_t now = event_loop_.UnixNanos() / kNanosPerSecond;
  EntryRange range;
  range.after = EntryPlace{SecondsKey(now - kTimeToLiveOldestSeconds), std::nullopt};
  range.before = EntryPlace{SecondsKey(unix_seconds) + '\0', std::nullopt};
  std::vector<IndexEntry> expired;
  table.table->VisitIndex(table.ttl.entries, kExpiryPartition, range, [&](const IndexEntry& entry) {
    expired.push_back(entry);
    return expired.size() < limit;
  });
  std::uint64_t deleted = 0;
  for (const IndexEntry& entry : expired) {
    if (writer_.Expire(table, entry.item, entry.version)) ++deleted;
  }
  if (deleted < expired.size()) retry_nanos_ = event_loop_.UnixNanos() + kRetryDelay.count();
  deletions_ += deleted;
  return deleted;
}

std::uint64_t TimeToLiveLoop::ExpireNow(const TableState& table) {
  return Delete(table, event_loop_.UnixNanos() / kNanosPerSecond, UINT64_MAX);
}

bool TimeToLiveLoop::Idle() const {
  const std::int64_t now = event_loop_.UnixNanos();
  if (!has_tables_ || now < retry_nanos_) return true;
  for (const TableState* const table : catalog_.All()) {
    const auto next = NextOf(*table);
    if (running_ && next && *next <= now) return false;
  }
  return true;
}

}  // namespace kless::dynamodb
