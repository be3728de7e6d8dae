#include "emulator/logs/log_store.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless::logs {
namespace {

using nlohmann::json;

constexpr std::string_view kGroupPrefix = "logs/group/";
constexpr std::string_view kStreamPrefix = "logs/stream/";
constexpr std::string_view kBatchPrefix = "logs/batch/";
constexpr std::int64_t kDayMs = 86'400'000;

std::string BatchName(std::uint64_t number) {
  return std::string(kBatchPrefix) + HexDigits(number);
}

std::string StreamName(const LogGroup& group, const std::string& stream) {
  return std::string(kStreamPrefix) + group.id + "/" + stream;
}

bool IsWanted(const EventQuery& query, const std::string& stream) {
  if (query.streams.empty()) return stream.starts_with(query.stream_prefix);
  return std::find(query.streams.begin(), query.streams.end(), stream) != query.streams.end();
}

}  // namespace

std::string LogGroup::Arn() const {
  return "arn:aws:logs:" + scope.region + ":" + scope.account + ":log-group:" + name;
}

LogStore::LogStore(EventLoop& event_loop, Store& store, std::uint64_t seed)
    : event_loop_(event_loop), store_(store), random_(seed, "logs") {
  Load();
}

void LogStore::Load() {
  for (const auto& [name, text] : store_.LoadValues(std::string(kGroupPrefix))) {
    const auto source = ParseJson(text);
    if (source.has_error()) continue;
    const json& parts = source.value();
    auto group = std::make_unique<LogGroup>();
    group->id = name.substr(kGroupPrefix.size());
    group->scope = {parts.value("account", ""), parts.value("region", "")};
    group->name = parts.value("name", "");
    group->created_ms = parts.value("created", std::int64_t{0});
    group->retention_days = parts.value("retention", std::int64_t{0});
    group->log_class = parts.value("class", "STANDARD");
    group->is_protected = parts.value("protected", false);
    group->tags = parts.value("tags", std::map<std::string, std::string>());
    by_id_[group->id] = group.get();
    groups_[{group->scope, group->name}] = std::move(group);
  }
  for (const auto& [name, text] : store_.LoadValues(std::string(kStreamPrefix))) {
    const std::string rest = name.substr(kStreamPrefix.size());
    const std::size_t slash = rest.find('/');
    const auto group = by_id_.find(rest.substr(0, slash));
    if (group == by_id_.end() || slash == std::string::npos) continue;
    LogStream& stream = group->second->streams[rest.substr(slash + 1)];
    stream.name = rest.substr(slash + 1);
    stream.created_ms = ParseInteger(text).value_or(0);
  }
  for (const auto& [name, text] : store_.LoadValues(std::string(kBatchPrefix))) {
    const auto source = ParseJson(text);
    if (source.has_error()) continue;
    const json& parts = source.value();
    const auto group = by_id_.find(parts.value("group", ""));
    if (group == by_id_.end()) continue;
    const auto stream = group->second->streams.find(parts.value("stream", ""));
    if (stream == group->second->streams.end()) continue;
    std::vector<LogEvent> events;
    for (const json& event : parts.at("events")) {
      events.push_back({event.at(0).get<std::int64_t>(), event.at(1).get<std::string>()});
    }
    Insert(*group->second, stream->second,
           std::stoull(name.substr(kBatchPrefix.size()), nullptr, 16), std::move(events),
           parts.value("ingestion", std::int64_t{0}));
  }
}

void LogStore::Save(const LogGroup& group) {
  store_.SaveValue(std::string(kGroupPrefix) + group.id,
                   DumpJson({{"account", group.scope.account},
                             {"region", group.scope.region},
                             {"name", group.name},
                             {"created", group.created_ms},
                             {"retention", group.retention_days},
                             {"class", group.log_class},
                             {"protected", group.is_protected},
                             {"tags", group.tags}}));
}

void LogStore::SaveStream(const LogGroup& group, const LogStream& stream) {
  store_.SaveValue(StreamName(group, stream.name), std::to_string(stream.created_ms));
}

LogGroup* LogStore::Own(const Scope& scope, const std::string& name) {
  const auto found = groups_.find({scope, name});
  if (found == groups_.end()) return nullptr;
  Expire(*found->second);
  return found->second.get();
}

const LogGroup* LogStore::FindGroup(const Scope& scope, const std::string& name) {
  return Own(scope, name);
}

Outcome<const LogGroup*> LogStore::GetGroup(const Scope& scope, const std::string& name) {
  if (const LogGroup* const group = Own(scope, name)) return group;
  return NotFound("log group");
}

