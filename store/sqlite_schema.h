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

// What every store file must be, whatever is asked for: kInvalidArgument, kUnsupported.
Result<void> CheckIsStore(SqliteConnection& connection, const std::string& file);

// A kScratch file carries this mark from its opening to its orderly end; OpenDatabase refuses a
// file that has it.
constexpr const char* kMarkAsScratch = "REPLACE INTO meta VALUES('scratch', 1)";
constexpr const char* kUnmarkAsScratch = "DELETE FROM meta WHERE name = 'scratch'";

// The tables of the file, in order of id; the resource table is the first.  kInvalidArgument: a row
// that makes no sense.
Result<TableInfos> LoadTables(SqliteConnection& connection, KeyLayout layout);
void InsertTable(SqliteConnection& connection, const TableDescription& description);
// kInvalidArgument names what is wrong with the description.
Result<void> ValidateTable(const TableDescription& description);

}  // namespace kless
