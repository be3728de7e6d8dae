// A consistent copy of an open database as a file of its own.
#pragma once

#include <cstdint>
#include <string>

#include "emulator/base/error.h"
#include "store/sqlite.h"

namespace kless {

// Saves what is committed, and returns the bytes of the file.  No transaction and no statement is
// open.  The copy is written under a temporary name beside `path`, synced, and renamed: `path`
// never has half of it.  Errors: Store::SaveCopy.
Result<std::uint64_t> SaveDatabaseCopy(SqliteConnection& connection, const std::string& path);

}  // namespace kless
