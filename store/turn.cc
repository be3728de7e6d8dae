#include "store/turn.h"

#include <utility>

#include "emulator/base/log.h"

namespace kless {

Turn::Turn(SqliteConnection& connection, bool can_roll_back,
           std::function<void(const std::string&)> on_failure)
    : connection_(connection),
      can_roll_back_(can_roll_back),
      on_failure_(std::move(on_failure)),
      begin_(connection, "BEGIN IMMEDIATE"),
      commit_(connection, "COMMIT") {}

Turn::~Turn() { RollBack(); }

void Turn::RollBack() {
  if (!open_) return;
  open_ = false;
  if (!can_roll_back_) return;
  try {
    connection_.Execute("ROLLBACK");
  } catch (const SqliteError&) {
    // After some failures SQLite has rolled back by itself.
  }
}

void Turn::Begin() {
  if (open_) return;
  if (failed_) throw SqliteError(0, "the store has failed and takes no more writes");
  begin_.Run();
  open_ = true;
}

bool Turn::Commit() {
  try {
    commit_.Run();
  } catch (const SqliteError& error) {
    Fail(error.what());
    return false;
  }
  open_ = false;
  return true;
}

void Turn::Fail(const std::string& what) {
  if (failed_) return;
  failed_ = true;
  RollBack();
  Log(LogLevel::kError, "store", "a write failed: " + what);
  on_failure_(what);
}

}  // namespace kless
