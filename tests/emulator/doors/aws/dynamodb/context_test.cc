// The texts of errors by operation, as recorded in four regions:
// https://github.com/paritysuite/dynamodb-conformance (its error messages).
#include "emulator/doors/aws/dynamodb/context.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/emulator/doors/aws/dynamodb/dynamodb_world.h"

namespace kless::doors {
namespace {

using testing::StartsWith;

const std::string kValidation = "ValidationException: ";
const std::string kEnvelope = "ValidationException: 1 validation error detected: ";
const std::string kInvalid = "One or more parameter values were invalid: ";

class ErrorTextsTest : public DynamoDbWorld {
 protected:
  ErrorTextsTest() { MakeTable("tab"); }

  std::string PutError(const std::string& more, const std::string& item = R"("p":{"S":"a"})") {
    return ErrorOf("PutItem", R"({"TableName":"tab","Item":{)" + item + "}" + more + "}");
  }
  // The operation is one on a key.
  std::string KeyError(const std::string& operation, const std::string& more,
                       const std::string& key = R"({"S":"a"})") {
    return ErrorOf(operation, R"({"TableName":"tab","Key":{"p":)" + key + "}" + more + "}");
  }
};

// A value that is refused, with its text in operations of the current code and in others.
struct RefusedValue {
  const char* value;
  std::string current;
  std::string older;
};

std::vector<RefusedValue> RefusedValues() {
  const std::string numeric = "The parameter cannot be converted to a numeric value";
  const std::string overflow =
      "Number overflow. Attempting to store a number with magnitude larger than supported range";
  return {
      {R"({"N":"abc"})", numeric + ": abc", numeric + ": abc"},
      {R"({"N":""})", numeric + ": ", numeric},
      {R"({"L":[{"N":"1e126"}]})", overflow, overflow},
      {R"({"NS":["1",""]})", numeric + ": ", numeric},
      {R"({"SS":["b","a","b"]})",
       kInvalid + R"(Input collection ["a", "b", "b"] contains duplicates.)",
       kInvalid + "Input collection [b, a, b] contains duplicates."},
      {R"({"BS":["/w==","AA==","AA=="]})",
       kInvalid + R"(Input collection ["AA==","/w==","AA=="]of type BS contains duplicates.)",
       kInvalid + "Input collection [/w==, AA==, AA==]of type BS contains duplicates."},
      {R"({"NS":["2","1","2"]})", kInvalid + "Input collection contains duplicates.",
       "Input collection contains duplicates"},
      {R"({"SS":[]})", kInvalid + "An string set  may not be empty",
       kInvalid + "An string set  may not be empty"},
      {R"({"NULL":false})", kInvalid + "Null attribute value types must have the value of true",
       kInvalid + "Null attribute value types must have the value of true"},
  };
}

TEST_F(ErrorTextsTest, WritesOfOneItemReportValuesInTheEnvelopeWhereverTheyStand) {
  for (const auto& [value, current, older] : RefusedValues()) {
    const std::string v = value;
    const std::string expected = kEnvelope + current;
    const std::string condition =
        R"(,"ConditionExpression":"x = :v","ExpressionAttributeValues":{":v":)" + v + "}";
    const std::string legacy = R"(,"Expected":{"x":{"Value":)" + v + "}}";
    EXPECT_EQ(PutError("", R"("p":{"S":"a"},"x":)" + v), expected);
    for (const std::string& more : {condition, legacy}) {
      EXPECT_EQ(PutError(more), expected);
      EXPECT_EQ(KeyError("DeleteItem", more), expected);
      EXPECT_EQ(KeyError("UpdateItem", more), expected);
    }
    EXPECT_EQ(KeyError("UpdateItem", R"(,"UpdateExpression":"SET x = :v",)"
                                     R"("ExpressionAttributeValues":{":v":)" +
                                         v + "}"),
              expected);
    EXPECT_EQ(KeyError("UpdateItem", R"(,"AttributeUpdates":{"x":{"Value":)" + v + "}}"), expected);
    EXPECT_EQ(KeyError("UpdateItem", "", v), expected);
    EXPECT_EQ(KeyError("DeleteItem", "", v), expected);
  }
}

TEST_F(ErrorTextsTest, ReadsReportValuesInTheSameTextsWithoutTheEnvelope) {
  const std::string key = R"({"TableName":"tab","KeyConditionExpression":"p = :p",)";
  for (const auto& [value, current, older] : RefusedValues()) {
    const std::string v = value;
    const std::string expected = kValidation + current;
    EXPECT_EQ(KeyError("GetItem", "", v), expected);
    EXPECT_EQ(ErrorOf("BatchGetItem", R"({"RequestItems":{"tab":{"Keys":[{"p":)" + v + "}]}}}"),
              expected);
    EXPECT_EQ(ErrorOf("Query", key + R"("ExpressionAttributeValues":{":p":)" + v + "}}"), expected);
    EXPECT_EQ(ErrorOf("Query", key + R"("FilterExpression":"x = :v","ExpressionAttributeValues":)" +
                                   R"({":p":{"S":"a"},":v":)" + v + "}}"),
              expected);
    EXPECT_EQ(ErrorOf("Query", R"({"TableName":"tab","KeyConditions":{"p":{"ComparisonOperator":)"
                               R"("EQ","AttributeValueList":[{"S":"a"}]}},"QueryFilter":{"x":)"
                               R"({"ComparisonOperator":"EQ","AttributeValueList":[)" +
                                   v + "]}}}"),
              expected);
  }
}

TEST_F(ErrorTextsTest, BatchesOfWritesTransactionsAndScansKeepTheOlderTexts) {
  const auto of_key = [](const std::string& text) {
    return kValidation + "ExpressionAttributeValues contains invalid value: " + text +
           " for key :v";
  };
  for (const auto& [value, current, older] : RefusedValues()) {
    const std::string v = value;
    EXPECT_EQ(ErrorOf("BatchWriteItem",
                      R"({"RequestItems":{"tab":[{"DeleteRequest":{"Key":{"p":)" + v + "}}}]}}"),
              kValidation + older);
    EXPECT_EQ(ErrorOf("TransactGetItems",
                      R"({"TransactItems":[{"Get":{"TableName":"tab","Key":{"p":)" + v + "}}}]}"),
              kValidation + older);
    EXPECT_EQ(ErrorOf("TransactWriteItems",
                      R"({"TransactItems":[{"Update":{"TableName":"tab","Key":{"p":{"S":"a"}},)"
                      R"("UpdateExpression":"SET x = :v","ExpressionAttributeValues":{":v":)" +
                          v + "}}}]}"),
              of_key(older));
    EXPECT_EQ(ErrorOf("Scan", R"({"TableName":"tab","FilterExpression":"x = :v",)"
                              R"("ExpressionAttributeValues":{":v":)" +
                                  v + "}}"),
              of_key(older));
  }
}

TEST_F(ErrorTextsTest, WritesOfOneItemReportExpressionsInTheEnvelope) {
  const std::string names = "ExpressionAttributeNames ";
  const std::string values = "ExpressionAttributeValues ";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"(,"ExpressionAttributeValues":{":v":{"S":"x"}})",
       values + "can only be specified when using expressions"},
      {R"(,"ExpressionAttributeNames":{"#a":"a"})",
       names + "can only be specified when using expressions"},
      {R"(,"ConditionExpression":"a = :v","ExpressionAttributeValues":{})",
       values + "must not be empty"},
      {R"~(,"ConditionExpression":"attribute_exists(#a)","ExpressionAttributeNames":{})~",
       names + "must not be empty"},
      {R"(,"ConditionExpression":"")",
       "Invalid ConditionExpression: The expression can not be empty;"},
      {R"(,"ConditionExpression":"a = :v")",
       "Invalid ConditionExpression: An expression attribute value used in expression is not "
       "defined; attribute value: :v"},
      {R"~(,"ConditionExpression":"attribute_exists(a)","ExpressionAttributeNames":{"#b":"b"})~",
       "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}"},
      {R"~(,"ConditionExpression":"attribute_exists(a)","Expected":{"a":{"Exists":false}})~",
       "Can not use both expression and non-expression parameters in the same request: "
       "Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}"},
      {R"(,"Expected":{"a":{"ComparisonOperator":"EQ"}})",
       kInvalid +
           "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: a"},
  };
  for (const auto& [more, text] : cases) {
    EXPECT_EQ(PutError(more), kEnvelope + text);
    EXPECT_EQ(KeyError("DeleteItem", more), kEnvelope + text);
    EXPECT_EQ(KeyError("UpdateItem", more), kEnvelope + text);
  }
  EXPECT_EQ(KeyError("UpdateItem", R"(,"UpdateExpression":"SET a = b SET b = a")"),
            kEnvelope +
                "Invalid UpdateExpression: The \"SET\" section can only be used once in an "
                "update expression;");
}

TEST_F(ErrorTextsTest, OnlyTheChoiceOfAttributesIsInTheEnvelopeOfAQuery) {
  const std::string query = R"({"TableName":"tab","KeyConditionExpression":"p = :p",)"
                            R"("ExpressionAttributeValues":{":p":{"S":"a"}},)";
  const std::string both = R"("Select":"COUNT","ProjectionExpression":"a"})";
  const std::string text =
      "Cannot specify the ProjectionExpression when choosing to get only the Count";
  EXPECT_EQ(ErrorOf("Query", query + both), kEnvelope + text);
  EXPECT_EQ(ErrorOf("Scan", R"({"TableName":"tab",)" + both), kValidation + text);
  EXPECT_EQ(ErrorOf("Query", query + R"("ProjectionExpression":""})"),
            kValidation + "Invalid ProjectionExpression: The expression can not be empty;");
  EXPECT_EQ(
      KeyError("GetItem", R"(,"ProjectionExpression":"a","ExpressionAttributeNames":)"
                          R"({"#b":"b"})"),
      kValidation + "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}");
}

TEST_F(ErrorTextsTest, TypesSizesAndWhatTheTableDecidesAreNotInTheEnvelope) {
  EXPECT_EQ(PutError("", R"("p":{"S":"a"},"x":{})"),
            kValidation +
                "Supplied AttributeValue is empty, must contain exactly one of the supported "
                "datatypes");
  EXPECT_EQ(PutError("", R"("p":{"S":"a"},"x":{"S":")" + std::string(410'000, 'x') + "\"}"),
            kValidation + "Item size has exceeded the maximum allowed size");
  EXPECT_EQ(PutError("", R"("p":{"N":"1"})"),
            kValidation + kInvalid + "Type mismatch for key p expected: S actual: N");
  for (const std::string& error :
       {PutError("", R"("p":{"S":""})"), KeyError("DeleteItem", "", R"({"S":""})"),
        KeyError("UpdateItem", "", R"({"S":""})")}) {
    EXPECT_EQ(error, kValidation +
                         "One or more parameter values are not valid. The AttributeValue for a key "
                         "attribute cannot contain an empty string value. Key: p");
  }
  EXPECT_EQ(
      KeyError("UpdateItem", R"(,"UpdateExpression":"SET p = :v",)"
                             R"("ExpressionAttributeValues":{":v":{"S":"b"}})"),
      kValidation + kInvalid + "Cannot update attribute p. This attribute is part of the key");
  EXPECT_EQ(KeyError("UpdateItem", R"(,"UpdateExpression":"SET a = b")"),
            kValidation +
                "The provided expression refers to an attribute that does not exist in the item");
}

TEST_F(ErrorTextsTest, AllOperationsHaveTheOlderTextsIfThatIsWanted) {
  dynamodb_context_->texts = ErrorTexts::kOlder;
  const std::string duplicates = R"({"SS":["b","a","b"]})";
  const std::string older = kInvalid + "Input collection [b, a, b] contains duplicates.";
  EXPECT_EQ(PutError("", R"("p":{"S":"a"},"x":)" + duplicates), kValidation + older);
  EXPECT_EQ(KeyError("GetItem", "", duplicates), kValidation + older);
  EXPECT_EQ(
      KeyError("DeleteItem", R"(,"ConditionExpression":"x = :v",)"
                             R"("ExpressionAttributeValues":{":v":)" +
                                 duplicates + "}"),
      kValidation + "ExpressionAttributeValues contains invalid value: " + older + " for key :v");
  EXPECT_EQ(PutError(R"(,"ExpressionAttributeValues":{":v":{"S":"x"}})"),
            kValidation +
                "ExpressionAttributeValues can only be specified when using expressions: "
                "ConditionExpression is null");
  EXPECT_EQ(KeyError("UpdateItem", R"(,"UpdateExpression":"")"),
            kValidation + "Invalid UpdateExpression: The expression can not be empty;");
  EXPECT_THAT(ErrorOf("Query", R"({"TableName":"tab","KeyConditionExpression":"p = :p",)"
                               R"("ExpressionAttributeValues":{":p":{"S":"a"}},)"
                               R"("Select":"SPECIFIC_ATTRIBUTES"})"),
              StartsWith(kValidation + "Must specify"));
}

}  // namespace
}  // namespace kless::doors
