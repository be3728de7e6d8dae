#include "emulator/dynamodb/model/expression/evaluator.h"

#include <gtest/gtest.h>

#include <string>

#include "emulator/dynamodb/model/expression/expression.h"
#include "tests/emulator/dynamodb/model/expression/request_text.h"

namespace kless {
namespace {

const char* const kSample = R"({
  "n":{"N":"5"},"s":{"S":"hello"},"b":{"B":"aGkgdGhlcmU="},"t":{"BOOL":true},"z":{"NULL":true},
  "ss":{"SS":["cat","dog"]},"ns":{"NS":["2","4","7"]},"bs":{"BS":["YQ=="]},
  "l":{"L":[{"N":"2"},{"S":"x"},{"NS":["2","1"]},{"L":[{"N":"3.0"}]}]},
  "m":{"M":{"a":{"M":{"b":{"L":[{"S":"deep"}]}}},"e":{"S":""}}}})";

bool Meets(const std::string& text, const std::string& values = "") {
  auto placeholders = PlaceholdersOf("", values);
  const auto condition = CompileCondition(ConditionUse::kCondition, text, placeholders.value());
  EXPECT_TRUE(condition.has_value()) << text << ": " << condition.error().message;
  if (condition.has_error()) return false;
  const AttributeMap item = ItemOf(kSample);
  return Holds(condition.value(), MapSource(&item));
}

TEST(EvaluatorTest, EqualityIsOfTypeAndValue) {
  EXPECT_TRUE(Meets("n = :v", R"({":v":{"N":"5.00"}})"));
  EXPECT_FALSE(Meets("n = :v", R"({":v":{"S":"5"}})"));
  EXPECT_TRUE(Meets("n <> :v", R"({":v":{"S":"5"}})"));
  EXPECT_TRUE(Meets("ss = :v", R"({":v":{"SS":["dog","cat"]}})"));
  EXPECT_FALSE(Meets("ss <> :v", R"({":v":{"SS":["dog","cat"]}})"));
  EXPECT_TRUE(Meets("l[2] = :v", R"({":v":{"NS":["1","2"]}})"));
  EXPECT_TRUE(Meets("m.a.b[0] = :v", R"({":v":{"S":"deep"}})"));
}

TEST(EvaluatorTest, WhatIsMissingEqualsNothing) {
  EXPECT_FALSE(Meets("q = n"));
  EXPECT_TRUE(Meets("q <> n"));
  EXPECT_TRUE(Meets("q <> r"));
  EXPECT_FALSE(Meets("q < n"));
  EXPECT_FALSE(Meets("q IN (n)"));
  EXPECT_FALSE(Meets("m.a.x = n"));
  EXPECT_FALSE(Meets("s.x = n"));
  EXPECT_FALSE(Meets("l[9] = n"));
  EXPECT_FALSE(Meets("m[0] = n"));
}

TEST(EvaluatorTest, OrderIsWithinOneType) {
  EXPECT_TRUE(Meets("n < :v", R"({":v":{"N":"10"}})"));
  EXPECT_FALSE(Meets("n < :v", R"({":v":{"S":"9"}})"));
  EXPECT_FALSE(Meets("n >= :v", R"({":v":{"S":"1"}})"));
  EXPECT_TRUE(Meets("n <= :v and n >= :v", R"({":v":{"N":"5"}})"));
  EXPECT_TRUE(Meets("s > :v", R"({":v":{"S":"hell"}})"));
  EXPECT_TRUE(Meets("n BETWEEN :a AND :b", R"({":a":{"N":"5"},":b":{"N":"6"}})"));
  EXPECT_FALSE(Meets("n BETWEEN :a AND :b", R"({":a":{"N":"5.1"},":b":{"N":"6"}})"));
  EXPECT_FALSE(Meets("t < n"));
}

TEST(EvaluatorTest, InComparesWithEach) {
  EXPECT_TRUE(Meets("n IN (:a, :b)", R"({":a":{"S":"x"},":b":{"N":"5"}})"));
  EXPECT_FALSE(Meets("n IN (:a)", R"({":a":{"S":"5"}})"));
}

