// Table: items under typed keys; every write makes a change record.
//
// Synchronous and single-threaded: each call is one step of the run.  The writes of one loop turn
// share one commit; anything that replies to a client first awaits Store::Committed().
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/key_value.h"
#include "store/item/item.h"
#include "store/table_index.h"

namespace kless {

struct PreparedImage;

struct TableDescription {
  int id = 0;        // assigned by the store
  std::string name;  // 3..255 characters of [a-zA-Z0-9_.-]
  std::string partition_key;
  KeyType partition_type = KeyType::kString;
  std::string sort_key;  // empty: none
  KeyType sort_type = KeyType::kString;
  std::string document_attribute;  // empty: none; see Item::document
  int shards = 1;                  // 1..1000, fixed for the life of the table
};

// The result of a write.  A write that leaves the item as it was makes no record: `changed` is
// false and `version` is the item's unchanged version.
struct WriteResult {
  std::uint64_t version = 0;
  bool changed = false;
  bool inserted = false;  // the item did not exist before
  ItemPtr image;          // the item as it is now; null after a removal, and if there is none
};

// The most items that a Query, Scan or List returns at once.
constexpr int kPageItemsMax = 100'000;
// kInvalidArgument unless 1 <= limit <= kPageItemsMax.
Result<void> CheckLimit(int limit);

struct QueryOptions {
  std::string prefix;                // sort keys that begin with this
  std::optional<std::string> from;   // sort key >= from
  std::optional<std::string> to;     // sort key <= to
  std::optional<std::string> after;  // continue after this sort key (exclusive, in the direction)
  std::optional<std::string> above;  // sort key > above
  std::optional<std::string> below;  // sort key < below
  bool descending = false;
  int limit = 1000;  // 1..kPageItemsMax
};

struct Page {
  std::vector<ItemPtr> items;
  bool more = false;  // more items may follow: continue after the last one's key
};

// An item that a visit has met; Table::Image gives the item.
struct StoredKey {
  Key key;
  std::uint64_t version = 0;
};
// Returns false to end the visit.
using VisitKey = std::function<bool(const StoredKey&)>;

class Table {
 public:
  virtual ~Table() = default;
  virtual const TableDescription& description() const = 0;

  // Errors: kNotFound.
  virtual Result<ItemPtr> Get(const Key& key) const = 0;
  // Replaces the whole item. kConflict (or kAlreadyExists for Condition::NotExists): the condition
  // does not hold and nothing was written.  `item.version` and `item.fields` are ignored.
  virtual Result<WriteResult> Put(Item item, const Condition& condition) = 0;
  // Like Put, but keeps the item's other attributes.  Fields that come with the document are taken
  // as they are; only the resource table has them.
  virtual Result<WriteResult> PutDocument(const Key& key, PreparedImage image,
                                          const Condition& condition) = 0;
  // Removing an item that does not exist succeeds and changes nothing (unless the condition fails:
  // kNotFound for Condition::Exists, kConflict for VersionIs).
  virtual Result<WriteResult> Remove(const Key& key, const Condition& condition) = 0;
  // Returns items of one partition in order of sort key.
  virtual Result<Page> Query(const std::string& partition, const QueryOptions& options) const = 0;
  // Returns items of the whole table in (partition, sort) order, starting after `after`.
  virtual Result<Page> Scan(const std::optional<Key>& after, int limit) const = 0;
  // Visit the items of one partition in order of sort key, and all items after `after` in order of
  // (partition, sort).  `options.limit` is not used.  `visit` may call Get and Image only.
  virtual void VisitPartition(const std::string& partition, const QueryOptions& options,
                              const VisitKey& visit) const = 0;
  virtual void VisitAll(const std::optional<Key>& after, const VisitKey& visit) const = 0;
  // Returns the image that the item had at a version, which is its current one or that of a record
  // that can be read.
  virtual ItemPtr Image(const Key& key, std::uint64_t version) const = 0;

  // Removes an item whose time to live has passed: its record is marked as expired.
  virtual Result<WriteResult> RemoveExpired(const Key& key, const Condition& condition) = 0;

  // Whether the table was deleted.  Then it has no items and refuses writes, and only its
  // description is of use, for the records that can still be read.
  virtual bool IsDeleted() const = 0;

  // Secondary indexes; see table_index.h.
  //
  // Creates an index and returns its id.  Every write from then on has its entry; FillIndex adds
  // those of items that are there already.
  virtual Result<int> CreateIndex(EntryKeyOf key_of) = 0;
  // Gives an index of a file that was opened its function, which must be the same as before.
  // Writes to a table of which an index was not opened are refused. kNotFound.
  virtual Result<void> OpenIndex(int index, EntryKeyOf key_of) = 0;
  // The ids of the indexes, opened or not.
  virtual std::vector<int> Indexes() const = 0;
  // Writes the entry of the item with this key, if it is there and has one.
  virtual Result<void> FillIndex(int index, const Key& key) = 0;
  // Its entries are deleted little by little (Store::Trim).
  virtual Result<void> DropIndex(int index) = 0;
  // Visit entries of one partition in order of (sort, item key), and of the whole index after
  // `after` in order of (partition, sort, item key).  `visit` may call Get and Image only.
  virtual void VisitIndex(int index, const std::string& partition, const EntryRange& range,
                          const VisitEntry& visit) const = 0;
  virtual void VisitWholeIndex(int index, const std::optional<IndexEntry>& after,
                               const VisitEntry& visit) const = 0;

  // The number of items in the table; O(1).
  virtual std::uint64_t CountItems() const = 0;
};

// Convert key values to key bytes and back.  N is encoded so that bytes order numerically and equal
// numbers have equal bytes (38 significant digits, 1e-130 .. 9.99e125; otherwise kInvalidArgument).
// S: never empty, and at most as long as the limits of key_value.h.
Result<std::string> EncodeKeyValue(KeyType type, std::string_view text, bool is_partition);
std::string DecodeKeyValue(KeyType type, std::string_view bytes);  // N: normalised decimal; B: raw

}  // namespace kless
