// Reader: single items, and pages of a table or of an index.
//
// A read is one step of the run: nothing is written between its items.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/base/distribution.h"
#include "emulator/base/random.h"
#include "emulator/dynamodb/capacity.h"
#include "emulator/dynamodb/catalog.h"
#include "emulator/dynamodb/failure.h"
#include "store/item/item.h"

namespace kless::dynamodb {

// A page ends once it has read this many bytes:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
constexpr std::size_t kPageBytesMax = 1u << 20;

// The place behind an item: the whole primary key and, in an index, the key of its entry.
struct ReadPosition {
  Key item;
  Key entry;  // of an index; for a table it is not used
};

// All keys are key bytes (model/key_schema.h).
struct ReadRequest {
  const TableState* table = nullptr;
  const SecondaryIndex* index = nullptr;  // null: the table
  // Query: one partition, and a range of its sort keys.  Scan: nullopt.
  std::optional<std::string> partition;
  std::string prefix;                // sort keys that begin with this
  std::optional<std::string> from;   // sort key >= from
  std::optional<std::string> to;     // sort key <= to
  std::optional<std::string> above;  // sort key > above
  std::optional<std::string> below;  // sort key < below
  bool forward = true;
  // Scan: only partitions of this segment, by a hash that is stable across releases.
  int segment = 0;
  int segments = 1;
  std::optional<ReadPosition> after;  // exclusive
  int limit = 0;                      // items to read; 0: only the page's bytes limit it
  std::size_t bytes_before = 0;       // read by earlier reads of the same page
  Consistency consistency = Consistency::kEventual;
  // Through an index: whether items are returned with attributes that it does not project (of a
  // local index: each item then costs another read of the table).
  bool whole_items = false;
};

struct ReadPage {
  std::vector<ItemPtr> items;  // as the index shows them
  // Set if the page ended before the range did: continue there.
  std::optional<ReadPosition> last;
  std::size_t bytes = 0;  // of the items, as capacity counts them
  ConsumedCapacity consumed;
};

struct ItemRead {
  ItemPtr item;  // null: there is no such item
  ConsumedCapacity consumed;
};

// The segment of a partition key.
int SegmentOf(std::string_view partition, int segments);
// Whether a Scan of the segment may go on behind this place: it is one of the segment, or one of
// the few of the table at which a page without such places ends.  `index` null: the table's.
bool MayContinue(const SecondaryIndex* index, const ReadPosition& after, int segment, int segments);
// The item with only the attributes that the index shows; the same pointer if it shows all.
ItemPtr Projected(const TableState& table, const SecondaryIndex& index, ItemPtr item);

class Reader {
 public:
  // `index_lag`: how old the view of a global index is, drawn for each read.
  Reader(Catalog& catalog, Capacity& capacity, Distribution index_lag, std::uint64_t seed)
      : catalog_(catalog),
        capacity_(capacity),
        index_lag_(std::move(index_lag)),
        random_(seed, "dynamodb reader") {}

  // kThroughputExceeded.
  Outcome<ItemRead> Get(const TableState& table, const Key& key, Consistency consistency);
  // Query and Scan.  kThroughputExceeded.
  Outcome<ReadPage> Read(const ReadRequest& request);

 private:
  class Page;
  void ReadTable(const ReadRequest& request, Page& page) const;
  void ReadIndex(const ReadRequest& request, Page& page);
  // The items that were written since the moment that the index shows, as they were then.
  std::map<Key, ItemPtr> Undone(const ReadRequest& request);

  Catalog& catalog_;
  Capacity& capacity_;
  const Distribution index_lag_;
  Random random_;
};

}  // namespace kless::dynamodb
