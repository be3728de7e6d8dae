// The lineage of shards, iterators and pages of records.
//
// A shard's end by age is a position of the feed: the newest record of the moment when it became
// four hours old, computed at the first look after that.  It is saved before it is used, and all
// that any reader has seen lies before it, since the records behind it were not yet written.
//
// An iterator holds all that it means, so that nothing is stored for it and a restart changes
// nothing; a hash tells it from nonsense.  Anyone can compute that hash, so its numbers are checked
// as any other input.

#include "emulator/dynamodb/streams.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/random.h"
#include "emulator/base/strings.h"
#include "emulator/dynamodb/capacity.h"
#include "emulator/dynamodb/table_arn.h"

namespace kless::dynamodb {
namespace {

using nlohmann::json;

constexpr const char* kShardsPrefix = "dynamodb.shards.";
// How many records of other tables one GetRecords passes over at most; the next one continues
// there.
constexpr std::uint64_t kSpan = 20'000;

std::string StoredName(int table_id, const std::string& label) {
  return kShardsPrefix + std::to_string(table_id) + "." + label;
}

// The place of a partition key in the lineage.
std::uint64_t PlaceOf(std::string_view partition) { return HashBytes(partition); }

// Ids order as the shards were created, parents before children; readers such as the Kinesis
// adapter rely on it.  `parent` is empty for a first shard; `place` tells shards of one moment
// apart.
std::string ShardId(const Catalog::StreamSource& source, std::int64_t unix_nanos,
                    const std::string& parent, std::uint64_t place) {
  const std::uint64_t name = HashBytes(source.arn + parent, place);
  return fmt::format("shardId-{:020}-{:08x}{:08x}", unix_nanos / 1'000'000, place & 0xffffffff,
                     name & 0xffffffff);
}

json ShardsToJson(const std::vector<ShardState>& shards) {
  json list = json::array();
  for (const ShardState& shard : shards) {
    list.push_back({{"id", shard.id},
                    {"parent", shard.parent},
                    {"from", shard.hash_from},
                    {"to", shard.hash_to},
                    {"after", shard.after},
                    {"until", shard.until ? json(*shard.until) : json(nullptr)},
                    {"created", shard.created_nanos},
                    {"closed", shard.closed_nanos}});
  }
  return list;
}

std::vector<ShardState> ShardsFromText(const std::string& text) {
  std::vector<ShardState> shards;
  const auto list = ParseJson(text);
  if (list.has_error() || !list.value().is_array()) return shards;
  for (const json& one : list.value()) {
    ShardState shard;
    shard.id = one.value("id", "");
    shard.parent = one.value("parent", "");
    shard.hash_from = one.value("from", std::uint64_t{0});
    shard.hash_to = one.value("to", std::uint64_t{0});
    shard.after = one.value("after", std::uint64_t{0});
    if (one.contains("until") && one["until"].is_number()) {
      shard.until = one["until"].get<std::uint64_t>();
    }
    shard.created_nanos = one.value("created", std::int64_t{0});
    shard.closed_nanos = one.value("closed", std::int64_t{0});
    shards.push_back(std::move(shard));
  }
  return shards;
}

struct IteratorText {
  std::string arn;
  std::string shard;
  std::uint64_t position = 0;
  std::int64_t issued_nanos = 0;
};

std::uint64_t CheckOf(const std::string& arn, const std::string& text) {
  return HashBytes(arn, HashBytes(text));
}

// "ARN|1|BASE64", the form of AWS's own.
std::string FormatIterator(const IteratorText& iterator) {
  const std::string text = iterator.shard + " " + std::to_string(iterator.position) + " " +
                           std::to_string(iterator.issued_nanos);
  return iterator.arn + "|1|" +
         Base64Encode(text + " " + std::to_string(CheckOf(iterator.arn, text)));
}

std::optional<IteratorText> ParseIterator(const std::string& text) {
  const auto end = text.find("|1|");
  if (end == std::string::npos) return std::nullopt;
  IteratorText iterator;
  iterator.arn = text.substr(0, end);
  const auto decoded = Base64Decode(text.substr(end + 3));
  if (!decoded) return std::nullopt;
  const auto check_at = decoded->rfind(' ');
  if (check_at == std::string::npos) return std::nullopt;
  const std::string content = decoded->substr(0, check_at);
  if (ParseUnsigned(decoded->substr(check_at + 1)) != CheckOf(iterator.arn, content)) {
    return std::nullopt;
  }
  const auto parts = Split(content, ' ');
  if (parts.size() != 3) return std::nullopt;
  const auto position = ParseUnsigned(parts[1]);
  const auto issued = ParseInteger(parts[2]);
  if (!position || !issued) return std::nullopt;
  iterator.shard = parts[0];
  iterator.position = *position;
  iterator.issued_nanos = *issued;
  return iterator;
}

std::size_t ImageBytes(const ItemLayout& layout, const ItemPtr& image) {
  return image ? SizeOfStored(layout, *image) : 0;
}

Failure Trimmed() {
  return Fail(FailureKind::kTrimmedDataAccess,
              "The operation attempted to read past the oldest stream record in a shard. The "
              "requested records have been trimmed");
}

}  // namespace

std::string SequenceNumber(std::uint64_t sequence) { return fmt::format("{:021}", sequence); }

std::optional<std::uint64_t> ParseSequenceNumber(std::string_view text) {
  const auto first = text.find_first_not_of('0');
  if (text.empty()) return std::nullopt;
  return first == std::string_view::npos ? 0 : ParseUnsigned(text.substr(first));
}

std::string ShardState::EndingSequenceNumber() const {
  return until ? SequenceNumber(std::max(*until, after + 1)) : std::string();
}

Streams::Streams(Catalog& catalog) : catalog_(catalog) {
  catalog_.OnChange([this](int table_id) { Grow(table_id); });
  for (const TableState* const table : catalog_.All()) Grow(table->store_id());
}

std::uint64_t Streams::Horizon() const {
  const ChangeFeed& feed = catalog_.store().feed();
  const std::int64_t oldest =
      catalog_.store().UnixNanos() - catalog_.store().retention_age().count();
  return std::max(feed.LowWaterMark(), feed.PositionAt(oldest));
}

Outcome<Streams::Source> Streams::Find(const Scope& scope, const std::string& arn) {
  auto source = catalog_.FindStream(scope, arn);
  if (source) return std::move(*source);
  if (!arn.starts_with("arn:aws:dynamodb:") || arn.find("/stream/") == std::string::npos) {
    return Invalid("Invalid StreamArn: " + arn);
  }
  return Fail(FailureKind::kResourceNotFound,
              "Requested resource not found: Stream: " + arn + " not found");
}

Streams::Shards Streams::FirstShards(const Source& source) const {
  const auto count = static_cast<std::uint64_t>(source.partitions);
  const std::uint64_t width = UINT64_MAX / count;
  Shards shards;
  for (std::uint64_t i = 0; i < count; ++i) {
    ShardState shard;
    shard.hash_from = i * width + (i == 0 ? 0 : 1);
    shard.hash_to = i + 1 == count ? UINT64_MAX : (i + 1) * width;
    shard.after = source.state.after;
    shard.created_nanos = source.state.created_nanos;
    shard.id = ShardId(source, shard.created_nanos, "", i);
    shards.push_back(std::move(shard));
  }
  return shards;
}

void Streams::Close(const Source& source, Shards& shards, std::size_t at, std::uint64_t until,
                    std::int64_t unix_nanos, int count) {
  shards[at].until = until;
  shards[at].closed_nanos = unix_nanos;
  const ShardState parent = shards[at];
  const std::uint64_t middle = parent.hash_from + (parent.hash_to - parent.hash_from) / 2;
  if (parent.hash_from == parent.hash_to) count = std::min(count, 1);
  for (int i = 0; i < count; ++i) {
    ShardState child;
    child.parent = parent.id;
    child.hash_from = i == 0 ? parent.hash_from : middle + 1;
    child.hash_to = count == 2 && i == 0 ? middle : parent.hash_to;
    child.after = until;
    child.created_nanos = unix_nanos;
    child.id = ShardId(source, unix_nanos, parent.id, shards.size());
    shards.push_back(std::move(child));
  }
}

bool Streams::Age(const Source& source, Shards& shards) const {
  const std::int64_t now = catalog_.store().UnixNanos();
  const std::int64_t retention = catalog_.store().retention_age().count();
  const std::int64_t life = kShardLife.count();
  bool changed = false;
  // Children are added at the end and are looked at in their turn.
  for (std::size_t i = 0; i < shards.size(); ++i) {
    if (shards[i].until) continue;
    const std::int64_t last = source.state.until ? source.state.disabled_nanos : now;
    // Generations that would be trimmed whole are passed over.
    const std::int64_t oldest = now - retention - 2 * life;
    const std::int64_t skipped =
        shards[i].created_nanos < oldest ? (oldest - shards[i].created_nanos) / life * life : 0;
    const std::int64_t end = shards[i].created_nanos + skipped + life;
    if (end <= last) {
      const std::uint64_t until =
          std::max(shards[i].after, catalog_.store().feed().PositionAt(end));
      Close(source, shards, i, source.state.until ? std::min(until, *source.state.until) : until,
            end, 1);
      changed = true;
    } else if (source.state.until) {
      Close(source, shards, i, std::max(shards[i].after, *source.state.until),
            source.state.disabled_nanos, 0);
      changed = true;
    }
  }
  // A shard is known for another retention after it is no longer listed, so that a reader that
  // comes back learns that its records have been trimmed.
  changed = std::erase_if(shards,
                          [&](const ShardState& shard) {
                            return shard.until && shard.closed_nanos < now - 2 * retention;
                          }) > 0 ||
            changed;
  return changed;
}

bool Streams::IsListed(const ShardState& shard) const {
  return !shard.until || shard.closed_nanos >= catalog_.store().UnixNanos() -
                                                   catalog_.store().retention_age().count();
}

void Streams::Save(const Source& source, const Shards& shards) {
  catalog_.store().SaveValue(StoredName(source.table_id, source.state.label),
                             DumpJson(ShardsToJson(shards)));
}

Streams::Shards& Streams::LineageOf(const Source& source) {
  const auto [entry, is_new] = lineages_.try_emplace({source.table_id, source.state.label});
  Shards& shards = entry->second;
  bool changed = false;
  if (is_new) {
    const auto saved = catalog_.store().LoadValue(StoredName(source.table_id, source.state.label));
    if (saved) shards = ShardsFromText(*saved);
    if (shards.empty()) {
      shards = FirstShards(source);
      changed = true;
    }
  }
  changed = Age(source, shards) || changed;
  if (changed) Save(source, shards);
  return shards;
}

std::string Streams::ShardOf(const Source& source, const ChangeRecord& record) {
  const std::uint64_t place = PlaceOf(record.key.partition);
  for (const ShardState& shard : LineageOf(source)) {
    const bool in_time =
        shard.after < record.sequence && record.sequence <= shard.until.value_or(record.sequence);
    if (in_time && shard.Covers(place)) return shard.id;
  }
  return "";
}

void Streams::Grow(int table_id) {
  const TableState* const table = catalog_.FindById(table_id);
  const auto source = table == nullptr ? std::nullopt : Catalog::EnabledStream(*table);
  if (!source) return;
  Shards& shards = LineageOf(*source);
  const std::size_t before = shards.size();
  for (;;) {
    std::size_t open = 0;
    std::size_t widest = shards.size();
    for (std::size_t i = 0; i < shards.size(); ++i) {
      if (shards[i].until) continue;
      ++open;
      if (widest == shards.size() || shards[i].hash_to - shards[i].hash_from >
                                         shards[widest].hash_to - shards[widest].hash_from) {
        widest = i;
      }
    }
    if (open >= static_cast<std::size_t>(source->partitions) || widest == shards.size()) break;
    Close(*source, shards, widest, catalog_.store().LastSequence(), catalog_.store().UnixNanos(),
          2);
  }
  if (shards.size() != before) Save(*source, shards);
}

void Streams::Clean() {
  const std::size_t start = std::string_view(kShardsPrefix).size();
  for (const auto& [name, text] : catalog_.store().LoadValues(kShardsPrefix)) {
    const auto dot = name.find('.', start);
    if (dot == std::string::npos) continue;
    const int table_id =
        static_cast<int>(ParseUnsigned(name.substr(start, dot - start)).value_or(0));
    const std::string label = name.substr(dot + 1);
    if (catalog_.HasStream(table_id, label)) continue;
    catalog_.store().RemoveValue(name);
    lineages_.erase({table_id, label});
  }
}

Outcome<std::size_t> Streams::Split(const TableState& table) {
  const auto source = Catalog::EnabledStream(table);
  if (!source) return Invalid("Table " + table.name + " has no enabled stream");
  Shards& shards = LineageOf(*source);
  const std::size_t count = shards.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (shards[i].until) continue;
    Close(*source, shards, i, catalog_.store().LastSequence(), catalog_.store().UnixNanos(), 2);
  }
  Save(*source, shards);
  return static_cast<std::size_t>(
      std::count_if(shards.begin(), shards.end(), [](const auto& shard) { return !shard.until; }));
}

