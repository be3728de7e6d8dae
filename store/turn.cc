#include "store/turn.h"

#include <utility>

#include "emulator/base/log.h"

namespace kless {

Turn::Turn(SqliteConnection& connection, std::function<void(const std::string&)> on_failure)
    : connection_(connection),
      on_failure_(std::move(on_failure)),
      begin_(connection, "BEGIN IMMEDIATE"),
      commit_(connection, "COMMIT") {}

Turn::~Turn() {
  if (!open_) return;
  try {
    connection_.Execute("ROLLBACK");
  } catch (const SqliteError&) {
    // SQLite has rolled back already; the next opening would.
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
  if (open_) {
    open_ = false;
    try {
      connection_.Execute("ROLLBACK");
    } catch (const SqliteError&) {
      // SQLite rolls back by itself after some failures.
    }
  }
  Log(LogLevel::kError, "store", "a write failed: " + what);
  on_failure_(what);
}

}  // namespace kless
