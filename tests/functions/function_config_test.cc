#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/function.h"

namespace kless {
namespace {

FunctionConfig Named() {
  FunctionConfig config;
  config.name = "f";
  return config;
}

std::string ErrorOf(const nlohmann::json& patch) {
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
}

TEST(FunctionConfigTest, AnUnknownFieldIsRefusedWithTheNearestKnownOne) {
  EXPECT_EQ(ErrorOf({{"memory", 128}}).rfind("function configuration: unknown field 'memory'", 0),
            0U);
  EXPECT_EQ(ErrorOf({{"keepalive_ms", 1}}),
            "function configuration: unknown field 'keepalive_ms'; did you mean 'keep_alive_ms'?");
}

TEST(FunctionConfigTest, ValuesOutOfRangeAreRefusedWithTheRange) {
  EXPECT_EQ(ErrorOf({{"memory_mb", 64}}),
            "function configuration: 'memory_mb' must be from 128 to 10240, not 64");
  EXPECT_EQ(
      ErrorOf({{"timeout_ms", 900'001}}),
      "function configuration: 'timeout_ms' must be from 1000.0 to 900000.0 ms, not 900001.0");
  EXPECT_EQ(ErrorOf({{"async_maximum_retry_attempts", 3}}),
            "function configuration: 'async_maximum_retry_attempts' must be from 0 to 2, not 3");
  EXPECT_EQ(ErrorOf({{"memory_mb", "128"}}),
            "function configuration: 'memory_mb' must be a whole number");
  EXPECT_EQ(ErrorOf({{"memory_mb", 1.5}}),
            "function configuration: 'memory_mb' must be a whole number");
  EXPECT_EQ(ErrorOf({{"scale_up_per_10s", 0}}),
            "function configuration: 'scale_up_per_10s' must be from 1 to 1000000, not 0");
  EXPECT_EQ(ErrorOf({{"provisioned_concurrency", 3}, {"reserved_concurrency", 2}}),
            "function configuration: 'provisioned_concurrency' must be from 0 to 2, not 3");
  EXPECT_EQ(ErrorOf({{"name", "g"}}),
            "function configuration: 'name' cannot change from 'f' to 'g'");
  EXPECT_NE(ErrorOf({{"init", {{"uniform", 5}}}}), "");
  EXPECT_NE(ErrorOf({{"keep_alive_ms", -1}}), "");
  EXPECT_EQ(ErrorOf(nlohmann::json::array()), "function configuration: must be an object");
}

}  // namespace
}  // namespace kless
