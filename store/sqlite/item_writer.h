// ItemWriter: performs every write: checks, skips no-ops, appends the record and updates the
// indexes.
#pragma once

#include <cstddef>
#include <vector>

#include "emulator/base/loop/event_loop.h"
#include "store/sqlite/change_log.h"
#include "store/sqlite/file/turn.h"
#include "store/sqlite/index_entries.h"
#include "store/sqlite/sqlite_resource_index.h"
#include "store/sqlite/table_info.h"
#include "store/store.h"

namespace kless {

// One action of a write, with its table resolved.
struct WriteAction {
  TransactItem::Kind kind = TransactItem::Kind::kPut;
  TableInfo* table = nullptr;
  // kRemove, kCheck: only the key is used.  Without fields: they are extracted from the document.
  Item item;
  Condition condition;
  bool keep_attributes = false;  // kPut: the current image's, not those of `item`
  bool expired = false;          // kRemove: see ChangeRecord::expired
};

class ItemWriter {
 public:
  // The maximum size of an item's document and other attributes; DynamoDB allows 400 KB, Kubernetes
  // 1.5 MB.
  static constexpr std::size_t kItemBytesMax = 16u << 20;

  // Counts what it does in `stats`.
  ItemWriter(EventLoop& event_loop, ChangeLog& log, SqliteResourceIndex& index,
             IndexEntries& entries, Turn& turn, StoreStats& stats);

  Result<WriteResult> Write(WriteAction action);
  // Checks all conditions before the first write; see Store::Transact.
  Result<std::vector<WriteResult>> Transact(std::vector<WriteAction> actions, std::size_t* failed);

 private:
  // `current` is the current image, or null.
  Result<WriteResult> Apply(WriteAction action, ItemPtr current);

  EventLoop& event_loop_;
  ChangeLog& log_;
  SqliteResourceIndex& index_;
  IndexEntries& entries_;
  Turn& turn_;
  StoreStats& stats_;
};

// Names an item in messages: `pod "default/a"`, or `item "a" / "b" of table orders`.
std::string DescribeItem(const TableInfo& table, const Key& key);

}  // namespace kless