std::vector<ShardState> Streams::ListedShards(const Source& source) {
  Shards listed;
  for (const ShardState& shard : LineageOf(source)) {
    if (IsListed(shard)) listed.push_back(shard);
  }
  std::sort(listed.begin(), listed.end(),
            [](const ShardState& a, const ShardState& b) { return a.id < b.id; });
  return listed;
}

std::vector<ShardState> Streams::ShardsOf(const TableState& table) {
  const auto source = Catalog::EnabledStream(table);
  return source ? ListedShards(*source) : std::vector<ShardState>{};
}

std::vector<StreamSummary> Streams::List(const Scope& scope, const std::string& table,
                                         const std::string& after, std::size_t limit, bool* more) {
  *more = false;
  std::vector<StreamSummary> streams;
  for (const Source& source : catalog_.StreamSources(scope)) {
    if ((!table.empty() && source.table != table) || source.arn <= after) continue;
    if (streams.size() == limit) {
      *more = true;
      break;
    }
    streams.push_back({source.arn, source.table, source.state.label});
  }
  return streams;
}

Outcome<StreamDescription> Streams::Describe(const Scope& scope, const std::string& arn,
                                             const std::string& after,
                                             const std::string& children_of, std::size_t limit) {
  KLESS_TRY(const Source source, Find(scope, arn));
  StreamDescription description;
  description.stream = {source.arn, source.table, source.state.label};
  description.enabled = !source.state.until;
  description.view = source.state.view;
  description.created_nanos = source.state.created_nanos;
  description.key = source.layout.keys;
  // In order of their ids, as AWS lists them: clients continue after the greatest one they saw.
  bool found = after.empty();
  for (ShardState& shard : ListedShards(source)) {
    if (!found) {
      found = shard.id == after;
      continue;
    }
    if (!children_of.empty() && shard.parent != children_of) continue;
    if (description.shards.size() == limit) {
      description.more = true;
      break;
    }
    description.shards.push_back(std::move(shard));
  }
  return description;
}

