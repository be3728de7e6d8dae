// Pages of tables and indexes.
//
// A page of a global index that lags is the index as it was some time ago: the entries of now,
// without those of items that were written since, and with the entries that these items had then.
// Both are merged in the order of the index.

#include "emulator/dynamodb/reader.h"

#include <algorithm>
#include <map>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/random.h"
#include "emulator/base/raw_json.h"
#include "emulator/dynamodb/entry_keys.h"

namespace kless::dynamodb {
namespace {

// A segment of a Scan meets the keys of the others.  After so many keys the page ends at its next
// item or at the next milestone, so that a small segment of a large table does not hold up the
// loop, even if it has no items.
constexpr std::uint64_t kKeysPerPage = 50'000;

// One item in so many is a milestone, at which a page of any segment may end.
constexpr std::uint64_t kKeysPerMilestone = 5'000;

bool IsMilestone(const kless::Key& item) {
  constexpr std::uint64_t kSeed = 0x6d696c6573746f6e;
  return HashBytes(item.sort, HashBytes(item.partition, kSeed)) % kKeysPerMilestone == 0;
}

std::string SuccessorOf(const std::string& key) { return key + '\0'; }

bool PlaceBefore(const EntryPlace& a, const EntryPlace& b) {
  if (a.sort != b.sort) return a.sort < b.sort;
  return a.item < b.item;  // no item comes before every item
}

void RaiseBound(std::optional<EntryPlace>& bound, EntryPlace place) {
  if (!bound || PlaceBefore(*bound, place)) bound = std::move(place);
}

void LowerBound(std::optional<EntryPlace>& bound, EntryPlace place) {
  if (!bound || PlaceBefore(place, *bound)) bound = std::move(place);
}

EntryRange RangeOf(const ReadRequest& request) {
  EntryRange range;
  range.descending = !request.forward;
  if (request.from) RaiseBound(range.after, {*request.from, std::nullopt});
  if (request.above) RaiseBound(range.after, {SuccessorOf(*request.above), std::nullopt});
  if (request.to) LowerBound(range.before, {SuccessorOf(*request.to), std::nullopt});
  if (request.below) LowerBound(range.before, {*request.below, std::nullopt});
  if (!request.prefix.empty()) {
    RaiseBound(range.after, {request.prefix, std::nullopt});
    if (const auto end = AfterPrefix(request.prefix)) {
      LowerBound(range.before, {*end, std::nullopt});
    }
  }
  if (request.after) {
    EntryPlace place{request.after->entry.sort, request.after->item};
    if (request.forward) {
      RaiseBound(range.after, std::move(place));
    } else {
      LowerBound(range.before, std::move(place));
    }
  }
  return range;
}

bool InRange(const EntryRange& range, const EntryPlace& place) {
  return (!range.after || PlaceBefore(*range.after, place)) &&
         (!range.before || PlaceBefore(place, *range.before));
}

bool EntryBefore(const IndexEntry& a, const IndexEntry& b) {
  if (a.entry != b.entry) return a.entry < b.entry;
  return a.item < b.item;
}

}  // namespace

int SegmentOf(std::string_view partition, int segments) {
  constexpr std::uint64_t kSeed = 0x7365676d656e74;  // not the hash of shards and partitions
  return segments <= 1
             ? 0
             : static_cast<int>(HashBytes(partition, kSeed) % static_cast<std::uint64_t>(segments));
}

bool MayContinue(const SecondaryIndex* index, const ReadPosition& after, int segment,
                 int segments) {
  const std::string& partition = index == nullptr ? after.item.partition : after.entry.partition;
  return SegmentOf(partition, segments) == segment || IsMilestone(after.item);
}

ItemPtr Projected(const TableState& table, const SecondaryIndex& index, ItemPtr item) {
  if (index.projection == ProjectionType::kAll) return item;
  auto shown = std::make_shared<Item>();
  shown->key = item->key;
  shown->version = item->version;
  if (index.Projects(table.layout.document_attribute)) shown->document = item->document;
  std::string& text = shown->attributes;
  VisitMembers(item->attributes, [&](std::string_view key, std::string_view value) {
    const bool plain = key.find('\\') == std::string_view::npos;
    const std::string name =
        plain ? std::string(key) : StringOrEmpty("\"" + std::string(key) + "\"");
    if (!index.Projects(name)) return;
    text += text.empty() ? "{\"" : ",\"";
    text.append(key).append("\":").append(value);
  });
  if (!text.empty()) text += '}';
  return shown;
}

// Collects one page.
class Reader::Page {
 public:
  explicit Page(const ReadRequest& request) : request_(request) {}

