#include "store/sqlite/sqlite_store.h"

#include <filesystem>
#include <utility>

#include "emulator/base/system/log.h"
#include "store/sqlite/file/file_copy.h"
#include "store/sqlite/sqlite_schema.h"

namespace kless {

namespace {

// For kScratch files.  Measured with tests/bench/store_bench.cc: at 100, a turn of one write costs
// a tenth more CPU, and beyond 1000 nothing is gained.
constexpr int kScratchWritesPerCommit = 1000;

Turn::Options TurnOptions(const StoreOptions& options,
                          std::function<void(const SqliteError&)> on_failure) {
  const bool scratch = options.durability == Durability::kScratch;
  return {!scratch && options.durability != Durability::kMemory,
          scratch ? kScratchWritesPerCommit : 0, std::move(on_failure)};
}

// What the process says before it ends.
std::string LastWords(const StoreOptions& options, const SqliteError& error) {
  const bool memory = options.durability == Durability::kMemory;
  const std::string file = memory ? "the data in memory" : options.path;
  std::string text = "kless stops: ";
  if (error.IsDiskFull() && !memory) {
    text += "the disk of " + file + " is full";
  } else {
    text += "a write to " + file + " failed: " + error.Reason();
  }
  if (memory) return text;
  if (options.durability == Durability::kScratch) {
    return text + "; with durability scratch the file is lost: remove it and start again";
  }
  text += "; everything acknowledged is in it; ";
  return text + (error.IsDiskFull() ? "free space" : "fix the cause") + " and start it again";
}

}  // namespace

Result<std::unique_ptr<Store>> Store::Open(EventLoop& event_loop, StoreOptions options) {
  KLESS_TRY_VOID(
      ValidateTable(ResourceTable::Describe(options.key_layout, options.resource_shards)));
  std::unique_ptr<FileLock> lock;
  if (options.durability != Durability::kMemory) {
    KLESS_TRY(auto taken, FileLock::Take(options.path));
    lock = std::move(taken);
  }
  KLESS_TRY(auto connection, OpenDatabase(options));
  try {
    KLESS_TRY(auto tables, LoadTables(*connection, options.key_layout));
    std::unique_ptr<Store> store = std::make_unique<SqliteStore>(
        event_loop, std::move(options), std::move(lock), std::move(connection), std::move(tables));
    return store;
  } catch (const SqliteError& error) {
    return MakeError(ErrorCode::kInvalidArgument, options.path + " is damaged: " + error.Reason());
  }
}

SqliteStore::SqliteStore(EventLoop& event_loop, StoreOptions options,
                         std::unique_ptr<FileLock> lock,
                         std::unique_ptr<SqliteConnection> connection, TableInfos tables)
    : event_loop_(event_loop),
      options_(std::move(options)),
      lock_(std::move(lock)),
      connection_(std::move(connection)),
      infos_(std::move(tables)),
      turn_(*connection_, TurnOptions(options_,
                                      [this](const SqliteError& error) {
                                        // Includes the versions of the lost turn.
                                        log_.ForgetVersions();
                                        options_.on_failure(LastWords(options_, error));
                                      })),
      log_(*connection_, infos_, options_),
      trimmer_(*connection_, log_),
      reader_(*connection_, log_),
      index_(*connection_, log_, *infos_.front()),
      entries_(*connection_),
      remains_(*connection_, log_, entries_, infos_),
      index_list_(*connection_, entries_, remains_, turn_, infos_),
      writer_(event_loop_, log_, index_, entries_, turn_, stats_),
      signal_(std::make_shared<CommitSignal>(event_loop)),
      feed_(log_, signal_),
      invocations_(*connection_, event_loop, turn_, options_.retention_age),
      select_value_(*connection_, "SELECT value FROM named_values WHERE name = ?1"),
      replace_value_(*connection_, "REPLACE INTO named_values VALUES(?1, ?2)"),
      delete_value_(*connection_, "DELETE FROM named_values WHERE name = ?1"),
      select_values_(*connection_,
                     "SELECT name, value FROM named_values WHERE name >= ?1 ORDER BY name"),
      update_count_(*connection_, "UPDATE tables SET items = ?2 WHERE id = ?1"),
      delete_table_(*connection_, "UPDATE tables SET deleted_at = ?2 WHERE id = ?1") {
  for (const auto& info : infos_) AddTable(info.get());
  resources_ = std::make_unique<ResourceTable>(*tables_.front(), index_, infos_.front()->layout);
  signal_->set_latest(log_.latest());
  if (options_.durability == Durability::kScratch) connection_->Execute(kMarkAsScratch);
  if (options_.durability == Durability::kFull || options_.durability == Durability::kNormal) {
    checkpointer_ = std::make_unique<Checkpointer>(options_.path);
  }
  event_loop_.SetTurnEnd([this] { EndTurn(); });
}

SqliteStore::~SqliteStore() {
  event_loop_.SetTurnEnd({});
  signal_->Close();
  if (options_.durability != Durability::kScratch || turn_.failed()) return;
  // Without a journal the end of the previous turn cannot be restored.
  if (turn_.in_transaction() && !Commit()) return;
  try {
    connection_->Execute(kUnmarkAsScratch);
  } catch (const SqliteError& error) {
    turn_.Fail(error);
  }
}

void SqliteStore::AddTable(TableInfo* info) {
  if (info == nullptr) {
    tables_.push_back(nullptr);
    return;
  }
  auto table = std::make_unique<SqliteTable>(
      *info, SqliteTable::Parts{log_, reader_, writer_, entries_, index_list_, stats_});
  if (!info->deleted_at) tables_by_name_.emplace(info->description.name, table.get());
  tables_.push_back(std::move(table));
}

Result<Table*> SqliteStore::CreateTable(TableDescription description) {
  KLESS_TRY_VOID(ValidateTable(description));
  if (tables_by_name_.contains(description.name)) {
    return MakeError(ErrorCode::kAlreadyExists, "table " + description.name + " already exists");
  }
  auto info = std::make_unique<TableInfo>();
  info->description = std::move(description);
  info->description.id = static_cast<int>(infos_.size()) + 1;
  try {
    turn_.Begin();
    InsertTable(*connection_, info->description);
  } catch (const SqliteError& error) {
    return turn_.Fail(error);
  }
  infos_.push_back(std::move(info));
  AddTable(infos_.back().get());
  return static_cast<Table*>(tables_.back().get());
}

Result<void> SqliteStore::DeleteTable(const std::string& name) {
  const auto found = tables_by_name_.find(name);
  if (found == tables_by_name_.end()) {
    return MakeError(ErrorCode::kNotFound, "table " + name + " does not exist");
  }
  TableInfo& info = found->second->info();
  if (info.is_resource_table) {
    return MakeError(ErrorCode::kInvalidArgument, "the resource table cannot be deleted");
  }
  try {
    turn_.Begin();
    delete_table_.BindInteger(1, info.description.id);
    delete_table_.BindInteger(2, static_cast<std::int64_t>(log_.last()));
    delete_table_.Run();
    index_list_.DropAll(info);
  } catch (const SqliteError& error) {
    return turn_.Fail(error);
  }
  info.deleted_at = log_.last();
  tables_by_name_.erase(found);
  return {};
}

Table* SqliteStore::FindTable(const std::string& name) {
  const auto found = tables_by_name_.find(name);
  return found == tables_by_name_.end() ? nullptr : found->second;
}

Table* SqliteStore::FindTable(int id) {
  return FindTableInfo(infos_, id) ? tables_[static_cast<std::size_t>(id) - 1].get() : nullptr;
}

std::vector<Table*> SqliteStore::Tables() {
  std::vector<Table*> tables;
  for (const auto& [name, table] : tables_by_name_) tables.push_back(table);
  return tables;
}

Result<std::vector<WriteResult>> SqliteStore::Transact(std::vector<TransactItem> actions,
                                                       std::size_t* failed) {
  constexpr std::size_t kActionsMax = 100;
  if (actions.empty() || actions.size() > kActionsMax) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "a transaction of " + std::to_string(actions.size()) +
                         " actions; there can be 1 to " + std::to_string(kActionsMax));
  }
  std::vector<WriteAction> resolved;
  resolved.reserve(actions.size());
  for (TransactItem& action : actions) {
    auto* const table = dynamic_cast<SqliteTable*>(action.table);
    if (!table || FindTable(table->description().id) != table) {
      if (failed) *failed = resolved.size();
      return MakeError(ErrorCode::kInvalidArgument,
                       "an action of the transaction names an unknown table");
    }
    action.item.fields = nullptr;
    resolved.push_back({action.kind, &table->info(), std::move(action.item), action.condition,
                        action.keep_attributes});
  }
  return writer_.Transact(std::move(resolved), failed);
}

