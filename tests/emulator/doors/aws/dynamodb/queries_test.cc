#include "emulator/doors/aws/dynamodb/queries.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/emulator/doors/aws/dynamodb/dynamodb_world.h"

namespace kless::doors {
namespace {

using testing::HasSubstr;

class QueriesTest : public DynamoDbWorld {
 protected:
  QueriesTest() {
    AddIndex("all", /*local=*/false, dynamodb::ProjectionType::kAll);
    AddIndex("keys", /*local=*/false, dynamodb::ProjectionType::kKeysOnly);
    AddIndex("local", /*local=*/true, dynamodb::ProjectionType::kKeysOnly);
    MakeTable("tab", "N");
    for (int i = 0; i < 10; ++i) {
      Put("tab", R"({"p":{"S":"a"},"c":{"N":")" + std::to_string(i) + R"("},"x":{"N":")" +
                     std::to_string(i % 3) + R"("},"g":{"S":"g)" + std::to_string(i % 2) + "\"}}");
    }
    Put("tab", R"({"p":{"S":"b"},"c":{"N":"1"}})");
  }

  // The sort keys of a page.
  static std::string Keys(const json& page) {
    std::string keys;
    for (const json& item : page.at("Items")) {
      keys += (keys.empty() ? "" : " ") + item["c"]["N"].get<std::string>();
    }
    return keys;
  }
  json Query(const std::string& condition, const std::string& values,
             const std::string& more = "") {
    return Ok("Query", R"({"TableName":"tab","KeyConditionExpression":")" + condition +
                           R"(","ExpressionAttributeValues":{)" + values + "}" + more + "}");
  }
};

constexpr const char* kA = R"(":p":{"S":"a"})";

TEST_F(QueriesTest, AQueryReadsARangeInOrder) {
  EXPECT_EQ(Keys(Query("p = :p", kA)), "0 1 2 3 4 5 6 7 8 9");
  const std::string values = std::string(kA) + R"(,":c":{"N":"7"})";
  EXPECT_EQ(Keys(Query("p = :p AND c > :c", values)), "8 9");
  EXPECT_EQ(Keys(Query("p = :p AND c >= :c", values)), "7 8 9");
  EXPECT_EQ(Keys(Query("p = :p AND c < :c", values)), "0 1 2 3 4 5 6");
  EXPECT_EQ(Keys(Query("p = :p AND c = :c", values)), "7");
  EXPECT_EQ(Keys(Query("p = :p AND c BETWEEN :c AND :d", values + R"(,":d":{"N":"8"})")), "7 8");
  EXPECT_EQ(Keys(Query("p = :p AND c >= :c", values, R"(,"ScanIndexForward":false)")), "9 8 7");
}

TEST_F(QueriesTest, c41_AFilterComesAfterTheLimit) {
  const json page = Query("p = :p", std::string(kA) + R"(,":x":{"N":"0"})",
                          R"(,"FilterExpression":"x = :x","Limit":5)");
  EXPECT_EQ(Keys(page), "0 3");
  EXPECT_EQ(page["Count"], 2);
  EXPECT_EQ(page["ScannedCount"], 5);
}

TEST_F(QueriesTest, c42_PagesContinueAfterTheLastKey) {
  std::string keys;
  std::string start;
  int pages = 0;
  do {
    const json page = Query("p = :p", kA, R"(,"Limit":4)" + start);
    keys += Keys(page) + ";";
    start = page.contains("LastEvaluatedKey")
                ? ",\"ExclusiveStartKey\":" + page["LastEvaluatedKey"].dump()
                : "";
    ++pages;
  } while (!start.empty() && pages < 10);
  EXPECT_EQ(keys, "0 1 2 3;4 5 6 7;8 9;");
  EXPECT_TRUE(Query("p = :p", kA, R"(,"Limit":10)").contains("LastEvaluatedKey"));
}

TEST_F(QueriesTest, c44_SelectCountHasNoItems) {
  const json page = Query("p = :p", kA, R"(,"Select":"COUNT")");
  EXPECT_EQ(page, json::parse(R"({"Count":10,"ScannedCount":10})"));
  EXPECT_EQ(ErrorOf("Query", R"({"TableName":"tab","KeyConditionExpression":"p = :p",)"
                             R"("ExpressionAttributeValues":{":p":{"S":"a"}},)"
                             R"("Select":"SPECIFIC_ATTRIBUTES"})"),
            "ValidationException: 1 validation error detected: Must specify the AttributesToGet or "
            "ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES");
  EXPECT_EQ(ErrorOf("Query", R"({"TableName":"tab","KeyConditionExpression":"p = :p",)"
                             R"("ExpressionAttributeValues":{":p":{"S":"a"}},)"
                             R"("ProjectionExpression":"p","Select":"COUNT"})"),
            "ValidationException: 1 validation error detected: Cannot specify the "
            "ProjectionExpression when choosing to get only the Count");
  EXPECT_EQ(ErrorOf("Scan",
                    R"({"TableName":"tab","ProjectionExpression":"p","Select":"ALL_ATTRIBUTES"})"),
            "ValidationException: Cannot specify the ProjectionExpression when choosing to get "
            "ALL_ATTRIBUTES");
  EXPECT_EQ(ErrorOf("Scan", R"({"TableName":"tab","Select":"ALL_PROJECTED_ATTRIBUTES"})"),
            "ValidationException: ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an "
            "IndexName");
}

