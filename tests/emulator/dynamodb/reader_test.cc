#include "emulator/dynamodb/reader.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/emulator/dynamodb/service_fixture.h"

namespace kless::dynamodb {
namespace {

using std::chrono::seconds;

std::string NumberKey(const std::string& text) { return Decimal::Parse(text).value().ToKeyBytes(); }

std::string ItemText(const std::string& p, int c, const std::string& more = "") {
  return R"({"p":{"S":")" + p + R"("},"c":{"N":")" + std::to_string(c) + "\"}" + more + "}";
}

TEST(ReaderTest, AQueryReadsARangeInEitherDirectionAndGoesOn) {
  ServiceFixture service;
  const TableState& table = service.Create(ServiceFixture::Request("music"));
  for (const int c : {10, 9, -5, 1, 100}) service.Put(table, ItemText("a", c)).value();
  service.Put(table, ItemText("b", 7)).value();
  ReadRequest request;
  request.table = &table;
  request.partition = "a";
  EXPECT_EQ(service.Names(request), (Names{"a-5", "a1", "a9", "a10", "a100"}));
  request.forward = false;
  request.limit = 2;
  EXPECT_EQ(service.Names(request), (Names{"a100", "a10"}));
  request.after = service.reader().Read(request).value().last;
  EXPECT_EQ(service.Names(request), (Names{"a9", "a1"}));
  request = {};
  request.table = &table;
  request.partition = "a";
  request.above = NumberKey("1");
  request.to = NumberKey("10");
  EXPECT_EQ(service.Names(request), (Names{"a9", "a10"}));
  request.limit = 2;
  EXPECT_TRUE(service.reader().Read(request).value().last.has_value());
  request.limit = 3;
  EXPECT_FALSE(service.reader().Read(request).value().last.has_value());
}

TEST(ReaderTest, SegmentsOfAScanHaveEachItemOnce) {
  ServiceFixture service;
  const TableState& table = service.Create(ServiceFixture::Request("music"));
  for (int i = 0; i < 200; ++i) service.Put(table, ItemText("p" + std::to_string(i), i)).value();
  std::multiset<std::string> seen;
  for (int segment = 0; segment < 4; ++segment) {
    ReadRequest request;
    request.table = &table;
    request.segment = segment;
    request.segments = 4;
    request.limit = 7;
    do {
      const ReadPage page = service.reader().Read(request).value();
      for (const ItemPtr& item : page.items) {
        seen.insert(item->key.partition);
        EXPECT_EQ(SegmentOf(item->key.partition, 4), segment);
      }
      request.after = page.last;
    } while (request.after);
  }
  EXPECT_EQ(seen.size(), 200u);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 200u);
}