Task<> SqliteStore::Committed() {
  return CommitSignal::WaitCommits(signal_,
                                   signal_->commits() + (turn_.open() || turn_.failed() ? 1 : 0));
}

void SqliteStore::SaveItemCounts() {
  for (const auto& info : infos_) {
    if (!info || info->items == info->saved_items) continue;
    update_count_.BindInteger(1, info->description.id);
    update_count_.BindInteger(2, static_cast<std::int64_t>(info->items));
    update_count_.Run();
    info->saved_items = info->items;
  }
}

bool SqliteStore::Commit() {
  try {
    SaveItemCounts();
  } catch (const SqliteError& error) {
    turn_.Fail(error);
    return false;
  }
  return turn_.Commit();
}

void SqliteStore::EndTurn() {
  if (!turn_.open()) return;
  if (!turn_.CommitDue()) {
    turn_.Defer();
  } else if (!Commit()) {
    return;
  }
  ++stats_.commits;
  log_.Publish();
  signal_->Notify(log_.latest());
  if (!checkpointer_) return;
  const std::string trouble = checkpointer_->OnCommit(connection_->wal_pages());
  if (!trouble.empty()) Log(LogLevel::kWarning, "store", trouble);
}

std::optional<std::string> SqliteStore::LoadValue(const std::string& name) const {
  select_value_.BindText(1, name);
  const SqliteReset reset(select_value_);
  if (!select_value_.Step()) return std::nullopt;
  return std::string(select_value_.Bytes(0));
}

