#include "emulator/doors/http/go_json.h"

#include <gtest/gtest.h>

namespace kless::doors {
namespace {

TEST(GoJsonTest, WellFormedTextHasNoProblem) {
  for (const char* text :
       {"{}", "[]", " null ", "true", "-0.5e+10", "\"a\\u00e9\\n\"", "[[],{},[1,2,{\"a\":[]}]]",
        "{\"a\":{\"b\":[true,false,null]},\"c\":\"d\"}\n", "0"}) {
    EXPECT_EQ(GoJsonProblem(text), std::nullopt) << text;
  }
}

TEST(GoJsonTest, ProblemsAreWordedAsGoWordsThem) {
  const struct {
    const char* text;
    const char* problem;
  } cases[] = {
      {"", "unexpected end of JSON input"},
      {"{", "unexpected end of JSON input"},
      {"{\"a\":", "unexpected end of JSON input"},
      {"\"abc", "unexpected end of JSON input"},
      {"[1,", "unexpected end of JSON input"},
      {"{bad", "invalid character 'b' looking for beginning of object key string"},
      {"{\"a\":1,}", "invalid character '}' looking for beginning of object key string"},
      {"[1,]", "invalid character ']' looking for beginning of value"},
      {"x", "invalid character 'x' looking for beginning of value"},
      {"{\"a\" 1}", "invalid character '1' after object key"},
      {"{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair"},
      {"[1 2]", "invalid character '2' after array element"},
      {"{} {}", "invalid character '{' after top-level value"},
      {"01", "invalid character '1' after top-level value"},
      {"-x", "invalid character 'x' in numeric literal"},
      {"1.x", "invalid character 'x' after decimal point in numeric literal"},
      {"1ex", "invalid character 'x' in exponent of numeric literal"},
      {"trux", "invalid character 'x' in literal true (expecting 'e')"},
      {"nul", "unexpected end of JSON input"},
      {"\"\\x\"", "invalid character 'x' in string escape code"},
      {"\"\\u12g4\"", "invalid character 'g' in \\u hexadecimal character escape"},
      {"\"a\nb\"", "invalid character '\\n' in string literal"},
      {"'a'", "invalid character '\\'' looking for beginning of value"},
      {"\xff", "invalid character '\xc3\xbf' looking for beginning of value"},
      {"\x01", "invalid character '\\x01' looking for beginning of value"},
  };
  for (const auto& test : cases) EXPECT_EQ(GoJsonProblem(test.text), test.problem) << test.text;
}

TEST(GoJsonTest, NestingHasALimit) {
  EXPECT_EQ(GoJsonProblem(std::string(10'001, '[')), "exceeded max depth");
}

}  // namespace
}  // namespace kless::doors
