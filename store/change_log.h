// ChangeLog: the tables `changes` and `items`: every image once, and which one each item has now.
//
// Works inside whatever transaction its owner has open.  Records of the open transaction are
// pending: Current() sees them, readers of the feed do not, until Publish().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "store/item.h"
#include "store/record_ring.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "store/table_info.h"
#include "store/version_cache.h"

namespace kless {

class ChangeLog {
 public:
  ChangeLog(SqliteConnection& connection, const TableInfos& tables, const StoreOptions& options);

  // The newest record, pending ones included; of the committed ones; and the last trimmed one.
  std::uint64_t last() const { return last_; }
  std::uint64_t latest() const { return latest_; }
  std::uint64_t low_water() const { return low_water_; }
  void set_low_water(std::uint64_t sequence) { low_water_ = sequence; }

  // The item as it is now; null: there is none.
  ItemPtr Current(const TableInfo& table, const Key& key) const;
  // The image that record `sequence` of this key wrote.
  ItemPtr Image(const TableInfo& table, const Key& key, std::uint64_t sequence) const;

  // Appends the record of one write and moves the item to it.  `new_image` is null for a removal;
  // its version and fields are set here.  At least one image is there.
  RecordPtr Append(TableInfo& table, ItemPtr old_image, std::shared_ptr<Item> new_image,
                   std::int64_t unix_nanos);
  // After the commit.
  void Publish();
  // After a rollback.
  void ForgetVersions() { versions_.Clear(); }

  // Committed records with sequence > after, oldest first.  after >= low_water().
  std::vector<RecordPtr> Read(std::uint64_t after, int limit) const;
  // Every record with sequence > after, newest first, pending ones included.
  void VisitBack(std::uint64_t after, const std::function<void(const ChangeRecord&)>& visit) const;
  // See ChangeFeed::PositionAt.
  std::uint64_t PositionAt(std::int64_t unix_nanos) const;

 private:
  std::vector<RecordPtr> ReadStored(std::uint64_t after, std::uint64_t until) const;
  std::int64_t TimeOf(std::uint64_t sequence) const;

  const TableInfos& tables_;
  std::uint64_t last_ = 0;
  std::uint64_t latest_ = 0;
  std::uint64_t low_water_ = 0;
  // Latest at the start of the process: the clock of the records behind it never moved backwards.
  std::uint64_t start_ = 0;
  RecordRing ring_;
  std::vector<RecordPtr> pending_;
  mutable VersionCache versions_;

  mutable SqliteStatement select_sequence_;
  mutable SqliteStatement select_image_;
  mutable SqliteStatement select_records_;
  mutable SqliteStatement select_time_;
  SqliteStatement insert_change_;
  SqliteStatement replace_item_;
  SqliteStatement delete_item_;
};

// Keys are TEXT for S and BLOB for N and B.
void BindKeyPart(SqliteStatement& statement, int index, KeyType type, std::string_view bytes);
void BindKey(SqliteStatement& statement, int index, const TableInfo& table, const Key& key);

}  // namespace kless