std::map<std::string, std::string> SqliteStore::LoadValues(const std::string& prefix) const {
  std::map<std::string, std::string> values;
  select_values_.BindText(1, prefix);
  const SqliteReset reset(select_values_);
  while (select_values_.Step() && select_values_.Bytes(0).starts_with(prefix)) {
    values.emplace(select_values_.Bytes(0), select_values_.Bytes(1));
  }
  return values;
}

void SqliteStore::SaveValue(const std::string& name, const std::string& value) {
  try {
    turn_.Begin();
    replace_value_.BindText(1, name);
    replace_value_.BindText(2, value);
    replace_value_.Run();
  } catch (const SqliteError& error) {
    turn_.Fail(error);
  }
}

void SqliteStore::RemoveValue(const std::string& name) {
  try {
    turn_.Begin();
    delete_value_.BindText(1, name);
    delete_value_.Run();
  } catch (const SqliteError& error) {
    turn_.Fail(error);
  }
}

std::uint64_t SqliteStore::Trim(std::uint64_t max_records, std::optional<std::uint64_t> position) {
  LogTrimmer::Limits limits;
  limits.oldest_unix_nanos = event_loop_.UnixNanos() - options_.retention_age.count();
  limits.records_max = by_count_ ? options_.retention_count : kRetentionCountMaximum;
  limits.position = position;
  limits.records_per_call = max_records;
  try {
    std::uint64_t trimmed = 0;
    if (trimmer_.HasWork(limits)) {
      turn_.Begin();
      trimmed = trimmer_.Trim(limits);
    }
    if (max_records > 0 && remains_.HasWork()) {
      turn_.Begin();
      remains_.Clean(max_records);
    }
    return trimmed;
  } catch (const SqliteError& error) {
    turn_.Fail(error);
    return 0;
  }
}

Result<StoreCopy> SqliteStore::SaveCopy(const std::string& path) {
  EndTurn();
  if (turn_.failed() || (turn_.in_transaction() && !Commit())) {
    return MakeError(ErrorCode::kInternal, "the store has failed: there is nothing to copy");
  }
  const bool scratch = options_.durability == Durability::kScratch;
  try {
    // The copy is not a scratch file; nor is the original for the duration of the copy.
    if (scratch) connection_->Execute(kUnmarkAsScratch);
    const auto bytes = SaveDatabaseCopy(*connection_, path);
    if (scratch) connection_->Execute(kMarkAsScratch);
    if (bytes.has_error()) return bytes.error();
    return StoreCopy{bytes.value(), log_.latest()};
  } catch (const SqliteError& error) {
    return turn_.Fail(error);
  }
}

StoreStats SqliteStore::Stats() const {
  StoreStats stats = stats_;
  stats.feed_latest = log_.latest();
  stats.feed_low_water = log_.low_water();
  if (options_.durability != Durability::kMemory) {
    const auto size = [&](const char* suffix) -> std::uint64_t {
      std::error_code missing;
      const auto bytes = std::filesystem::file_size(options_.path + suffix, missing);
      return missing ? 0 : bytes;
    };
    stats.wal_bytes = size("-wal");
    stats.file_bytes = size("") + stats.wal_bytes;
  }
  return stats;
}

}  // namespace kless