TEST_F(QueriesTest, TheSchemaLimitsTheConditionsOfAnExpression) {
  const std::string body =
      R"({"TableName":"tab","KeyConditionExpression":"p = :p AND c > :c AND x = :c",)"
      R"("ExpressionAttributeValues":{":p":{"S":"a"},":c":{"N":"1"}}})";
  EXPECT_EQ(ErrorOf("Query", body),
            "ValidationException: The number of query conditions (3) exceeds the number of key "
            "attributes defined in the schema (2)");
  const std::string older = "ValidationException: Conditions can be of length 1 or 2 only";
  EXPECT_EQ(ErrorOf("Query", R"({"TableName":"tab","KeyConditions":{)"
                             R"("p":{"ComparisonOperator":"NULL"},"c":{"ComparisonOperator":)"
                             R"("NULL"},"x":{"ComparisonOperator":"NULL"}}})"),
            older);
  dynamodb_context_->texts = ErrorTexts::kOlder;
  EXPECT_EQ(ErrorOf("Query", body), older);
}

TEST_F(QueriesTest, AnIndexIsReadByItsOwnKey) {
  const json page = Query("g = :g", R"(":g":{"S":"g1"})", R"(,"IndexName":"all","Limit":2)");
  EXPECT_EQ(page["Count"], 2);
  const json& last = page.at("LastEvaluatedKey");
  EXPECT_EQ(last.size(), 3u) << last;
  const json rest = Query("g = :g", R"(":g":{"S":"g1"})",
                          R"(,"IndexName":"all","ExclusiveStartKey":)" + last.dump());
  EXPECT_EQ(rest["Count"], 3);
  const json keys = Query("g = :g", R"(":g":{"S":"g1"})", R"(,"IndexName":"keys")");
  EXPECT_FALSE(keys["Items"][0].contains("x"));
}

TEST_F(QueriesTest, ALocalIndexReadsWhatItDoesNotProjectFromTheTable) {
  const std::string values = std::string(kA) + R"(,":g":{"S":"g1"})";
  const json keys = Query("p = :p AND g = :g", values, R"(,"IndexName":"local")");
  EXPECT_EQ(keys["Count"], 5);
  EXPECT_FALSE(keys["Items"][0].contains("x"));
  const json whole =
      Query("p = :p AND g = :g", values, R"(,"IndexName":"local","Select":"ALL_ATTRIBUTES")");
  EXPECT_TRUE(whole["Items"][0].contains("x"));
}

TEST_F(QueriesTest, WhatAnIndexCannotDoIsNamed) {
  const auto error = [&](const std::string& more) {
    return ErrorOf("Query", R"({"TableName":"tab","KeyConditionExpression":"g = :g",)"
                            R"("ExpressionAttributeValues":{":g":{"S":"g1"}},)" +
                                more + "}");
  };
  EXPECT_EQ(error(R"("IndexName":"none")"),
            "ValidationException: The table does not have the specified index: none");
  EXPECT_EQ(error(R"("IndexName":"all","ConsistentRead":true)"),
            "ValidationException: Consistent reads are not supported on global secondary indexes");
  EXPECT_THAT(error(R"("IndexName":"keys","Select":"ALL_ATTRIBUTES")"),
              HasSubstr("Select type ALL_ATTRIBUTES is not supported for global secondary index "
                        "keys because its projection type is not ALL"));
  EXPECT_THAT(error(R"("IndexName":"keys","ProjectionExpression":"x")"),
              HasSubstr("keys does not project [x]"));
}

TEST_F(QueriesTest, c43_AStartingKeyMustFit) {
  const auto error = [&](const std::string& condition, const std::string& values,
                         const std::string& start) {
    return ErrorOf("Query", R"({"TableName":"tab","KeyConditionExpression":")" + condition +
                                R"(","ExpressionAttributeValues":{)" + values +
                                R"(},"ExclusiveStartKey":)" + start + "}");
  };
  EXPECT_EQ(error("p = :p", kA, R"({"p":{"S":"a"}})"),
            "ValidationException: The provided starting key is invalid");
  EXPECT_EQ(error("p = :p", kA, R"({"p":{"S":"b"},"c":{"N":"1"}})"),
            "ValidationException: The provided starting key is outside query boundaries based on "
            "provided conditions");
  EXPECT_EQ(error("p = :p AND c > :c", std::string(kA) + R"(,":c":{"N":"7"})",
                  R"({"p":{"S":"a"},"c":{"N":"1"}})"),
            "ValidationException: The provided starting key does not match the range key "
            "predicate");
}

