#include "emulator/doors/aws/dynamodb/statements.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/emulator/doors/aws/dynamodb/dynamodb_world.h"

namespace kless::doors {
namespace {

using testing::HasSubstr;

class StatementsTest : public DynamoDbWorld {
 protected:
  StatementsTest() { MakeTable("tab", "N"); }

  static std::string Body(const std::string& statement, const std::string& more = "") {
    return json({{"Statement", statement}}).dump().insert(1, more);
  }
  json Execute(const std::string& statement, const std::string& more = "") {
    return Ok("ExecuteStatement", Body(statement, more));
  }
  std::string ErrorOfStatement(const std::string& statement) {
    return ErrorOf("ExecuteStatement", Body(statement));
  }
};

TEST_F(StatementsTest, WhatAnIndexOrABatchCannotReadIsSaid) {
  Ok("CreateTable",
     R"({"TableName":"idx","AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},)"
     R"({"AttributeName":"g","AttributeType":"S"}],"KeySchema":[{"AttributeName":"p","KeyType":)"
     R"("HASH"}],"BillingMode":"PAY_PER_REQUEST","GlobalSecondaryIndexes":[{"IndexName":"by-g",)"
     R"("KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":)"
     R"("KEYS_ONLY"}}]})");
  EXPECT_EQ(ErrorOfStatement("SELECT * FROM \"idx\".\"none\""),
            "ValidationException: The table does not have the specified index");
  EXPECT_EQ(ErrorOf("ExecuteStatement",
                    Body("SELECT * FROM \"idx\".\"by-g\"", R"("ConsistentRead":true,)")),
            "ValidationException: Strongly consistent read is not supported on Global Secondary "
            "Indexes");
  EXPECT_EQ(ErrorOfStatement("SELECT y, g, x FROM \"idx\".\"by-g\" WHERE g = 'a'"),
            "ValidationException: One or more parameter values were invalid: Global secondary "
            "index by-g does not project [y, x]");
  const json batch = Ok("BatchExecuteStatement",
                        R"({"Statements":[{"Statement":"SELECT * FROM tab WHERE p = 'a'"}]})");
  EXPECT_EQ(batch["Responses"][0]["Error"]["Message"],
            "Select statements within BatchExecuteStatement must specify the primary key in the "
            "where clause.");
}

TEST_F(StatementsTest, StatementsWriteAndReadItems) {
  EXPECT_EQ(
      Execute("INSERT INTO tab VALUE {'p': 'a', 'c': 1, 'v': ?}", R"("Parameters":[{"S":"x"}],)"),
      json::parse(R"({"Items":[]})"));
  EXPECT_EQ(Execute("SELECT v FROM tab WHERE p = 'a' AND c = 1")["Items"],
            json::parse(R"([{"v":{"S":"x"}}])"));
  EXPECT_EQ(Execute("UPDATE tab SET v = 'y' WHERE p = 'a' AND c = 1 RETURNING ALL NEW *")["Items"],
            json::parse(R"([{"p":{"S":"a"},"c":{"N":"1"},"v":{"S":"y"}}])"));
  EXPECT_EQ(Execute("DELETE FROM tab WHERE p = 'a' AND c = 1 RETURNING ALL OLD *")["Items"].size(),
            1u);
  EXPECT_EQ(Execute("SELECT * FROM tab")["Items"], json::array());
}

TEST_F(StatementsTest, AnItemIsInsertedOnceAndOnlyAnItemIsUpdated) {
  Execute("INSERT INTO tab VALUE {'p': 'a', 'c': 1}");
  EXPECT_EQ(ErrorOfStatement("INSERT INTO tab VALUE {'p': 'a', 'c': 1}"),
            "DuplicateItemException: Duplicate primary key exists in table");
  EXPECT_EQ(ErrorOfStatement("UPDATE tab SET v = 1 WHERE p = 'b' AND c = 1"),
            "ConditionalCheckFailedException: The conditional request failed");
  Execute("DELETE FROM tab WHERE p = 'b' AND c = 1");
}

