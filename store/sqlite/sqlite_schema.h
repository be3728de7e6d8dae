// Opens the file: its schema, its schema version and its list of tables.
#pragma once

#include <memory>

#include "emulator/base/error.h"
#include "store/sqlite/file/sqlite.h"
#include "store/sqlite/table_info.h"
#include "store/store.h"

namespace kless {

// Opens or creates the database according to the options and configures the connection.  The caller
// holds the FileLock.  A file of another program, or of a newer kless, is left untouched.  Errors:
// see Store::Open.
Result<std::unique_ptr<SqliteConnection>> OpenDatabase(const StoreOptions& options);

// Returns the sentence for a file that SQLite cannot read.
std::string NotADataFile(const std::string& path, const SqliteError& error);

// Checks the requirements on every data file, whatever the options.  Errors: kInvalidArgument,
// kUnsupported.
Result<void> CheckIsStore(SqliteConnection& connection, const std::string& file);

// A kScratch file carries this mark from its opening to its orderly end; OpenDatabase refuses a
// file that has it.
constexpr const char* kMarkAsScratch = "REPLACE INTO meta VALUES('scratch', 1)";
constexpr const char* kUnmarkAsScratch = "DELETE FROM meta WHERE name = 'scratch'";

// Returns the tables of the file in order of id; the resource table is the first. kInvalidArgument:
// a row is inconsistent.
Result<TableInfos> LoadTables(SqliteConnection& connection, KeyLayout layout);
void InsertTable(SqliteConnection& connection, const TableDescription& description);
// kInvalidArgument says which part of the description is wrong.
Result<void> ValidateTable(const TableDescription& description);

}  // namespace kless
