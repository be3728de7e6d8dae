#include "emulator/doors/aws/wire/validator.h"

#include <gtest/gtest.h>

#include "emulator/base/padded_parser.h"
#include "emulator/base/utf8.h"
#include "emulator/doors/aws/dynamodb/shapes.h"
#include "emulator/doors/aws/streams/shapes.h"

namespace kless::doors::aws {
namespace {

std::string Check(std::string_view shapes_text, const char* input, const std::string& body,
                  bool older_texts = false) {
  const Shapes shapes(shapes_text);
  PaddedParser parser;
  simdjson::dom::element root;
  EXPECT_TRUE(parser.Parse(body, root)) << body;
  const auto checked =
      Validate(*shapes.Find(input), root, "com.amazonaws.dynamodb.v20120810", older_texts);
  return checked.has_value() ? "" : checked.error().message;
}

std::string Dynamo(const char* input, const std::string& body) {
  return Check(kDynamoDbShapes, input, body);
}

TEST(ValidatorTest, a11_AWrongTypeIsNamedByItsToken) {
  EXPECT_EQ(Dynamo("GetItemInput", R"({"TableName":23})"),
            "NUMBER_VALUE cannot be converted to String");
  EXPECT_EQ(Dynamo("GetItemInput", R"({"TableName":2.5})"),
            "DECIMAL_VALUE cannot be converted to String");
  EXPECT_EQ(Dynamo("GetItemInput", R"({"TableName":true})"),
            "TRUE_VALUE cannot be converted to String");
  EXPECT_EQ(Dynamo("GetItemInput", R"({"TableName":[]})"),
            "Unrecognized collection type class java.lang.String");
  EXPECT_EQ(Dynamo("GetItemInput", R"({"TableName":{}})"),
            "Start of structure or map found where not expected");
  EXPECT_EQ(Dynamo("ScanInput", R"({"Limit":"23"})"),
            "STRING_VALUE cannot be converted to Integer");
  EXPECT_EQ(Dynamo("GetItemInput", R"({"ConsistentRead":"23"})"),
            "Unexpected token received from parser");
}

TEST(ValidatorTest, a11_AWrongCollectionIsNamedByItsClass) {
  EXPECT_EQ(Dynamo("GetItemInput", R"({"Key":[]})"),
            "Unrecognized collection type java.util.Map<java.lang.String, "
            "com.amazonaws.dynamodb.v20120810.AttributeValue>");
  EXPECT_EQ(Dynamo("GetItemInput", R"({"Key":"a"})"), "Unexpected field type");
  EXPECT_EQ(Dynamo("GetItemInput", R"({"Key":{"a":"a"}})"), "Unexpected value type in payload");
  EXPECT_EQ(Dynamo("GetItemInput", R"({"Key":{"a":[]}})"),
            "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue");
  EXPECT_EQ(Dynamo("GetItemInput", R"({"ExpressionAttributeNames":[]})"),
            "Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>");
  EXPECT_EQ(Dynamo("BatchWriteItemInput", R"({"RequestItems":[]})"),
            "Unrecognized collection type java.util.Map<java.lang.String, java.util.List<"
            "com.amazonaws.dynamodb.v20120810.WriteRequest>>");
  EXPECT_EQ(Dynamo("BatchWriteItemInput", R"({"RequestItems":{"a":1}})"),
            "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to "
            "class java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl "
            "and java.lang.Class are in module java.base of loader 'bootstrap')");
}

TEST(ValidatorTest, BinaryValuesAreBase64) {
  const auto check = [](const std::string& value) {
    return Dynamo("GetItemInput", R"({"TableName":"abc","Key":{"a":{"B":)" + value + "}}}");
  };
  EXPECT_EQ(check("1"), "only base-64-encoded strings are convertible to bytes");
  EXPECT_EQ(check("\"23456\""),
            "Base64 encoded length is expected a multiple of 4 bytes but found: 5");
  for (const char* const text : {"\"=+/=\"", "\"+/+=\"", "\"YW-_\""}) {
    EXPECT_EQ(check(text), "Invalid last non-pad Base64 character dectected") << text;
  }
  for (const char* const text : {"\"\"", "\"YQ==\"", "\"YWI=\"", "\"YWJj\""}) {
    EXPECT_EQ(check(text), "") << text;
  }
}

TEST(ValidatorTest, a13_ConstraintsAreNamedInOrder) {
  EXPECT_EQ(Dynamo("GetItemInput",
                   R"({"TableName":"a;","ReturnConsumedCapacity":"hi","AttributesToGet":[]})"),
            "5 validation errors detected: Value 'hi' at 'returnConsumedCapacity' failed to "
            "satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]; Value "
            "'[]' at 'attributesToGet' failed to satisfy constraint: Member must have length "
            "greater than or equal to 1; Value 'a;' at 'tableName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value 'a;' at "
            "'tableName' failed to satisfy constraint: Member must have length greater than or "
            "equal to 3; Value null at 'key' failed to satisfy constraint: Member must not be "
            "null");
}

TEST(ValidatorTest, a13_PathsGoThroughListsAndMaps) {
  EXPECT_EQ(
      Dynamo("CreateTableInput",
             R"({"TableName":"abc","AttributeDefinitions":[],"KeySchema":[{"KeyType":"HASH"}]})"),
      "1 validation error detected: Value null at 'keySchema.1.member.attributeName' failed to "
      "satisfy constraint: Member must not be null");
  EXPECT_EQ(Dynamo("BatchWriteItemInput", R"({"RequestItems":{"abc":[{"PutRequest":{}}]}})"),
            "1 validation error detected: Value null at "
            "'requestItems.abc.member.1.member.putRequest.item' failed to satisfy constraint: "
            "Member must not be null");
  EXPECT_EQ(Dynamo("BatchWriteItemInput", R"({"RequestItems":{"a":[]}})"),
            R"(2 validation errors detected: Value '{"a":[]}' at 'requestItems' failed to satisfy )"
            "constraint: Map keys must satisfy constraint: [Member must have length less than or "
            "equal to 255, Member must have length greater than or equal to 3, Member must satisfy "
            "regular expression pattern: [a-zA-Z0-9_.-]+]; "
            R"(Value '{"a":[]}' at 'requestItems' failed to satisfy constraint: Map value must )"
            "satisfy constraint: [Member must have length less than or equal to 25, Member must "
            "have length greater than or equal to 1]");
}

TEST(ValidatorTest, NumbersHaveBounds) {
  EXPECT_EQ(Check(kStreamsShapes, "ListStreamsInput", R"({"Limit":0})"),
            "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1");
  EXPECT_EQ(Dynamo("ListTablesInput", R"({"Limit":101})"),
            "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: "
            "Member must have value less than or equal to 100");
}

TEST(ValidatorTest, NamesOfTablesHaveTextsOfTheirOwnInOperationsOnTables) {
  EXPECT_EQ(Dynamo("DescribeTableInput", "{}"),
            "The parameter 'TableName' is required but was not present in the request");
  EXPECT_EQ(Dynamo("DescribeTableInput", R"({"TableName":"a;"})"),
            "TableName must be at least 3 characters long and at most 255 characters long");
  EXPECT_EQ(Dynamo("DescribeTableInput", R"({"TableName":"abc;"})"),
            "1 validation error detected: Value 'abc;' at 'tableName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
}

// An error that moved to the current code, and its older text.
void ExpectMoved(const char* input, const std::string& body, const std::string& current,
                 const std::string& older) {
  EXPECT_EQ(Dynamo(input, body), current) << body;
  EXPECT_EQ(Check(kDynamoDbShapes, input, body, /*older_texts=*/true), older) << body;
}

TEST(ValidatorTest, SomeRangesHaveCurrentTexts) {
  const std::string one = "1 validation error detected: Value ";
  const std::string fails = " failed to satisfy constraint: Member must have ";
  const std::string short_by_one = fails + "length greater than or equal to 1";
  ExpectMoved("QueryInput", R"({"TableName":"abc","Limit":0})",
              one + "at 'Limit'" + fails + "value greater than or equal to 1",
              one + "'0' at 'limit'" + fails + "value greater than or equal to 1");
  ExpectMoved("BatchGetItemInput", R"({"RequestItems":{}})",
              one + "at 'RequestItems'" + short_by_one,
              one + "'{}' at 'requestItems'" + short_by_one);
  ExpectMoved("BatchGetItemInput", R"({"RequestItems":{"abc":{"Keys":[]}}})",
              one + "at 'RequestItems.abc.member.Keys'" + short_by_one,
              one + "'[]' at 'requestItems.abc.member.keys'" + short_by_one);
  ExpectMoved("BatchWriteItemInput", R"({"RequestItems":{}})",
              "The requestItems parameter is required for BatchWriteItem",
              one + "'{}' at 'requestItems'" + short_by_one);
  std::string keys = "{}";
  for (int i = 1; i < 101; ++i) keys += ",{}";
  EXPECT_EQ(Dynamo("BatchGetItemInput", R"({"RequestItems":{"abc":{"Keys":[)" + keys + "]}}}"),
            one + "at 'RequestItems.abc.member.Keys'" + fails + "length less than or equal to 100");
  // Scan and the operations on tables have not moved.
  EXPECT_EQ(Dynamo("ScanInput", R"({"TableName":"abc","Limit":0})"),
            one + "'0' at 'limit'" + fails + "value greater than or equal to 1");
}

TEST(ValidatorTest, AnEmptyTableNameOfAWriteIsReportedIfNothingElseIs) {
  const std::string error =
      "1 validation error detected: Value at 'TableName' failed to satisfy constraint: Member must "
      "have length greater than or equal to 1";
  EXPECT_EQ(Dynamo("PutItemInput", R"({"TableName":"","Item":{}})"), error);
  EXPECT_EQ(Dynamo("UpdateItemInput", R"({"TableName":"","Key":{}})"), error);
  EXPECT_EQ(Dynamo("DeleteItemInput", R"({"TableName":"","Key":{}})"), error);
  EXPECT_EQ(Dynamo("DeleteItemInput", R"({"TableName":""})"),
            "1 validation error detected: Value null at 'key' failed to satisfy constraint: Member "
            "must not be null");
  EXPECT_EQ(Dynamo("PutItemInput", R"({"TableName":"a!","Item":{}})"),
            "2 validation errors detected: Value 'a!' at 'tableName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value 'a!' at "
            "'tableName' failed to satisfy constraint: Member must have length greater than or "
            "equal to 3");
}

TEST(ValidatorTest, TheLengthOfANewTablesNameIsACommonConstraint) {
  const std::string others =
      R"("AttributeDefinitions":[],"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}]})";
  ExpectMoved("CreateTableInput", R"({"TableName":"ab",)" + others,
              "1 validation error detected: Value 'ab' at 'tableName' failed to satisfy "
              "constraint: Member must have length greater than or equal to 3",
              "TableName must be at least 3 characters long and at most 255 characters long");
  const std::string missing =
      "The parameter 'TableName' is required but was not present in the request";
  ExpectMoved("CreateTableInput", "{" + others, missing, missing);
}

