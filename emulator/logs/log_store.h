// LogStore: the groups, streams and events of CloudWatch Logs over the store, without a protocol.
//
// Everything is one step and is saved in the turn's transaction.  Events are in memory, too, so all
// of them together have at most kBytesMax: beyond, those that arrived first go.  Events are read in
// the order of their time, those of the same millisecond in the order of their arrival.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/random.h"
#include "emulator/logs/failure.h"
#include "emulator/logs/filter_pattern.h"
#include "emulator/logs/scope.h"
#include "store/store.h"

namespace kless::logs {

// In memory, with kEventMemoryBytes for each event beside its texts.
constexpr std::size_t kBytesMax = 64u << 20;
constexpr std::size_t kEventMemoryBytes = 200;
// What AWS adds to the size of each event.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
constexpr std::size_t kEventOverheadBytes = 26;

struct LogEvent {
  std::int64_t unix_ms = 0;
  std::string message;
};

// The place of an event in its group: time, then number of arrival.
struct Position {
  std::int64_t unix_ms = 0;
  std::uint64_t number = 0;
  auto operator<=>(const Position&) const = default;
};

struct StoredEvent {
  Position position;
  std::string stream;
  std::int64_t ingestion_ms = 0;
  std::string message;
};

struct LogStream {
  std::string name;
  std::int64_t created_ms = 0;
  std::set<std::uint64_t> batches;  // by the number of their first event
  // What its events have; absent if it has none.
  std::optional<std::int64_t> first_event_ms;
  std::optional<std::int64_t> last_event_ms;
  std::optional<std::int64_t> last_ingestion_ms;
};

struct LogGroup {
  std::string id;  // of the store's names; no two groups ever have the same
  Scope scope;
  std::string name;
  std::int64_t created_ms = 0;
  std::int64_t retention_days = 0;  // 0: forever
  std::string log_class = "STANDARD";
  bool is_protected = false;  // against deletion
  std::map<std::string, std::string> tags;
  std::map<std::string, LogStream> streams;
  std::map<Position, StoredEvent> events;
  std::size_t bytes = 0;  // of the events

  // "arn:aws:logs:REGION:ACCOUNT:log-group:NAME"
  std::string Arn() const;
};

struct EventQuery {
  std::vector<std::string> streams;  // empty: all that begin with `stream_prefix`
  std::string stream_prefix;
  std::int64_t from_ms = 0;
  std::int64_t until_ms = INT64_MAX;      // exclusive
  Position begin;                         // events at or after it
  std::optional<Position> end;            // events before it
  const FilterPattern* filter = nullptr;  // null: all
  std::size_t limit = 10'000;
  // Limits messages and overheads together, but one event always fits: the size of a reply.
  std::size_t bytes_max = 1u << 20;
  // Limits what is looked at in one step, as `bytes_max` limits what is returned.
  std::size_t scanned_bytes_max = SIZE_MAX;
  bool newest_first = false;
};

struct EventPage {
  std::vector<StoredEvent> events;
  bool more = false;  // a limit ended the page
  // Where the next page begins, or, with `newest_first`, ends.
  Position next;
};

class LogStore {
 public:
  // Loads what was saved.  Both references must outlive it.
  LogStore(EventLoop& event_loop, Store& store, std::uint64_t seed);
  LogStore(const LogStore&) = delete;
  LogStore& operator=(const LogStore&) = delete;

  Outcome<void> CreateGroup(const Scope& scope, const std::string& name,
                            const std::map<std::string, std::string>& tags,
                            const std::string& log_class, bool is_protected);
  Outcome<void> CreateStream(const Scope& scope, const std::string& group, const std::string& name);
  Outcome<void> DeleteGroup(const Scope& scope, const std::string& name);
  Outcome<void> DeleteStream(const Scope& scope, const std::string& group, const std::string& name);
  // 0: forever.  `days` is one of those that CloudWatch Logs has.
  Outcome<void> SetRetention(const Scope& scope, const std::string& group, std::int64_t days);
  Outcome<void> SetTags(const Scope& scope, const std::string& group,
                        std::map<std::string, std::string> tags);

  // Null if there is none.  Valid during the step.
  const LogGroup* FindGroup(const Scope& scope, const std::string& name);
  Outcome<const LogGroup*> GetGroup(const Scope& scope, const std::string& name);
  Outcome<const LogStream*> GetStream(const Scope& scope, const std::string& group,
                                      const std::string& name);
  // In order of name.
  std::vector<const LogGroup*> Groups(const Scope& scope);

  // Appends to a stream that exists; `events` in order of time.
  Outcome<void> Put(const Scope& scope, const std::string& group, const std::string& stream,
                    std::vector<LogEvent> events);
  // The same for functions: creates what is missing.
  void Append(const Scope& scope, const std::string& group, const std::string& stream,
              std::vector<LogEvent> events);
  // Empty for a group that does not exist.
  EventPage Find(const Scope& scope, const std::string& group, const EventQuery& query);

 private:
  struct Batch {
    std::string group;  // its id
    std::string stream;
    std::vector<Position> events;
    std::size_t bytes = 0;
    std::size_t memory = 0;
  };

  std::int64_t NowMs() const { return event_loop_.UnixNanos() / 1'000'000; }
  LogGroup* Own(const Scope& scope, const std::string& name);
  void Load();
  void Save(const LogGroup& group);
  void SaveStream(const LogGroup& group, const LogStream& stream);
  void Insert(LogGroup& group, LogStream& stream, std::uint64_t number,
              std::vector<LogEvent> events, std::int64_t ingestion_ms);
  void DropBatch(std::uint64_t number);
  // Drops batches whose events have all passed the group's retention.
  void Expire(LogGroup& group);
  void RemoveStream(LogGroup& group, const std::string& name);

  EventLoop& event_loop_;
  Store& store_;
  Random random_;
  std::map<std::pair<Scope, std::string>, std::unique_ptr<LogGroup>> groups_;
  std::map<std::string, LogGroup*> by_id_;
  std::map<std::uint64_t, Batch> batches_;  // in order of arrival
  std::uint64_t next_number_ = 1;
  std::size_t memory_ = 0;
};

}  // namespace kless::logs
