#include "emulator/doors/aws/dynamodb/batches.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/emulator/doors/aws/dynamodb/dynamodb_world.h"

namespace kless::doors {
namespace {

using testing::HasSubstr;

class BatchesTest : public DynamoDbWorld {
 protected:
  BatchesTest() {
    MakeTable("one");
    MakeTable("two", "N");
  }
};

TEST_F(BatchesTest, ABatchWritesAndReadsSeveralTables) {
  EXPECT_EQ(Ok("BatchWriteItem",
               R"({"RequestItems":{"one":[{"PutRequest":{"Item":{"p":{"S":"a"},"v":{"S":"1"}}}},)"
               R"({"DeleteRequest":{"Key":{"p":{"S":"b"}}}}],)"
               R"("two":[{"PutRequest":{"Item":{"p":{"S":"a"},"c":{"N":"1"}}}}]}})"),
            json::parse(R"({"UnprocessedItems":{}})"));
  const json reply =
      Ok("BatchGetItem", R"({"RequestItems":{"one":{"Keys":[{"p":{"S":"a"}},{"p":{"S":"b"}}],)"
                         R"("ProjectionExpression":"v"},)"
                         R"("two":{"Keys":[{"p":{"S":"a"},"c":{"N":"1"}}],"ConsistentRead":true}},)"
                         R"("ReturnConsumedCapacity":"TOTAL"})");
  EXPECT_EQ(reply["Responses"]["one"], json::parse(R"([{"v":{"S":"1"}}])"));
  EXPECT_EQ(reply["Responses"]["two"].size(), 1u);
  EXPECT_EQ(reply["UnprocessedKeys"], json::object());
  EXPECT_EQ(reply["ConsumedCapacity"], json::parse(R"([{"TableName":"one","CapacityUnits":1.0},)"
                                                   R"({"TableName":"two","CapacityUnits":1.0}])"));
}

TEST_F(BatchesTest, c48_c49_KeysMustBeDistinct) {
  const std::string duplicates =
      "ValidationException: Provided list of item keys contains duplicates";
  EXPECT_EQ(ErrorOf("BatchWriteItem",
                    R"({"RequestItems":{"one":[{"PutRequest":{"Item":{"p":{"S":"a"}}}},)"
                    R"({"DeleteRequest":{"Key":{"p":{"S":"a"}}}}]}})"),
            duplicates);
  EXPECT_EQ(ErrorOf("BatchGetItem",
                    R"({"RequestItems":{"one":{"Keys":[{"p":{"S":"a"}},{"p":{"S":"a"}}]}}})"),
            duplicates);
}

TEST_F(BatchesTest, c50_NothingIsWrittenIfAKeyOrATableIsWrong) {
  const std::string good = R"({"PutRequest":{"Item":{"p":{"S":"a"}}}})";
  EXPECT_EQ(ErrorOf("BatchWriteItem", R"({"RequestItems":{"one":[)" + good +
                                          R"(,{"PutRequest":{"Item":{"q":{"S":"a"}}}}]}})"),
            "ValidationException: The provided key element does not match the schema");
  EXPECT_EQ(ErrorOf("BatchWriteItem",
                    R"({"RequestItems":{"one":[)" + good + R"(],"none":[)" + good + "]}}"),
            "ResourceNotFoundException: Requested resource not found");
  EXPECT_EQ(CountRecords(), 0u);
}

TEST_F(BatchesTest, c49_ABatchGetsAtMost100Keys) {
  std::string keys;
  for (int i = 0; i < 51; ++i) {
    keys += std::string(i > 0 ? "," : "") + R"({"p":{"S":")" + std::to_string(i) + "\"}}";
  }
  EXPECT_EQ(ErrorOf("BatchGetItem", R"({"RequestItems":{"one":{"Keys":[)" + keys +
                                        R"(]},"two":{"Keys":[)" + keys + "]}}}"),
            "ValidationException: Too many items requested for the BatchGetItem call");
}

TEST_F(BatchesTest, ABatchReadsAllTablesByExpressionsOrNone) {
  const std::string key = R"("Keys":[{"p":{"S":"a"},"c":{"N":"1"}}],)";
  EXPECT_EQ(ErrorOf("BatchGetItem", R"({"RequestItems":{"one":{)" + key +
                                        R"("ProjectionExpression":"p"},"two":{)" + key +
                                        R"("AttributesToGet":["p"]}}})"),
            "ValidationException: Can not use both expression and non-expression parameters in the "
            "same request: Non-expression parameters: {AttributesToGet} Expression parameters: "
            "{ProjectionExpression}");
}

TEST_F(BatchesTest, ABatchWritesAtMost25Items) {
  std::string puts;
  for (int i = 0; i < 13; ++i) {
    puts += std::string(i > 0 ? "," : "") + R"({"PutRequest":{"Item":{"p":{"S":")" +
            std::to_string(i) + R"("},"c":{"N":"1"}}}})";
  }
  EXPECT_THAT(ErrorOf("BatchWriteItem",
                      R"({"RequestItems":{"one":[)" + puts + R"(],"two":[)" + puts + "]}}"),
              HasSubstr("Too many items requested for the BatchWriteItem call"));
}

TEST_F(BatchesTest, EachItemCollectionHasItsMetricsOnce) {
  AddIndex("by-g", /*local=*/true, dynamodb::ProjectionType::kAll);
  MakeTable("indexed", "S");
  const auto put = [](const std::string& p, const std::string& c) {
    return R"({"PutRequest":{"Item":{"p":{"S":")" + p + R"("},"c":{"S":")" + c + R"("}}}})";
  };
  const json metrics =
      Ok("BatchWriteItem",
         R"({"RequestItems":{"indexed":[)" + put("a", "1") + "," + put("b", "1") + "," +
             put("a", "2") +
             R"(]},"ReturnItemCollectionMetrics":"SIZE"})")["ItemCollectionMetrics"]["indexed"];
  ASSERT_EQ(metrics.size(), 2u);
  EXPECT_EQ(metrics[0]["ItemCollectionKey"]["p"]["S"], "a");
  EXPECT_EQ(metrics[1]["ItemCollectionKey"]["p"]["S"], "b");
}

}  // namespace
}  // namespace kless::doors
