// SQLite with ownership: a connection, its prepared statements, and errors as exceptions.
//
// A connection and its statements belong to one thread.  A failure of SQLite is one of the
// environment (disk full, damaged file), never of the caller's input: it throws SqliteError.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace kless {

class SqliteError : public std::runtime_error {
 public:
  // `system_error` is the errno of the cause, 0 if unknown; `action` is the statement that failed.
  SqliteError(int code, const std::string& reason, int system_error = 0,
              const std::string& action = "")
      : std::runtime_error(action.empty() ? reason : action + ": " + reason),
        reason_(reason),
        code_(code),
        system_error_(system_error) {}
  // What a user is told: the cause without the statement, as the system words it if it is known.
  std::string Reason() const;
  // The file is not an SQLite database, or its pages contradict each other.
  bool IsDamagedFile() const;
  // The file or, for a WAL, its folder cannot be written.
  bool IsReadOnly() const;
  // The file system has no space left, or the user's quota is used up.
  bool IsDiskFull() const;

 private:
  std::string reason_;
  int code_;
  int system_error_;
};

class SqliteConnection {
 public:
  // Opens the file, creating it if necessary; the path ":memory:" means a private database without
  // a file.
  explicit SqliteConnection(const std::string& path);
  // Opens a file in a folder where nothing can be written.  No process may be using it, and what
  // its WAL has is not read.
  static std::unique_ptr<SqliteConnection> OpenReadOnly(const std::string& path);
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  // Runs one or more statements without parameters and ignores their rows.
  void Execute(const std::string& sql);
  // Returns the first column of the first row; 0 if there is none.
  std::int64_t QueryInteger(const std::string& sql);
  std::string QueryText(const std::string& sql);

  // Takes over checkpointing from SQLite: `wal_pages()` is then the length of the WAL after the
  // last commit of this connection, and only Checkpoint() checkpoints.
  void WatchWal();
  int wal_pages() const { return wal_pages_; }
  // kPassive copies what it can without waiting. kRestart needs the writing connection to stand
  // still; the next write then restarts the WAL from its beginning.
  enum class CheckpointMode { kPassive, kRestart };
  struct CheckpointResult {
    bool busy = false;  // another reader or writer was in the way: not all pages are copied
    int log_pages = 0;
    int copied_pages = 0;  // of log_pages
  };
  CheckpointResult Checkpoint(CheckpointMode mode);

  sqlite3* handle() const { return handle_; }

 private:
  SqliteConnection(const std::string& name, int flags);

  sqlite3* handle_ = nullptr;
  int wal_pages_ = 0;
};

// Prepared once, run many times.  Parameters are numbered from 1, columns from 0.
class SqliteStatement {
 public:
  SqliteStatement(const SqliteConnection& connection, std::string_view sql);
  ~SqliteStatement();
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  // The bytes are not copied: they must stay valid until the statement is reset.
  void BindText(int index, std::string_view text);
  void BindBlob(int index, std::string_view bytes);
  void BindInteger(int index, std::int64_t value);
  void BindReal(int index, double value);
  void BindNull(int index);

  // Returns true if it stopped at a row.
  bool Step();
  // Ends the execution and the read transaction that it holds open.
  void Reset();
  // For statements without rows: Step and Reset.
  void Run();

  std::int64_t Integer(int column) const;
  double Real(int column) const;
  // TEXT or BLOB bytes, valid until the next Step or Reset; empty for NULL.
  std::string_view Bytes(int column) const;
  bool IsNull(int column) const;

 private:
  void Check(int code) const;

  sqlite3_stmt* handle_ = nullptr;
};

// Resets a statement at the end of the scope that reads its rows.
class SqliteReset {
 public:
  explicit SqliteReset(SqliteStatement& statement) : statement_(statement) {}
  ~SqliteReset() { statement_.Reset(); }
  SqliteReset(const SqliteReset&) = delete;
  SqliteReset& operator=(const SqliteReset&) = delete;

 private:
  SqliteStatement& statement_;
};

}  // namespace kless
