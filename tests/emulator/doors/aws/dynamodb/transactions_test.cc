#include "emulator/doors/aws/dynamodb/transactions.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/emulator/doors/aws/dynamodb/dynamodb_world.h"

namespace kless::doors {
namespace {

using testing::HasSubstr;

class TransactionsTest : public DynamoDbWorld {
 protected:
  TransactionsTest() { MakeTable("tab"); }

  static std::string PutAction(const std::string& key, const std::string& more = "") {
    return R"({"Put":{"TableName":"tab","Item":{"p":{"S":")" + key + R"("}})" + more + "}}";
  }
  std::string Write(const std::string& actions, const std::string& more = "") {
    return R"({"TransactItems":[)" + actions + "]" + more + "}";
  }
};

TEST_F(TransactionsTest, c51_AllActionsAreCarriedOutOrNone) {
  Put("tab", R"({"p":{"S":"gone"}})");
  EXPECT_EQ(
      Ok("TransactWriteItems",
         Write(PutAction("a") + R"(,{"Delete":{"TableName":"tab","Key":{"p":{"S":"gone"}}}},)"
                                R"({"Update":{"TableName":"tab","Key":{"p":{"S":"u"}},)"
                                R"("UpdateExpression":"SET v = :v",)"
                                R"("ExpressionAttributeValues":{":v":{"N":"1"}}}},)"
                                R"({"ConditionCheck":{"TableName":"tab","Key":{"p":{"S":"c"}},)"
                                R"x("ConditionExpression":"attribute_not_exists(p)"}})x")),
      json::object());
  EXPECT_TRUE(Item("tab", R"({"p":{"S":"gone"}})").is_null());
  EXPECT_EQ(Item("tab", R"({"p":{"S":"u"}})")["v"]["N"], "1");
}

TEST_F(TransactionsTest, c52_ACancelledTransactionHasAReasonForEachAction) {
  Put("tab", R"({"p":{"S":"a"},"v":{"S":"1"}})");
  const std::uint64_t before = CountRecords();
  const AwsAnswer answer =
      DynamoDb("TransactWriteItems",
               Write(PutAction("a", R"x(,"ConditionExpression":"attribute_not_exists(p)",)x"
                                    R"("ReturnValuesOnConditionCheckFailure":"ALL_OLD")") +
                     "," + PutAction("b")));
  EXPECT_EQ(answer.Type(), "TransactionCanceledException");
  EXPECT_EQ(answer.Message(),
            "Transaction cancelled, please refer cancellation reasons for specific reasons "
            "[ConditionalCheckFailed, None]");
  EXPECT_EQ(answer.Json().at("CancellationReasons"),
            json::parse(R"([{"Code":"ConditionalCheckFailed",)"
                        R"("Item":{"p":{"S":"a"},"v":{"S":"1"}},)"
                        R"("Message":"The conditional request failed"},{"Code":"None"}])"));
  EXPECT_EQ(CountRecords(), before);
}

TEST_F(TransactionsTest, c53_AKeyThatDoesNotFitCancelsAndAMistakeInAnExpressionDoesNot) {
  const AwsAnswer answer =
      DynamoDb("TransactWriteItems",
               Write(PutAction("a") + R"(,{"Delete":{"TableName":"tab","Key":{"p":{"N":"1"}}}})"));
  EXPECT_EQ(answer.Type(), "TransactionCanceledException");
  EXPECT_EQ(answer.Json()["CancellationReasons"][0], json::parse(R"({"Code":"None"})"));
  EXPECT_EQ(answer.Json()["CancellationReasons"][1]["Code"], "ValidationError");
  EXPECT_THAT(
      ErrorOf("TransactWriteItems", Write(PutAction("a", R"(,"ConditionExpression":"#x = :y")"))),
      HasSubstr("ValidationException: "));
}

TEST_F(TransactionsTest, AnEmptyKeyRefusesTheRequestBeforeTheTransaction) {
  const std::string empty =
      "ValidationException: One or more parameter values are not valid. The AttributeValue for a "
      "key attribute cannot contain an empty string value. Key: p";
  EXPECT_EQ(ErrorOf("TransactWriteItems", Write(PutAction(""))), empty);
  EXPECT_EQ(ErrorOf("TransactWriteItems",
                    Write(R"({"Delete":{"TableName":"tab","Key":{"p":{"S":""}}}})")),
            empty);
  EXPECT_EQ(ErrorOf("TransactGetItems",
                    R"({"TransactItems":[{"Get":{"TableName":"tab","Key":{"p":{"S":""}}}}]})"),
            empty);
}

TEST_F(TransactionsTest, KeysOfIndexesAreCheckedAsByPutAndUpdate) {
  Ok("CreateTable",
     R"({"TableName":"idx","AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},)"
     R"({"AttributeName":"g","AttributeType":"S"}],"KeySchema":[{"AttributeName":"p","KeyType":)"
     R"("HASH"}],"BillingMode":"PAY_PER_REQUEST","GlobalSecondaryIndexes":[{"IndexName":"by-g",)"
     R"("KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":)"
     R"("ALL"}}]})");
  const auto put = [&](const std::string& g) {
    return Write(R"({"Put":{"TableName":"idx","Item":{"p":{"S":"a"},"g":)" + g + "}}}");
  };
  const auto update = [&](const std::string& g) {
    return Write(R"({"Update":{"TableName":"idx","Key":{"p":{"S":"a"}},"UpdateExpression":)"
                 R"("SET g = :g","ExpressionAttributeValues":{":g":)" +
                 g + "}}}");
  };
  EXPECT_THAT(ErrorOf("TransactWriteItems", put(R"({"S":""})")),
              HasSubstr("ValidationException: One or more parameter values are not valid. A value "
                        "specified for a secondary index key is not supported."));
  const std::string of_update =
      "ValidationException: One or more parameter values are not valid. The update expression "
      "attempted to update a secondary index key to a value that is not supported. The "
      "AttributeValue for a key attribute cannot contain an empty string value.";
  EXPECT_EQ(ErrorOf("TransactWriteItems", update(R"({"S":""})")), of_update);
  EXPECT_EQ(ErrorOf("UpdateItem", R"({"TableName":"idx","Key":{"p":{"S":"a"}},"UpdateExpression":)"
                                  R"("SET g = :g","ExpressionAttributeValues":{":g":{"S":""}}})"),
            of_update);
  const AwsAnswer answer = DynamoDb("TransactWriteItems", update(R"({"N":"1"})"));
  EXPECT_EQ(answer.Json()["CancellationReasons"][0]["Message"],
            "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S "
            "Actual: N IndexName: by-g");
}

TEST_F(TransactionsTest, c54_AnItemIsInOneActionOnly) {
  EXPECT_EQ(ErrorOf("TransactWriteItems", Write(PutAction("a") + "," + PutAction("a"))),
            "ValidationException: Transaction request cannot include multiple operations on one "
            "item");
}

TEST_F(TransactionsTest, c56_ATokenMakesARepetitionHarmless) {
  const std::string token = R"(,"ClientRequestToken":"token")";
  const std::string update = R"({"Update":{"TableName":"tab","Key":{"p":{"S":"a"}},)"
                             R"("UpdateExpression":"ADD n :one",)"
                             R"("ExpressionAttributeValues":{":one":{"N":"1"}}}})";
  Ok("TransactWriteItems", Write(update, token));
  Ok("TransactWriteItems", Write(update, token));
  EXPECT_EQ(Item("tab", R"({"p":{"S":"a"}})")["n"]["N"], "1");
  // The order of members says nothing.
  Ok("TransactWriteItems",
     Write(R"({"Update":{"Key":{"p":{"S":"a"}},"TableName":"tab",)"
           R"("ExpressionAttributeValues":{":one":{"N":"1"}},"UpdateExpression":"ADD n :one"}})",
           token));
  EXPECT_EQ(Item("tab", R"({"p":{"S":"a"}})")["n"]["N"], "1");
  EXPECT_THAT(ErrorOf("TransactWriteItems", Write(PutAction("a"), token)),
              HasSubstr("IdempotentParameterMismatchException"));
  event_loop_.Run(event_loop_.Now() + std::chrono::minutes(11));
  Ok("TransactWriteItems", Write(update, token));
  EXPECT_EQ(Item("tab", R"({"p":{"S":"a"}})")["n"]["N"], "2");
}

TEST_F(TransactionsTest, c58_GetsAreAnsweredInOrder) {
  Put("tab", R"({"p":{"S":"a"},"v":{"S":"1"}})");
  const json reply = Ok("TransactGetItems",
                        R"({"TransactItems":[{"Get":{"TableName":"tab","Key":{"p":{"S":"x"}}}},)"
                        R"({"Get":{"TableName":"tab","Key":{"p":{"S":"a"}},)"
                        R"("ProjectionExpression":"v"}}],"ReturnConsumedCapacity":"TOTAL"})");
  EXPECT_EQ(reply["Responses"], json::parse(R"([{},{"Item":{"v":{"S":"1"}}}])"));
  EXPECT_EQ(reply["ConsumedCapacity"][0]["CapacityUnits"], 4.0);
}

TEST_F(TransactionsTest, AnActionIsOneOfFour) {
  const std::string error =
      "ValidationException: TransactItems can only contain one of Check, Put, Update or Delete";
  EXPECT_EQ(ErrorOf("TransactWriteItems", Write("{}")), error);
  EXPECT_EQ(ErrorOf("TransactWriteItems",
                    Write(R"({"Put":{"TableName":"tab","Item":{"p":{"S":"a"}}},)"
                          R"("Delete":{"TableName":"tab","Key":{"p":{"S":"a"}}}})")),
            error);
}

TEST_F(TransactionsTest, EachItemCollectionHasItsMetricsOnce) {
  AddIndex("by-g", /*local=*/true, dynamodb::ProjectionType::kAll);
  MakeTable("indexed", "S");
  const auto put = [](const std::string& c) {
    return R"({"Put":{"TableName":"indexed","Item":{"p":{"S":"a"},"c":{"S":")" + c + R"("}}}})";
  };
  const json reply = Ok("TransactWriteItems", R"({"TransactItems":[)" + put("1") + "," + put("2") +
                                                  R"(],"ReturnItemCollectionMetrics":"SIZE"})");
  EXPECT_EQ(
      reply["ItemCollectionMetrics"]["indexed"],
      json::parse(R"([{"ItemCollectionKey":{"p":{"S":"a"}},"SizeEstimateRangeGB":[0.0,1.0]}])"));
}

}  // namespace
}  // namespace kless::doors
