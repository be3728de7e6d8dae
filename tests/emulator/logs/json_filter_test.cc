#include "emulator/logs/json_filter.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace kless::logs {
namespace {

bool JsonMatches(const std::string& pattern, const std::string& message) {
  return JsonFilter::Parse(pattern).value().Matches(nlohmann::json::parse(message));
}

TEST(JsonFilterTest, TextsMayHaveWildcards) {
  EXPECT_TRUE(JsonMatches("$.a = \"x*z\"", R"({"a":"xyz"})"));
  EXPECT_TRUE(JsonMatches("$.a = x*", R"({"a":"xyz"})"));
  EXPECT_FALSE(JsonMatches("$.a = \"x*y\"", R"({"a":"xyz"})"));
  EXPECT_FALSE(JsonMatches("$.a != \"xyz\"", R"({"a":"xyz"})"));
  EXPECT_FALSE(JsonMatches("$.a != \"xyz\"", "{}"));
}

TEST(JsonFilterTest, NumbersAreCompared) {
  const std::string message = R"({"n":5,"f":0.5,"t":"5"})";
  for (const char* const holds : {"$.n = 5", "$.n >= 5", "$.n <= 5.0", "$.n > 4", "$.n < 6",
                                  "$.f < 1", "$.n != 6", "$.t = 5"}) {
    EXPECT_TRUE(JsonMatches(holds, message)) << holds;
  }
  for (const char* const fails :
       {"$.n > 5", "$.n < 5", "$.t > 4", "$.missing < 1", "$.n = \"5\""}) {
    EXPECT_FALSE(JsonMatches(fails, message)) << fails;
  }
}

TEST(JsonFilterTest, PathsGoThroughMembersAndElements) {
  const std::string message = R"({"a":{"b-c":[1,{"d":2}]},"x y":3})";
  EXPECT_TRUE(JsonMatches("$.a.b-c[0] = 1", message));
  EXPECT_TRUE(JsonMatches("$.a.b-c[*].d = 2", message));
  EXPECT_TRUE(JsonMatches("$.a.b-c[1].d = 2", message));
  EXPECT_FALSE(JsonMatches("$.a.b-c[7] = 1", message));
  EXPECT_TRUE(JsonMatches("$[\"x y\"] = 3", message));
}

TEST(JsonFilterTest, NullTrueFalseAndAbsent) {
  const std::string message = R"({"n":null,"t":true,"f":false})";
  for (const char* const holds : {"$.n IS NULL", "$.t IS TRUE", "$.f IS FALSE", "$.x NOT EXISTS"}) {
    EXPECT_TRUE(JsonMatches(holds, message)) << holds;
  }
  for (const char* const fails : {"$.x IS NULL", "$.f IS TRUE", "$.t IS FALSE", "$.n NOT EXISTS"}) {
    EXPECT_FALSE(JsonMatches(fails, message)) << fails;
  }
}

TEST(JsonFilterTest, AndBindsTighterThanOr) {
  EXPECT_TRUE(JsonMatches("$.a = 1 || $.a = 2 && $.b = 9", R"({"a":1,"b":1})"));
  EXPECT_FALSE(JsonMatches("($.a = 1 || $.a = 2) && $.b = 9", R"({"a":1,"b":1})"));
}

TEST(JsonFilterTest, WhatIsNoConditionIsRefused) {
  for (const char* const bad :
       {"", "$", "$.", "$.a", "$.a =", "$.a = \"x", "a = 1", "$.a = 1 $.b = 2", "($.a = 1",
        "$.a = 1)", "$.a = 1 &&", "$[x] = 1", "$.a[ = 1"}) {
    EXPECT_TRUE(JsonFilter::Parse(bad).has_error()) << bad;
  }
  EXPECT_TRUE(
      JsonFilter::Parse(std::string(100, '(') + "$.a = 1" + std::string(100, ')')).has_error());
}

}  // namespace
}  // namespace kless::logs
