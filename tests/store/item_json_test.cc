#include "store/item_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace kless {
namespace {

using nlohmann::json;

TableDescription Description() {
  TableDescription table;
  table.name = "orders";
  table.partition_key = "id";
  table.sort_key = "line";
  table.sort_type = KeyType::kNumber;
  table.document_attribute = "doc";
  return table;
}

std::string ErrorOf(const std::string& text) {
  const auto item = ItemFromJson(Description(), json::parse(text));
  return item.has_error() ? item.error().message : "no error";
}

TEST(ItemJsonTest, AnItemComesBackAsItWasWritten) {
  const json written = json::parse(R"({
    "id": {"S": "a"}, "line": {"N": "1.50"}, "doc": {"S": "{\"x\": 1}\u0000 y"},
    "z": {"BOOL": true}, "m": {"M": {"k": {"L": [{"N": "1e2"}, {"NULL": true}]}}},
    "set": {"NS": ["3", "1"]}, "bytes": {"B": "AAEC"}})");
  const auto item = ItemFromJson(Description(), written);
  ASSERT_TRUE(item.has_value()) << item.error().message;
  EXPECT_EQ(item.value().document, std::string("{\"x\": 1}\0 y", 11));
  EXPECT_EQ(item.value().attributes,
            R"({"bytes":{"B":"AAEC"},"m":{"M":{"k":{"L":[{"N":"100"},{"NULL":true}]}}},)"
            R"("set":{"NS":["1","3"]},"z":{"BOOL":true}})");
  json expected = written;
  expected["line"]["N"] = "1.5";
  expected["set"]["NS"] = {"1", "3"};
  expected["m"]["M"]["k"]["L"][0]["N"] = "100";
  EXPECT_EQ(ItemToJson(Description(), item.value()), expected);
}

TEST(ItemJsonTest, ADocumentThatIsNotAStringStaysAnAttribute) {
  for (const char* text : {R"({"id":{"S":"a"},"line":{"N":"1"},"doc":{"N":"5"}})",
                           R"({"id":{"S":"a"},"line":{"N":"1"},"doc":{"S":""}})",
                           R"({"id":{"S":"a"},"line":{"N":"1"}})"}) {
    const auto item = ItemFromJson(Description(), json::parse(text));
    ASSERT_TRUE(item.has_value());
    EXPECT_EQ(item.value().document, "");
    EXPECT_EQ(ItemToJson(Description(), item.value()), json::parse(text));
  }
}

TEST(ItemJsonTest, ErrorsNameTheAttribute) {
  EXPECT_NE(ErrorOf(R"({"line":{"N":"1"}})").find("attribute id: is missing"), std::string::npos);
  EXPECT_NE(
      ErrorOf(R"({"id":{"S":"a"},"line":{"S":"1"}})").find("attribute line: is a key of type N"),
      std::string::npos);
  EXPECT_NE(ErrorOf(R"({"id":{"S":"a"},"line":{"N":"x"}})").find("attribute line: "),
            std::string::npos);
  const std::string key = R"({"id":{"S":"a"},"line":{"N":"1"},)";
  EXPECT_NE(ErrorOf(key + R"("v":1})").find("attribute v: "), std::string::npos);
  EXPECT_NE(ErrorOf(key + R"("v":{"S":"a","N":"1"}})").find("attribute v: "), std::string::npos);
  EXPECT_NE(
      ErrorOf(key + R"("v":{"X":"a"}})").find("attribute v: Supplied AttributeValue is empty"),
      std::string::npos);
  EXPECT_NE(ErrorOf(key + R"("v":{"SS":[]}})").find("attribute v: "), std::string::npos);
  EXPECT_NE(ErrorOf(key + R"("v":{"NS":["1","1.0"]}})").find("duplicates"), std::string::npos);
  EXPECT_NE(ErrorOf(key + R"("v":{"B":"?"}})").find("attribute v: Base64"), std::string::npos);
  EXPECT_NE(ErrorOf(key + R"("v":{"M":{"a":{"N":"y"}}}})").find("attribute v: "),
            std::string::npos);
  EXPECT_NE(ErrorOf("[]").find("orders"), std::string::npos);
  std::string deep = R"({"S":"a"})";
  for (int i = 0; i < 33; ++i) deep = R"({"L":[)" + deep + "]}";
  EXPECT_NE(ErrorOf(key + "\"v\":" + deep + "}").find("Nesting Levels"), std::string::npos);
}

TEST(ItemJsonTest, AKeyHasItsKeyAttributesAndNoOthers) {
  const auto key = KeyFromJson(Description(), json::parse(R"({"id":{"S":"a"},"line":{"N":"2"}})"));
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key.value().partition, "a");
  EXPECT_EQ(DecodeKeyValue(KeyType::kNumber, key.value().sort), "2");
  const auto extra = KeyFromJson(
      Description(), json::parse(R"({"id":{"S":"a"},"line":{"N":"2"},"more":{"S":"x"}})"));
  ASSERT_TRUE(extra.has_error());
  EXPECT_NE(extra.error().message.find("more"), std::string::npos);
}

TEST(ItemJsonTest, BinaryKeysAreBase64OutsideAndRawInside) {
  TableDescription table;
  table.name = "blobs";
  table.partition_key = "k";
  table.partition_type = KeyType::kBinary;
  const json text = json::parse(R"({"k":{"B":"AP8="}})");
  const auto item = ItemFromJson(table, text);
  ASSERT_TRUE(item.has_value());
  EXPECT_EQ(item.value().key.partition, std::string("\0\xff", 2));
  EXPECT_EQ(ItemToJson(table, item.value()), text);
}

}  // namespace
}  // namespace kless
