// Turn: the transaction of the loop turn.  It begins with the first write and ends with the turn
// or, where commits are rare by intent, several turns later.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "emulator/base/error.h"
#include "store/sqlite/file/sqlite.h"

namespace kless {

class Turn {
 public:
  struct Options {
    bool can_roll_back = true;  // false: the database has no journal and is given up instead
    int writes_per_commit = 0;  // a turn that ends with fewer may leave its transaction open
    std::function<void(const SqliteError&)> on_failure;  // must end the process; see Store
  };
  Turn(SqliteConnection& connection, Options options);
  // Rolls back uncommitted writes, if possible.
  ~Turn();
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  // Whether the turn has written something.
  bool open() const { return open_; }
  // Whether a transaction is open: this turn's, or one that earlier turns left open.
  bool in_transaction() const { return in_transaction_; }
  // After a failed write or commit nothing more is written.
  bool failed() const { return failed_; }

  // Called before each write: opens the transaction unless it is open.  Throws SqliteError.
  void Begin();
  // Whether the end of the turn should commit.
  bool CommitDue() const { return writes_ >= options_.writes_per_commit; }
  // Ends the turn but leaves the transaction open for the next one.
  void Defer() { open_ = false; }
  // Ends the turn, if one is open, and commits.  Returns false on failure; on_failure has then been
  // called.
  bool Commit();
  // Rolls back, logs and calls on_failure.  Returns the error of the call that failed.
  Error Fail(const SqliteError& error);

 private:
  void RollBack();

  SqliteConnection& connection_;
  const Options options_;
  SqliteStatement begin_;
  SqliteStatement commit_;
  bool open_ = false;
  bool in_transaction_ = false;
  int writes_ = 0;  // in the transaction
  bool failed_ = false;
};

}  // namespace kless
