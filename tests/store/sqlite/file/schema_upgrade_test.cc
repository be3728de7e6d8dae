#include "store/sqlite/file/schema_upgrade.h"

#include <gtest/gtest.h>

#include "tests/store/store_fixture.h"

namespace kless {
namespace {

// Takes a file back to what version 2 was.
void Downgrade(const std::string& path) {
  SqliteConnection(path).Execute(R"sql(
BEGIN;
DROP TABLE indexes;
DROP TABLE index_entries;
ALTER TABLE tables RENAME TO tables_3;
CREATE TABLE tables(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  partition_key TEXT NOT NULL,
  partition_type TEXT NOT NULL,
  sort_key TEXT NOT NULL,
  sort_type TEXT NOT NULL,
  document_attribute TEXT NOT NULL,
  shards INTEGER NOT NULL,
  items INTEGER NOT NULL
);
INSERT INTO tables SELECT id, name, partition_key, partition_type, sort_key, sort_type,
  document_attribute, shards, items FROM tables_3;
DROP TABLE tables_3;
PRAGMA user_version = 2;
COMMIT;
)sql");
}

TEST(SchemaUpgradeTest, AFileOfVersion2IsUpgradedInPlaceWithAllThatItHas) {
  TemporaryFolder folder;
  for (const Durability durability :
       {Durability::kFull, Durability::kNormal, Durability::kScratch}) {
    StoreOptions options =
        StoreFixture::File(folder.File(std::to_string(static_cast<int>(durability)) + ".db"));
    {
      StoreFixture store(options);
      store.MakeTable().Put(MakeItem("a", "1", "text"), {}).value();
      store->EndTurn();
    }
    Downgrade(options.path);
    options.durability = durability;
    StoreFixture store(options);
    Table& table = *store->FindTable("table");
    EXPECT_EQ(table.Get({"a", "1"}).value()->document, "text");
    EXPECT_EQ(table.CountItems(), 1u);
    store->DeleteTable("table").value();
    store.MakeTable();
    store->EndTurn();
    store.Close();
    EXPECT_EQ(SqliteConnection(options.path).QueryInteger("PRAGMA user_version"), 3);
  }
}

TEST(SchemaUpgradeTest, OlderFilesAreRefusedWithARemedy) {
  TemporaryFolder folder;
  const StoreOptions options = StoreFixture::File(folder.File("kless.db"));
  { StoreFixture store(options); }
  SqliteConnection(options.path).Execute("PRAGMA user_version = 1");
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  const auto opened = Store::Open(event_loop, options);
  ASSERT_TRUE(opened.has_error());
  EXPECT_EQ(opened.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(opened.error().message.find("use another data directory"), std::string::npos);
}

}  // namespace
}  // namespace kless
