// Turn: the transaction of the loop turn.  It begins with the first write and ends with the turn.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "store/sqlite.h"

namespace kless {

class Turn {
 public:
  // can_roll_back: false for a database that keeps no journal: it is given up instead.
  // on_failure: must end the process; see Store.
  Turn(SqliteConnection& connection, bool can_roll_back,
       std::function<void(const std::string&)> on_failure);
  // Rolls back what was not committed.
  ~Turn();
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  bool open() const { return open_; }
  // After a failed write or commit nothing is written any more.
  bool failed() const { return failed_; }

  // Opens the transaction unless it is open.  Throws SqliteError.
  void Begin();
  // False: it failed, and on_failure has been called.
  bool Commit();
  // Rolls back, logs and calls on_failure.
  void Fail(const std::string& what);

 private:
  void RollBack();

  SqliteConnection& connection_;
  const bool can_roll_back_;
  const std::function<void(const std::string&)> on_failure_;
  SqliteStatement begin_;
  SqliteStatement commit_;
  bool open_ = false;
  bool failed_ = false;
};

}  // namespace kless