Outcome<std::string> Streams::Iterator(const Scope& scope, const std::string& arn,
                                       const std::string& shard_id, IteratorType type,
                                       const std::string& sequence) {
  KLESS_TRY(const Source source, Find(scope, arn));
  const Shards& shards = LineageOf(source);
  const auto shard = std::find_if(shards.begin(), shards.end(),
                                  [&](const ShardState& one) { return one.id == shard_id; });
  if (shard == shards.end()) {
    return Fail(FailureKind::kResourceNotFound,
                "Requested resource not found: Shard does not exist: " + shard_id);
  }
  const bool by_sequence =
      type == IteratorType::kAtSequenceNumber || type == IteratorType::kAfterSequenceNumber;
  if (by_sequence && sequence.empty()) {
    return Invalid("SequenceNumber is required for this ShardIteratorType");
  }
  if (!by_sequence && !sequence.empty()) {
    return Invalid("SequenceNumber must not be specified for this ShardIteratorType");
  }
  const std::uint64_t horizon = Horizon();
  IteratorText iterator{source.arn, shard->id, 0, catalog_.store().UnixNanos()};
  if (type == IteratorType::kTrimHorizon) {
    iterator.position = std::max(shard->after, horizon);
    if (shard->until) iterator.position = std::min(iterator.position, *shard->until);
  } else if (type == IteratorType::kLatest) {
    iterator.position = shard->until.value_or(catalog_.store().LastSequence());
  } else {
    const auto number = ParseSequenceNumber(sequence);
    if (!number || *number == 0 || *number <= shard->after ||
        (shard->until && *number > std::max(*shard->until, shard->after + 1)) ||
        (!shard->until && *number > catalog_.store().LastSequence() + 1)) {
      return Invalid("Invalid SequenceNumber: " + sequence + " is not in the shard " + shard->id);
    }
    const bool at = type == IteratorType::kAtSequenceNumber;
    if (*number <= horizon) return Trimmed();
    iterator.position = at ? *number - 1 : *number;
    if (shard->until) iterator.position = std::min(iterator.position, *shard->until);
  }
  return FormatIterator(iterator);
}