TEST(EvaluatorTest, FunctionsTestAttributes) {
  EXPECT_TRUE(Meets("attribute_exists(m.a.b[0])"));
  EXPECT_TRUE(Meets("attribute_not_exists(m.a.b[1])"));
  EXPECT_TRUE(Meets("attribute_type(ss, :t)", R"({":t":{"S":"SS"}})"));
  EXPECT_FALSE(Meets("attribute_type(q, :t)", R"({":t":{"S":"SS"}})"));
  EXPECT_TRUE(Meets("begins_with(s, :p)", R"({":p":{"S":"hell"}})"));
  EXPECT_TRUE(Meets("begins_with(b, :p)", R"({":p":{"B":"aGk="}})"));
  EXPECT_FALSE(Meets("begins_with(n, :p)", R"({":p":{"S":"5"}})"));
  EXPECT_TRUE(Meets("contains(s, :p)", R"({":p":{"S":"ell"}})"));
  EXPECT_TRUE(Meets("contains(ns, :p)", R"({":p":{"N":"4.0"}})"));
  EXPECT_FALSE(Meets("contains(ss, :p)", R"({":p":{"B":"Y2F0"}})"));
  EXPECT_TRUE(Meets("contains(l, :p)", R"({":p":{"NS":["2","1"]}})"));
  EXPECT_TRUE(Meets("contains(l, :p)", R"({":p":{"L":[{"N":"3"}]}})"));
  EXPECT_FALSE(Meets("contains(n, :p)", R"({":p":{"N":"5"}})"));
}

TEST(EvaluatorTest, ContainsFindsPartsOfRepetitiveTexts) {
  const std::string whole(400'000, 'a');
  AttributeMap item;
  item.emplace("s", AttributeValue::String(whole + "b"));
  const auto contains = [&](const std::string& part) {
    auto placeholders = PlaceholdersOf("", R"({":p":{"S":")" + part + "\"}}");
    const auto condition =
        CompileCondition(ConditionUse::kCondition, "contains(s, :p)", placeholders.value());
    return Holds(condition.value(), MapSource(&item));
  };
  EXPECT_TRUE(contains(whole.substr(200'000) + "b"));
  EXPECT_FALSE(contains(whole.substr(200'000) + "c"));
  EXPECT_TRUE(contains(""));
}

TEST(EvaluatorTest, SizeCountsCharactersBytesOrElements) {
  const auto size = [](const std::string& path, const std::string& expected) {
    return Meets("size(" + path + ") = :n", R"({":n":{"N":")" + expected + "\"}}");
  };
  EXPECT_TRUE(size("s", "5"));
  EXPECT_TRUE(size("b", "8"));
  EXPECT_TRUE(size("ns", "3"));
  EXPECT_TRUE(size("l", "4"));
  EXPECT_TRUE(size("m", "2"));
  EXPECT_FALSE(size("n", "1"));
  EXPECT_FALSE(size("t", "1"));
  EXPECT_TRUE(Meets("size(s) = n"));
  EXPECT_TRUE(Meets("size(:e) = :n", R"({":e":{"S":"\u00e9\ud83d\ude00"},":n":{"N":"3"}})"));
}

TEST(EvaluatorTest, NotBindsMoreThanAndWhichBindsMoreThanOr) {
  const std::string values = R"({":y":{"N":"5"},":x":{"N":"0"}})";
  EXPECT_TRUE(Meets("n = :y OR n = :x AND n = :x", values));
  EXPECT_FALSE(Meets("(n = :y OR n = :x) AND n = :x", values));
  EXPECT_TRUE(Meets("NOT n = :x AND n = :y", values));
  EXPECT_FALSE(Meets("NOT (n = :y OR n = :x)", values));
  EXPECT_TRUE(Meets("NOT NOT n = :y", R"({":y":{"N":"5"}})"));
}

}  // namespace
}  // namespace kless
