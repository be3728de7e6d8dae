#include "emulator/dynamodb/model/stored_item.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "emulator/dynamodb/model/item_size.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless {
namespace {

ItemLayout Layout() { return {{{{"id", KeyType::kString}}, {{"n", KeyType::kNumber}}}, "doc"}; }

AttributeMap Read(const std::string& text) {
  PaddedParser parser;
  return ParseItem(text, parser).value();
}

const char* const kItem =
    R"({"b":{"B":"AP8="},"bs":{"BS":["AA==","AAA="]},"doc":{"S":"{\"x\":\n1}"},"f":{"BOOL":true},)"
    R"("id":{"S":"k"},"l":{"L":[{"N":"-12.5"},{"M":{"a\"\u0001":{"NULL":true}}}]},"n":{"N":"7"},)"
    R"("ns":{"NS":["1","200"]},"s":{"S":"\\\u0002\t\u00e9"},"ss":{"SS":["","x\"y"]}})";

TEST(StoredItemTest, AnItemIsTakenApartAndComesBack) {
  const AttributeMap attributes = Read(kItem);
  const auto item = ToStoredItem(Layout(), attributes);
  ASSERT_TRUE(item.has_value());
  EXPECT_EQ(item.value().key.partition, "k");
  EXPECT_EQ(item.value().document, "{\"x\":\n1}");
  EXPECT_EQ(item.value().attributes.find("\"doc\""), std::string::npos);
  PaddedParser parser;
  EXPECT_EQ(AttributesOf(Layout(), item.value(), parser).value(), attributes);
  std::string spliced;
  AppendItemJson(Layout(), item.value(), spliced);
  EXPECT_EQ(Read(spliced), attributes);
}

TEST(StoredItemTest, SizesAreReadOffTheText) {
  const AttributeMap attributes = Read(kItem);
  EXPECT_EQ(SizeOfStored(Layout(), ToStoredItem(Layout(), attributes).value()), SizeOf(attributes));
  EXPECT_EQ(SizeOfItemJson(ToJson(attributes)), SizeOf(attributes));
  for (const char* text : {"", "{", "[", R"({"a":{"S":"x)", R"({"a":{"N":"y"}})"}) {
    SizeOfItemJson(text);  // reads nothing outside of the text
  }
}

TEST(StoredItemTest, TheSizeOfACopyThatIsChangedIsItsOwn) {
  const Item item = ToStoredItem(Layout(), Read(kItem)).value();
  const std::size_t bytes = SizeOfStored(Layout(), item);
  EXPECT_EQ(SizeOfStored(Layout(), item), bytes);
  Item longer = item;
  longer.document += "xy";
  EXPECT_EQ(SizeOfStored(Layout(), longer), bytes + 2);
  longer = item;
  EXPECT_EQ(SizeOfStored(Layout(), longer), bytes);
  Item moved = std::move(longer);
  moved.document += "z";
  EXPECT_EQ(SizeOfStored(Layout(), moved), bytes + 1);
}

TEST(StoredItemTest, AttributesAreFoundOneByOne) {
  const AttributeMap attributes = Read(kItem);
  const auto item = ToStoredItem(Layout(), attributes).value();
  PaddedParser parser;
  const ItemLayout layout = Layout();
  const StoredSource source(layout, item, parser);
  for (const auto& [name, value] : attributes) {
    const AttributeValue* const found = source.Find(name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_EQ(*found, value);
    EXPECT_EQ(source.Find(name), found);
  }
  EXPECT_EQ(source.Find("none"), nullptr);
}

TEST(StoredItemTest, AnItemOfKeysOnlyHasNoText) {
  const AttributeMap keys = Read(R"({"id":{"S":"k"},"n":{"N":"1"}})");
  const auto item = ToStoredItem(Layout(), keys).value();
  EXPECT_EQ(item.attributes, "");
  std::string text;
  AppendItemJson(Layout(), item, text);
  EXPECT_EQ(text, R"({"id":{"S":"k"},"n":{"N":"1"}})");
}

}  // namespace
}  // namespace kless