TEST_F(QueriesTest, c43_AStartingKeyIsCheckedBesideTheConditionsByAttribute) {
  const auto error = [&](const std::string& condition, const std::string& start) {
    return ErrorOf("Query", R"({"TableName":"tab","KeyConditionExpression":")" + condition +
                                R"(","ExpressionAttributeValues":{":v":{"S":"a"}},)"
                                R"("ExclusiveStartKey":)" +
                                start + "}");
  };
  const std::string invalid = "ValidationException: The provided starting key is invalid";
  const std::string mismatch =
      "ValidationException: The provided key element does not match the schema";
  const std::string missed = "ValidationException: Query condition missed key schema element: p";
  // The partition key of the start, its condition, the sort key of the start.
  EXPECT_EQ(error("x = :v", R"({"x":{"S":"a"},"c":{"S":"1"}})"), invalid);
  EXPECT_EQ(error("x = :v", R"({"p":{"N":"1"},"x":{"S":"1"}})"), mismatch);
  EXPECT_EQ(error("x = :v", R"({"p":{"S":"a"},"c":{"S":"1"}})"), missed);
  EXPECT_EQ(error("p = :v", R"({"p":{"S":"a"},"c":{"S":"1"}})"), mismatch);
  EXPECT_EQ(error("p = :v", R"({"p":{"S":"a"},"x":{"S":"1"}})"), invalid);
  EXPECT_EQ(error("p = :v", R"({"p":{"S":""},"x":{"S":"1"}})"),
            "ValidationException: One or more parameter values are not valid. The AttributeValue "
            "for a key attribute cannot contain an empty string value. Key: p");
}

TEST_F(QueriesTest, c40_AFilterCannotNameTheKey) {
  EXPECT_EQ(ErrorOf("Query", R"({"TableName":"tab","KeyConditionExpression":"p = :p",)"
                             R"("FilterExpression":"c = :p",)"
                             R"("ExpressionAttributeValues":{":p":{"S":"a"}}})"),
            "ValidationException: Filter Expression can only contain non-primary key attributes: "
            "Primary key attribute: c");
}

TEST_F(QueriesTest, c46_TheSegmentsOfAScanPartitionTheTable) {
  std::multiset<std::string> found;
  for (int segment = 0; segment < 3; ++segment) {
    const json page = Ok("Scan", R"({"TableName":"tab","TotalSegments":3,"Segment":)" +
                                     std::to_string(segment) + "}");
    for (const json& item : page["Items"]) found.insert(item.dump());
  }
  EXPECT_EQ(found.size(), 11u);
  EXPECT_EQ(std::set<std::string>(found.begin(), found.end()).size(), 11u);
  EXPECT_EQ(ErrorOf("Scan", R"({"TableName":"tab","Segment":0})"),
            "ValidationException: The TotalSegments parameter is required but was not present in "
            "the request when Segment parameter is present");
  EXPECT_EQ(ErrorOf("Scan", R"({"TableName":"tab","Segment":3,"TotalSegments":3})"),
            "ValidationException: The Segment parameter is zero-based and must be less than "
            "parameter TotalSegments: Segment: 3 is not less than TotalSegments: 3");
}

TEST_F(QueriesTest, AScanOfAnIndexFindsOnlyItemsWithItsKey) {
  EXPECT_EQ(Ok("Scan", R"({"TableName":"tab","IndexName":"all"})")["Count"], 10);
  EXPECT_EQ(Ok("Scan", R"({"TableName":"tab"})")["Count"], 11);
}

TEST_F(QueriesTest, c61_KeyConditionsAndQueryFilterDoTheSame) {
  const json page =
      Ok("Query", R"({"TableName":"tab","KeyConditions":{)"
                  R"("p":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"a"}]},)"
                  R"("c":{"ComparisonOperator":"GE","AttributeValueList":[{"N":"5"}]}},)"
                  R"("QueryFilter":{"x":{"ComparisonOperator":"EQ",)"
                  R"("AttributeValueList":[{"N":"0"}]}}})");
  EXPECT_EQ(Keys(page), "6 9");
  EXPECT_EQ(page["ScannedCount"], 5);
}

TEST_F(QueriesTest, c39_AQueryNeedsAKeyCondition) {
  EXPECT_EQ(ErrorOf("Query", R"({"TableName":"tab"})"),
            "ValidationException: Either the KeyConditions or KeyConditionExpression parameter "
            "must be specified in the request.");
  EXPECT_THAT(ErrorOf("Query", R"({"TableName":"tab","KeyConditionExpression":"c = :c",)"
                               R"("ExpressionAttributeValues":{":c":{"N":"1"}}})"),
              HasSubstr("Query condition missed key schema element: p"));
}

}  // namespace
}  // namespace kless::doors
