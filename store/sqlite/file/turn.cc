#include "store/sqlite/file/turn.h"

#include <utility>

#include "emulator/base/system/log.h"

namespace kless {

Turn::Turn(SqliteConnection& connection, Options options)
    : connection_(connection),
      options_(std::move(options)),
      begin_(connection, "BEGIN IMMEDIATE"),
      commit_(connection, "COMMIT") {}

Turn::~Turn() { RollBack(); }

void Turn::RollBack() {
  if (!in_transaction_) return;
  open_ = in_transaction_ = false;
  if (!options_.can_roll_back) return;
  try {
    connection_.Execute("ROLLBACK");
  } catch (const SqliteError&) {
    // After some errors SQLite has already rolled back by itself.
  }
}

void Turn::Begin() {
  if (failed_) throw SqliteError(0, "the store has failed and accepts no more writes");
  if (!in_transaction_) {
    begin_.Run();
    in_transaction_ = true;
    writes_ = 0;
  }
  open_ = true;
  ++writes_;
}

bool Turn::Commit() {
  try {
    commit_.Run();
  } catch (const SqliteError& error) {
    Fail(error);
    return false;
  }
  open_ = in_transaction_ = false;
  return true;
}

Error Turn::Fail(const SqliteError& error) {
  if (!failed_) {
    failed_ = true;
    RollBack();
    Log(LogLevel::kError, "store", std::string("a write failed: ") + error.what());
    options_.on_failure(error);
  }
  return MakeError(ErrorCode::kInternal, std::string("the store failed: ") + error.what());
}

}  // namespace kless
