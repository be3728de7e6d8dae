#include "store/sqlite/sqlite_schema.h"

#include <utility>

#include "store/sqlite/file/schema_upgrade.h"

namespace kless {
namespace {

// "kles": identifies the file to `file kless.db` and other programs.
constexpr std::int64_t kApplicationId = 0x6b6c6573;

// Measured with tests/bench/store_bench.cc: with 8 and 16 KiB every write to a random key logs and
// copies a larger page of the item index.
constexpr int kPageSize = 4096;

// The WAL file is truncated to this size when it restarts after having grown longer.
constexpr std::int64_t kWalFileBytes = 16 << 20;

// Keys are untyped: TEXT for S, BLOB for N and B.  Long columns come last, so that the others are
// read without following overflow pages.
constexpr const char* kSchema = R"sql(
CREATE TABLE meta(
  name TEXT PRIMARY KEY,
  value
) WITHOUT ROWID;
CREATE TABLE named_values(
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE tables(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  partition_key TEXT NOT NULL,
  partition_type TEXT NOT NULL,
  sort_key TEXT NOT NULL,
  sort_type TEXT NOT NULL,
  document_attribute TEXT NOT NULL,
  shards INTEGER NOT NULL,
  items INTEGER NOT NULL,
  deleted_at INTEGER
);
CREATE TABLE changes(
  sequence INTEGER PRIMARY KEY,
  table_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  unix_nanos INTEGER NOT NULL,
  previous INTEGER,
  partition NOT NULL,
  sort NOT NULL,
  attributes TEXT,
  document TEXT
);
CREATE TABLE items(
  table_id INTEGER NOT NULL,
  partition NOT NULL,
  sort NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY(table_id, partition, sort)
) WITHOUT ROWID;
CREATE TABLE indexes(
  id INTEGER PRIMARY KEY,
  table_id INTEGER NOT NULL,
  dropped INTEGER NOT NULL
);
CREATE TABLE index_entries(
  index_id INTEGER NOT NULL,
  partition BLOB NOT NULL,
  sort BLOB NOT NULL,
  item_partition NOT NULL,
  item_sort NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY(index_id, partition, sort, item_partition, item_sort)
) WITHOUT ROWID;
CREATE TABLE owners(
  owner_uid TEXT NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  uid TEXT NOT NULL,
  version INTEGER NOT NULL,
  phase TEXT NOT NULL,
  ready INTEGER NOT NULL,
  deleting INTEGER NOT NULL,
  tracked INTEGER NOT NULL,
  scheduled INTEGER NOT NULL,
  completion_index INTEGER NOT NULL,
  index_failures INTEGER NOT NULL,
  index_ignored INTEGER NOT NULL,
  restarts INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  PRIMARY KEY(owner_uid, type, name)
) WITHOUT ROWID;
CREATE TABLE other_owners(
  owner_uid TEXT NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY(owner_uid, type, name)
) WITHOUT ROWID;
CREATE TABLE nodes(
  node TEXT NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY(node, type, name)
) WITHOUT ROWID;
CREATE TABLE resource_names(
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY(type, name)
) WITHOUT ROWID;
CREATE TABLE invocations(
  id INTEGER PRIMARY KEY,
  function TEXT NOT NULL,
  request_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  start TEXT NOT NULL,
  trigger TEXT NOT NULL,
  requested_unix_nanos INTEGER NOT NULL,
  queued_ms REAL NOT NULL,
  init_ms REAL NOT NULL,
  run_ms REAL NOT NULL,
  store_ms REAL NOT NULL,
  billed_ms REAL NOT NULL,
  memory_mb INTEGER NOT NULL,
  throttles INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  error TEXT NOT NULL,
  caused_by TEXT NOT NULL
);
CREATE INDEX invocations_by_function ON invocations(function);
)sql";

Error InvalidFile(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

void CreateSchema(SqliteConnection& connection, const StoreOptions& options) {
  connection.Execute("BEGIN IMMEDIATE");
  connection.Execute(kSchema);
  connection.Execute("PRAGMA application_id = " + std::to_string(kApplicationId));
  connection.Execute("PRAGMA user_version = " + std::to_string(Store::kSchemaVersion));
  connection.Execute(std::string("INSERT INTO meta VALUES('key_layout', '") +
                     KeyLayoutName(options.key_layout) + "'), ('low_water', 0)");
  InsertTable(connection, [&] {
    TableDescription description =
        ResourceTable::Describe(options.key_layout, options.resource_shards);
    description.id = 1;
    return description;
  }());
  connection.Execute("COMMIT");
}

}  // namespace

std::string NotADataFile(const std::string& path, const SqliteError& error) {
  return path + " is not a data file of kless, or damaged: " + error.Reason();
}

Result<void> CheckIsStore(SqliteConnection& connection, const std::string& file) {
  const std::int64_t application = connection.QueryInteger("PRAGMA application_id");
  const std::int64_t version = connection.QueryInteger("PRAGMA user_version");
  if (application != kApplicationId) {
    return InvalidFile(file +
                       " is not a data file of kless: it is another program's SQLite database");
  }
  if (version > Store::kSchemaVersion) {
    return MakeError(ErrorCode::kUnsupported,
                     "the data file " + file + " has schema version " + std::to_string(version) +
                         ", written by a newer kless; this one knows versions up to " +
                         std::to_string(Store::kSchemaVersion));
  }
  if (version >= 1 && version < kOldestUpgradedVersion) {
    return MakeError(ErrorCode::kUnsupported,
                     "the data file " + file + " has schema version " + std::to_string(version) +
                         ", written by an older kless; this one reads versions from " +
                         std::to_string(kOldestUpgradedVersion) +
                         " on: use another data directory");
  }
  if (version < 1) {
    return InvalidFile("the data file " + file + " is damaged: schema version " +
                       std::to_string(version));
  }
  if (connection.QueryInteger("SELECT count(*) FROM meta WHERE name = 'scratch'") != 0) {
    return InvalidFile(
        "the data file " + file +
        " was in use with durability scratch when its process died: its contents are "
        "lost; remove it to start over");
  }
  return {};
}

namespace {

// Checks that the file is a kless store that we may write to.  Sets `*is_new` if it is empty.
Result<void> CheckFile(SqliteConnection& connection, const StoreOptions& options, bool* is_new) {
  const std::string file = options.durability == Durability::kMemory ? ":memory:" : options.path;
  const std::int64_t application = connection.QueryInteger("PRAGMA application_id");
  const std::int64_t version = connection.QueryInteger("PRAGMA user_version");
  *is_new = connection.QueryInteger("SELECT count(*) FROM sqlite_schema") == 0;
  if (*is_new && application == 0 && version == 0) return {};
  KLESS_TRY_VOID(CheckIsStore(connection, file));
  const std::string layout =
      connection.QueryText("SELECT value FROM meta WHERE name = 'key_layout'");
  if (layout != KeyLayoutName(options.key_layout)) {
    return InvalidFile("the data file " + file + " was made with key layout " + layout +
                       ", not with the requested layout " + KeyLayoutName(options.key_layout));
  }
  return {};
}

std::string SetupPragmas(const StoreOptions& options) {
  // Debian builds SQLite with secure_delete on, which would overwrite what trimming frees.
  std::string pragmas =
      "PRAGMA secure_delete = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -" +
      std::to_string(options.page_cache_kib) + ";";
  // Without a journal nothing is ever rolled back: a failure ends the process.
  const std::string volatile_pragmas = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF";
  if (options.durability == Durability::kMemory) return pragmas + volatile_pragmas;
  if (options.durability == Durability::kScratch) {
    return pragmas + volatile_pragmas + "; PRAGMA locking_mode = EXCLUSIVE";
  }
  return pragmas + "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;" +
         "PRAGMA journal_size_limit = " + std::to_string(kWalFileBytes) +
         "; PRAGMA synchronous = " + (options.durability == Durability::kFull ? "FULL" : "NORMAL");
}

}  // namespace

Result<std::unique_ptr<SqliteConnection>> OpenDatabase(const StoreOptions& options) {
  const bool memory = options.durability == Durability::kMemory;
  try {
    auto connection = std::make_unique<SqliteConnection>(memory ? ":memory:" : options.path);
    bool is_new = false;
    KLESS_TRY_VOID(CheckFile(*connection, options, &is_new));
    if (!is_new) UpgradeSchema(*connection);
    if (is_new) connection->Execute("PRAGMA page_size = " + std::to_string(kPageSize));
    connection->Execute(SetupPragmas(options));
    const bool wal =
        options.durability == Durability::kFull || options.durability == Durability::kNormal;
    if (wal) connection->WatchWal();
    if (is_new) CreateSchema(*connection, options);
    return connection;
  } catch (const SqliteError& error) {
    if (error.IsDamagedFile()) {
      return InvalidFile(NotADataFile(options.path, error) +
                         "; choose another folder with --data-directory, or remove the file");
    }
    const std::string message = "cannot open the data file " + options.path + ": " + error.Reason();
    if (!error.IsDiskFull()) return InvalidFile(message);
    return MakeError(ErrorCode::kUnavailable,
                     message + "; free space, or choose another folder with --data-directory");
  }
}

Result<void> ValidateTable(const TableDescription& description) {
  const std::string& name = description.name;
  const bool plain =
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
      std::string::npos;
  if (name.size() < 3 || name.size() > 255 || !plain) {
    return InvalidFile("table name \"" + name + "\" must be 3 to 255 characters of [a-zA-Z0-9_.-]");
  }
  const auto bad_attribute = [](const std::string& attribute) {
    return attribute.empty() || attribute.size() > 255;
  };
  if (bad_attribute(description.partition_key)) {
    return InvalidFile("table " + name + ": the partition key's name must be 1 to 255 bytes long");
  }
  if (description.sort_key.size() > 255) {
    return InvalidFile("table " + name + ": the sort key's name must be at most 255 bytes long");
  }
  if (description.sort_key == description.partition_key) {
    return InvalidFile("table " + name + ": partition key and sort key have the same name, " +
                       description.sort_key);
  }
  const std::string& document = description.document_attribute;
  if (!document.empty() &&
      (document == description.partition_key || document == description.sort_key)) {
    return InvalidFile("table " + name + ": the document attribute " + document + " is a key");
  }
  if (description.shards < 1 || description.shards > 1000) {
    return InvalidFile("table " + name + ": " + std::to_string(description.shards) +
                       " shards; there can be 1 to 1000");
  }
  return {};
}

void InsertTable(SqliteConnection& connection, const TableDescription& description) {
  SqliteStatement insert(connection, "INSERT INTO tables VALUES(?, ?, ?, ?, ?, ?, ?, ?, 0, NULL)");
  const std::string partition_type(1, KeyTypeLetter(description.partition_type));
  const std::string sort_type(1, KeyTypeLetter(description.sort_type));
  insert.BindInteger(1, description.id);
  insert.BindText(2, description.name);
  insert.BindText(3, description.partition_key);
  insert.BindText(4, partition_type);
  insert.BindText(5, description.sort_key);
  insert.BindText(6, sort_type);
  insert.BindText(7, description.document_attribute);
  insert.BindInteger(8, description.shards);
  insert.Run();
}

Result<TableInfos> LoadTables(SqliteConnection& connection, KeyLayout layout) {
  SqliteStatement select(connection,
                         "SELECT id, name, partition_key, partition_type, sort_key, sort_type, "
                         "document_attribute, shards, items, deleted_at FROM tables ORDER BY id");
  TableInfos tables;
  while (select.Step()) {
    auto info = std::make_unique<TableInfo>();
    TableDescription& description = info->description;
    description.id = static_cast<int>(select.Integer(0));
    description.name = select.Bytes(1);
    description.partition_key = select.Bytes(2);
    const auto partition_type = KeyTypeFromLetter(select.Bytes(3));
    description.sort_key = select.Bytes(4);
    const auto sort_type = KeyTypeFromLetter(select.Bytes(5));
    description.document_attribute = select.Bytes(6);
    description.shards = static_cast<int>(select.Integer(7));
    info->items = info->saved_items = static_cast<std::uint64_t>(select.Integer(8));
    if (!select.IsNull(9)) info->deleted_at = static_cast<std::uint64_t>(select.Integer(9));
    while (static_cast<int>(tables.size()) + 1 < description.id) tables.push_back(nullptr);
    const int expected_id = static_cast<int>(tables.size()) + 1;
    if (description.id != expected_id || !partition_type || !sort_type ||
        ValidateTable(description).has_error()) {
      return InvalidFile("the data file is damaged: row " + std::to_string(description.id) +
                         " of its list of tables");
    }
    description.partition_type = *partition_type;
    description.sort_type = *sort_type;
    info->is_resource_table = description.id == 1;
    info->layout = layout;
    tables.push_back(std::move(info));
  }
  if (tables.empty() || !tables.front() ||
      tables.front()->description.name != ResourceTable::kTableName) {
    return InvalidFile("the data file is damaged: it has no table of resources");
  }
  return tables;
}

}  // namespace kless
