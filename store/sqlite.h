// SQLite with owners: a connection, its prepared statements, and errors as exceptions.
//
// A connection and its statements belong to one thread.  What SQLite cannot do is a failure of the
// environment (disk full, damaged file), never of the caller's input: it throws SqliteError.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace kless {

class SqliteError : public std::runtime_error {
 public:
  SqliteError(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
  // The file is no SQLite database, or its pages contradict each other.
  bool IsDamagedFile() const;

 private:
  int code_;
};

class SqliteConnection {
 public:
  // path ":memory:": a private database without a file.  Creates the file if there is none.
  explicit SqliteConnection(const std::string& path);
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  // One or more statements without parameters; rows are ignored.
  void Execute(const std::string& sql);
  // The first column of the first row; 0 if there is none.
  std::int64_t QueryInteger(const std::string& sql);
  std::string QueryText(const std::string& sql);

  // Takes over SQLite's own checkpointing: `wal_pages()` is then the length of the WAL after the
  // last commit of this connection, and nothing is checkpointed until somebody asks.
  void WatchWal();
  int wal_pages() const { return wal_pages_; }
  // kPassive: copies what it can without waiting for anyone.  kRestart: needs the connection that
  // writes to stand still; the next write then begins the WAL anew.
  enum class CheckpointMode { kPassive, kRestart };
  struct CheckpointResult {
    bool busy = false;  // somebody was in the way: not all pages are copied
    int log_pages = 0;
    int copied_pages = 0;  // of log_pages
  };
  CheckpointResult Checkpoint(CheckpointMode mode);

  sqlite3* handle() const { return handle_; }

 private:
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

  // The bytes are not copied: they must live until the statement is reset.
  void BindText(int index, std::string_view text);
  void BindBlob(int index, std::string_view bytes);
  void BindInteger(int index, std::int64_t value);
  void BindReal(int index, double value);
  void BindNull(int index);

  // True: a row is there.
  bool Step();
  // Ends the execution and with it the read it holds open.
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

// Resets a statement that yields rows when the scope that reads them ends.
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