  // Returns false when the page is complete.
  bool Add(ItemPtr item, ReadPosition position) {
    const TableState& table = *request_.table;
    const SecondaryIndex* const index = request_.index;
    ItemPtr shown = index == nullptr ? item : Projected(table, *index, item);
    const std::size_t bytes = SizeOfStored(table.layout, *shown);
    page_.bytes += bytes;
    if (!request_.partition) {
      const std::string& key =
          index == nullptr ? position.item.partition : position.entry.partition;
      by_partition_[PartitionOf(table, index, key)] += bytes;
    }
    if (request_.whole_items && shown != item) {
      fetched_.read += ReadUnits(SizeOfStored(table.layout, *item), request_.consistency);
      shown = std::move(item);
    }
    page_.items.push_back(std::move(shown));
    const bool full = request_.bytes_before + page_.bytes >= kPageBytesMax ||
                      static_cast<int>(page_.items.size()) == request_.limit || ends_;
    if (full) page_.last = std::move(position);
    return !full;
  }
  // Whether this partition is one of the segment.
  bool Wants(const std::string& partition) {
    if (request_.segments <= 1) return true;
    if (++keys_ >= kKeysPerPage) ends_ = true;
    return SegmentOf(partition, request_.segments) == request_.segment;
  }
  // Passes over a place of another segment.  Returns false when the page is complete.
  bool Pass(const kless::Key& item, const kless::Key& entry) {
    if (!ends_ || !IsMilestone(item)) return true;
    page_.last = ReadPosition{item, entry};
    return false;
  }
  ReadPage Take() {
    const Units units{
        request_.partition ? ReadUnits(page_.bytes, request_.consistency) : ScanUnits(), 0};
    if (request_.index == nullptr) {
      page_.consumed.table = units;
    } else {
      (request_.index->is_global() ? page_.consumed.global : page_.consumed.local)
          .emplace(request_.index->name, units);
      page_.consumed.table = fetched_;
    }
    return std::move(page_);
  }

 private:
  // A Scan reads each partition for itself, so each costs at least one block: a small on-demand
  // table costs four (https://stackoverflow.com/questions/70121087).  Of a page that is a part of a
  // Scan, only partitions with items count.
  double ScanUnits() const {
    const bool whole = !page_.last && !request_.after && request_.segments <= 1;
    const int partitions = PartitionsOf(*request_.table, request_.index);
    double units = 0;
    for (const auto& [partition, bytes] : by_partition_) {
      units += ReadUnits(bytes, request_.consistency);
    }
    if (whole) {
      units += (partitions - static_cast<int>(by_partition_.size())) *
               ReadUnits(0, request_.consistency);
    }
    return std::max(units, ReadUnits(0, request_.consistency));
  }

