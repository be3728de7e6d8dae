#include "emulator/doors/aws/door.h"

#include <nlohmann/json.hpp>

#include "tests/emulator/doors/aws/dynamodb/dynamodb_world.h"

namespace kless::doors {
namespace {

class AwsDoorTest : public DynamoDbWorld {
 protected:
  AwsDoorTest() {
    MakeTable("notes");
    door_.NoteWriters(*store_, log_);
  }
  // The writer of the newest record, after a request with the token.
  int WriterAfterPut(const std::string& key, const std::string& token) {
    HttpRequest request = Signed("DynamoDB_20120810.PutItem",
                                 R"({"TableName":"notes","Item":{"p":{"S":")" + key + R"("}}})");
    if (!token.empty()) request.headers["x-amz-security-token"] = token;
    EXPECT_EQ(Send(std::move(request)).status, 200);
    return log_.WriterOf(store_->LastSequence());
  }

  WriterLog log_;
};

TEST_F(AwsDoorTest, TheSessionTokenOfAnEnvironmentTellsWhichFunctionWrote) {
  const int function = log_.NumberOf("f");
  EXPECT_EQ(WriterAfterPut("a", SessionTokenOf("f")), function);
  EXPECT_EQ(WriterAfterPut("b", ""), WriterLog::kUnknown);
  EXPECT_EQ(WriterAfterPut("c", "a token of AWS"), WriterLog::kUnknown);
  EXPECT_EQ(WriterAfterPut("d", SessionTokenOf("no such function")), WriterLog::kUnknown);
  EXPECT_EQ(WriterAfterPut("e", SessionTokenOf("f")), function);
}

TEST_F(AwsDoorTest, ARequestThatWritesNothingIsNotNoted) {
  log_.NumberOf("f");
  EXPECT_EQ(WriterAfterPut("a", ""), WriterLog::kUnknown);
  EXPECT_EQ(WriterAfterPut("a", SessionTokenOf("f")), WriterLog::kUnknown);
}

}  // namespace
}  // namespace kless::doors