TEST(ValidatorTest, GlobalIndexesAreCheckedBeforeLocalOnes) {
  EXPECT_EQ(
      Dynamo("CreateTableInput",
             R"({"TableName":"abc","AttributeDefinitions":[],"KeySchema":[{"AttributeName":"p",)"
             R"("KeyType":"HASH"}],"LocalSecondaryIndexes":[{"IndexName":"l1","KeySchema":)"
             R"([{"AttributeName":"p","KeyType":"HASH"}],"Projection":{}}],)"
             R"("GlobalSecondaryIndexes":[{"IndexName":"g1","KeySchema":)"
             R"([{"AttributeName":"p","KeyType":"HASH"}],"Projection":{}}]})"),
      "2 validation errors detected: Value 'g1' at 'globalSecondaryIndexes.1.member.indexName' "
      "failed to satisfy constraint: Member must have length greater than or equal to 3; Value "
      "'l1' at 'localSecondaryIndexes.1.member.indexName' failed to satisfy constraint: Member "
      "must have length greater than or equal to 3");
}

TEST(ValidatorTest, a18_ATableIsNamedByItsArn) {
  const std::string arn = R"({"TableName":"arn:aws:dynamodb:us-east-1:000000000000:table/abc")";
  EXPECT_EQ(Dynamo("DescribeTableInput", arn + "}"), "");
  EXPECT_EQ(Dynamo("GetItemInput", arn + R"(,"Key":{}})"), "");
}