Outcome<const LogStream*> LogStore::GetStream(const Scope& scope, const std::string& group,
                                              const std::string& name) {
  KLESS_TRY(const LogGroup* const found, GetGroup(scope, group));
  const auto stream = found->streams.find(name);
  if (stream == found->streams.end()) return NotFound("log stream");
  return &stream->second;
}

std::vector<const LogGroup*> LogStore::Groups(const Scope& scope) {
  std::vector<const LogGroup*> groups;
  for (auto& [name, group] : groups_) {
    if (name.first != scope) continue;
    Expire(*group);
    groups.push_back(group.get());
  }
  return groups;
}

Outcome<void> LogStore::CreateGroup(const Scope& scope, const std::string& name,
                                    const std::map<std::string, std::string>& tags,
                                    const std::string& log_class, bool is_protected) {
  if (Own(scope, name) != nullptr) return AlreadyExists("log group");
  auto group = std::make_unique<LogGroup>();
  group->id = HexDigits(random_.Bits());
  group->scope = scope;
  group->name = name;
  group->created_ms = NowMs();
  group->log_class = log_class.empty() ? "STANDARD" : log_class;
  group->is_protected = is_protected;
  group->tags = tags;
  Save(*group);
  by_id_[group->id] = group.get();
  groups_[{scope, name}] = std::move(group);
  return {};
}

Outcome<void> LogStore::CreateStream(const Scope& scope, const std::string& group,
                                     const std::string& name) {
  LogGroup* const own = Own(scope, group);
  if (own == nullptr) return NotFound("log group");
  if (own->streams.contains(name)) return AlreadyExists("log stream");
  LogStream& stream = own->streams[name];
  stream.name = name;
  stream.created_ms = NowMs();
  SaveStream(*own, stream);
  return {};
}

void LogStore::RemoveStream(LogGroup& group, const std::string& name) {
  const auto found = group.streams.find(name);
  while (!found->second.batches.empty()) DropBatch(*found->second.batches.begin());
  store_.RemoveValue(StreamName(group, name));
  group.streams.erase(found);
}

Outcome<void> LogStore::DeleteGroup(const Scope& scope, const std::string& name) {
  LogGroup* const group = Own(scope, name);
  if (group == nullptr) return NotFound("log group");
  if (group->is_protected) {
    return Failure{"ValidationException",
                   "Deletion protection is enabled on the log group " + name + "."};
  }
  while (!group->streams.empty()) RemoveStream(*group, group->streams.begin()->first);
  store_.RemoveValue(std::string(kGroupPrefix) + group->id);
  by_id_.erase(group->id);
  groups_.erase({scope, name});
  return {};
}

Outcome<void> LogStore::DeleteStream(const Scope& scope, const std::string& group,
                                     const std::string& name) {
  KLESS_TRY_VOID(GetStream(scope, group, name));
  RemoveStream(*Own(scope, group), name);
  return {};
}

Outcome<void> LogStore::SetRetention(const Scope& scope, const std::string& group,
                                     std::int64_t days) {
  LogGroup* const own = Own(scope, group);
  if (own == nullptr) return NotFound("log group");
  own->retention_days = days;
  Save(*own);
  return {};
}

Outcome<void> LogStore::SetTags(const Scope& scope, const std::string& group,
                                std::map<std::string, std::string> tags) {
  LogGroup* const own = Own(scope, group);
  if (own == nullptr) return NotFound("log group");
  own->tags = std::move(tags);
  Save(*own);
  return {};
}

Outcome<void> LogStore::Put(const Scope& scope, const std::string& group, const std::string& stream,
                            std::vector<LogEvent> events) {
  KLESS_TRY_VOID(GetStream(scope, group, stream));
  if (events.empty()) return {};
  LogGroup& own = *Own(scope, group);
  // Microseconds, so that numbers grow across restarts without being saved.
  const std::uint64_t number =
      std::max(next_number_, static_cast<std::uint64_t>(event_loop_.UnixNanos() / 1000));
  const std::int64_t ingestion_ms = NowMs();
  json list = json::array();
  for (const LogEvent& event : events) list.push_back({event.unix_ms, event.message});
  store_.SaveValue(BatchName(number), DumpJson({{"group", own.id},
                                                {"stream", stream},
                                                {"ingestion", ingestion_ms},
                                                {"events", std::move(list)}}));
  Insert(own, own.streams.at(stream), number, std::move(events), ingestion_ms);
  // The newest batch stays, however large it is.
  while (memory_ > kBytesMax && batches_.size() > 1) DropBatch(batches_.begin()->first);
  return {};
}

