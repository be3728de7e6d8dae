#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/pool/function.h"

namespace kless {
namespace {

FunctionConfig Named() {
  FunctionConfig config;
  config.name = "f";
  return config;
}

std::string ConfigError(const nlohmann::json& patch) {
  const auto patched = PatchFunctionConfig(Named(), patch);
  return patched.has_error() ? patched.error().message : std::string();
}

TEST(FunctionConfigTest, APatchReplacesTheGivenFieldsOnly) {
  const auto patched = PatchFunctionConfig(
      Named(),
      {{"memory_mb", 1769}, {"init", 450}, {"keep_alive_ms", 1500.5}, {"reserved_concurrency", 3}});
  ASSERT_FALSE(patched.has_error()) << patched.error().message;
  EXPECT_EQ(patched.value().memory_mb, 1769);
  EXPECT_EQ(patched.value().keep_alive, std::chrono::microseconds(1'500'500));
  EXPECT_EQ(patched.value().timeout, std::chrono::seconds(3));
  EXPECT_EQ(patched.value().reserved_concurrency, 3);
  const auto unreserved = PatchFunctionConfig(patched.value(), {{"reserved_concurrency", nullptr}});
  EXPECT_FALSE(unreserved.value().reserved_concurrency.has_value());
}

TEST(FunctionConfigTest, TheJsonFormIsAPatchThatChangesNothing) {
  FunctionConfig config = Named();
  config.init = Distribution::FromJson({{"lognormal_ms", {{"p50", 50}, {"p99", 76}}}}).value();
  const auto json = FunctionConfigToJson(config);
  const auto patched = PatchFunctionConfig(Named(), json);
  ASSERT_FALSE(patched.has_error()) << patched.error().message;
  EXPECT_EQ(FunctionConfigToJson(patched.value()), json);
  EXPECT_EQ(json["timeout_ms"], 3000.0);
  EXPECT_TRUE(json["reserved_concurrency"].is_null());
  EXPECT_TRUE(json["runtime"].is_null());
}

LatencyProfile WithRuntimes() {
  LatencyProfile profile;
  profile.name = "aws";
  profile.init["go"] = Distribution::Constant(std::chrono::milliseconds(50));
  profile.init["python3.13"] = Distribution::Constant(std::chrono::milliseconds(94));
  return profile;
}

TEST(FunctionConfigTest, AFunctionHasItsOwnInitOrThatOfItsRuntimeOrNone) {
  FunctionConfig config = Named();
  EXPECT_TRUE(InitOf(config, WithRuntimes()).value().IsZero());
  EXPECT_TRUE(FunctionConfigToJson(config)["init"].is_null());
  const auto named = PatchFunctionConfig(config, {{"runtime", "python3.13"}}).value();
  EXPECT_EQ(InitOf(named, WithRuntimes()).value().ToJson()["constant_ms"], 94);
  EXPECT_EQ(FunctionConfigToJson(named)["runtime"], "python3.13");
  const auto both = PatchFunctionConfig(named, {{"init", 450}}).value();
  EXPECT_EQ(InitOf(both, WithRuntimes()).value().ToJson()["constant_ms"], 450);
  const auto again = PatchFunctionConfig(both, {{"init", nullptr}}).value();
  EXPECT_EQ(InitOf(again, WithRuntimes()).value().ToJson()["constant_ms"], 94);
  const auto zero = PatchFunctionConfig(named, {{"init", 0}}).value();
  EXPECT_TRUE(InitOf(zero, WithRuntimes()).value().IsZero());
  const auto none = PatchFunctionConfig(named, {{"runtime", nullptr}}).value();
  EXPECT_TRUE(InitOf(none, WithRuntimes()).value().IsZero());
  EXPECT_FALSE(SameEnvironments(config, named));
  EXPECT_FALSE(SameEnvironments(named, zero));
}

TEST(FunctionConfigTest, AnUnknownRuntimeIsRefusedWithTheKnownOnes) {
  FunctionConfig config = Named();
  config.runtime = "python3.12";
  const auto unknown = InitOf(config, WithRuntimes());
  ASSERT_TRUE(unknown.has_error());
  EXPECT_EQ(unknown.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(unknown.error().message,
            "function configuration: the latency profile 'aws' has no runtime 'python3.12'; "
            "known: go, python3.13; did you mean 'python3.13'?");
  EXPECT_EQ(InitOf(config, LatencyProfile{}).error().message,
            "function configuration: the latency profile 'instant' has no runtime 'python3.12'; "
            "known: none");
  config.init = Distribution();
  EXPECT_TRUE(InitOf(config, WithRuntimes()).has_value());
  EXPECT_EQ(
      ConfigError({{"runtime", 3}}),
      "function configuration: 'runtime' must be a text such as go or python3.13, or null, not 3");
  EXPECT_NE(ConfigError({{"runtime", ""}}), "");
}

TEST(FunctionConfigTest, AnUnknownFieldIsRefusedWithTheNearestKnownOne) {
  EXPECT_EQ(
      ConfigError({{"memory", 128}}).rfind("function configuration: unknown field 'memory'", 0),
      0U);
  EXPECT_EQ(ConfigError({{"keepalive_ms", 1}}),
            "function configuration: unknown field 'keepalive_ms'; did you mean 'keep_alive_ms'?");
}

TEST(FunctionConfigTest, ValuesOutOfRangeAreRefusedWithTheRange) {
  EXPECT_EQ(ConfigError({{"memory_mb", 64}}),
            "function configuration: 'memory_mb' must be a whole number from 128 to 10240, not 64");
  EXPECT_EQ(ConfigError({{"timeout_ms", 900'001}}),
            "function configuration: 'timeout_ms' must be a duration from 1s to 15m such as 1500 "
            "(milliseconds), 30s or 2h, not 900001");
  EXPECT_EQ(
      ConfigError({{"async_maximum_retry_attempts", 3}}),
      "function configuration: 'async_maximum_retry_attempts' must be a whole number from 0 to 2, "
      "not 3");
  EXPECT_EQ(
      ConfigError({{"memory_mb", "128"}}),
      "function configuration: 'memory_mb' must be a whole number from 128 to 10240, not '128'");
  EXPECT_EQ(
      ConfigError({{"memory_mb", 1.5}}),
      "function configuration: 'memory_mb' must be a whole number from 128 to 10240, not 1.5");
  EXPECT_EQ(
      ConfigError({{"reserved_concurrency", "none"}}),
      "function configuration: 'reserved_concurrency' must be a whole number from 0 to 1000000, "
      "or null for no reservation, not 'none'");
  EXPECT_EQ(
      ConfigError({{"scale_up_per_10s", 0}}),
      "function configuration: 'scale_up_per_10s' must be a whole number from 1 to 1000000, not 0");
  EXPECT_EQ(ConfigError({{"provisioned_concurrency", 3}, {"reserved_concurrency", 2}}),
            "function configuration: 'provisioned_concurrency' must be at most the "
            "reserved_concurrency of "
            "2, not 3");
  EXPECT_EQ(ConfigError({{"name", "g"}}),
            "function configuration: 'name' cannot change from 'f' to 'g'");
  EXPECT_NE(ConfigError({{"init", {{"uniform", 5}}}}), "");
  EXPECT_NE(ConfigError({{"keep_alive_ms", -1}}), "");
  EXPECT_EQ(ConfigError(nlohmann::json::array()), "function configuration: must be an object");
}

}  // namespace
}  // namespace kless
