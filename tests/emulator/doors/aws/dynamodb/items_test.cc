#include "emulator/doors/aws/dynamodb/items.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/emulator/doors/aws/dynamodb/dynamodb_world.h"

namespace kless::doors {
namespace {

using testing::HasSubstr;

class ItemsTest : public DynamoDbWorld {
 protected:
  ItemsTest() { MakeTable("notes"); }
};

constexpr const char* kKey = R"({"p":{"S":"a"}})";

TEST_F(ItemsTest, AnItemIsReadAsItWasPutWithNumbersNormalised) {
  Put("notes", R"({"p":{"S":"a"},"n":{"N":"1e3"},"m":{"M":{"l":{"L":[{"NULL":true}]}}},)"
               R"("ss":{"SS":["b","a"]},"b":{"B":"AQI="}})");
  const json item = Item("notes", kKey);
  EXPECT_EQ(item["n"]["N"], "1000");
  EXPECT_EQ(item["m"]["M"]["l"]["L"][0]["NULL"], true);
  EXPECT_EQ(item["ss"]["SS"], (json{"a", "b"}));
  EXPECT_EQ(item["b"]["B"], "AQI=");
  EXPECT_EQ(Ok("GetItem", R"({"TableName":"notes","Key":{"p":{"S":"b"}}})"), json::object());
}

TEST_F(ItemsTest, AProjectionShowsPartsOfAnItem) {
  Put("notes", R"({"p":{"S":"a"},"x":{"M":{"y":{"S":"1"},"z":{"S":"2"}}},"w":{"S":"3"}})");
  EXPECT_EQ(Ok("GetItem", R"({"TableName":"notes","Key":{"p":{"S":"a"}},)"
                          R"("ProjectionExpression":"x.#y","ExpressionAttributeNames":{"#y":"y"}})")
                .at("Item"),
            json::parse(R"({"x":{"M":{"y":{"S":"1"}}}})"));
  EXPECT_EQ(Ok("GetItem", R"({"TableName":"notes","Key":{"p":{"S":"a"}},"AttributesToGet":["w"]})")
                .at("Item"),
            json::parse(R"({"w":{"S":"3"}})"));
}

TEST_F(ItemsTest, c1_AKeyMustMatchTheSchema) {
  const std::string mismatch =
      "ValidationException: The provided key element does not match the schema";
  for (const char* const key :
       {"{}", R"({"q":{"S":"a"}})", R"({"p":{"N":"1"}})", R"({"p":{"S":"a"},"q":{"S":"b"}})"}) {
    for (const char* const operation : {"GetItem", "DeleteItem", "UpdateItem"}) {
      EXPECT_EQ(ErrorOf(operation, std::string(R"({"TableName":"notes","Key":)") + key + "}"),
                mismatch)
          << operation << key;
    }
  }
  EXPECT_EQ(ErrorOf("PutItem", R"({"TableName":"notes","Item":{"q":{"S":"a"}}})"),
            "ValidationException: One or more parameter values were invalid: Missing the key p in "
            "the item");
  EXPECT_EQ(ErrorOf("PutItem", R"({"TableName":"notes","Item":{"p":{"N":"1"}}})"),
            "ValidationException: One or more parameter values were invalid: Type mismatch for key "
            "p expected: S actual: N");
}

TEST_F(ItemsTest, ASetHasNoNull) {
  const auto error = [this](const std::string& set) {
    return ErrorOf("PutItem", R"({"TableName":"tab","Item":{"p":{"S":"a"},"q":)" + set + "}}");
  };
  const std::string invalid =
      "ValidationException: 1 validation error detected: One or more parameter values were "
      "invalid: ";
  EXPECT_EQ(error(R"({"SS":["a",null]})"),
            invalid + "An string set may not have a null string as a member");
  EXPECT_EQ(error(R"({"BS":["YQ==",null]})"),
            invalid + "Binary sets may not contain null or empty values");
  EXPECT_THAT(error(R"({"NS":["1",null]})"), testing::HasSubstr("ValidationException"));
}

TEST_F(ItemsTest, APlaceholderHasAtMost255Bytes) {
  const auto error = [this](const std::string& parameter, char mark, const std::string& value) {
    return ErrorOf("UpdateItem", R"({"TableName":"tab","Key":{"p":{"S":"a"}},)"
                                 R"("UpdateExpression":"SET a = b",")" +
                                     parameter + "\":{\"" + mark + std::string(255, 'a') +
                                     "\":" + value + "}}");
  };
  const std::string refused = "ValidationException: 1 validation error detected: ";
  const std::string too_long =
      " contains invalid key: The expression attribute map contains a key that is too long;";
  EXPECT_EQ(error("ExpressionAttributeNames", '#', R"("n")"),
            refused + "ExpressionAttributeNames" + too_long + " size of key: 256");
  EXPECT_EQ(error("ExpressionAttributeValues", ':', R"({"S":"v"})"),
            refused + "ExpressionAttributeValues" + too_long);
}

TEST_F(ItemsTest, b6_AMissingTableIsNotFound) {
  for (const char* const body :
       {R"({"TableName":"none","Key":{"p":{"S":"a"}}})", R"({"TableName":"none","Key":{}})"}) {
    EXPECT_EQ(ErrorOf("GetItem", body), "ResourceNotFoundException: Requested resource not found");
  }
}

TEST_F(ItemsTest, c16_PutAndDeleteReturnTheOldItemOnly) {
  const std::string put = R"({"TableName":"notes","Item":{"p":{"S":"a"},"v":{"S":"1"}},)";
  EXPECT_EQ(Ok("PutItem", put + R"("ReturnValues":"ALL_OLD"})"), json::object());
  EXPECT_EQ(Ok("PutItem", put + R"("ReturnValues":"ALL_OLD"})").at("Attributes"),
            json::parse(R"({"p":{"S":"a"},"v":{"S":"1"}})"));
  EXPECT_EQ(ErrorOf("PutItem", put + R"("ReturnValues":"ALL_NEW"})"),
            "ValidationException: 1 validation error detected: ReturnValues can only be ALL_OLD or "
            "NONE");
  const std::string erase = R"({"TableName":"notes","Key":{"p":{"S":"a"}},)";
  EXPECT_EQ(ErrorOf("DeleteItem", erase + R"("ReturnValues":"UPDATED_OLD"})"),
            "ValidationException: 1 validation error detected: ReturnValues can only be ALL_OLD or "
            "NONE");
  EXPECT_EQ(Ok("DeleteItem", erase + R"("ReturnValues":"ALL_OLD"})").at("Attributes")["v"]["S"],
            "1");
  EXPECT_EQ(Ok("DeleteItem", erase + R"("ReturnValues":"ALL_OLD"})"), json::object());
}

TEST_F(ItemsTest, c17_AnUpdateReturnsWhatWasAskedFor) {
  Put("notes", R"({"p":{"S":"a"},"n":{"N":"1"},"k":{"S":"kept"}})");
  const auto update = [&](const std::string& values) {
    return Ok("UpdateItem", R"({"TableName":"notes","Key":{"p":{"S":"a"}},)"
                            R"("UpdateExpression":"SET n = n + :one",)"
                            R"("ExpressionAttributeValues":{":one":{"N":"1"}},"ReturnValues":")" +
                                values + "\"}");
  };
  EXPECT_EQ(update("NONE"), json::object());
  EXPECT_EQ(update("ALL_OLD").at("Attributes")["n"]["N"], "2");
  EXPECT_EQ(update("UPDATED_OLD").at("Attributes"), json::parse(R"({"n":{"N":"3"}})"));
  EXPECT_EQ(update("UPDATED_NEW").at("Attributes"), json::parse(R"({"n":{"N":"5"}})"));
  EXPECT_EQ(update("ALL_NEW").at("Attributes"),
            json::parse(R"({"p":{"S":"a"},"n":{"N":"6"},"k":{"S":"kept"}})"));
}

TEST_F(ItemsTest, c18_AFailedConditionShowsTheItemIfItWasAskedFor) {
  Put("notes", R"({"p":{"S":"a"},"v":{"S":"1"}})");
  const std::string put = R"({"TableName":"notes","Item":{"p":{"S":"a"}},)"
                          "\"ConditionExpression\":\"attribute_not_exists(p)\"";
  AwsAnswer answer = DynamoDb("PutItem", put + "}");
  EXPECT_EQ(answer.response.body,
            R"({"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",)"
            R"("message":"The conditional request failed"})");
  answer = DynamoDb("PutItem", put + R"(,"ReturnValuesOnConditionCheckFailure":"ALL_OLD"})");
  EXPECT_EQ(answer.Json().at("Item")["v"]["S"], "1");
  EXPECT_EQ(Item("notes", kKey)["v"]["S"], "1");
}

TEST_F(ItemsTest, c19_AnUpdateCreatesAnItemUnlessItOnlyRemoves) {
  Ok("UpdateItem", R"({"TableName":"notes","Key":{"p":{"S":"a"}},"UpdateExpression":"REMOVE x"})");
  EXPECT_TRUE(Item("notes", kKey).is_null());
  EXPECT_EQ(CountRecords(), 0u);
  Ok("UpdateItem", R"({"TableName":"notes","Key":{"p":{"S":"a"}}})");
  EXPECT_EQ(Item("notes", kKey), json::parse(kKey));
}

TEST_F(ItemsTest, c20_TheKeyCannotBeUpdated) {
  EXPECT_EQ(ErrorOf("UpdateItem", R"({"TableName":"notes","Key":{"p":{"S":"a"}},)"
                                  R"("UpdateExpression":"SET p = :v",)"
                                  R"("ExpressionAttributeValues":{":v":{"S":"b"}}})"),
            "ValidationException: One or more parameter values were invalid: Cannot update "
            "attribute p. This attribute is part of the key");
}

TEST_F(ItemsTest, c4_AnItemHasAtMost400KBytes) {
  const auto put = [&](std::size_t bytes) {
    return ErrorOf("PutItem", R"({"TableName":"notes","Item":{"p":{"S":"a"},"v":{"S":")" +
                                  std::string(bytes, 'x') + "\"}}}");
  };
  // The names "p" and "v" and the key "a" have three bytes.
  EXPECT_EQ(put(409600 - 3), "");
  EXPECT_EQ(put(409600 - 2),
            "ValidationException: Item size has exceeded the maximum allowed size");
}

