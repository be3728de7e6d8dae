// SqliteStore: assembles the parts of the store over one SQLite connection.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/sqlite/change_log.h"
#include "store/sqlite/commit_signal.h"
#include "store/sqlite/file/checkpointer.h"
#include "store/sqlite/file/file_lock.h"
#include "store/sqlite/file/sqlite.h"
#include "store/sqlite/file/turn.h"
#include "store/sqlite/index_entries.h"
#include "store/sqlite/index_list.h"
#include "store/sqlite/item_reader.h"
#include "store/sqlite/item_writer.h"
#include "store/sqlite/log_trimmer.h"
#include "store/sqlite/remains.h"
#include "store/sqlite/sqlite_feed.h"
#include "store/sqlite/sqlite_invocation_log.h"
#include "store/sqlite/sqlite_resource_index.h"
#include "store/sqlite/sqlite_table.h"
#include "store/sqlite/table_info.h"
#include "store/store.h"

namespace kless {

class SqliteStore final : public Store {
 public:
  // `lock` is null for kMemory.
  SqliteStore(EventLoop& event_loop, StoreOptions options, std::unique_ptr<FileLock> lock,
              std::unique_ptr<SqliteConnection> connection, TableInfos tables);
  ~SqliteStore() override;

  Result<Table*> CreateTable(TableDescription description) override;
  Table* FindTable(const std::string& name) override;
  Table* FindTable(int id) override;
  std::vector<Table*> Tables() override;
  Result<void> DeleteTable(const std::string& name) override;
  ResourceTable& resources() override { return *resources_; }
  std::uint64_t LastSequence() const override { return log_.last(); }
  ChangeFeed& feed() override { return feed_; }
  InvocationLog& invocations() override { return invocations_; }
  Result<std::vector<WriteResult>> Transact(std::vector<TransactItem> actions,
                                            std::size_t* failed) override;
  Task<> Committed() override;
  void EndTurn() override;
  std::optional<std::string> LoadValue(const std::string& name) const override;
  std::map<std::string, std::string> LoadValues(const std::string& prefix) const override;
  void SaveValue(const std::string& name, const std::string& value) override;
  void RemoveValue(const std::string& name) override;
  void SetRetentionByCount(bool by_count) override { by_count_ = by_count; }
  Duration retention_age() const override { return options_.retention_age; }
  std::uint64_t Trim(std::uint64_t max_records, std::optional<std::uint64_t> position) override;
  Result<StoreCopy> SaveCopy(const std::string& path) override;
  StoreStats Stats() const override;
  std::int64_t UnixNanos() const override { return event_loop_.UnixNanos(); }

 private:
  void AddTable(TableInfo* info);
  // Saved so that CountItems() needs no scan when the file is opened again.
  void SaveItemCounts();
  // Returns false if the commit failed; the failure handler has then been called.
  bool Commit();

  // In order of construction: the lock is destroyed last, the connection after its statements.
  EventLoop& event_loop_;
  const StoreOptions options_;
  const std::unique_ptr<FileLock> lock_;
  const std::unique_ptr<SqliteConnection> connection_;
  std::unique_ptr<Checkpointer> checkpointer_;  // kFull and kNormal only
  StoreStats stats_;
  TableInfos infos_;
  Turn turn_;
  ChangeLog log_;
  LogTrimmer trimmer_;
  ItemReader reader_;
  SqliteResourceIndex index_;
  IndexEntries entries_;
  Remains remains_;
  IndexList index_list_;
  ItemWriter writer_;
  std::vector<std::unique_ptr<SqliteTable>> tables_;  // by id, from 1; null as in infos_
  std::map<std::string, SqliteTable*> tables_by_name_;
  std::unique_ptr<ResourceTable> resources_;
  const std::shared_ptr<CommitSignal> signal_;
  SqliteFeed feed_;
  SqliteInvocationLog invocations_;
  mutable SqliteStatement select_value_;
  SqliteStatement replace_value_;
  SqliteStatement delete_value_;
  mutable SqliteStatement select_values_;
  SqliteStatement update_count_;
  SqliteStatement delete_table_;
  bool by_count_ = true;
};

}  // namespace kless
