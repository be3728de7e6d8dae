#include "store/sqlite/file/schema_upgrade.h"

namespace kless {
namespace {

// Version 3: names of deleted tables can be used again, and tables have indexes.
constexpr const char* kToVersion3 = R"sql(
BEGIN IMMEDIATE;
ALTER TABLE tables RENAME TO tables_2;
CREATE TABLE tables(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  partition_key TEXT NOT NULL,
  partition_type TEXT NOT NULL,
  sort_key TEXT NOT NULL,
  sort_type TEXT NOT NULL,
  document_attribute TEXT NOT NULL,
  shards INTEGER NOT NULL,
  items INTEGER NOT NULL,
  deleted_at INTEGER
);
INSERT INTO tables SELECT *, NULL FROM tables_2;
DROP TABLE tables_2;
CREATE TABLE indexes(
  id INTEGER PRIMARY KEY,
  table_id INTEGER NOT NULL,
  dropped INTEGER NOT NULL
);
CREATE TABLE index_entries(
  index_id INTEGER NOT NULL,
  partition BLOB NOT NULL,
  sort BLOB NOT NULL,
  item_partition NOT NULL,
  item_sort NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY(index_id, partition, sort, item_partition, item_sort)
) WITHOUT ROWID;
PRAGMA user_version = 3;
COMMIT;
)sql";

}  // namespace

void UpgradeSchema(SqliteConnection& connection) {
  if (connection.QueryInteger("PRAGMA user_version") == 2) connection.Execute(kToVersion3);
}

}  // namespace kless
