#include "store/sqlite/index_entries.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store/sqlite/file/sqlite.h"
#include "tests/store/store_fixture.h"

namespace kless {
namespace {

// Items with a document "COLOUR SIZE" are in the index by colour and size; others are not.
std::optional<Key> ByColour(const Item& item) {
  const auto space = item.document.find(' ');
  if (space == std::string::npos) return std::nullopt;
  return Key{item.document.substr(0, space), item.document.substr(space + 1)};
}

std::vector<std::string> OfPartition(const Table& table, int index, const std::string& partition,
                                     const EntryRange& range = {}) {
  std::vector<std::string> found;
  table.VisitIndex(index, partition, range, [&](const IndexEntry& entry) {
    found.push_back(entry.entry.sort + "=" + entry.item.partition + "/" + entry.item.sort + "@" +
                    table.Image(entry.item, entry.version)->document);
    return true;
  });
  return found;
}

std::vector<std::string> OfIndex(const Table& table, int index,
                                 const std::optional<IndexEntry>& after = std::nullopt) {
  std::vector<std::string> found;
  table.VisitWholeIndex(index, after, [&](const IndexEntry& entry) {
    found.push_back(entry.entry.partition + " " + entry.entry.sort + "=" + entry.item.partition);
    return true;
  });
  return found;
}

using Strings = std::vector<std::string>;

TEST(IndexEntriesTest, EachWriteMovesTheEntryOfItsItem) {
  StoreFixture store;
  Table& table = store.MakeTable();
  const int index = table.CreateIndex(ByColour).value();
  table.Put(MakeItem("a", "1", "red 5"), {}).value();
  table.Put(MakeItem("b", "1", "red 3"), {}).value();
  table.Put(MakeItem("c", "1", "colourless"), {}).value();
  EXPECT_EQ(OfPartition(table, index, "red"), (Strings{"3=b/1@red 3", "5=a/1@red 5"}));
  table.Put(MakeItem("a", "1", "blue 5"), {}).value();
  table.Put(MakeItem("c", "1", "red 4"), {}).value();
  table.Remove({"b", "1"}, {}).value();
  EXPECT_EQ(OfPartition(table, index, "red"), (Strings{"4=c/1@red 4"}));
  EXPECT_EQ(OfPartition(table, index, "blue"), (Strings{"5=a/1@blue 5"}));
  table.Put(MakeItem("c", "1", "plain"), {}).value();
  EXPECT_EQ(OfIndex(table, index), (Strings{"blue 5=a"}));
}

TEST(IndexEntriesTest, EntriesWithOneKeyAreOrderedByTheirItemsAndReadOnFromAny) {
  StoreFixture store;
  Table& table = store.MakeTable();
  const int index = table.CreateIndex(ByColour).value();
  for (const char* const name : {"d", "b", "c", "a"}) {
    table.Put(MakeItem(name, "1", "red 5"), {}).value();
  }
  table.Put(MakeItem("e", "1", "red 6"), {}).value();
  EntryRange range;
  range.after = EntryPlace{"5", Key{"b", "1"}};
  EXPECT_EQ(OfPartition(table, index, "red", range),
            (Strings{"5=c/1@red 5", "5=d/1@red 5", "6=e/1@red 6"}));
  range.before = EntryPlace{"6", std::nullopt};
  EXPECT_EQ(OfPartition(table, index, "red", range), (Strings{"5=c/1@red 5", "5=d/1@red 5"}));
  range.descending = true;
  range.before = EntryPlace{"5", Key{"d", "1"}};
  range.after.reset();
  EXPECT_EQ(OfPartition(table, index, "red", range),
            (Strings{"5=c/1@red 5", "5=b/1@red 5", "5=a/1@red 5"}));
  EXPECT_EQ(OfIndex(table, index, IndexEntry{{"red", "5"}, {"c", "1"}, 0}),
            (Strings{"red 5=d", "red 6=e"}));
}

TEST(IndexEntriesTest, AnIndexOfATableWithItemsIsFilledItemByItem) {
  StoreFixture store;
  Table& table = store.MakeTable();
  table.Put(MakeItem("a", "1", "red 1"), {}).value();
  table.Put(MakeItem("b", "1", "red 2"), {}).value();
  const int index = table.CreateIndex(ByColour).value();
  EXPECT_EQ(OfIndex(table, index), Strings{});
  table.FillIndex(index, {"b", "1"}).value();
  table.FillIndex(index, {"b", "1"}).value();
  table.FillIndex(index, {"missing", "1"}).value();
  EXPECT_EQ(OfIndex(table, index), (Strings{"red 2=b"}));
  EXPECT_EQ(table.FillIndex(99, {"a", "1"}).error().code, ErrorCode::kNotFound);
}

TEST(IndexEntriesTest, AfterARestartATableIsWrittenOnlyOnceItsIndexesAreOpen) {
  TemporaryFolder folder;
  StoreFixture store(StoreFixture::File(folder.File("kless.db")));
  int index = 0;
  {
    Table& table = store.MakeTable();
    index = table.CreateIndex(ByColour).value();
    table.Put(MakeItem("a", "1", "red 1"), {}).value();
    store->EndTurn();
    table.Put(MakeItem("b", "1", "red 2"), {}).value();
  }
  store.Reopen();
  Table& table = *store->FindTable("table");
  EXPECT_EQ(table.Indexes(), std::vector<int>{index});
  EXPECT_EQ(OfIndex(table, index), (Strings{"red 1=a"}));
  EXPECT_EQ(table.Put(MakeItem("c", "1", "red 3"), {}).error().code, ErrorCode::kInternal);
  table.OpenIndex(index, ByColour).value();
  table.Put(MakeItem("c", "1", "red 3"), {}).value();
  EXPECT_EQ(OfIndex(table, index), (Strings{"red 1=a", "red 3=c"}));
}

TEST(IndexEntriesTest, ADroppedIndexIsDeletedLittleByLittle) {
  TemporaryFolder folder;
  const std::string path = folder.File("kless.db");
  StoreFixture store(StoreFixture::File(path));
  Table& table = store.MakeTable();
  const int first = table.CreateIndex(ByColour).value();
  const int second = table.CreateIndex(ByColour).value();
  for (int i = 0; i < 25; ++i) {
    table.Put(MakeItem("p" + std::to_string(i), "1", "red 1"), {}).value();
  }
  table.DropIndex(first).value();
  EXPECT_EQ(table.DropIndex(first).error().code, ErrorCode::kNotFound);
  table.Put(MakeItem("more", "1", "red 1"), {}).value();
  store->Trim(10);
  store->EndTurn();
  store.Close();
  {
    SqliteConnection file(path);
    EXPECT_EQ(file.QueryInteger("SELECT count(*) FROM index_entries WHERE index_id = " +
                                std::to_string(first)),
              15);
  }
  StoreFixture again(StoreFixture::File(path));
  again->Trim(10);
  again->Trim(10);
  again->EndTurn();
  again.Close();
  SqliteConnection file(path);
  EXPECT_EQ(file.QueryInteger("SELECT count(*) FROM index_entries"), 26);
  EXPECT_EQ(file.QueryInteger("SELECT id FROM indexes"), second);
}

TEST(IndexEntriesTest, ATransactionWritesItsEntriesOrNone) {
  StoreFixture store;
  Table& table = store.MakeTable();
  const int index = table.CreateIndex(ByColour).value();
  std::vector<TransactItem> actions(2);
  actions[0].table = actions[1].table = &table;
  actions[0].item = MakeItem("a", "1", "red 1");
  actions[1].item = MakeItem("b", "1", "red 2");
  actions[1].condition = Condition::Exists();
  EXPECT_TRUE(store->Transact(actions).has_error());
  EXPECT_EQ(OfIndex(table, index), Strings{});
  actions[1].condition = {};
  EXPECT_TRUE(store->Transact(actions).has_value());
  EXPECT_EQ(OfIndex(table, index), (Strings{"red 1=a", "red 2=b"}));
}

}  // namespace
}  // namespace kless
