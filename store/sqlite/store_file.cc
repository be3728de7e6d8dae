#include "store/sqlite/store_file.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "store/sqlite/file/file_copy.h"
#include "store/sqlite/file/file_lock.h"
#include "store/sqlite/file/sqlite.h"
#include "store/sqlite/sqlite_schema.h"

namespace kless {
namespace {

namespace fs = std::filesystem;

Error Unreadable(const std::string& path, const SqliteError& error) {
  if (error.IsDamagedFile()) {
    return MakeError(ErrorCode::kInvalidArgument, NotADataFile(path, error));
  }
  return MakeError(ErrorCode::kUnavailable, path + " cannot be read: " + error.Reason());
}

Result<void> CheckIsFile(const std::string& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    return MakeError(ErrorCode::kNotFound, path + " does not exist");
  }
  // SQLite takes an empty file for an empty database.
  if (fs::file_size(path, error) == 0) {
    return MakeError(ErrorCode::kInvalidArgument,
                     path + " is not a data file of kless: it is empty");
  }
  return {};
}

Result<StoreFileInfo> Inspect(SqliteConnection& connection, const std::string& path) {
  KLESS_TRY_VOID(CheckIsStore(connection, path));
  StoreFileInfo info;
  info.schema_version = static_cast<int>(connection.QueryInteger("PRAGMA user_version"));
  const std::string layout =
      connection.QueryText("SELECT value FROM meta WHERE name = 'key_layout'");
  info.key_layout =
      layout == KeyLayoutName(KeyLayout::kNameType) ? KeyLayout::kNameType : KeyLayout::kTypeName;
  // Counted as in ChangeLog: a trimmed removal has no row.
  info.latest = static_cast<std::uint64_t>(
      std::max(connection.QueryInteger("SELECT max(sequence) FROM changes"),
               connection.QueryInteger("SELECT value FROM meta WHERE name = 'low_water'")));
  return info;
}

// A file with a WAL is usually opened for writing, because SQLite then makes an index of the WAL
// next to it.  Where that is not possible, an empty WAL needs no index.
std::unique_ptr<SqliteConnection> OpenForReading(const std::string& path) {
  try {
    auto connection = std::make_unique<SqliteConnection>(path);
    connection->QueryInteger("PRAGMA user_version");
    return connection;
  } catch (const SqliteError& error) {
    std::error_code missing;
    const auto size = fs::file_size(path + "-wal", missing);
    if (!error.IsReadOnly() || (!missing && size != 0)) throw;
    return SqliteConnection::OpenReadOnly(path);
  }
}

// The old WAL is removed first: it would be replayed into the new file.
Result<void> Replace(const std::string& from, const std::string& to) {
  std::error_code error;
  for (const char* suffix : {"-wal", "-shm", "-journal"}) {
    if (!error) fs::remove(to + suffix, error);
  }
  if (!error) fs::rename(from, to, error);
  if (!error) return {};
  return MakeError(ErrorCode::kUnavailable, to + " cannot be replaced: " + error.message());
}

}  // namespace

Result<StoreFileInfo> InspectStoreFile(const std::string& path) {
  KLESS_TRY_VOID(CheckIsFile(path));
  try {
    const auto connection = OpenForReading(path);
    return Inspect(*connection, path);
  } catch (const SqliteError& error) {
    return Unreadable(path, error);
  }
}

Result<StoreCopy> CopyStoreFile(const std::string& from, const std::string& to, bool overwrite) {
  KLESS_TRY_VOID(CheckIsFile(from));
  std::error_code ignored;
  const bool exists = fs::exists(to, ignored) || fs::exists(to + "-wal", ignored);
  if (exists && !overwrite) {
    return MakeError(ErrorCode::kAlreadyExists, to + " already exists");
  }
  if (fs::equivalent(from, to, ignored)) {
    return MakeError(ErrorCode::kInvalidArgument, from + " and " + to + " are the same file");
  }
  KLESS_TRY_VOID(FileLock::Take(to));
  try {
    const auto connection = OpenForReading(from);
    KLESS_TRY(const auto info, Inspect(*connection, from));
    const std::string target = exists ? to + ".new" : to;
    if (exists) fs::remove(target, ignored);
    KLESS_TRY(const auto bytes, SaveDatabaseCopy(*connection, target));
    if (exists) {
      KLESS_TRY_VOID(Replace(target, to));
    }
    return StoreCopy{bytes, info.latest};
  } catch (const SqliteError& error) {
    return Unreadable(from, error);
  }
}

}  // namespace kless