TEST_F(ItemsTest, c33_ExpressionsAndLegacyParametersExcludeEachOther) {
  EXPECT_EQ(ErrorOf("GetItem", R"({"TableName":"none","Key":{"p":{}},"AttributesToGet":["a"],)"
                               R"("ProjectionExpression":"a"})"),
            "ValidationException: Can not use both expression and non-expression parameters in the "
            "same request: Non-expression parameters: {AttributesToGet} Expression parameters: "
            "{ProjectionExpression}");
}

TEST_F(ItemsTest, c61_LegacyParametersDoTheSame) {
  Put("notes", R"({"p":{"S":"a"},"n":{"N":"1"}})");
  const std::string begin = R"({"TableName":"notes","Key":{"p":{"S":"a"}},)";
  EXPECT_THAT(ErrorOf("UpdateItem",
                      begin + R"("Expected":{"n":{"Value":{"N":"2"}}},)"
                              R"("AttributeUpdates":{"n":{"Action":"ADD","Value":{"N":"1"}}}})"),
              HasSubstr("ConditionalCheckFailedException"));
  Ok("UpdateItem", begin + R"("Expected":{"n":{"Value":{"N":"1"}}},)"
                           R"("AttributeUpdates":{"n":{"Action":"ADD","Value":{"N":"1"}}}})");
  EXPECT_EQ(Item("notes", kKey)["n"]["N"], "2");
}