void LogStore::Append(const Scope& scope, const std::string& group, const std::string& stream,
                      std::vector<LogEvent> events) {
  (void)CreateGroup(scope, group, {}, "", false);
  (void)CreateStream(scope, group, stream);
  (void)Put(scope, group, stream, std::move(events));
}

void LogStore::Insert(LogGroup& group, LogStream& stream, std::uint64_t number,
                      std::vector<LogEvent> events, std::int64_t ingestion_ms) {
  Batch& batch = batches_[number];
  batch.group = group.id;
  batch.stream = stream.name;
  std::uint64_t next = number;
  for (LogEvent& event : events) {
    const Position position{event.unix_ms, next++};
    batch.bytes += event.message.size() + kEventOverheadBytes;
    batch.memory += event.message.size() + stream.name.size() + kEventMemoryBytes;
    batch.events.push_back(position);
    stream.first_event_ms = std::min(stream.first_event_ms.value_or(event.unix_ms), event.unix_ms);
    stream.last_event_ms = std::max(stream.last_event_ms.value_or(event.unix_ms), event.unix_ms);
    group.events[position] = {position, stream.name, ingestion_ms, std::move(event.message)};
  }
  stream.last_ingestion_ms = ingestion_ms;
  stream.batches.insert(number);
  group.bytes += batch.bytes;
  memory_ += batch.memory;
  next_number_ = std::max(next_number_, next);
}

void LogStore::DropBatch(std::uint64_t number) {
  const auto found = batches_.find(number);
  const Batch& batch = found->second;
  LogGroup& group = *by_id_.at(batch.group);
  for (const Position& position : batch.events) group.events.erase(position);
  group.bytes -= batch.bytes;
  memory_ -= batch.memory;
  LogStream& stream = group.streams.at(batch.stream);
  stream.batches.erase(number);
  if (stream.batches.empty()) {
    stream.first_event_ms = stream.last_event_ms = stream.last_ingestion_ms = std::nullopt;
  } else {
    // Batches of a stream come in order of time but for clients whose clocks differ.
    stream.first_event_ms = batches_.at(*stream.batches.begin()).events.front().unix_ms;
  }
  store_.RemoveValue(BatchName(number));
  batches_.erase(found);
}

void LogStore::Expire(LogGroup& group) {
  if (group.retention_days == 0) return;
  const std::int64_t oldest = NowMs() - group.retention_days * kDayMs;
  while (!group.events.empty() && group.events.begin()->first.unix_ms < oldest) {
    const std::uint64_t number = group.events.begin()->first.number;
    const auto batch = std::prev(batches_.upper_bound(number));
    if (batch->second.events.back().unix_ms >= oldest) return;
    DropBatch(batch->first);
  }
}

EventPage LogStore::Find(const Scope& scope, const std::string& group, const EventQuery& query) {
  EventPage page;
  const LogGroup* const own = Own(scope, group);
  if (own == nullptr) return page;
  std::int64_t from_ms = query.from_ms;
  if (own->retention_days > 0) {
    from_ms = std::max(from_ms, NowMs() - own->retention_days * kDayMs);
  }
  const auto begin = own->events.lower_bound(std::max(query.begin, Position{from_ms, 0}));
  Position limit{query.until_ms, 0};
  if (query.end) limit = std::min(limit, *query.end);
  const auto end = own->events.lower_bound(limit);
  std::size_t bytes = 0;
  std::size_t scanned = 0;
  // Returns whether the page has ended before the event.
  const auto take = [&](const StoredEvent& event) {
    if (!IsWanted(query, event.stream)) return false;
    const std::size_t size = event.message.size() + kEventOverheadBytes;
    page.more = scanned > 0 && scanned + size > query.scanned_bytes_max;
    if (!page.more) {
      scanned += size;
      if (query.filter != nullptr && !query.filter->Matches(event.message)) return false;
      bytes += size;
      page.more =
          page.events.size() == query.limit || (bytes > query.bytes_max && !page.events.empty());
    }
    page.next = event.position;
    if (query.newest_first) ++page.next.number;
    if (!page.more) page.events.push_back(event);
    return page.more;
  };
  if (limit <= std::max(query.begin, Position{from_ms, 0})) return page;
  if (query.newest_first) {
    for (auto each = end; each != begin;) {
      if (take((--each)->second)) break;
    }
  } else {
    for (auto each = begin; each != end; ++each) {
      if (take(each->second)) break;
    }
  }
  return page;
}

}  // namespace kless::logs