TEST(ReaderTest, AScanOfASegmentWithoutItemsIsReadInPages) {
  ServiceFixture service;
  const TableState& table =
      service.Create(ServiceFixture::Request("music", {ServiceFixture::Index("by-g", "g")}));
  // All items are in one partition of the table and of the index, which are in one segment.
  Item item = ServiceFixture::ItemOf(table, ItemText("a", 0, R"(,"g":{"S":"a"})"));
  constexpr int kItems = 70'000;
  for (int i = 0; i < kItems; ++i) {
    item.key.sort = NumberKey(std::to_string(i));
    table.table->Put(item, {}).value();
  }
  const int full = SegmentOf("a", 2);
  for (const SecondaryIndex* const index : {table.FindIndex("none"), table.FindIndex("by-g")}) {
    ReadRequest request;
    request.table = &table;
    request.index = index;
    request.segments = 2;
    request.segment = 1 - full;
    const ReadPage page = service.reader().Read(request).value();
    EXPECT_TRUE(page.items.empty());
    ASSERT_TRUE(page.last.has_value());
    EXPECT_TRUE(MayContinue(index, *page.last, 1 - full, 2));
    const auto place = Decimal::FromKeyBytes(page.last->item.sort)->ToText();
    EXPECT_GE(std::stoi(place), 49'999);
    request.after = page.last;
    EXPECT_FALSE(service.reader().Read(request).value().last.has_value());
    // Another place of the full segment is not one to continue from.
    EXPECT_FALSE(MayContinue(index, {{"a", NumberKey("1")}, {"a", ""}}, 1 - full, 2));
    EXPECT_TRUE(MayContinue(index, {{"a", NumberKey("1")}, {"a", ""}}, full, 2));
  }
}

TEST(ReaderTest, APageEndsAtOneMegabyteAndCostsWhatItRead) {
  ServiceFixture service;
  const TableState& table = service.Create(ServiceFixture::Request("music"));
  const std::string text(100'000, 'x');
  for (int i = 0; i < 15; ++i) {
    service.Put(table, ItemText("a", i, R"(,"t":{"S":")" + text + "\"}")).value();
  }
  ReadRequest request;
  request.table = &table;
  request.partition = "a";
  const ReadPage page = service.reader().Read(request).value();
  EXPECT_EQ(page.items.size(), 11u);
  EXPECT_EQ(page.consumed.table.read, 134.5);  // 11 items of 100,005 bytes in blocks of 4 KB, half
  request.after = page.last;
  EXPECT_EQ(service.reader().Read(request).value().items.size(), 4u);
}

TEST(ReaderTest, AnIndexShowsWhatItProjects) {
  ServiceFixture service;
  TableRequest::Index some = ServiceFixture::Index("some", "g");
  some.projection = ProjectionType::kInclude;
  some.projected = Names{"t"};
  TableRequest::Index keys = ServiceFixture::Index("keys", "g", "h");
  keys.projection = ProjectionType::kKeysOnly;
  const TableState& table = service.Create(ServiceFixture::Request("music", {some, keys}));
  service
      .Put(table, ItemText("a", 1, R"(,"g":{"S":"x"},"h":{"S":"y"},"t":{"S":"z"},"u":{"S":"w"})"))
      .value();
  service.Put(table, ItemText("a", 2, R"(,"g":{"S":"x"},"u":{"S":"w"})")).value();
  service.Put(table, ItemText("a", 3)).value();
  const auto read = [&](const char* index) {
    ReadRequest request;
    request.table = &table;
    request.index = table.FindIndex(index);
    Names items;
    for (const ItemPtr& item : service.reader().Read(request).value().items) {
      items.push_back(ServiceFixture::Json(table, item));
    }
    return items;
  };
  EXPECT_EQ(read("some"), (Names{R"({"p":{"S":"a"},"c":{"N":"1"},"g":{"S":"x"},"t":{"S":"z"}})",
                                 R"({"p":{"S":"a"},"c":{"N":"2"},"g":{"S":"x"}})"}));
  EXPECT_EQ(read("keys"), (Names{R"({"p":{"S":"a"},"c":{"N":"1"},"g":{"S":"x"},"h":{"S":"y"}})"}));
}

TEST(ReaderTest, EntriesWithOneKeyAreReadPageByPageInBothDirections) {
  ServiceFixture service;
  const TableState& table =
      service.Create(ServiceFixture::Request("music", {ServiceFixture::Index("by-g", "g")}));
  for (int i = 0; i < 10; ++i) service.Put(table, ItemText("a", i, R"(,"g":{"S":"x"})")).value();
  for (const bool forward : {true, false}) {
    ReadRequest request;
    request.table = &table;
    request.index = table.FindIndex("by-g");
    request.partition = "x";
    request.forward = forward;
    request.limit = 3;
    Names seen;
    do {
      const Names names = service.Names(request);
      seen.insert(seen.end(), names.begin(), names.end());
      request.after = service.reader().Read(request).value().last;
    } while (request.after);
    Names expected;
    for (int i = 0; i < 10; ++i) expected.push_back("a" + std::to_string(forward ? i : 9 - i));
    EXPECT_EQ(seen, expected);
  }
}

TEST(ReaderTest, AGlobalIndexLagsAndALocalOneDoesNot) {
  TestOptions options;
  options.index_lag = seconds(2);
  ServiceFixture service(options);
  const TableState& table = service.Create(ServiceFixture::Request(
      "music", {ServiceFixture::Index("by-g", "g"),
                ServiceFixture::Index("local", "p", "h", IndexKind::kLocal)}));
  const auto read = [&](const char* index, const std::string& partition) {
    ReadRequest request;
    request.table = &table;
    request.index = table.FindIndex(index);
    request.partition = partition;
    return service.Names(request);
  };
  service.Put(table, ItemText("a", 1, R"(,"g":{"S":"x"},"h":{"S":"1"})")).value();
  service.Put(table, ItemText("a", 2, R"(,"g":{"S":"x"},"h":{"S":"2"})")).value();
  service.Put(table, ItemText("a", 3, R"(,"g":{"S":"y"},"h":{"S":"3"})")).value();
  EXPECT_EQ(read("by-g", "x"), Names{});
  EXPECT_EQ(read("local", "a"), (Names{"a1", "a2", "a3"}));
  service.Sleep(seconds(3));
  EXPECT_EQ(read("by-g", "x"), (Names{"a1", "a2"}));
  service.Put(table, ItemText("a", 3, R"(,"g":{"S":"x"})")).value();
  service.Put(table, ItemText("a", 1, R"(,"g":{"S":"y"})")).value();
  service.Delete(table, ItemText("a", 2)).value();
  service.Put(table, ItemText("a", 4, R"(,"g":{"S":"x"})")).value();
  EXPECT_EQ(read("by-g", "x"), (Names{"a1", "a2"}));
  EXPECT_EQ(read("by-g", "y"), (Names{"a3"}));
  service.Sleep(seconds(3));
  EXPECT_EQ(read("by-g", "x"), (Names{"a3", "a4"}));
  EXPECT_EQ(read("by-g", "y"), (Names{"a1"}));
}

TEST(ReaderTest, AScanCostsABlockForEachPartition) {
  ServiceFixture service;
  const TableState& table = service.Create(ServiceFixture::Request("music"));
  service.Put(table, ItemText("a", 1)).value();
  ReadRequest request;
  request.table = &table;
  EXPECT_EQ(service.reader().Read(request).value().consumed.table.read, 2);
  request.consistency = Consistency::kStrong;
  EXPECT_EQ(service.reader().Read(request).value().consumed.table.read, 4);
  request.limit = 1;
  EXPECT_EQ(service.reader().Read(request).value().consumed.table.read, 1);
}

}  // namespace
}  // namespace kless::dynamodb
