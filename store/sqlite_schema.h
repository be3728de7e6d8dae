// The file: opening it, its schema and schema version, and the tables it lists.
#pragma once

#include <memory>

#include "emulator/base/error.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "store/table_info.h"

namespace kless {

// Opens or creates the database as the options say and sets the connection up.  The caller holds
// the FileLock.  A file of another program, or of a newer kless, is left as it is.  Errors:
// Store::Open.
Result<std::unique_ptr<SqliteConnection>> OpenDatabase(const StoreOptions& options);

// The tables of the file, in order of id; the resource table is the first.  kInvalidArgument: a row
// that makes no sense.
Result<TableInfos> LoadTables(SqliteConnection& connection, KeyLayout layout);
void InsertTable(SqliteConnection& connection, const TableDescription& description);
// kInvalidArgument names what is wrong with the description.
Result<void> ValidateTable(const TableDescription& description);

}  // namespace kless