TEST_F(ItemsTest, c59_ConsumedCapacityIsToldInTwoForms) {
  Put("notes", R"({"p":{"S":"a"},"v":{"S":")" + std::string(5000, 'x') + "\"}}");
  const auto get = [&](const std::string& more) {
    return Ok("GetItem", R"({"TableName":"notes","Key":{"p":{"S":"a"}},)" + more + "}");
  };
  EXPECT_FALSE(get(R"("ReturnConsumedCapacity":"NONE")").contains("ConsumedCapacity"));
  EXPECT_EQ(get(R"("ReturnConsumedCapacity":"TOTAL")").at("ConsumedCapacity"),
            json::parse(R"({"TableName":"notes","CapacityUnits":1.0})"));
  EXPECT_EQ(
      get(R"("ReturnConsumedCapacity":"INDEXES","ConsistentRead":true)").at("ConsumedCapacity"),
      json::parse(R"({"TableName":"notes","CapacityUnits":2.0,)"
                  R"("Table":{"CapacityUnits":2.0}})"));
}

TEST_F(ItemsTest, d16_AWriteThatChangesNothingMakesNoRecord) {
  Put("notes", R"({"p":{"S":"a"},"n":{"N":"1"}})");
  const std::uint64_t before = CountRecords();
  Put("notes", R"({"n":{"N":"1.0"},"p":{"S":"a"}})");
  Ok("DeleteItem", R"({"TableName":"notes","Key":{"p":{"S":"b"}}})");
  EXPECT_EQ(CountRecords(), before);
}

TEST_F(ItemsTest, c47_AnIndexKeyOfTheWrongTypeIsRefused) {
  AddIndex("by-g", /*local=*/false, dynamodb::ProjectionType::kAll);
  MakeTable("indexed");
  EXPECT_THAT(ErrorOf("PutItem", R"({"TableName":"indexed","Item":{"p":{"S":"a"},"g":{"N":"1"}}})"),
              HasSubstr("Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g"));
}

TEST_F(ItemsTest, CollectionMetricsAreOfTablesWithLocalIndexes) {
  AddIndex("by-g", /*local=*/true, dynamodb::ProjectionType::kAll);
  MakeTable("indexed", "S");
  const json reply = Ok("PutItem", R"({"TableName":"indexed","Item":{"p":{"S":"a"},"c":{"S":"b"}},)"
                                   R"("ReturnItemCollectionMetrics":"SIZE"})");
  EXPECT_EQ(
      reply.at("ItemCollectionMetrics"),
      json::parse(R"({"ItemCollectionKey":{"p":{"S":"a"}},"SizeEstimateRangeGB":[0.0,1.0]})"));
}

TEST_F(ItemsTest, AnExpressionOfAnotherOperationIsIgnored) {
  EXPECT_EQ(ErrorOf("PutItem", R"({"TableName":"notes","Item":{"p":{"S":"ignored"}},)"
                               R"("UpdateExpression":"SET a = b c","FilterExpression":"("})"),
            "");
  EXPECT_EQ(ErrorOf("GetItem", R"({"TableName":"notes","Key":{"p":{"S":"ignored"}},)"
                               R"("ConditionExpression":"("})"),
            "");
  EXPECT_EQ(ErrorOf("TransactWriteItems",
                    R"({"TransactItems":[{"Put":{"TableName":"notes","Item":{"p":{"S":"ignored"}},)"
                    R"("UpdateExpression":"("}}]})"),
            "");
}

}  // namespace
}  // namespace kless::doors
