#include "emulator/dynamodb/model/value.h"

#include <gtest/gtest.h>

#include <string>

#include "emulator/dynamodb/model/item_size.h"

namespace kless {
namespace {

AttributeValue NumberValue(const std::string& text) {
  return AttributeValue::Number(Decimal::Parse(text).value());
}

TEST(ValueTest, SetsAreEqualInAnyOrder) {
  EXPECT_EQ(AttributeValue::StringSet({"a", "b"}), AttributeValue::StringSet({"b", "a"}));
  EXPECT_NE(AttributeValue::StringSet({"a"}), AttributeValue::BinarySet({"a"}));
  EXPECT_NE(AttributeValue::String("a"), AttributeValue::Binary("a"));
}

TEST(ValueTest, OrderExistsWithinStringsNumbersAndBinaries) {
  EXPECT_EQ(Compare(AttributeValue::String("a"), AttributeValue::String("b")),
            std::strong_ordering::less);
  EXPECT_EQ(Compare(AttributeValue::Binary("\xff"), AttributeValue::Binary("\x01")),
            std::strong_ordering::greater);
  EXPECT_EQ(Compare(NumberValue("10"), NumberValue("9")), std::strong_ordering::greater);
  EXPECT_EQ(Compare(NumberValue("10"), AttributeValue::String("9")), std::nullopt);
  EXPECT_EQ(Compare(AttributeValue::Bool(true), AttributeValue::Bool(false)), std::nullopt);
}

TEST(ValueTest, SetsUniteAndLoseElements) {
  const auto ab = AttributeValue::StringSet({"a", "b"});
  const auto bc = AttributeValue::StringSet({"b", "c"});
  EXPECT_EQ(UnionOf(ab, bc), AttributeValue::StringSet({"a", "b", "c"}));
  EXPECT_EQ(DifferenceOf(ab, bc), AttributeValue::StringSet({"a"}));
  EXPECT_EQ(DifferenceOf(ab, ab), std::nullopt);
}

// The sizes that a stream on AWS reported: case d14 of tests/reference/aws.md.
TEST(ItemSizeTest, SizesAreThoseOfStreamRecords) {
  EXPECT_EQ(SizeOf(AttributeMap{{"id", AttributeValue::String("id_value")}}), 10u);
  EXPECT_EQ(SizeOf(AttributeMap{{"Username", AttributeValue::String("Fred")}}), 12u);
  EXPECT_EQ(SizeOf(AttributeMap{{"my_partition_key", AttributeValue::String("testId0")},
                                {"should_fail", AttributeValue::Bool(true)}}),
            35u);
}

TEST(ItemSizeTest, DocumentsCountThreeAndOneForEachElement) {
  EXPECT_EQ(SizeOf(AttributeValue::OfList({})), 3u);
  EXPECT_EQ(SizeOf(AttributeValue::OfList({AttributeValue::String("ab")})), 6u);
  EXPECT_EQ(SizeOf(AttributeValue::OfMap({{"key", AttributeValue::Null()}})), 8u);
  EXPECT_EQ(SizeOf(AttributeValue::NumberSet({Decimal(1), Decimal(20)})), 4u);
}

}  // namespace
}  // namespace kless
