// Items, keys and change records: the contents of tables and of their change feed.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kless {

struct ResourceFields;

// Key bytes compare as DynamoDB orders the values: S by UTF-8 bytes, B by unsigned bytes, N
// numerically (see EncodeKeyValue in table.h).  `sort` is empty for a table without a sort key.
struct Key {
  std::string partition;
  std::string sort;
  auto operator<=>(const Key&) const = default;
};

// The size of an image in bytes by the rule of its reader, which walks over the whole text for it:
// remembered from the first time on.  A copy starts without it, since a copy may be changed.
class RememberedSize {
 public:
  RememberedSize() = default;
  RememberedSize(const RememberedSize&) {}
  RememberedSize& operator=(const RememberedSize&) {
    bytes_ = 0;
    return *this;
  }
  // 0: not known yet.
  std::size_t bytes() const { return bytes_; }
  void Remember(std::size_t bytes) const { bytes_ = bytes; }

 private:
  mutable std::size_t bytes_ = 0;
};

// One image of an item; immutable once written, shared by all readers.
struct Item {
  Key key;
  // The document attribute's string, byte-identical to what was written ("resource-value" of the
  // resource table: the object's JSON).  Empty if the table has no document attribute.
  std::string document;
  // The other non-key attributes as a DynamoDB JSON object with sorted keys, or "".
  std::string attributes;
  // Sequence number of the write that made this image; the resourceVersion of a resource.
  std::uint64_t version = 0;
  // Set for the resource table only.
  std::shared_ptr<const ResourceFields> fields;
  RememberedSize size;  // as DynamoDB counts it
};
using ItemPtr = std::shared_ptr<const Item>;

enum class ChangeType { kInsert, kModify, kRemove };  // DynamoDB Streams: eventName
const char* ChangeTypeName(ChangeType type);          // "INSERT", "MODIFY", "REMOVE"

struct ChangeRecord {
  std::uint64_t sequence = 0;  // from 1, one counter per file, no gaps
  int table = 0;               // TableDescription::id
  int shard = 0;               // by hash of the partition key, 0 .. shards - 1
  ChangeType type{};
  std::int64_t unix_nanos = 0;  // emulated wall-clock time of the write
  Key key;
  ItemPtr old_image;     // null for kInsert
  ItemPtr new_image;     // null for kRemove
  bool expired = false;  // kRemove: the item's time to live had passed
};
using RecordPtr = std::shared_ptr<const ChangeRecord>;

// Checked inside the transaction of the write that it guards.
struct Condition {
  enum class Kind { kNone, kNotExists, kExists, kVersionIs };
  Kind kind = Kind::kNone;
  std::uint64_t version = 0;
  static Condition None() { return {}; }
  static Condition NotExists() { return {Kind::kNotExists, 0}; }
  static Condition Exists() { return {Kind::kExists, 0}; }
  static Condition VersionIs(std::uint64_t version) { return {Kind::kVersionIs, version}; }
};

}  // namespace kless