  const ReadRequest& request_;
  ReadPage page_;
  std::map<int, std::size_t> by_partition_;  // bytes read, of a Scan
  std::uint64_t keys_ = 0;
  bool ends_ = false;
  Units fetched_;
};

Outcome<ItemRead> Reader::Get(const TableState& table, const kless::Key& key,
                              Consistency consistency) {
  KLESS_TRY_VOID(capacity_.Admit(table, nullptr, key.partition, /*write=*/false));
  ItemRead read;
  auto found = table.table->Get(key);
  if (found.has_value()) read.item = std::move(found.value());
  const std::size_t bytes = read.item ? SizeOfStored(table.layout, *read.item) : 0;
  read.consumed.table.read = ReadUnits(bytes, consistency);
  capacity_.Charge(table, key.partition, read.consumed);
  return read;
}

void Reader::ReadTable(const ReadRequest& request, Page& page) const {
  const Table& table = *request.table->table;
  const auto visit = [&](const StoredKey& found) {
    if (!request.partition && !page.Wants(found.key.partition)) return page.Pass(found.key, {});
    return page.Add(table.Image(found.key, found.version), {found.key, {}});
  };
  if (!request.partition) {
    table.VisitAll(request.after ? std::optional(request.after->item) : std::nullopt, visit);
    return;
  }
  QueryOptions options;
  options.prefix = request.prefix;
  options.from = request.from;
  options.to = request.to;
  options.above = request.above;
  options.below = request.below;
  options.descending = !request.forward;
  if (request.after) options.after = request.after->item.sort;
  // In a table without sort key, nothing comes after the only item of a partition.
  if (request.after && request.table->layout.keys.sort.empty()) return;
  table.VisitPartition(*request.partition, options, visit);
}

std::map<kless::Key, ItemPtr> Reader::Undone(const ReadRequest& request) {
  std::map<kless::Key, ItemPtr> undone;
  if (!request.index->is_global() || index_lag_.IsZero()) return undone;
  const Duration lag = index_lag_.Sample(random_);
  ChangeFeed& feed = catalog_.store().feed();
  const std::uint64_t then = feed.PositionAt(catalog_.event_loop().UnixNanos() - lag.count());
  const int table = request.table->store_id();
  feed.VisitBack(then, [&](const ChangeRecord& record) {
    if (record.table == table) undone[record.key] = record.old_image;
  });
  return undone;
}

void Reader::ReadIndex(const ReadRequest& request, Page& page) {
  const Table& table = *request.table->table;
  const EntryRange range = RangeOf(request);
  const std::map<kless::Key, ItemPtr> undone = Undone(request);

  // The entries that the undone items had, in the order of the read.
  std::vector<IndexEntry> former;
  if (!undone.empty()) {
    const EntryKeyOf key_of = EntryKeyFor(request.table->layout, request.index->key);
    for (const auto& [key, item] : undone) {
      const auto entry = item ? key_of(*item) : std::nullopt;
      if (!entry) continue;
      IndexEntry one{*entry, key, item->version};
      const bool wanted =
          request.partition
              ? entry->partition == *request.partition && InRange(range, {entry->sort, key})
              : !request.after || EntryBefore({request.after->entry, request.after->item, 0}, one);
      if (wanted) former.push_back(std::move(one));
    }
    std::sort(former.begin(), former.end(), EntryBefore);
    if (!request.forward) std::reverse(former.begin(), former.end());
  }
  std::size_t next = 0;
  const auto add = [&](const IndexEntry& entry) {
    if (!request.partition && !page.Wants(entry.entry.partition)) {
      return page.Pass(entry.item, entry.entry);
    }
    const auto old = undone.find(entry.item);
    ItemPtr item = old == undone.end() ? table.Image(entry.item, entry.version) : old->second;
    return page.Add(std::move(item), {entry.item, entry.entry});
  };
  bool more = true;
  const auto visit = [&](const IndexEntry& entry) {
    if (undone.contains(entry.item)) return true;
    while (next < former.size() && (request.forward ? EntryBefore(former[next], entry)
                                                    : EntryBefore(entry, former[next]))) {
      more = add(former[next++]);
      if (!more) return false;
    }
    more = add(entry);
    return more;
  };
  if (request.partition) {
    table.VisitIndex(request.index->entries, *request.partition, range, visit);
  } else {
    table.VisitWholeIndex(
        request.index->entries,
        request.after ? std::optional(IndexEntry{request.after->entry, request.after->item, 0})
                      : std::nullopt,
        visit);
  }
  while (more && next < former.size()) more = add(former[next++]);
}

Outcome<ReadPage> Reader::Read(const ReadRequest& request) {
  if (request.partition) {
    KLESS_TRY_VOID(
        capacity_.Admit(*request.table, request.index, *request.partition, /*write=*/false));
  } else {
    KLESS_TRY_VOID(capacity_.AdmitScan(*request.table, request.index));
  }
  Page page(request);
  if (request.index == nullptr) {
    ReadTable(request, page);
  } else {
    ReadIndex(request, page);
  }
  ReadPage read = page.Take();
  capacity_.Charge(*request.table, request.partition.value_or(""), read.consumed);
  return read;
}

}  // namespace kless::dynamodb
