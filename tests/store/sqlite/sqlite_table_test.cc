#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "store/item/prepared_image.h"
#include "tests/store/store_fixture.h"

namespace kless {
namespace {

std::vector<std::string> Sorts(const Page& page) {
  std::vector<std::string> sorts;
  for (const ItemPtr& item : page.items) sorts.push_back(item->key.sort);
  return sorts;
}
using Names = std::vector<std::string>;

TEST(SqliteTableTest, AWrittenItemIsReadBackWithTheVersionOfItsRecord) {
  StoreFixture store;
  Table& table = store.MakeTable();
  Item item = MakeItem("p", "s", "hello");
  item.attributes = R"({"a":{"N":"1"}})";
  const auto written = table.Put(item, Condition::None());
  ASSERT_TRUE(written.has_value());
  EXPECT_EQ(written.value().version, 1u);
  EXPECT_TRUE(written.value().changed);
  const auto read = table.Get({"p", "s"});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read.value()->document, "hello");
  EXPECT_EQ(read.value()->attributes, R"({"a":{"N":"1"}})");
  EXPECT_EQ(read.value()->version, 1u);
  EXPECT_EQ(read.value()->fields, nullptr);
  EXPECT_EQ(table.Get({"p", "t"}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(table.CountItems(), 1u);
}

TEST(SqliteTableTest, AWriteThatChangesNothingLeavesNoRecord) {
  StoreFixture store;
  Table& table = store.MakeTable();
  table.Put(MakeItem("p", "s", "same"), Condition::None()).value();
  const auto again = table.Put(MakeItem("p", "s", "same"), Condition::None());
  EXPECT_FALSE(again.value().changed);
  EXPECT_EQ(again.value().version, 1u);
  Item other = MakeItem("p", "s", "same");
  other.attributes = "{}";
  EXPECT_TRUE(table.Put(other, Condition::None()).value().changed);
  EXPECT_FALSE(table.Remove({"p", "t"}, Condition::None()).value().changed);
  store->EndTurn();
  EXPECT_EQ(store->feed().Latest(), 2u);
  EXPECT_EQ(store->Stats().no_op_writes, 2u);
  EXPECT_EQ(store->Stats().writes, 2u);
}

TEST(SqliteTableTest, ConditionsGuardPutsAndRemovals) {
  StoreFixture store;
  Table& table = store.MakeTable();
  const Key key{"p", "s"};
  const auto put = [&](const char* document, const Condition& condition) {
    return table.Put(MakeItem("p", "s", document), condition);
  };
  EXPECT_EQ(put("1", Condition::Exists()).error().code, ErrorCode::kConflict);
  EXPECT_EQ(put("1", Condition::VersionIs(1)).error().code, ErrorCode::kConflict);
  EXPECT_EQ(table.Remove(key, Condition::Exists()).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(table.Remove(key, Condition::VersionIs(1)).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(put("1", Condition::NotExists()).value().changed);
  const auto twice = put("2", Condition::NotExists());
  EXPECT_EQ(twice.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(twice.error().message, "item \"p\" / \"s\" of table table already exists");
  EXPECT_EQ(put("2", Condition::VersionIs(2)).error().code, ErrorCode::kConflict);
  EXPECT_EQ(put("2", Condition::VersionIs(1)).value().version, 2u);
  EXPECT_EQ(put("3", Condition::Exists()).value().version, 3u);
  EXPECT_EQ(table.Remove(key, Condition::VersionIs(2)).error().code, ErrorCode::kConflict);
  EXPECT_EQ(table.Remove(key, Condition::VersionIs(3)).value().version, 4u);
  EXPECT_EQ(table.CountItems(), 0u);
  EXPECT_EQ(store->Stats().failed_conditions, 7u);
}

TEST(SqliteTableTest, PutDocumentKeepsTheOtherAttributes) {
  StoreFixture store;
  Table& table = store.MakeTable();
  Item item = MakeItem("p", "s", "1");
  item.attributes = R"({"a":{"N":"1"}})";
  table.Put(item, Condition::None()).value();
  table.PutDocument({"p", "s"}, PreparedImage{"2", nullptr}, Condition::VersionIs(1)).value();
  EXPECT_EQ(table.Get({"p", "s"}).value()->document, "2");
  EXPECT_EQ(table.Get({"p", "s"}).value()->attributes, R"({"a":{"N":"1"}})");
  const PreparedImage same{"2", nullptr};
  EXPECT_FALSE(table.PutDocument({"p", "s"}, same, Condition::None()).value().changed);
}

TEST(SqliteTableTest, AWriteReturnsTheImageThatItLeaves) {
  StoreFixture store;
  Table& table = store.MakeTable();
  const ItemPtr first = table.Put(MakeItem("p", "s", "1"), Condition::None()).value().image;
  EXPECT_EQ(first, table.Get({"p", "s"}).value());
  EXPECT_EQ(first->version, 1u);
  EXPECT_EQ(table.Put(MakeItem("p", "s", "1"), Condition::None()).value().image, first)
      << "nothing has changed";
  const ItemPtr second = table.Put(MakeItem("p", "s", "2"), Condition::None()).value().image;
  EXPECT_EQ(second->document, "2");
  EXPECT_EQ(second->version, 2u);
  EXPECT_EQ(table.Remove({"p", "s"}, Condition::None()).value().image, nullptr);
  EXPECT_EQ(table.Remove({"p", "s"}, Condition::None()).value().image, nullptr);
}

TEST(SqliteTableTest, KeysAndSizesAreChecked) {
  StoreFixture store;
  Table& table = store.MakeTable();
  const auto code = [&](const Item& item) {
    return table.Put(item, Condition::None()).error().code;
  };
  EXPECT_EQ(code(MakeItem("", "s", "")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(MakeItem("p", "", "")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(MakeItem(std::string(2049, 'a'), "s", "")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(MakeItem("p", std::string(1025, 'a'), "")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(MakeItem("p", "s", std::string((16u << 20) + 1, 'a'))),
            ErrorCode::kInvalidArgument);
  EXPECT_TRUE(table
                  .Put(MakeItem(std::string(2048, '\xff'), std::string(1024, '\xff'), "x"),
                       Condition::None())
                  .has_value());
  QueryOptions all;
  EXPECT_EQ(table.Query(std::string(2048, '\xff'), all).value().items.size(), 1u);
}

TEST(SqliteTableTest, AnyBytesAreKeptAsTheyAre) {
  StoreFixture store;
  Table& table = store.MakeTable();
  const std::string bytes("\0\xff\xfe{\"'\n\0", 8);
  table.Put(MakeItem(bytes, bytes, bytes), Condition::None()).value();
  EXPECT_EQ(table.Get({bytes, bytes}).value()->document, bytes);
  EXPECT_EQ(table.Query(bytes, {}).value().items.at(0)->key.sort, bytes);
}

TEST(SqliteTableTest, AQueryReadsOnePartitionInSortOrderWithinItsBounds) {
  StoreFixture store;
  Table& table = store.MakeTable();
  for (const char* sort : {"b/2", "a/1", "b/1", "c", "b/10", "b"}) {
    table.Put(MakeItem("p", sort, sort), Condition::None()).value();
  }
  table.Put(MakeItem("q", "b/3", ""), Condition::None()).value();
  EXPECT_EQ(Sorts(table.Query("p", {}).value()), (Names{"a/1", "b", "b/1", "b/10", "b/2", "c"}));
  QueryOptions options;
  options.prefix = "b/";
  EXPECT_EQ(Sorts(table.Query("p", options).value()), (Names{"b/1", "b/10", "b/2"}));
  options.descending = true;
  EXPECT_EQ(Sorts(table.Query("p", options).value()), (Names{"b/2", "b/10", "b/1"}));
  options.after = "b/2";
  EXPECT_EQ(Sorts(table.Query("p", options).value()), (Names{"b/10", "b/1"}));
  options = {};
  options.from = "b";
  options.to = "b/10";
  EXPECT_EQ(Sorts(table.Query("p", options).value()), (Names{"b", "b/1", "b/10"}));
  options.after = "b/1";
  EXPECT_EQ(Sorts(table.Query("p", options).value()), (Names{"b/10"}));
  EXPECT_TRUE(table.Query("unknown", {}).value().items.empty());
  options.limit = 0;
  EXPECT_EQ(table.Query("p", options).error().code, ErrorCode::kInvalidArgument);
}

TEST(SqliteTableTest, APageSaysWhetherThereAreMore) {
  StoreFixture store;
  Table& table = store.MakeTable();
  for (const char* sort : {"1", "2", "3", "4"}) {
    table.Put(MakeItem("p", sort, ""), Condition::None()).value();
  }
  QueryOptions options;
  options.limit = 2;
  const Page first = table.Query("p", options).value();
  EXPECT_EQ(Sorts(first), (Names{"1", "2"}));
  EXPECT_TRUE(first.more);
  options.after = "2";
  const Page second = table.Query("p", options).value();
  EXPECT_EQ(Sorts(second), (Names{"3", "4"}));
  EXPECT_FALSE(second.more);
}

TEST(SqliteTableTest, AScanVisitsEveryItemOnceInKeyOrder) {
  StoreFixture store;
  Table& table = store.MakeTable();
  Table& other = store.MakeTable("other");
  std::set<Key> keys;
  for (int i = 0; i < 40; ++i) {
    const Key key{"p" + std::to_string(i % 7), "s" + std::to_string(i)};
    keys.insert(key);
    table.Put(MakeItem(key.partition, key.sort, "x"), Condition::None()).value();
    other.Put(MakeItem(key.partition, key.sort + "!", "y"), Condition::None()).value();
  }
  std::vector<Key> seen;
  std::optional<Key> after;
  for (;;) {
    const Page page = table.Scan(after, 7).value();
    for (const ItemPtr& item : page.items) seen.push_back(item->key);
    if (!page.more) break;
    after = page.items.back()->key;
  }
  EXPECT_EQ(seen, std::vector<Key>(keys.begin(), keys.end()));
}

TEST(SqliteTableTest, NumberSortKeysOrderNumericallyBelowZeroToo) {
  StoreFixture store;
  TableDescription description;
  description.name = "numbers";
  description.partition_key = "id";
  description.sort_key = "n";
  description.sort_type = KeyType::kNumber;
  Table& table = *store->CreateTable(description).value();
  for (const char* number : {"10", "-1", "9", "0", "-10", "2.5"}) {
    const auto sort = EncodeKeyValue(KeyType::kNumber, number, false).value();
    table.Put(MakeItem("p", sort, ""), Condition::None()).value();
  }
  Names numbers;
  for (const std::string& sort : Sorts(table.Query("p", {}).value())) {
    numbers.push_back(DecodeKeyValue(KeyType::kNumber, sort));
  }
  EXPECT_EQ(numbers, (Names{"-10", "-1", "0", "2.5", "9", "10"}));
  QueryOptions options;
  options.from = EncodeKeyValue(KeyType::kNumber, "-1.0", false).value();
  options.to = EncodeKeyValue(KeyType::kNumber, "9", false).value();
  EXPECT_EQ(table.Query("p", options).value().items.size(), 4u);
}

TEST(SqliteTableTest, ATableWithoutSortKeyHasOneItemAPartition) {
  StoreFixture store;
  TableDescription description;
  description.name = "flat";
  description.partition_key = "id";
  Table& table = *store->CreateTable(description).value();
  table.Put(MakeItem("p", "", "1"), Condition::None()).value();
  EXPECT_EQ(table.Put(MakeItem("p", "s", "1"), Condition::None()).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(table.Query("p", {}).value().items.size(), 1u);
  EXPECT_EQ(table.Scan(std::nullopt, 10).value().items.size(), 1u);
}

TEST(SqliteTableTest, BadDescriptionsAndTakenNamesAreRefused) {
  StoreFixture store;
  TableDescription good;
  good.name = "good";
  good.partition_key = "id";
  const auto code = [&](auto change) {
    TableDescription description = good;
    change(description);
    const auto table = store->CreateTable(description);
    return table.has_error() ? table.error().code : ErrorCode::kInternal;
  };
  using D = TableDescription;
  EXPECT_EQ(code([](D& d) { d.name = "ab"; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([](D& d) { d.name = "a b c"; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([](D& d) { d.partition_key = ""; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([](D& d) { d.sort_key = "id"; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([](D& d) { d.document_attribute = "id"; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([](D& d) { d.shards = 0; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([](D& d) { d.shards = 1001; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([](D& d) { d.name = ResourceTable::kTableName; }), ErrorCode::kAlreadyExists);
  ASSERT_TRUE(store->CreateTable(good).has_value());
  EXPECT_EQ(code([](D&) {}), ErrorCode::kAlreadyExists);
  EXPECT_EQ(store->FindTable("good")->description().id, 2);
  EXPECT_EQ(store->FindTable(2), store->FindTable("good"));
  EXPECT_EQ(store->FindTable(3), nullptr);
  EXPECT_EQ(store->FindTable("nothing"), nullptr);
  EXPECT_EQ(store->Tables().size(), 2u);
}

}  // namespace
}  // namespace kless
