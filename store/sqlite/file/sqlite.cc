#include "store/sqlite/file/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <mutex>

namespace kless {
namespace {

[[noreturn]] void Throw(sqlite3* handle, int code, std::string_view what) {
  const std::string reason = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  const int system_error = handle ? sqlite3_system_errno(handle) : 0;
  throw SqliteError(handle ? sqlite3_extended_errcode(handle) : code, reason, system_error,
                    std::string(what));
}

// Counting allocations would take a mutex each time, and the counts are not used.
void ConfigureOnce() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

}  // namespace

std::string SqliteError::Reason() const {
  if (IsDiskFull()) return std::strerror(system_error_ == EDQUOT ? EDQUOT : ENOSPC);
  const int primary = code_ & 0xff;
  if (primary == SQLITE_IOERR && system_error_ != 0) return std::strerror(system_error_);
  if (primary == SQLITE_NOTADB) return "it is not an SQLite database";
  return reason_;
}

bool SqliteError::IsDamagedFile() const {
  const int primary = code_ & 0xff;
  return primary == SQLITE_NOTADB || primary == SQLITE_CORRUPT;
}

bool SqliteError::IsReadOnly() const {
  const int primary = code_ & 0xff;
  return primary == SQLITE_READONLY || primary == SQLITE_CANTOPEN;
}

bool SqliteError::IsDiskFull() const {
  const int primary = code_ & 0xff;
  if (primary == SQLITE_FULL) return true;
  return primary == SQLITE_IOERR && (system_error_ == ENOSPC || system_error_ == EDQUOT);
}

SqliteConnection::SqliteConnection(const std::string& path)
    : SqliteConnection(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) {}

std::unique_ptr<SqliteConnection> SqliteConnection::OpenReadOnly(const std::string& path) {
  std::string name = "file:";
  for (const char c : path) {  // what has a meaning in a URI
    name += c == '%' ? "%25" : c == '?' ? "%3f" : c == '#' ? "%23" : std::string(1, c);
  }
  return std::unique_ptr<SqliteConnection>(
      new SqliteConnection(name + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI));
}

SqliteConnection::SqliteConnection(const std::string& name, int flags) {
  ConfigureOnce();
  const int code = sqlite3_open_v2(name.c_str(), &handle_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) {
    const std::string reason = handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
    const int system_error = handle_ ? sqlite3_system_errno(handle_) : 0;
    sqlite3_close_v2(handle_);
    throw SqliteError(code, reason, system_error, "cannot open " + name);
  }
  sqlite3_extended_result_codes(handle_, 1);
  // Only the checkpoint thread can hold the lock, and never for long.
  sqlite3_busy_timeout(handle_, 10'000);
}

SqliteConnection::~SqliteConnection() { sqlite3_close_v2(handle_); }

void SqliteConnection::Execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) Throw(handle_, code, sql.substr(0, 60));
}

std::int64_t SqliteConnection::QueryInteger(const std::string& sql) {
  SqliteStatement statement(*this, sql);
  return statement.Step() ? statement.Integer(0) : 0;
}

std::string SqliteConnection::QueryText(const std::string& sql) {
  SqliteStatement statement(*this, sql);
  return statement.Step() ? std::string(statement.Bytes(0)) : std::string();
}

void SqliteConnection::WatchWal() {
  sqlite3_wal_hook(
      handle_,
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<SqliteConnection*>(self)->wal_pages_ = pages;
        return SQLITE_OK;
      },
      this);
}

SqliteConnection::CheckpointResult SqliteConnection::Checkpoint(CheckpointMode mode) {
  const int sqlite_mode =
      mode == CheckpointMode::kPassive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
  CheckpointResult result;
  const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, sqlite_mode, &result.log_pages,
                                             &result.copied_pages);
  result.busy = (code & 0xff) == SQLITE_BUSY;
  if (code != SQLITE_OK && !result.busy) Throw(handle_, code, "WAL checkpoint");
  return result;
}

SqliteStatement::SqliteStatement(const SqliteConnection& connection, std::string_view sql) {
  const int code = sqlite3_prepare_v3(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
  if (code != SQLITE_OK) Throw(connection.handle(), code, sql.substr(0, 60));
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(handle_); }

void SqliteStatement::Check(int code) const {
  if (code != SQLITE_OK) {
    Throw(sqlite3_db_handle(handle_), code, std::string_view(sqlite3_sql(handle_)).substr(0, 60));
  }
}

// A null pointer would bind NULL, but an empty view is a valid text.
void SqliteStatement::BindText(int index, std::string_view text) {
  Check(sqlite3_bind_text64(handle_, index, text.data() ? text.data() : "", text.size(),
                            SQLITE_STATIC, SQLITE_UTF8));
}

void SqliteStatement::BindBlob(int index, std::string_view bytes) {
  Check(sqlite3_bind_blob64(handle_, index, bytes.data() ? bytes.data() : "", bytes.size(),
                            SQLITE_STATIC));
}

void SqliteStatement::BindInteger(int index, std::int64_t value) {
  Check(sqlite3_bind_int64(handle_, index, value));
}

void SqliteStatement::BindReal(int index, double value) {
  Check(sqlite3_bind_double(handle_, index, value));
}

void SqliteStatement::BindNull(int index) { Check(sqlite3_bind_null(handle_, index)); }

bool SqliteStatement::Step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3* const connection = sqlite3_db_handle(handle_);
  const SqliteError error(sqlite3_extended_errcode(connection), sqlite3_errmsg(connection),
                          sqlite3_system_errno(connection),
                          std::string(std::string_view(sqlite3_sql(handle_)).substr(0, 60)));
  sqlite3_reset(handle_);
  throw error;
}

void SqliteStatement::Reset() { sqlite3_reset(handle_); }

void SqliteStatement::Run() {
  Step();
  Reset();
}

std::int64_t SqliteStatement::Integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}

double SqliteStatement::Real(int column) const { return sqlite3_column_double(handle_, column); }

std::string_view SqliteStatement::Bytes(int column) const {
  const void* const bytes = sqlite3_column_blob(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  if (!bytes) return {};
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

bool SqliteStatement::IsNull(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

}  // namespace kless
