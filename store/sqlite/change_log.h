// ChangeLog: the tables `changes` (every image, stored once) and `items` (the current image of each
// item).
//
// It works inside the transaction that its owner has open.  Records of the open transaction are
// pending: Current() sees them, readers of the feed do not until Publish().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "store/item/item.h"
#include "store/sqlite/file/sqlite.h"
#include "store/sqlite/record_ring.h"
#include "store/sqlite/table_info.h"
#include "store/sqlite/version_cache.h"
#include "store/store.h"

namespace kless {

class ChangeLog {
 public:
  ChangeLog(SqliteConnection& connection, const TableInfos& tables, const StoreOptions& options);

  // The newest record including pending ones, the newest committed one, and the last trimmed one.
  std::uint64_t last() const { return last_; }
  std::uint64_t latest() const { return latest_; }
  std::uint64_t low_water() const { return low_water_; }
  void set_low_water(std::uint64_t sequence) { low_water_ = sequence; }

  // Returns the current image of an item; null if there is none.
  ItemPtr Current(const TableInfo& table, const Key& key) const;
  // Returns the image that record `sequence` of this key wrote.
  ItemPtr Image(const TableInfo& table, const Key& key, std::uint64_t sequence) const;

  // Appends the record of one write and makes `new_image` the current one.  `new_image` is null for
  // a removal; this function sets its version and, if it has none, its fields.  At least one image
  // is not null.
  RecordPtr Append(TableInfo& table, ItemPtr old_image, std::shared_ptr<Item> new_image,
                   std::int64_t unix_nanos, bool expired = false);
  // Makes the pending records visible; called after the commit.
  void Publish();
  // Called after a rollback.
  void ForgetVersions() { versions_.Clear(); }

  // Returns the committed records with sequence > after, oldest first.  Requires after >=
  // low_water().
  std::vector<RecordPtr> Read(std::uint64_t after, int limit) const;
  // See ChangeFeed::ReadTable.
  std::vector<RecordPtr> ReadTable(int table, std::uint64_t after, std::uint64_t until, int limit,
                                   std::uint64_t span, std::uint64_t* seen) const;
  // Visits every record with sequence > after, newest first, pending ones included.
  void VisitBack(std::uint64_t after, const std::function<void(const ChangeRecord&)>& visit) const;
  // See ChangeFeed::PositionAt.
  std::uint64_t PositionAt(std::int64_t unix_nanos) const;

 private:
  std::vector<RecordPtr> ReadStored(std::uint64_t after, std::uint64_t until) const;
  RecordPtr RecordOf(const SqliteStatement& row) const;
  std::int64_t TimeOf(std::uint64_t sequence) const;

  const TableInfos& tables_;
  std::uint64_t last_ = 0;
  std::uint64_t latest_ = 0;
  std::uint64_t low_water_ = 0;
  // The newest record when the process started: later records have times that never decrease.
  std::uint64_t start_ = 0;
  RecordRing ring_;
  std::vector<RecordPtr> pending_;
  mutable VersionCache versions_;

  mutable SqliteStatement select_sequence_;
  mutable SqliteStatement select_image_;
  mutable SqliteStatement select_records_;
  mutable SqliteStatement select_table_records_;
  mutable SqliteStatement select_time_;
  SqliteStatement insert_change_;
  SqliteStatement replace_item_;
  SqliteStatement delete_item_;
};

// Binds keys of type S as TEXT and those of types N and B as BLOB.
void BindKeyPart(SqliteStatement& statement, int index, KeyType type, std::string_view bytes);
void BindKey(SqliteStatement& statement, int index, const TableInfo& table, const Key& key);

}  // namespace kless
