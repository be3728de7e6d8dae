#include "emulator/logs/filter_pattern.h"

#include <gtest/gtest.h>

namespace kless::logs {
namespace {

bool Matches(const std::string& pattern, const std::string& message) {
  return FilterPattern::Parse(pattern).value().Matches(message);
}

TEST(FilterPatternTest, AllTermsAreInTheMessageAndNoExcludedOne) {
  EXPECT_TRUE(Matches("", "anything"));
  EXPECT_TRUE(Matches("ERROR disk", "disk: ERROR"));
  EXPECT_FALSE(Matches("ERROR disk", "ERROR"));
  EXPECT_FALSE(Matches("error", "ERROR"));
  EXPECT_FALSE(Matches("ERROR -disk", "ERROR disk"));
  EXPECT_TRUE(Matches("-disk", "ERROR"));
}

TEST(FilterPatternTest, AQuotedTermHasBlanks) {
  EXPECT_TRUE(Matches("\"out of memory\"", "ran out of memory"));
  EXPECT_FALSE(Matches("\"out of memory\"", "memory is out of order"));
  EXPECT_TRUE(Matches(R"("say \"hi\"")", "to say \"hi\" now"));
  EXPECT_FALSE(Matches("-\"out of\"", "out of memory"));
}

TEST(FilterPatternTest, OneOfTheAlternativesIsEnoughUnlessThereAreOtherTerms) {
  EXPECT_TRUE(Matches("?ERROR ?WARN", "WARN"));
  EXPECT_FALSE(Matches("?ERROR ?WARN", "INFO"));
  EXPECT_TRUE(Matches("?ERROR INFO", "INFO"));
}

TEST(FilterPatternTest, ARegularExpressionIsBetweenPercentSigns) {
  EXPECT_TRUE(Matches("%5\\d\\d%", "status 503"));
  EXPECT_FALSE(Matches("%5\\d\\d%", "status 403"));
  EXPECT_TRUE(FilterPattern::Parse("%(%").has_error());
}

TEST(FilterPatternTest, WhatIsNoPatternIsRefused) {
  for (const char* const bad : {"\"open", "%open", "[a, b]", "{ $.a = 1", "{}"}) {
    EXPECT_TRUE(FilterPattern::Parse(bad).has_error()) << bad;
  }
  EXPECT_TRUE(FilterPattern::Parse(std::string(1025, 'x')).has_error());
}

TEST(FilterPatternTest, AMessageThatIsNoJsonObjectMatchesNoPatternInBraces) {
  EXPECT_FALSE(Matches("{ $.a NOT EXISTS }", "text"));
  EXPECT_FALSE(Matches("{ $.a NOT EXISTS }", "[{}]"));
  EXPECT_TRUE(Matches("{ $.a NOT EXISTS }", "{}"));
}

}  // namespace
}  // namespace kless::logs