TEST(ValidatorTest, AtMostTenErrorsAreNamed) {
  std::string keys;
  for (int i = 0; i < 20; ++i) keys += std::string(i ? "," : "") + "{}";
  const std::string message =
      Dynamo("CreateTableInput", R"({"TableName":"abc","AttributeDefinitions":[)" + keys +
                                     R"(],"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}]})");
  EXPECT_TRUE(message.starts_with("10 validation errors detected: ")) << message;
}

TEST(ValidatorTest, ErrorsShowAMegabyteOfALongValueInWholeCharacters) {
  std::string euros = "x";
  while (euros.size() <= 1u << 20) euros += "\u20ac";
  const std::string text = Dynamo("ScanInput", R"({"TableName":"abc","Select":")" + euros + "\"}");
  const std::string begin = "1 validation error detected: Value '";
  EXPECT_EQ(text.find("...' at 'select' failed"), begin.size() + 1'048'576);
  EXPECT_TRUE(IsUtf8(text));

  // Ten errors about a map of 2 MB do not show it whole.
  std::string tables;
  for (int i = 0; tables.size() < 2u << 20; ++i) {
    tables += (i == 0 ? "\"!" : ",\"!") + std::to_string(i) + R"(":{"Keys":[{"p":{"S":"a"}}]})";
  }
  const std::string many = Dynamo("BatchGetItemInput", R"({"RequestItems":{)" + tables + "}}");
  EXPECT_EQ(many.find("10 validation errors detected: Value '{\"!0\":"), 0u);
  EXPECT_LT(many.size(), 11u << 20);
}

TEST(ValidatorTest, NullsAreAbsentAndUnknownMembersAreIgnored) {
  EXPECT_EQ(
      Dynamo("GetItemInput", R"({"TableName":"abc","Key":{},"ConsistentRead":null,"Unknown":[1]})"),
      "");
  EXPECT_EQ(Dynamo("GetItemInput", R"({"TableName":"abc","Key":null})"),
            "1 validation error detected: Value null at 'key' failed to satisfy constraint: Member "
            "must not be null");
}

TEST(ValidatorTest, LengthsCountAsInJava) {
  // Each of these characters is one beyond U+FFFF: four bytes of UTF-8, two units of UTF-16.
  const std::string four = "\xf0\x9f\x98\x80";
  std::string token;
  for (int i = 0; i < 18; ++i) token += four;
  const std::string begin = R"({"TransactItems":[{}],"ClientRequestToken":")";
  EXPECT_EQ(Dynamo("TransactWriteItemsInput", begin + token + "\"}"), "");
  EXPECT_NE(Dynamo("TransactWriteItemsInput", begin + token + "a\"}"), "");
}

}  // namespace
}  // namespace kless::doors::aws
