// Indexes of tables, and the entries of items that were there before the index.
//
// A new index takes part in every write at once.  Its entries for older items are written in steps:
// the first ones within the request, so that a small table's index is complete when the reply is
// sent, the others a few at a time between other requests.  Writing an entry twice changes
// nothing, so a process that ends in between starts from the beginning again.

#include <algorithm>
#include <utility>
#include <vector>

#include "emulator/base/system/log.h"
#include "emulator/dynamodb/catalog_parts.h"
#include "emulator/dynamodb/entry_keys.h"

namespace kless::dynamodb {
namespace {

constexpr std::size_t kFirstStepItems = 1000;
constexpr std::size_t kStepItems = 100;

}  // namespace

Outcome<void> Catalog::AddIndex(TableState& table, SecondaryIndex index) {
  const auto made = table.table->CreateIndex(EntryKeyFor(table.layout, index.key));
  if (made.has_error()) return FromError(made.error());
  index.entries = made.value();
  index.backfilled = false;
  const auto place = std::find_if(table.indexes.begin(), table.indexes.end(),
                                  [&](const auto& other) { return other.name > index.name; });
  const int entries = index.entries;
  table.indexes.insert(place, std::move(index));
  parts_->backfills[entries] = {};
  if (!BackfillStep(table, entries, kFirstStepItems)) Backfill(table.store_id(), entries);
  return {};
}

void Catalog::OpenIndexes(TableState& table) {
  std::vector<int> unknown = table.table->Indexes();
  const auto open = [&](int entries, EntryKeyOf key_of) {
    const auto opened = table.table->OpenIndex(entries, std::move(key_of));
    if (opened.has_error()) Log(LogLevel::kError, "dynamodb", opened.error().message);
    std::erase(unknown, entries);
  };
  for (const SecondaryIndex& index : table.indexes) {
    open(index.entries, EntryKeyFor(table.layout, index.key));
    if (index.backfilled) continue;
    parts_->backfills[index.entries] = {};
    Backfill(table.store_id(), index.entries);
  }
  if (table.ttl.entries != 0) {
    open(table.ttl.entries, ExpiryKeyFor(table.layout, table.ttl.attribute));
    if (!table.ttl.filled) {
      parts_->backfills[table.ttl.entries] = {};
      Backfill(table.store_id(), table.ttl.entries);
    }
  }
  for (const int entries : unknown) {
    const auto dropped = table.table->DropIndex(entries);
    if (dropped.has_error()) Log(LogLevel::kError, "dynamodb", dropped.error().message);
  }
}

void Catalog::Backfill(int table_id, int entries) {
  event_loop_.Post([this, alive = parts_->alive, table_id, entries] {
    if (!*alive || !parts_->backfills.contains(entries)) return;
    TableState* const table = Settle(table_id);
    if (table == nullptr || !parts_->backfills.contains(entries)) return;
    if (!BackfillStep(*table, entries, kStepItems)) Backfill(table_id, entries);
  });
}

bool Catalog::BackfillStep(TableState& table, int entries, std::size_t limit) {
  Parts::Backfill& progress = parts_->backfills.at(entries);
  std::vector<kless::Key> keys;
  table.table->VisitAll(progress.after, [&](const StoredKey& found) {
    keys.push_back(found.key);
    return keys.size() < limit;
  });
  for (const kless::Key& key : keys) {
    const auto filled = table.table->FillIndex(entries, key);
    if (!filled.has_error()) continue;
    Log(LogLevel::kError, "dynamodb", filled.error().message);
    parts_->backfills.erase(entries);
    return true;
  }
  if (keys.size() == limit) {
    progress.after = keys.back();
    return false;
  }
  parts_->backfills.erase(entries);
  for (SecondaryIndex& index : table.indexes) {
    if (index.entries != entries) continue;
    index.backfilled = true;
    index.active_nanos = std::max(index.active_nanos, Now());
  }
  if (table.ttl.entries == entries) table.ttl.filled = true;
  Save(table);
  for (const auto& callback : parts_->callbacks) callback(table.store_id());
  return true;
}

bool Catalog::Idle() const { return parts_->backfills.empty(); }

}  // namespace kless::dynamodb