TEST_F(StatementsTest, ALongSelectContinuesByItsToken) {
  for (int i = 0; i < 5; ++i) {
    Put("tab", R"({"p":{"S":"a"},"c":{"N":")" + std::to_string(i) + "\"}}");
  }
  const std::string select = "SELECT c FROM tab WHERE p = 'a'";
  json page = Execute(select, R"("Limit":3,)");
  EXPECT_EQ(page["Items"].size(), 3u);
  page = Execute(select, R"("NextToken":)" + page.at("NextToken").dump() + ",");
  EXPECT_EQ(page["Items"], json::parse(R"([{"c":{"N":"3"}},{"c":{"N":"4"}}])"));
  EXPECT_FALSE(page.contains("NextToken"));
  EXPECT_EQ(ErrorOf("ExecuteStatement", Body(select, R"("NextToken":"x",)")),
            "ValidationException: Invalid NextToken");
  const std::string token =
      R"("NextToken":)" + Execute(select, R"("Limit":1,)").at("NextToken").dump() + ",";
  const std::string other = "ValidationException: NextToken does not match request";
  EXPECT_EQ(ErrorOf("ExecuteStatement", Body("SELECT p FROM tab WHERE p = 'a'", token)), other);
  const std::string by_parameter = "SELECT c FROM tab WHERE p = ?";
  const std::string mine = R"("Parameters":[{"S":"a"}],)";
  const json parameters = Execute(by_parameter, R"("Limit":1,)" + mine);
  const std::string own = R"("NextToken":)" + parameters.at("NextToken").dump() + ",";
  EXPECT_EQ(Execute(by_parameter, mine + own)["Items"].size(), 4u);
  EXPECT_EQ(ErrorOf("ExecuteStatement", Body(by_parameter, own + R"("Parameters":[{"S":"b"}],)")),
            other);
}

TEST_F(StatementsTest, ALocalIndexReadsTheTableForWhatItDoesNotProject) {
  AddIndex("by-g", /*local=*/true, dynamodb::ProjectionType::kKeysOnly);
  MakeTable("local", "N");
  Put("local", R"({"p":{"S":"a"},"c":{"N":"1"},"g":{"S":"b"},"v":{"S":"x"}})");
  const auto units_of = [this](const std::string& selected) {
    return Execute("SELECT " + selected + " FROM \"local\".\"by-g\" WHERE p = 'a'",
                   R"("ReturnConsumedCapacity":"TOTAL",)")["ConsumedCapacity"]["CapacityUnits"];
  };
  EXPECT_EQ(units_of("*"), 0.5);
  EXPECT_EQ(units_of("p, g"), 0.5);
  EXPECT_EQ(units_of("p, v"), 1.0);
}

TEST_F(StatementsTest, TheRangesOfASelectShareAPageOfOneMegabyte) {
  const std::string text(390'000, 'x');
  for (const char* const p : {"a", "b", "c", "d"}) {
    Put("tab",
        R"({"p":{"S":")" + std::string(p) + R"("},"c":{"N":"1"},"t":{"S":")" + text + "\"}}");
  }
  const std::string statement = "SELECT p FROM tab WHERE p IN ['a', 'b', 'c', 'd']";
  const json first = Execute(statement, R"("ReturnConsumedCapacity":"TOTAL",)");
  EXPECT_EQ(first["Items"], json::parse(R"([{"p":{"S":"a"}},{"p":{"S":"b"}},{"p":{"S":"c"}}])"));
  EXPECT_EQ(first["ConsumedCapacity"]["CapacityUnits"], 144.0);
  const json second = Execute(statement, R"("NextToken":)" + first["NextToken"].dump() + ",");
  EXPECT_EQ(second["Items"], json::parse(R"([{"p":{"S":"d"}}])"));
  EXPECT_FALSE(second.contains("NextToken"));
}

TEST_F(StatementsTest, c62_ABatchAnswersEachStatement) {
  Put("tab", R"({"p":{"S":"a"},"c":{"N":"1"},"v":{"S":"x"}})");
  const json reply = Ok("BatchExecuteStatement",
                        json({{"Statements",
                               {{{"Statement", "SELECT v FROM tab WHERE p = 'a' AND c = 1"}},
                                {{"Statement", "SELECT v FROM tab WHERE p = 'a' AND c = 2"}},
                                {{"Statement", "SELECT v FROM none WHERE p = 'a' AND c = 2"}},
                                {{"Statement", "SELEC"}}}}})
                            .dump());
  const json& responses = reply["Responses"];
  EXPECT_EQ(responses[0], json::parse(R"({"Item":{"v":{"S":"x"}},"TableName":"tab"})"));
  EXPECT_EQ(responses[1], json::parse(R"({"TableName":"tab"})"));
  EXPECT_EQ(responses[2]["Error"]["Code"], "ResourceNotFound");
  EXPECT_EQ(responses[3]["Error"]["Code"], "ValidationError");
}

