#include "store/sqlite/remains.h"

#include <gtest/gtest.h>

#include <string>

#include "store/sqlite/file/sqlite.h"
#include "tests/store/store_fixture.h"

namespace kless {
namespace {

TEST(RemainsTest, ADeletedTableIsGoneAtOnceAndItsNameIsFree) {
  StoreFixture store;
  Table& table = store.MakeTable();
  table.Put(MakeItem("a", "1", "old"), {}).value();
  store->DeleteTable("table").value();
  EXPECT_EQ(store->FindTable("table"), nullptr);
  EXPECT_EQ(store->Tables().size(), 1u);
  EXPECT_EQ(store->DeleteTable("table").error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(table.IsDeleted());
  EXPECT_EQ(table.CountItems(), 0u);
  EXPECT_EQ(table.Get({"a", "1"}).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(table.Query("a", {}).value().items.empty());
  EXPECT_EQ(table.Put(MakeItem("a", "1", "new"), {}).error().code, ErrorCode::kNotFound);
  Table& again = store.MakeTable();
  EXPECT_NE(again.description().id, table.description().id);
  EXPECT_EQ(again.Get({"a", "1"}).error().code, ErrorCode::kNotFound);
}

TEST(RemainsTest, TheResourceTableIsNeverDeleted) {
  StoreFixture store;
  EXPECT_EQ(store->DeleteTable("resources").error().code, ErrorCode::kInvalidArgument);
}

TEST(RemainsTest, RecordsOfADeletedTableStayReadableUntilTheyAreTrimmed) {
  TemporaryFolder folder;
  const std::string path = folder.File("kless.db");
  StoreFixture store(StoreFixture::File(path));
  Table& table = store.MakeTable();
  for (int i = 0; i < 25; ++i) {
    table.Put(MakeItem("p" + std::to_string(i), "1", "text"), {}).value();
  }
  table.Remove({"p7", "1"}, {}).value();
  store->DeleteTable("table").value();
  store->resources().Put({"pod", "d/a"}, "{}", {}).value();
  store->EndTurn();
  store.Reopen();
  EXPECT_EQ(store->FindTable("table"), nullptr);
  const auto records = store->feed().Read(0, 100).value();
  ASSERT_EQ(records.size(), 27u);
  EXPECT_EQ(records[24]->new_image->document, "text");
  EXPECT_EQ(records[25]->old_image->document, "text");
  EXPECT_EQ(store->FindTable(records[0]->table)->description().name, "table");

  store->Trim(100, 20);
  store->EndTurn();
  EXPECT_EQ(store->feed().Read(20, 100).value().size(), 7u);
  store->Trim(100, 26);
  for (int i = 0; i < 3; ++i) store->Trim(10);
  store->EndTurn();
  EXPECT_EQ(store->feed().Read(26, 100).value().size(), 1u);
  store.Close();
  SqliteConnection file(path);
  EXPECT_EQ(file.QueryInteger("SELECT count(*) FROM items"), 1);
  EXPECT_EQ(file.QueryInteger("SELECT count(*) FROM changes"), 1);
  EXPECT_EQ(file.QueryInteger("SELECT count(*) FROM tables"), 1);
}

TEST(RemainsTest, AFileFromWhichTablesAreGoneCanBeOpenedAndHasRoomForOthers) {
  TemporaryFolder folder;
  StoreFixture store(StoreFixture::File(folder.File("kless.db")));
  store.MakeTable("first");
  const int second = store.MakeTable("second").description().id;
  store->DeleteTable("first").value();
  store->Trim(10);
  store->EndTurn();
  store.Reopen();
  EXPECT_EQ(store->FindTable("second")->description().id, second);
  EXPECT_EQ(store->FindTable(2), nullptr);
  Table& third = store.MakeTable("third");
  EXPECT_EQ(third.description().id, 4);
  third.Put(MakeItem("a", "1", "text"), {}).value();
  store->EndTurn();
  store.Reopen();
  EXPECT_EQ(store->FindTable("third")->CountItems(), 1u);
}

}  // namespace
}  // namespace kless
