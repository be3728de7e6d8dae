// The messages are those that dynalite's tests recorded on AWS (test/updateItem.js,
// test/getItem.js).
#include <gtest/gtest.h>

#include <string>

#include "emulator/dynamodb/model/expression/expression.h"
#include "tests/emulator/dynamodb/model/expression/request_text.h"

namespace kless {
namespace {

std::string UpdateErrorOf(const std::string& text, const std::string& values = "",
                          const std::string& names = "") {
  auto placeholders = PlaceholdersOf(names, values);
  const auto compiled = CompileUpdate(text, placeholders.value());
  if (compiled.has_value()) return "";
  const std::string prefix = "Invalid UpdateExpression: ";
  EXPECT_TRUE(compiled.error().message.starts_with(prefix)) << compiled.error().message;
  return compiled.error().message.substr(prefix.size());
}

std::string ProjectionErrorOf(const std::string& text, const std::string& names = "") {
  auto placeholders = PlaceholdersOf(names, "");
  const auto compiled = CompileProjection(text, placeholders.value());
  if (compiled.has_value()) return "";
  const std::string prefix = "Invalid ProjectionExpression: ";
  EXPECT_TRUE(compiled.error().message.starts_with(prefix)) << compiled.error().message;
  return compiled.error().message.substr(prefix.size());
}

TEST(CompileUpdateTest, WhatIsNotInTheGrammarIsASyntaxError) {
  for (const char* text : {"whatever",
                           "set a",
                           "add a",
                           "delete a",
                           "set a=set",
                           "remove a = b",
                           "add a = b",
                           "delete a = b",
                           "delete a b",
                           "delete a if_not_exist(b)",
                           "add abort b",
                           "add a if_not_exist(b)",
                           "remove a b",
                           "set a b",
                           "set :a = b",
                           "add :a b",
                           "delete :a b",
                           "remove :a",
                           "set a = b / c",
                           "set a = b * c",
                           "set a[1] = \"eight\"",
                           "set a[1] = 1",
                           "SET a = if_not_exist(a, 100)",
                           "SET if_not_exist(a, b) = a",
                           "set (a = (b + c))",
                           "set a = (b.c).d + e",
                           "set a = (b.c)[0] + e",
                           "set a = b + c + d",
                           "SET a = f(b+c)",
                           "SET a = _f(b)",
                           "SET a = (b + c) + d",
                           "SET a = b,",
                           "",
                           " "}) {
    const std::string error = UpdateErrorOf(text);
    EXPECT_TRUE(error.starts_with("Syntax error; token: ") || std::string(text).empty()) << text;
  }
  EXPECT_EQ(UpdateErrorOf(""), "The expression can not be empty;");
  EXPECT_EQ(UpdateErrorOf("INVALID SYNTAX HERE"),
            R"(Syntax error; token: "INVALID", near: "INVALID SYNTAX")");
  EXPECT_EQ(UpdateErrorOf("ADD hits : incr"), R"(Syntax error; token: ":", near: "hits : incr")");
  EXPECT_EQ(UpdateErrorOf("SET _123 = :v"), R"(Syntax error; token: "_", near: "SET _123")");
}

TEST(CompileUpdateTest, TheGrammarHasAllSections) {
  const std::string values = R"({":n":{"N":"1"},":s":{"SS":["a"]},":l":{"L":[]}})";
  for (const char* text :
       {"SET a = :n", "set a=:n,b=b+:n remove c, d.e[1] add f :n, g :s delete h :s",
        "SET a = (b + c)", "SET a = ((b.c.d)+(e))", "SET a = if_not_exists(a, b) + b",
        "SET a = if_not_exists(a, if_not_exists(a, b))", "SET a = list_append(b, :l)",
        "SET a = list_append(if_not_exists(a, :l), :l)", "SET a[1] = b, a[0].c = :n"}) {
    EXPECT_EQ(UpdateErrorOf(text, values), "") << text;
  }
}

TEST(CompileUpdateTest, MistakesAreToldInTheOrderOfTheService) {
  EXPECT_EQ(UpdateErrorOf(" set #c = :c set abOrt = true "),
            "Attribute name is a reserved keyword; reserved keyword: abOrt");
  EXPECT_EQ(UpdateErrorOf("SET a = foo(#b) SET c = d"), "Invalid function name; function: foo");
  EXPECT_EQ(UpdateErrorOf("SET a = attribute_exists(b)"),
            "The function is not allowed in an update expression; function: attribute_exists");
  EXPECT_EQ(UpdateErrorOf("SET a = list_append(list_append(:a, :b), :c)"),
            "The function is not allowed to be used this way in an expression; function: "
            "list_append");
  EXPECT_EQ(UpdateErrorOf("SET #a = b SET c = d"),
            "The \"SET\" section can only be used once in an update expression;");
  EXPECT_EQ(UpdateErrorOf("SET a = :v, #b = c"),
            "An expression attribute name used in the document path is not defined; attribute "
            "name: #b");
  EXPECT_EQ(UpdateErrorOf("SET a = :v, a = c"),
            "An expression attribute value used in expression is not defined; attribute value: "
            ":v");
}

TEST(CompileUpdateTest, PathsAreDistinct) {
  const std::string names = R"({"#c":"c","#d":"[3]"})";
  const auto overlap = [](const std::string& one, const std::string& two) {
    return "Two document paths overlap with each other; must remove or rewrite one of these paths; "
           "path one: " +
           one + ", path two: " + two;
  };
  const auto conflict = [](const std::string& one, const std::string& two) {
    return "Two document paths conflict with each other; must remove or rewrite one of these "
           "paths; path one: " +
           one + ", path two: " + two;
  };
  EXPECT_EQ(UpdateErrorOf("set d[1] = a, d.b = a, c[1].a = a, #c = if_not_exists(a)", "", names),
            overlap("[c, [1], a]", "[c]"));
  EXPECT_EQ(UpdateErrorOf("set #c[3].#d = a, #c[3] = a", "", names),
            overlap("[c, [3], [3]]", "[c, [3]]"));
  EXPECT_EQ(UpdateErrorOf("set #c[3].#d = a, #c.#d[3] = if_not_exists(a)", "", names),
            conflict("[c, [3], [3]]", "[c, [3], [3]]"));
  EXPECT_EQ(UpdateErrorOf("remove a.#c set a[1] = #d", "", names), conflict("[a, c]", "[a, [1]]"));
  EXPECT_EQ(UpdateErrorOf("SET a = :v REMOVE a", R"({":v":{"S":""}})"), overlap("[a]", "[a]"));
}

TEST(CompileUpdateTest, OperandsHaveTheRightNumberAndTypes) {
  const std::string type = "Incorrect operand type for operator or function; operator: ";
  EXPECT_EQ(UpdateErrorOf("set b = list_append(:a, a), c = if_not_exists(a) add a.b :a",
                          R"({":a":{"S":"a"}})"),
            type + "ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND");
  EXPECT_EQ(UpdateErrorOf("delete a.b :a", R"({":a":{"N":"1"}})"),
            type + "DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND");
  EXPECT_EQ(UpdateErrorOf("add a.b :a", R"({":a":{"L":[]}})"),
            type + "ADD, operand type: LIST, typeSet: ALLOWED_FOR_ADD_OPERAND");
  EXPECT_EQ(UpdateErrorOf("set a = if_not_exists(c)"),
            "Incorrect number of operands for operator or function; operator or function: "
            "if_not_exists, number of operands: 1");
  EXPECT_EQ(UpdateErrorOf("set a = if_not_exists(if_not_exists(a, b), c)"),
            "Operator or function requires a document path; operator or function: if_not_exists");
  const std::string function =
      "Incorrect operand type for operator or function; operator or function: ";
  EXPECT_EQ(UpdateErrorOf("set a = list_append(:a, a)", R"({":a":{"S":"a"}})"),
            function + "list_append, operand type: S");
  EXPECT_EQ(UpdateErrorOf("set a = a - :a", R"({":a":{"M":{}}})"), function + "-, operand type: M");
}

TEST(CompileProjectionTest, MistakesAreTold) {
  for (const char* text : {"whatever(stuff)", ":a", "abort,", "a,,b", "a..b", "a[b]", "(a.b).c",
                           "(a)", "(a),(b)", "(a,b)", "a-b"}) {
    EXPECT_TRUE(ProjectionErrorOf(text).starts_with("Syntax error; token: ")) << text;
  }
  EXPECT_EQ(ProjectionErrorOf("#a,ABSoLUTE"),
            "Attribute name is a reserved keyword; reserved keyword: ABSoLUTE");
  EXPECT_EQ(ProjectionErrorOf("a,b,a,#a"),
            "An expression attribute name used in the document path is not defined; attribute "
            "name: #a");
  EXPECT_EQ(ProjectionErrorOf("b[1], b.a, #a.b, a", R"({"#a":"a"})"),
            "Two document paths overlap with each other; must remove or rewrite one of these "
            "paths; path one: [a, b], path two: [a]");
  EXPECT_EQ(ProjectionErrorOf("a.b[1], #a[1], #b", R"({"#a":"a","#b":"[3]"})"),
            "Two document paths conflict with each other; must remove or rewrite one of these "
            "paths; path one: [a, b, [1]], path two: [a, [1]]");
  EXPECT_EQ(ProjectionErrorOf(std::string(4096, 'x')), "");
  EXPECT_NE(ProjectionErrorOf(std::string(4097, 'x')), "");
}

}  // namespace
}  // namespace kless
