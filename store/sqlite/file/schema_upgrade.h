// Brings the schema of an older file up to date, in place.
#pragma once

#include "store/sqlite/file/sqlite.h"

namespace kless {

// Files of this schema version and later ones are upgraded; older ones are refused.
constexpr int kOldestUpgradedVersion = 2;

// Does nothing to a file of the current version.  One transaction: a crash leaves the file as it
// was.  Requires a file that CheckIsStore accepts.  Throws SqliteError.
void UpgradeSchema(SqliteConnection& connection);

}  // namespace kless
