#include "emulator/lambda/function_definition.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace kless::lambda {
namespace {

TEST(FunctionDefinitionTest, EveryMemberComesBackFromTheStore) {
  FunctionDefinition function;
  function.name = "f";
  function.account = "111122223333";
  function.region = "eu-west-1";
  function.runtime = "python3.12";
  function.handler = "app.handler";
  function.role = "arn:aws:iam::111122223333:role/r";
  function.description = "d";
  function.memory_mb = 256;
  function.timeout_s = 9;
  function.environment = {{"A", "b"}};
  function.architectures = {"arm64"};
  function.tags = {{"t", "u"}};
  function.reserved_concurrency = 0;
  function.code_sha256 = "hash";
  function.code_bytes = 12;
  function.revision = "r";
  function.last_modified = "2026-12-01T12:00:00.000+0000";
  const nlohmann::json stored = DefinitionToJson(function);
  EXPECT_EQ(DefinitionToJson(DefinitionFromJson(stored)), stored);
  EXPECT_EQ(DefinitionFromJson(stored).reserved_concurrency, 0);
  EXPECT_EQ(function.Arn(), "arn:aws:lambda:eu-west-1:111122223333:function:f");
  const FunctionConfig config = PoolConfigOf(function);
  EXPECT_EQ(config.memory_mb, 256);
  EXPECT_EQ(config.timeout, std::chrono::seconds(9));
  EXPECT_EQ(config.init_mode, InitMode::kMeasured);
  EXPECT_EQ(CodeOf(function, "/code").log_group, "/aws/lambda/f");
}

}  // namespace
}  // namespace kless::lambda