Outcome<StreamRecords> Streams::Records(const std::string& text, int limit) {
  const auto parsed = ParseIterator(text);
  if (!parsed) return Invalid("Invalid ShardIterator");
  const std::int64_t now = catalog_.store().UnixNanos();
  if (parsed->issued_nanos < now - kIteratorLife.count()) {
    return Fail(FailureKind::kExpiredIterator, "Iterator expired");
  }
  const auto arn = ParseTableArn(parsed->arn);
  if (!arn) return Invalid("Invalid ShardIterator");
  KLESS_TRY(const Source source, Find(arn->scope, parsed->arn));
  const Shards& shards = LineageOf(source);
  const auto shard = std::find_if(shards.begin(), shards.end(),
                                  [&](const ShardState& one) { return one.id == parsed->shard; });
  if (shard == shards.end()) return Trimmed();
  // An iterator after the next record, the last place that Iterator accepts, or before the shard.
  if (parsed->position < shard->after || parsed->position > catalog_.store().LastSequence() + 1) {
    return Invalid("Invalid ShardIterator");
  }
  if (parsed->position < Horizon() && (!shard->until || parsed->position < *shard->until)) {
    return Trimmed();
  }
  StreamRecords page;
  page.view = source.state.view;
  page.region = source.creator.region;
  page.table = source.table;
  page.layout = source.layout;
  const ChangeFeed& feed = catalog_.store().feed();
  const std::uint64_t until = std::min(shard->until.value_or(feed.Latest()), feed.Latest());
  std::uint64_t position = parsed->position;
  const std::uint64_t last = std::min(until, parsed->position + kSpan);
  std::size_t bytes = 0;
  bool full = false;
  while (position < last && !full) {
    std::uint64_t seen = position;
    auto records = feed.ReadTable(source.table_id, position, last,
                                  limit - static_cast<int>(page.records.size()), kSpan, &seen);
    if (records.has_error()) return Trimmed();
    for (RecordPtr& record : records.value()) {
      if (shard->Covers(PlaceOf(record->key.partition))) {
        bytes += ImageBytes(source.layout, record->old_image) +
                 ImageBytes(source.layout, record->new_image);
        if (bytes > kRecordsBytesMax && !page.records.empty()) {
          full = true;
          break;
        }
        position = record->sequence;
        page.records.push_back(std::move(record));
      } else {
        position = record->sequence;
      }
    }
    if (full) break;
    position = std::max(position, seen);
    full = static_cast<int>(page.records.size()) >= limit;
  }
  if (!shard->until || position < *shard->until) {
    page.next_iterator = FormatIterator({source.arn, shard->id, position, now});
  }
  return page;
}

}  // namespace kless::dynamodb