TEST_F(StatementsTest, ABatchOrATransactionReadsOrWritesAndNamesAnItemOnce) {
  Put("tab", R"({"p":{"S":"a"},"c":{"N":"1"}})");
  const auto error_of = [this](const char* operation, const std::vector<std::string>& statements) {
    const bool is_batch = std::string(operation) == "BatchExecuteStatement";
    json list = json::array();
    for (const auto& statement : statements) list.push_back({{"Statement", statement}});
    json body;
    body[is_batch ? "Statements" : "TransactStatements"] = list;
    return ErrorOf(operation, body.dump());
  };
  const std::string read = "SELECT * FROM tab WHERE p = 'a' AND c = 1";
  const std::string write = "DELETE FROM tab WHERE c = 1 AND p = 'a'";
  const std::string insert = "INSERT INTO tab VALUE {'p': 'a', 'c': 1.0}";
  const std::string other = "INSERT INTO tab VALUE {'p': 'b', 'c': 1}";
  EXPECT_EQ(error_of("BatchExecuteStatement", {read, other}),
            "ValidationException: Read and write requests together in the same batch is not "
            "supported.");
  const std::string repeated =
      "ValidationException: Provided list of item keys contains duplicates";
  EXPECT_EQ(error_of("BatchExecuteStatement", {read, read}), repeated);
  EXPECT_EQ(error_of("BatchExecuteStatement", {write, other, insert}), repeated);
  // A statement that is none is answered for itself.
  EXPECT_EQ(error_of("BatchExecuteStatement", {read, "SELEC", "SELECT * FROM none WHERE p = 'a'"}),
            "");
  EXPECT_EQ(error_of("ExecuteTransaction", {read, other}),
            "ValidationException: ExecuteTransaction API does not support both read and write "
            "operations in the same request.");
  const std::string twice =
      "ValidationException: Transaction request cannot include multiple operations on one item";
  EXPECT_EQ(error_of("ExecuteTransaction", {read, read}), twice);
  EXPECT_EQ(error_of("ExecuteTransaction", {write, insert}), twice);
  EXPECT_EQ(error_of("ExecuteTransaction", {"EXISTS(" + read + " AND v IS MISSING)", other}), "");
}

TEST_F(StatementsTest, WhatATransactionCannotDoIsSaidOfTheStatement) {
  const std::string error = "ValidationException: Validation failed in TransactStatements[";
  const std::string ok = R"({"TransactStatements":[{"Statement":"SELECT * FROM tab WHERE p = 'a' )"
                         R"(AND c = 1"},{"Statement":")";
  EXPECT_EQ(ErrorOf("ExecuteTransaction", ok + R"(SELECT * FROM tab.idx WHERE p = 'a'"}]})"),
            error + "1]: Reads on indices are not supported within transactions.");
  EXPECT_EQ(ErrorOf("ExecuteTransaction",
                    ok + R"(DELETE FROM tab WHERE p = 'a' AND c = 2 RETURNING ALL OLD *"}]})"),
            error + "1]: RETURNING clause is not supported in ExecuteTransaction.");
}

TEST_F(StatementsTest, ABatchOfWhichNothingSucceedsReportsNoCapacity) {
  Put("tab", R"({"p":{"S":"a"},"c":{"N":"1"}})");
  const json reply = Ok("BatchExecuteStatement",
                        R"({"Statements":[{"Statement":"INSERT INTO tab VALUE {'p':'a','c':1}"}],)"
                        R"("ReturnConsumedCapacity":"TOTAL"})");
  EXPECT_EQ(reply["Responses"][0]["Error"]["Code"], "DuplicateItem");
  EXPECT_FALSE(reply.contains("ConsumedCapacity"));
}

TEST_F(StatementsTest, ATransactionOfStatementsIsCarriedOutAsAWhole) {
  const auto transaction = [](std::vector<std::string> statements) {
    json body = {{"TransactStatements", json::array()}};
    for (const auto& statement : statements) {
      body["TransactStatements"].push_back({{"Statement", statement}});
    }
    return body.dump();
  };
  const std::string insert = "INSERT INTO tab VALUE {'p': 'a', 'c': 1}";
  EXPECT_EQ(Ok("ExecuteTransaction", transaction({insert})), json::parse(R"({"Responses":[]})"));
  const AwsAnswer answer = DynamoDb(
      "ExecuteTransaction", transaction({insert, "INSERT INTO tab VALUE {'p': 'b', 'c': 1}"}));
  EXPECT_EQ(answer.Type(), "TransactionCanceledException");
  EXPECT_EQ(answer.Json()["CancellationReasons"][0]["Code"], "DuplicateItem");
  EXPECT_EQ(answer.Json()["CancellationReasons"][1]["Code"], "None");
  EXPECT_EQ(Execute("SELECT * FROM tab WHERE p = 'b'")["Items"], json::array());
  EXPECT_EQ(Ok("ExecuteTransaction",
               transaction({"SELECT c FROM tab WHERE p = 'a' AND c = 1",
                            "SELECT c FROM tab WHERE p = 'x' AND c = 1"}))["Responses"],
            json::parse(R"([{"Item":{"c":{"N":"1"}}},{}])"));
}

}  // namespace
}  // namespace kless::doors
