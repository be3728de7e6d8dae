#include "emulator/dynamodb/model/key_schema.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kless {
namespace {

AttributeValue KeyNumber(const std::string& text) {
  return AttributeValue::Number(Decimal::Parse(text).value());
}

KeySchema Table() { return {{{"a", KeyType::kString}}, {{"b", KeyType::kNumber}}}; }

TEST(KeySchemaTest, AKeyComesBackFromItsBytes) {
  const AttributeMap key{{"a", AttributeValue::String("x")}, {"b", KeyNumber("-1.5")}};
  const auto bytes = KeyOf(Table(), key);
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ(bytes.value().partition, "x");
  EXPECT_EQ(KeyValues(Table(), bytes.value()), key);
  std::string members;
  AppendKeyMembers(Table(), bytes.value(), members);
  EXPECT_EQ(members, R"("a":{"S":"x"},"b":{"N":"-1.5"})");
}

TEST(KeySchemaTest, TheKeyOfARequestHasExactlyTheKeyAttributes) {
  for (const AttributeMap& key :
       {AttributeMap{}, AttributeMap{{"a", AttributeValue::String("x")}},
        AttributeMap{{"a", AttributeValue::String("x")}, {"c", KeyNumber("1")}},
        AttributeMap{{"a", KeyNumber("1")}, {"b", KeyNumber("1")}},
        AttributeMap{
            {"a", AttributeValue::String("x")}, {"b", KeyNumber("1")}, {"c", KeyNumber("1")}}}) {
    EXPECT_EQ(KeyOf(Table(), key).error().message,
              "The provided key element does not match the schema");
  }
  EXPECT_EQ(
      KeyOf(Table(), {{"a", AttributeValue::String("")}, {"b", KeyNumber("1")}}).error().message,
      "One or more parameter values are not valid. The AttributeValue for a key attribute "
      "cannot contain an empty string value. Key: a");
}

TEST(KeySchemaTest, AnItemThatIsPutHasItsKeys) {
  EXPECT_EQ(KeyOfItem(Table(), {{"a", AttributeValue::String("x")}}).error().message,
            "One or more parameter values were invalid: Missing the key b in the item");
  EXPECT_EQ(KeyOfItem(Table(), {{"a", KeyNumber("1")}}).error().message,
            "One or more parameter values were invalid: Type mismatch for key a expected: S "
            "actual: N");
}

TEST(KeySchemaTest, KeysHaveASizeLimit) {
  const KeySchema schema{{{"a", KeyType::kString}}, {{"b", KeyType::kString}}};
  const auto error = [&](std::size_t partition, std::size_t sort) {
    const auto key = KeyOf(schema, {{"a", AttributeValue::String(std::string(partition, 'x'))},
                                    {"b", AttributeValue::String(std::string(sort, 'x'))}});
    return key.has_error() ? key.error().message : std::string();
  };
  EXPECT_EQ(error(2048, 1024), "");
  EXPECT_EQ(error(2049, 1024),
            "One or more parameter values were invalid: Size of hashkey has exceeded the maximum "
            "size limit of2048 bytes");
  EXPECT_EQ(error(2048, 1025),
            "One or more parameter values were invalid: Aggregated size of all range keys has "
            "exceeded the size limit of 1024 bytes");
}

TEST(KeySchemaTest, AnIndexHasOnlyItemsWithItsKeys) {
  const KeySchema schema{{{"g", KeyType::kString}}, {}};
  const auto none = IndexKeyOf(schema, "i", {{"a", KeyNumber("1")}}, ItemOrigin::kPut);
  ASSERT_TRUE(none.has_value());
  EXPECT_FALSE(none.value().has_value());
  const AttributeMap wrong{{"g", KeyNumber("1")}};
  EXPECT_EQ(IndexKeyOf(schema, "i", wrong, ItemOrigin::kPut).error().message,
            "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S "
            "Actual: N IndexName: i");
  EXPECT_EQ(IndexKeyIfValid(schema, wrong), std::nullopt);
  EXPECT_EQ(IndexKeyIfValid(schema, {{"g", AttributeValue::String("v")}})->partition, "v");
}

// Attributes compare one by one, whatever bytes they have.
TEST(KeySchemaTest, SeveralAttributesOrderAsATuple) {
  const KeySchema schema{
      {{"p", KeyType::kString}},
      {{"x", KeyType::kBinary}, {"y", KeyType::kNumber}, {"z", KeyType::kString}}};
  const std::vector<AttributeMap> ascending = {
      {{"x", AttributeValue::Binary(std::string("\0", 1))}, {"y", KeyNumber("5")}},
      {{"x", AttributeValue::Binary(std::string("\0\0", 2))}, {"y", KeyNumber("-5")}},
      {{"x", AttributeValue::Binary(std::string("\0\xff", 2))}, {"y", KeyNumber("-5")}},
      {{"x", AttributeValue::Binary("\x01")}, {"y", KeyNumber("-7")}},
      {{"x", AttributeValue::Binary("\x01")}, {"y", KeyNumber("0")}},
      {{"x", AttributeValue::Binary("\x01")}, {"y", KeyNumber("7")}},
      {{"x", AttributeValue::Binary("\x01")}, {"y", KeyNumber("7.5")}},
      {{"x", AttributeValue::Binary(std::string("\x01\0", 2))}, {"y", KeyNumber("1")}},
  };
  std::string before;
  for (AttributeMap item : ascending) {
    item.insert_or_assign("p", AttributeValue::String("p"));
    item.insert_or_assign("z", AttributeValue::String("z"));
    const auto key = IndexKeyIfValid(schema, item);
    ASSERT_TRUE(key.has_value());
    EXPECT_LT(before, key->sort);
    EXPECT_EQ(KeyValues(schema, *key), item);
    before = key->sort;
  }
}

TEST(KeySchemaTest, PrefixesEndBeforeTheNextKey) {
  EXPECT_EQ(AfterPrefix("ab"), "ac");
  EXPECT_EQ(AfterPrefix("a\xff"), "b");
  EXPECT_EQ(AfterPrefix("\xff\xff"), std::nullopt);
  EXPECT_EQ(AfterPrefix(""), std::nullopt);
}

}  // namespace
}  // namespace kless
