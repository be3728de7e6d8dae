#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/store/store_fixture.h"

namespace kless {
namespace {

TransactItem Put(Table& table, const std::string& sort, const std::string& document,
                 const Condition& condition = Condition::None()) {
  return {TransactItem::Kind::kPut, &table, MakeItem("p", sort, document), condition};
}
TransactItem Remove(Table& table, const std::string& sort,
                    const Condition& condition = Condition::None()) {
  return {TransactItem::Kind::kRemove, &table, MakeItem("p", sort, ""), condition};
}
TransactItem Check(Table& table, const std::string& sort, const Condition& condition) {
  return {TransactItem::Kind::kCheck, &table, MakeItem("p", sort, ""), condition};
}

TEST(TransactTest, AllActionsApplyOverSeveralTables) {
  StoreFixture store;
  Table& a = store.MakeTable("aaa");
  Table& b = store.MakeTable("bbb");
  a.Put(MakeItem("p", "old", "1"), Condition::None()).value();
  const auto results = store->Transact(
      {Put(a, "new", "2", Condition::NotExists()), Remove(a, "old", Condition::VersionIs(1)),
       Check(b, "none", Condition::NotExists()), Put(b, "x", "3")});
  ASSERT_TRUE(results.has_value());
  ASSERT_EQ(results.value().size(), 4u);
  EXPECT_EQ(results.value()[0].version, 2u);
  EXPECT_EQ(results.value()[1].version, 3u);
  EXPECT_FALSE(results.value()[2].changed);
  EXPECT_EQ(results.value()[3].version, 4u);
  EXPECT_TRUE(a.Get({"p", "old"}).has_error());
  EXPECT_EQ(b.Get({"p", "x"}).value()->document, "3");
}

TEST(TransactTest, OneFailedConditionLeavesEverythingAsItWas) {
  StoreFixture store;
  Table& table = store.MakeTable();
  table.Put(MakeItem("p", "s", "1"), Condition::None()).value();
  std::size_t failed = 99;
  const auto conflict = store->Transact(
      {Put(table, "new", "2"), Put(table, "s", "2", Condition::VersionIs(7))}, &failed);
  EXPECT_EQ(conflict.error().code, ErrorCode::kConflict);
  EXPECT_EQ(failed, 1u);
  EXPECT_TRUE(table.Get({"p", "new"}).has_error());
  EXPECT_EQ(table.Get({"p", "s"}).value()->document, "1");
  EXPECT_EQ(store->Transact({Put(table, "s", "2", Condition::NotExists())}).error().code,
            ErrorCode::kAlreadyExists);
  EXPECT_EQ(store->Transact({Remove(table, "none", Condition::Exists())}).error().code,
            ErrorCode::kNotFound);
  EXPECT_EQ(store->Transact({Check(table, "none", Condition::Exists())}).error().code,
            ErrorCode::kNotFound);
  store->EndTurn();
  EXPECT_EQ(store->feed().Latest(), 1u);
}

TEST(TransactTest, TheNumberOfActionsAndTheirItemsAreChecked) {
  StoreFixture store;
  Table& table = store.MakeTable();
  EXPECT_EQ(store->Transact({}).error().code, ErrorCode::kInvalidArgument);
  std::vector<TransactItem> many;
  for (int i = 0; i < 101; ++i) many.push_back(Put(table, std::to_string(i), "x"));
  EXPECT_EQ(store->Transact(many).error().code, ErrorCode::kInvalidArgument);
  many.pop_back();
  EXPECT_EQ(store->Transact(many).value().back().version, 100u);
  std::size_t failed = 99;
  const auto twice = store->Transact({Put(table, "s", "1"), Remove(table, "s")}, &failed);
  EXPECT_EQ(twice.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(failed, 1u);
  EXPECT_EQ(store->Transact({Put(table, "", "1")}).error().code, ErrorCode::kInvalidArgument);
  TransactItem nowhere = Put(table, "s", "1");
  nowhere.table = nullptr;
  EXPECT_EQ(store->Transact({nowhere}).error().code, ErrorCode::kInvalidArgument);
}

TEST(TransactTest, APutMayKeepTheOtherAttributes) {
  StoreFixture store;
  Table& table = store.MakeTable();
  Item item = MakeItem("p", "s", "1");
  item.attributes = R"({"a":{"N":"1"}})";
  table.Put(item, Condition::None()).value();
  TransactItem put = Put(table, "s", "2");
  put.keep_attributes = true;
  ASSERT_TRUE(store->Transact({put}).has_value());
  EXPECT_EQ(table.Get({"p", "s"}).value()->attributes, R"({"a":{"N":"1"}})");
}

}  // namespace
}  // namespace kless
