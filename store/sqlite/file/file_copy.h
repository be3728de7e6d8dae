// Saves a consistent copy of an open database as a file of its own.
#pragma once

#include <cstdint>
#include <string>

#include "emulator/base/error.h"
#include "store/sqlite/file/sqlite.h"

namespace kless {

// Saves the committed contents and returns the size of the file in bytes.  No transaction and no
// statement may be open.  The copy is written next to `path` under a temporary name, synced and
// renamed, so `path` is never incomplete.  Errors: see Store::SaveCopy.
Result<std::uint64_t> SaveDatabaseCopy(SqliteConnection& connection, const std::string& path);

}  // namespace kless
