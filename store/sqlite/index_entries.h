// IndexEntries: the entries of the secondary indexes of tables.
//
// It works inside the transaction that its owner has open.
#pragma once

#include <cstdint>
#include <optional>

#include "store/sqlite/file/sqlite.h"
#include "store/sqlite/table_info.h"
#include "store/table_index.h"

namespace kless {

class IndexEntries {
 public:
  explicit IndexEntries(SqliteConnection& connection);

  // Called after each write of a table with indexes.
  void Update(const TableInfo& table, const ChangeRecord& record);
  // Writes the entry of an item that was there before the index.
  void Fill(const TableInfo& table, const TableInfo::Index& index, const Item& item);

  // Visits the entries of one partition in order of (sort, item key).
  void VisitPartition(int index, const TableInfo& table, const std::string& partition,
                      const EntryRange& range, const VisitEntry& visit) const;
  // Visits all entries in order of (partition, sort, item key), after `after`.
  void VisitAll(int index, const TableInfo& table, const std::optional<IndexEntry>& after,
                const VisitEntry& visit) const;

  // Deletes at most `limit` entries; returns whether none is left.
  bool Purge(int index, std::uint64_t limit);

 private:
  void Write(const TableInfo& table, int index, const Key& entry, const Item& item);
  void Erase(const TableInfo& table, int index, const Key& entry, const Key& item);
  static void Visit(SqliteStatement& statement, const VisitEntry& visit);

  SqliteStatement replace_;
  SqliteStatement delete_;
  mutable SqliteStatement ascending_;
  mutable SqliteStatement descending_;
  mutable SqliteStatement all_;
  SqliteStatement any_;
  SqliteStatement purge_;
};

}  // namespace kless
