// The messages are those that dynalite's tests recorded on AWS (test/scan.js, test/query.js).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "emulator/dynamodb/model/expression/expression.h"
#include "tests/emulator/dynamodb/model/expression/request_text.h"

namespace kless {
namespace {

// The message without "Invalid FilterExpression: ", or "".
std::string FilterError(const std::string& text, const std::string& values = "",
                        const std::string& names = "") {
  auto placeholders = PlaceholdersOf(names, values);
  if (placeholders.has_error()) return placeholders.error().message;
  const auto compiled = CompileCondition(ConditionUse::kFilter, text, placeholders.value());
  if (compiled.has_value()) return "";
  const std::string prefix = "Invalid FilterExpression: ";
  EXPECT_TRUE(compiled.error().message.starts_with(prefix)) << compiled.error().message;
  return compiled.error().message.substr(prefix.size());
}

TEST(CompileConditionTest, SyntaxErrorsShowTheTokenAndItsNeighbours) {
  EXPECT_EQ(FilterError("a-b"), R"(Syntax error; token: "-", near: "a-b")");
  EXPECT_EQ(FilterError("a x b"), R"(Syntax error; token: "x", near: "a x b")");
  EXPECT_EQ(FilterError("foo"), R"(Syntax error; token: "<EOF>", near: "foo")");
  EXPECT_EQ(FilterError("ADD #v :i"), R"(Syntax error; token: "ADD", near: "ADD #v")");
  EXPECT_EQ(FilterError("a = "), R"(Syntax error; token: "<EOF>", near: "= ")");
  EXPECT_EQ(FilterError("a = b OR NOT :val"), R"(Syntax error; token: "<EOF>", near: ":val")");
}

TEST(CompileConditionTest, WhatIsNotInTheGrammarIsASyntaxError) {
  for (const char* text : {"things are not gonna be ok",
                           "a > 4",
                           "attribute_exists(Pictures-RearView)",
                           "attribute_exists(\"Pictures.RearView\")",
                           "attribute_exists(Pictures..RearView)",
                           "attribute_exists(Pi#ctures.RearView)",
                           "attribute_exists(asdf[a])",
                           "a in b, c",
                           "a > between",
                           "a in b",
                           "a in (b,c,)",
                           "(a)between(b.(c.d))and(c)",
                           "(a)between(b.c.d)and((c)",
                           "#$.b > a",
                           "a > :things.stuff",
                           "b[:a] > a",
                           "b[#_] > a",
                           "\xc3\xbc > a",
                           "(a)between(b.c[4.5].#d)and(:a)",
                           "size(a).b > a",
                           "(size(a)).b > a",
                           "size(a)[0] > a",
                           "(size(a))[0] > a",
                           "a IN ()",
                           "a",
                           ":v",
                           "NOT a",
                           "a AND :v",
                           "()",
                           "a = b = c",
                           "(a = b) = c",
                           "a = b AND",
                           "_a = b",
                           "a == b",
                           "attribute_exists()",
                           " ",
                           "a = b)",
                           "(a = b",
                           "a.and = b"}) {
    EXPECT_TRUE(FilterError(text).starts_with("Syntax error; token: ")) << text;
  }
}

TEST(CompileConditionTest, TheGrammarHasAllOperatorsAndFunctions) {
  const std::string values = R"({":a":{"S":"a"},":b":{"S":"b"},":t":{"S":"SS"}})";
  for (const char* text : {"a = :a",
                           "a<>:a and b<:a or c<=:a",
                           "NOT a > :a",
                           "NOT NOT NOT a >= :a",
                           "a BETWEEN :a AND :b",
                           "a between b and c AND d = :a",
                           "a IN (:a)",
                           "a in (:a, b, c.d)",
                           "attribute_exists (a)",
                           "attribute_not_exists(a.b[1].c)",
                           "attribute_type(a, :t)",
                           "begins_with(a, :a)",
                           "begins_with(:a, a)",
                           "contains(a, :a)",
                           "size(a) = size(b)",
                           "size(:a) > a",
                           "((a = :a) AND (b = :a))",
                           "(a) = (:a)",
                           "(a.b).c = :a",
                           "((a) = :a)",
                           "a[0][1] = :a",
                           "a[ 1 ] . b = :a",
                           ":a > :a",
                           "(a = :a OR b = :b) AND (c = :a)"}) {
    EXPECT_EQ(FilterError(text, values), "") << text;
  }
}

TEST(CompileConditionTest, RedundantParenthesesAreRefused) {
  for (const char* text :
       {"a=a and a > ((views))", "(a)between(((b.c)).d)and(c)", "a > whatever((:things), ((a)))",
        "a=a AND ((a=a AND a=a)) AND a=a", "a=a OR ((a=a OR a=a)) OR a=a",
        "a=a AND ((a=a AND (a=a AND a=a)))", "a=a OR ((a=a OR (a=a OR a=a)))"}) {
    EXPECT_EQ(FilterError(text), "The expression has redundant parentheses;") << text;
  }
}

TEST(CompileConditionTest, FunctionsAreKnownAndUsedWhereTheyBelong) {
  EXPECT_EQ(FilterError("a=a and whatever((:things)) > a"),
            "Invalid function name; function: whatever");
  EXPECT_EQ(FilterError("attRIbute_exIsts((views), #a)"),
            "Invalid function name; function: attRIbute_exIsts");
  EXPECT_EQ(FilterError("a = if_not_exists(a, b)"),
            "The function is not allowed in a condition expression; function: if_not_exists");
  const std::string misused =
      "The function is not allowed to be used this way in an expression; function: ";
  EXPECT_EQ(FilterError("a=a and attribute_exists((views), (#a)) > b"),
            misused + "attribute_exists");
  EXPECT_EQ(FilterError("contains(:things, c) > b"), misused + "contains");
  EXPECT_EQ(FilterError("size(contains(a, b)) > a"), misused + "contains");
  EXPECT_EQ(FilterError("size(things)"), misused + "size");
  EXPECT_EQ(FilterError("a between b and attribute_exists(things)"), misused + "attribute_exists");
  EXPECT_EQ(FilterError("a in (b, attribute_exists(things))"), misused + "attribute_exists");
}

TEST(CompileConditionTest, ReservedWordsNeedAReference) {
  const std::string reserved = "Attribute name is a reserved keyword; reserved keyword: ";
  EXPECT_EQ(FilterError("attribute_exists(views, #a)"), reserved + "views");
  EXPECT_EQ(FilterError(":a < abOrT"), reserved + "abOrT");
  EXPECT_EQ(FilterError("#a = #b", "", R"({"#a":"abort","#b":"name"})"), "");
}

TEST(CompileConditionTest, ReferencesAreDefined) {
  const std::string name =
      "An expression attribute name used in the document path is not defined; attribute name: ";
  EXPECT_EQ(FilterError("attribute_exists(#Pictures.RearView, :a) and a=a"), name + "#Pictures");
  EXPECT_EQ(FilterError("begins_with(Pictures.#RearView)"), name + "#RearView");
  EXPECT_EQ(FilterError("(#P between :lo and :hi) and (#PC in (:cat1, :cat2))"), name + "#P");
  EXPECT_EQ(FilterError("#4g > a"), name + "#4g");
  EXPECT_EQ(FilterError("(a)between(b.c[45].#d)and(:a)"), name + "#d");
  const std::string value =
      "An expression attribute value used in expression is not defined; attribute value: ";
  EXPECT_EQ(FilterError("begins_with(:hello, #a, #b)"), value + ":hello");
  EXPECT_EQ(FilterError(":a < :b"), value + ":a");
  EXPECT_EQ(FilterError(":_ > a"), value + ":_");
}

TEST(CompileConditionTest, FunctionsHaveTheirNumberOfOperands) {
  const std::string count =
      "Incorrect number of operands for operator or function; operator or function: ";
  EXPECT_EQ(FilterError("attribute_exists(things, a) and a=a"),
            count + "attribute_exists, number of operands: 2");
  EXPECT_EQ(FilterError("begins_with(things, size(a), b)"),
            count + "begins_with, number of operands: 3");
  EXPECT_EQ(FilterError("contains(things)"), count + "contains, number of operands: 1");
  EXPECT_EQ(FilterError("size(things, a) > b"), count + "size, number of operands: 2");
}

TEST(CompileConditionTest, OperandsHaveTheRightTypes) {
  const std::string type =
      "Incorrect operand type for operator or function; operator or function: ";
  const std::string number = R"({":a":{"N":"1"}})";
  EXPECT_EQ(FilterError("attribute_type(a, size(a)) and a=a and a=:a", number),
            type + "attribute_type, operand type: N");
  EXPECT_EQ(FilterError("attribute_type(a, b)"),
            type + "attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
  EXPECT_EQ(FilterError("begins_with(a, :a)", number), type + "begins_with, operand type: N");
  EXPECT_EQ(FilterError("begins_with(:a, a)", R"({":a":{"SS":["1"]}})"),
            type + "begins_with, operand type: SS");
  EXPECT_EQ(FilterError("size(size(a)) > :a", number), type + "size, operand type: N");
  EXPECT_EQ(FilterError("attribute_not_exists(size(:a))", number), type + "size, operand type: N");
  EXPECT_EQ(FilterError("size(:a) > a", R"({":a":{"BOOL":true}})"),
            type + "size, operand type: BOOL");
  EXPECT_EQ(FilterError("attribute_type(a, :a)", R"({":a":{"S":"1"}})"),
            "Invalid attribute type name found; type: 1, valid types: "
            "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
  EXPECT_EQ(FilterError("attribute_exists(:a) and a=a", R"({":a":{"S":"1"}})"),
            "Operator or function requires a document path; operator or function: "
            "attribute_exists");
  EXPECT_EQ(FilterError("a < :a", R"({":a":{"L":[]}})"),
            "Incorrect operand type for operator or function; operator or function: <, operand "
            "type: L");
}

TEST(CompileConditionTest, OperandsAreDistinct) {
  const std::string distinct =
      "The first operand must be distinct from the remaining operands for this operator or "
      "function; operator: ";
  const std::string names = R"({"#a":"a"})";
  EXPECT_EQ(FilterError("a = a AND #a = b AND :views > a", "", names),
            distinct + "=, first operand: [a]");
  EXPECT_EQ(FilterError("#a <> a", "", names), distinct + "<>, first operand: [a]");
  EXPECT_EQ(FilterError("((a=a) OR (a=a))", "", names), distinct + "=, first operand: [a]");
  EXPECT_EQ(FilterError("a IN (b, a)"), distinct + "IN, first operand: [a]");
  EXPECT_EQ(FilterError("a BETWEEN b AND a"), distinct + "BETWEEN, first operand: [a]");
  EXPECT_EQ(FilterError("contains(ab.bc[1].a, ab.bc[1].#a)", "", names),
            distinct + "contains, first operand: [ab, bc, [1], a]");
}

TEST(CompileConditionTest, TheBoundsOfBetweenAreInOrder) {
  EXPECT_EQ(FilterError("a between :b and :a", R"({":a":{"S":"a"},":b":{"N":"1"}})"),
            "The BETWEEN operator requires same data type for lower and upper bounds; lower bound "
            "operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:a}");
  EXPECT_EQ(FilterError("a between :b and :a", R"({":a":{"S":"a"},":b":{"S":"b"}})"),
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
            "lower bound operand: AttributeValue: {S:b}, upper bound operand: AttributeValue: "
            "{S:a}");
}

TEST(CompileConditionTest, SizeOperatorsAndDepthHaveLimits) {
  EXPECT_EQ(FilterError(""), "The expression can not be empty;");
  const auto repeat = [](int times, const std::string& text) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
  };
  EXPECT_NE(FilterError(repeat(4097, "x")).find("expression size: 4097"), std::string::npos);
  // Other expressions do not tell it.
  Placeholders placeholders;
  const std::string too_long = ": Expression size has exceeded the maximum allowed size;";
  EXPECT_EQ(CompileCondition(ConditionUse::kKeyCondition, repeat(4097, "x"), placeholders)
                .error()
                .message,
            "Invalid KeyConditionExpression" + too_long);
  EXPECT_EQ(CompileUpdate(repeat(4097, "x"), placeholders).error().message,
            "Invalid UpdateExpression" + too_long);
  EXPECT_EQ(CompileProjection(repeat(4097, "x"), placeholders).error().message,
            "Invalid ProjectionExpression" + too_long);
  EXPECT_EQ(FilterError("a<b " + repeat(149, "or (a<b ") + repeat(149, ")")), "");
  for (const std::string& text :
       {repeat(4096, "("), "a<b " + repeat(454, "or (a<b ") + repeat(454, ")"),
        repeat(2046, "(") + "a<b" + repeat(2046, ")"), repeat(1000, "not ") + "a<b",
        "a < " + repeat(1355, "f(") + "b" + repeat(1355, ")"),
        "a < " + repeat(680, "size(") + "b" + repeat(680, ")"), repeat(200, "a<b or ") + "a<b"}) {
    EXPECT_NE(FilterError(text), "") << text.substr(0, 20);
  }
  EXPECT_EQ(FilterError("a < " + repeat(1355, "f(") + "b" + repeat(1355, ")")),
            "Invalid function name; function: f");
  EXPECT_NE(FilterError("a[99999999999] = b").find("List index"), std::string::npos);
  EXPECT_NE(FilterError("a" + repeat(32, ".b") + " = c").find("nesting levels: 33"),
            std::string::npos);
  EXPECT_EQ(FilterError("a" + repeat(31, ".b") + " = c"), "");
  std::string in = "a IN (b0";
  for (int i = 1; i < 100; ++i) in += ",b" + std::to_string(i);
  EXPECT_EQ(FilterError(in + ")"), "");
  EXPECT_EQ(FilterError(in + ",c)"),
            "The IN operator is provided with too many operands; number of operands: 101");
  EXPECT_EQ(FilterError(repeat(200, "a<b or ") + "a<b"),
            "The expression contains too many operators; operator count: 301");
}

TEST(PlaceholdersTest, NamesAndValuesAreChecked) {
  const auto error = [](const std::string& names, const std::string& values) {
    const auto placeholders = PlaceholdersOf(names, values);
    return placeholders.has_error() ? placeholders.error().message : std::string();
  };
  EXPECT_EQ(error("{}", "{}"), "ExpressionAttributeNames must not be empty");
  EXPECT_EQ(error(R"({"a":"a"})", ""),
            R"(ExpressionAttributeNames contains invalid key: Syntax error; key: "a")");
  EXPECT_EQ(error("", "{}"), "ExpressionAttributeValues must not be empty");
  EXPECT_EQ(error("", R"({":b":{"a":""},"b":{"S":"a"}})"),
            R"(ExpressionAttributeValues contains invalid key: Syntax error; key: "b")");
  EXPECT_EQ(error("", R"({":b":{"S":"a","N":"b"}})"),
            "ExpressionAttributeValues contains invalid value: The parameter cannot be converted "
            "to a numeric value: b for key :b");
  EXPECT_EQ(error(R"({"#n":""})", ""),
            "ExpressionAttributeNames contains invalid value: Empty attribute name for key #n");
  EXPECT_NE(error("{\"#" + std::string(255, 'n') + "\":\"a\"}", "").find("size of key: 256"),
            std::string::npos);
}

TEST(PlaceholdersTest, EveryNameAndValueIsUsed) {
  auto placeholders = PlaceholdersOf(R"({"#b":"b","#a":"a"})", R"({":x":{"S":"x"}})").value();
  EXPECT_EQ(placeholders.CheckAllUsed().error().message,
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b, #a}");
  ASSERT_TRUE(CompileCondition(ConditionUse::kFilter, "#a = #b", placeholders).has_value());
  EXPECT_EQ(placeholders.CheckAllUsed().error().message,
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:x}");
  ASSERT_TRUE(CompileCondition(ConditionUse::kFilter, "a = :x", placeholders).has_value());
  EXPECT_TRUE(placeholders.CheckAllUsed().has_value());
}

TEST(PlaceholdersTest, ExpressionsAndLegacyParametersExcludeEachOther) {
  EXPECT_EQ(CheckParameterMix({{"ProjectionExpression", true},
                               {"FilterExpression", true},
                               {"KeyConditionExpression", true}},
                              {{"AttributesToGet", true},
                               {"QueryFilter", false},
                               {"ConditionalOperator", true},
                               {"KeyConditions", true}},
                              true, true)
                .error()
                .message,
            "Can not use both expression and non-expression parameters in the same request: "
            "Non-expression parameters: {AttributesToGet, ConditionalOperator, KeyConditions} "
            "Expression parameters: {ProjectionExpression, FilterExpression, "
            "KeyConditionExpression}");
  EXPECT_TRUE(CheckParameterMix({{"FilterExpression", true}, {"KeyConditionExpression", false}},
                                {{"KeyConditions", true}}, true, true)
                  .has_value());
  EXPECT_EQ(CheckParameterMix({{"ConditionExpression", false}}, {}, true, false).error().message,
            "ExpressionAttributeNames can only be specified when using expressions");
  EXPECT_EQ(
      CheckParameterMix({{"UpdateExpression", false}, {"ConditionExpression", false}}, {}, false,
                        true)
          .error()
          .message,
      "ExpressionAttributeValues can only be specified when using expressions: UpdateExpression "
      "and ConditionExpression are null");
  EXPECT_EQ(
      CheckParameterMix({{"ConditionExpression", false}}, {}, false, true, ErrorTexts::kCurrent)
          .error()
          .message,
      "ExpressionAttributeValues can only be specified when using expressions");
}

}  // namespace
}  // namespace kless
