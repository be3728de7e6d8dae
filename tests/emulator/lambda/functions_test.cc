#include "emulator/lambda/functions.h"

#include <gtest/gtest.h>

#include <string>

namespace kless::lambda {
namespace {

TEST(FunctionNameTest, AFunctionIsNamedByNameOrArnWithOrWithoutQualifier) {
  struct Case {
    const char* text;
    const char* name;
    const char* qualifier;
  };
  for (const Case& each :
       {Case{"f", "f", ""}, Case{"f:live", "f", "live"}, Case{"f:$LATEST", "f", "$LATEST"},
        Case{"123456789012:function:f", "f", ""}, Case{"123456789012:function:f:3", "f", "3"},
        Case{"arn:aws:lambda:us-east-1:123456789012:function:f", "f", ""},
        Case{"arn:aws:lambda:us-east-1:123456789012:function:f:live", "f", "live"}}) {
    const auto parsed = ParseFunctionName(each.text);
    ASSERT_TRUE(parsed.has_value()) << each.text;
    EXPECT_EQ(parsed->name, each.name) << each.text;
    EXPECT_EQ(parsed->qualifier, each.qualifier) << each.text;
  }
  for (const char* const text :
       {"", "a b", "a:b:c", "arn:aws:lambda:us-east-1:123456789012:layer:f",
        "arn:aws:sqs:us-east-1:123456789012:function:f", "arn:aws:lambda:us-east-1",
        "arn:aws:lambda:us-east-1:123456789012:function:f:1:2"}) {
    EXPECT_FALSE(ParseFunctionName(text).has_value()) << text;
  }
  EXPECT_FALSE(ParseFunctionName(std::string(65, 'a')).has_value());
}

}  // namespace
}  // namespace kless::lambda
