#include "emulator/dynamodb/model/partiql/statement.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "emulator/base/padded_parser.h"
#include "emulator/dynamodb/model/expression/evaluator.h"
#include "emulator/dynamodb/model/expression/update.h"
#include "emulator/dynamodb/model/partiql/plan.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless {
namespace {

AttributeMap RowOf(const std::string& json) {
  PaddedParser parser;
  return ParseItem(json, parser).value();
}

Statement Parsed(const std::string& text, const std::vector<AttributeValue>& parameters = {}) {
  auto statement = ParseStatement(text, parameters);
  EXPECT_TRUE(statement.has_value()) << text << ": " << statement.error().message;
  return statement.has_value() ? statement.value() : Statement();
}

std::string StatementErrorOf(const std::string& text,
                             const std::vector<AttributeValue>& parameters = {}) {
  const auto statement = ParseStatement(text, parameters);
  return statement.has_error() ? statement.error().message : std::string();
}

KeySchema HashOnly() { return {{{"pk", KeyType::kString}}, {}}; }
KeySchema HashAndRange() { return {{{"pk", KeyType::kString}}, {{"sk", KeyType::kNumber}}}; }

bool Matches(const std::string& where, const std::string& item) {
  const Statement statement = Parsed("SELECT * FROM t WHERE " + where);
  const AttributeMap attributes = RowOf(item);
  return statement.where && Holds(*statement.where, MapSource(&attributes));
}

TEST(StatementTest, SelectNamesATableAnIndexAndPaths) {
  const Statement all = Parsed("select * from \"my-table\".\"by-name\" where pk = 'k';");
  EXPECT_EQ(all.kind, Statement::Kind::kSelect);
  EXPECT_EQ(all.table, "my-table");
  EXPECT_EQ(all.index, "by-name");
  EXPECT_TRUE(all.selected.empty());
  const Statement paths = Parsed("SELECT pk, mymap.nested, l[1] FROM t");
  EXPECT_FALSE(paths.where.has_value());
  const AttributeMap item = RowOf(
      R"({"pk":{"S":"k"},"mymap":{"M":{"nested":{"S":"deep"}}},"l":{"L":[{"N":"1"},{"N":"2"}]}})");
  EXPECT_EQ(ToJson(SelectedAttributes(paths, MapSource(&item))),
            R"({"l[1]":{"N":"2"},"nested":{"S":"deep"},"pk":{"S":"k"}})");
}

TEST(StatementTest, ConditionsHaveTheOperatorsOfTheLanguage) {
  const std::string item =
      R"({"pk":{"S":"it's"},"n":{"N":"5"},"s":{"SS":["x"]},"z":{"NULL":true},"k.d":{"S":"a"},)"
      R"("m":{"M":{"x":{"L":[{"S":"deep"}]}}}})";
  for (const char* where : {"pk = 'it''s'",
                            "n > 4 AND n <= 5",
                            "n != 4",
                            "n <> -5",
                            "NOT n = 4",
                            "5 = n",
                            "n BETWEEN 1 AND 5.0",
                            "n NOT BETWEEN 6 AND 7",
                            "n IN [1, 5]",
                            "n IN (1, 5)",
                            "n NOT IN [1]",
                            "q IS MISSING",
                            "n IS NOT MISSING",
                            "z IS NULL",
                            "n IS NOT NULL",
                            "n IS NUMERIC",
                            "begins_with(\"pk\", 'it')",
                            "contains(s, 'x')",
                            "CONTAINS(pk, 't')",
                            "attribute_type(n, 'N')",
                            "size(s) = 1",
                            "SIZE(m.x) < 2",
                            "m.x[0] = 'deep'",
                            "m['x'][0] = 'deep'",
                            "\"k.d\" = 'a'",
                            "(n = 1 OR n = 5) AND NOT (n = 2)",
                            "n = 1 OR n = 5 AND pk = 'it''s'",
                            "s = <<'x'>>",
                            "n = 0.5e1"}) {
    EXPECT_TRUE(Matches(where, item)) << where;
    EXPECT_FALSE(Matches("NOT (" + std::string(where) + ")", item)) << where;
  }
}

TEST(StatementTest, InsertHasAnItem) {
  const Statement insert = Parsed(
      "INSERT INTO \"t\" VALUE {'pk': ?, 'n': -1.50, 'l': [1, 'x', {'y': NULL}], 's': <<'b', "
      "'a'>>, "
      "'f': FALSE}",
      {AttributeValue::Binary("\x01")});
  EXPECT_EQ(insert.kind, Statement::Kind::kInsert);
  EXPECT_EQ(ToJson(insert.item),
            R"({"f":{"BOOL":false},"l":{"L":[{"N":"1"},{"S":"x"},{"M":{"y":{"NULL":true}}}]},)"
            R"("n":{"N":"-1.5"},"pk":{"B":"AQ=="},"s":{"SS":["a","b"]}})");
}

TEST(StatementTest, UpdateBecomesAnUpdateExpression) {
  const Statement update = Parsed(
      "UPDATE t SET n = n + 100 SET m.y = [2020, 'v'], l = LIST_APPEND(l, [4]) "
      "SET s = SET_ADD(s, <<'c'>>) SET r = SET_DELETE(r, <<1>>) REMOVE q WHERE pk = 'k' "
      "RETURNING MODIFIED NEW *");
  EXPECT_EQ(update.returning, Statement::Returning::kModifiedNew);
  const AttributeMap item = RowOf(
      R"({"l":{"L":[{"N":"1"}]},"m":{"M":{}},"n":{"N":"5"},"q":{"N":"1"},"r":{"NS":["1","2"]},)"
      R"("s":{"SS":["a"]}})");
  EXPECT_EQ(ToJson(*ApplyUpdate(update.update, &item).value()),
            R"({"l":{"L":[{"N":"1"},{"N":"4"}]},"m":{"M":{"y":{"L":[{"N":"2020"},{"S":"v"}]}}},)"
            R"("n":{"N":"105"},"r":{"NS":["2"]},"s":{"SS":["a","c"]}})");
}

TEST(StatementTest, MistakesAreTold) {
  const std::string malformed = "Statement wasn't well formed, can't be processed: ";
  EXPECT_EQ(StatementErrorOf("NOT A STATEMENT"), malformed + "Expected data manipulation");
  EXPECT_EQ(StatementErrorOf(""), malformed + "Expected data manipulation");
  EXPECT_EQ(StatementErrorOf("INSERT INTO urls (k) VALUES (?)"), malformed + "Unexpected term");
  for (const char* text :
       {"SELECT", "SELECT * FROM", "SELECT FROM t", "SELECT * FROM t WHERE", "UPDATE t WHERE a = 1",
        "SELECT * FROM t WHERE a = 'x", "DELETE FROM t WHERE a = 1 x",
        "SELECT * FROM t WHERE (a = 1", "INSERT INTO t VALUE {'a' 1}",
        "SELECT * FROM t WHERE a = #", "UPDATE t SET a = WHERE b = 1"}) {
    EXPECT_TRUE(StatementErrorOf(text).starts_with(malformed)) << text;
  }
  EXPECT_EQ(StatementErrorOf("SELECT * FROM t WHERE pk = ?"),
            "Number of parameters in request and statement don't match.");
  EXPECT_EQ(StatementErrorOf("SELECT * FROM t", {AttributeValue::Null()}),
            "Number of parameters in request and statement don't match.");
  EXPECT_EQ(StatementErrorOf("DELETE FROM t WHERE pk = 'k' RETURNING MODIFIED OLD *"),
            "Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is "
            "allowed in DELETE statements.");
  EXPECT_EQ(StatementErrorOf("DELETE FROM t"),
            "Where clause does not contain a mandatory equality on all key attributes");
  EXPECT_EQ(StatementErrorOf("SELECT * FROM t WHERE a = MISSING"),
            "MISSING must be compared using IS operator");
  EXPECT_EQ(StatementErrorOf("SELECT * FROM t WHERE foo(a)"), "Unrecognized function: foo");
  EXPECT_EQ(StatementErrorOf("UPDATE t SET a = SET_ADD(b, <<1>>) WHERE pk = 'k'"),
            "The first argument to SET_ADD must equal the assignment value");
  EXPECT_EQ(StatementErrorOf("INSERT INTO t VALUE {'a': <<>>}"), "Empty bags are not supported");
  EXPECT_EQ(StatementErrorOf("UPDATE t SET s = SET_ADD(s, <<'x', 'x'>>) WHERE pk = 'k'"),
            "One or more parameter values were invalid: Input collection [x, x] contains "
            "duplicates.");
  EXPECT_NE(StatementErrorOf("UPDATE t SET a = 1, a = 2 WHERE pk = 'k'").find("overlap"),
            std::string::npos);
  EXPECT_NE(StatementErrorOf("SELECT * FROM t WHERE begins_with(a, 1)").find("operand type: N"),
            std::string::npos);
}

TEST(StatementTest, CommentsAreBlanks) {
  for (const char* text :
       {"SELECT * FROM t WHERE n = 5 -- a note", "SELECT * FROM t -- a note\nWHERE n = 5",
        "-- a note\nSELECT * FROM t WHERE n = 5", "SELECT * FROM t /* a * note */ WHERE n = 5",
        "SELECT * FROM t WHERE n /**/ = 5/* a note */"}) {
    const AttributeMap item = RowOf(R"({"n":{"N":"5"}})");
    const Statement statement = Parsed(text);
    EXPECT_TRUE(statement.where && Holds(*statement.where, MapSource(&item))) << text;
  }
  EXPECT_EQ(ToJson(Parsed("INSERT INTO t VALUE {'a': '-- no comment /*'}").item),
            R"({"a":{"S":"-- no comment /*"}})");
  const std::string malformed = "Statement wasn't well formed, can't be processed: ";
  for (const char* text :
       {"SELECT * FROM t # a note", "SELECT * FROM t /* a note", "SELECT * FROM t /*/"}) {
    EXPECT_EQ(StatementErrorOf(text), malformed) << text;
  }
}

TEST(StatementTest, ANumberMayBeginWithItsPoint) {
  EXPECT_EQ(ToJson(Parsed("INSERT INTO t VALUE {'a': .73e1, 'b': -.5, 'c': [.5]}").item),
            R"({"a":{"N":"7.3"},"b":{"N":"-0.5"},"c":{"L":[{"N":"0.5"}]}})");
  EXPECT_NE(StatementErrorOf("SELECT * FROM t WHERE n = ."), "");
}

TEST(StatementTest, AnUpdateMayBeginWithFrom) {
  const Statement update =
      Parsed("from t where pk = 'k' AND a = 1 set c = 2, d = 3 REMOVE e RETURNING ALL NEW *");
  EXPECT_EQ(update.kind, Statement::Kind::kUpdate);
  EXPECT_EQ(update.table, "t");
  EXPECT_EQ(update.update.actions.size(), 3u);
  EXPECT_EQ(update.returning, Statement::Returning::kAllNew);
  EXPECT_TRUE(update.where.has_value());
  const std::string no_key =
      "Where clause does not contain a mandatory equality on all key attributes";
  EXPECT_EQ(StatementErrorOf("FROM t SET c = 1"), no_key);
  EXPECT_EQ(StatementErrorOf("FROM t REMOVE a"), no_key);
  EXPECT_EQ(StatementErrorOf("FROM t SET c = 1 WHERE pk = 'k'"),
            "Statement wasn't well formed, can't be processed: Unexpected token after expression");
  EXPECT_NE(StatementErrorOf("FROM t WHERE pk = 'k'"), "");
  EXPECT_NE(StatementErrorOf("FROM t.i WHERE pk = 'k' SET c = 1"), "");
}

TEST(StatementTest, ACallMayBeComparedWithATruthValue) {
  const std::string item = R"({"pk":{"S":"k"},"flag":{"BOOL":true}})";
  EXPECT_TRUE(Matches("attribute_exists(pk) = true", item));
  EXPECT_FALSE(Matches("attribute_exists(pk) = FALSE", item));
  EXPECT_TRUE(Matches("flag IS BOOL", item));
  EXPECT_FALSE(Matches("pk IS BOOL", item));
}

TEST(StatementTest, WhatIsWrongIsNamedAsOnAws) {
  const std::string malformed = "Statement wasn't well formed, can't be processed: ";
  for (const char* text :
       {"SELECT * FROM t WHERE pk = 1 foo", "SELECT * FROM t WHERE pk = 1 e5",
        "INSERT INTO t VALUE {'pk': 1} foo", "UPDATE t SET a = 9 WHERE pk = 1 foo",
        "DELETE FROM t WHERE pk = 1 foo", "SELECT * FROM t WHERE pk = 1)",
        "DELETE FROM t WHERE pk = 1 ORDER BY pk", "SELECT * FROM t ORDER BY pk WHERE pk = 1",
        "INSERT INTO t x VALUE {'pk': 1}"}) {
    EXPECT_EQ(StatementErrorOf(text), malformed + "Unexpected token after expression") << text;
  }
  for (const char* text : {"SELECT * FROM t x WHERE pk = 1", "SELECT * FROM t AS x WHERE pk = 1",
                           "UPDATE t x SET a = 3 WHERE pk = 1", "DELETE FROM t x WHERE pk = 1"}) {
    EXPECT_EQ(StatementErrorOf(text), "Aliasing is not supported") << text;
  }
  for (const char* text :
       {"SELECT * FROM t WHERE", "SELECT * FROM t WHERE;", "UPDATE t SET a = 1 WHERE",
        "DELETE FROM t WHERE", "SELECT * FROM t WHERE NOT", "SELECT * FROM t WHERE (",
        "SELECT * FROM"}) {
    EXPECT_EQ(StatementErrorOf(text), malformed + "Unexpected term") << text;
  }
  for (const char* text : {"SELECT * FROM t WHERE pk = 1 AND", "SELECT * FROM t WHERE pk = 1 OR"}) {
    EXPECT_EQ(StatementErrorOf(text),
              malformed + "Missing right-hand side expression of infix operator")
        << text;
  }
  for (const char* text : {"SELECT * FROM t WHERE IS NULL", "SELECT * FROM t WHERE pk = LIKE"}) {
    EXPECT_EQ(StatementErrorOf(text), malformed + "Unexpected operator") << text;
  }
  for (const char* text : {"DELETE FROM", "DELETE FROM;", "DELETE FROM WHERE pk = 'a'"}) {
    EXPECT_EQ(StatementErrorOf(text), malformed + "Expected identifier for simple path") << text;
  }
  EXPECT_EQ(StatementErrorOf("SELECT * FROM t WHERE attribute_exists()"),
            "Incorrect number of operands for operator or function; operator or function: "
            "attribute_exists, number of operands: 0");
}

TEST(StatementTest, ACountIsRefusedWithItsPlace) {
  EXPECT_EQ(StatementErrorOf("SELECT COUNT(*) FROM t"), "Unexpected path component at 1:8:5");
  EXPECT_EQ(StatementErrorOf("SELECT \"\u00e9\",\n  count(pk) FROM t"),
            "Unexpected path component at 2:3:5");
  EXPECT_EQ(StatementErrorOf("SELECT /* \u00e9 */ Count (pk) FROM t"),
            "Unexpected path component at 1:16:5");
  EXPECT_EQ(StatementErrorOf("SELECT \"COUNT\", count FROM t"), "");
}

TEST(StatementTest, DepthIsBounded) {
  const auto repeat = [](int times, const std::string& text) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
  };
  for (const std::string& text : {"SELECT * FROM t WHERE " + repeat(4000, "(") + "a = 1",
                                  "INSERT INTO t VALUE " + repeat(4000, "{'a':"),
                                  "SELECT * FROM t WHERE a = " + repeat(4000, "["),
                                  "SELECT * FROM t WHERE " + repeat(2000, "NOT ") + "a = 1",
                                  "SELECT * FROM t WHERE " + repeat(1500, "size(") + "a",
                                  "SELECT a" + repeat(2000, ".a") + " FROM t",
                                  "SELECT * FROM t WHERE a = " + repeat(4000, "<<")}) {
    EXPECT_NE(StatementErrorOf(text), "") << text.substr(0, 30);
  }
}

TEST(StatementTest, DocumentsStayWithinTheirDepth) {
  const auto nested = [](int lists, const std::string& leaf) {
    std::string text = leaf;
    for (int i = 0; i < lists; ++i) text = "[" + text + "]";
    return text;
  };
  const auto parameter = [](int lists) {
    AttributeValue value = AttributeValue::Null();
    for (int i = 0; i < lists; ++i) value = AttributeValue::OfList({std::move(value)});
    return value;
  };
  const std::string too_deep =
      "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels "
      "beyond supported limit";
  const auto insert = [](const std::string& value) {
    return "INSERT INTO t VALUE {'pk': 'k', 'a': " + value + "}";
  };
  const auto update = [](const std::string& value) {
    return "UPDATE t SET a = " + value + " WHERE pk = 'k'";
  };
  for (const std::string& text : {insert(nested(31, "1")), update(nested(31, "1"))}) {
    EXPECT_EQ(StatementErrorOf(text), "") << text;
  }
  for (const std::string& text : {insert(nested(32, "1")), update(nested(32, "1"))}) {
    EXPECT_EQ(StatementErrorOf(text), too_deep) << text;
  }
  // A parameter is as deep as where it stands.
  for (const std::string& text : {insert(nested(11, "?")), update(nested(11, "?"))}) {
    EXPECT_EQ(StatementErrorOf(text, {parameter(20)}), "") << text;
    EXPECT_EQ(StatementErrorOf(text, {parameter(21)}), too_deep) << text;
  }
}

TEST(PlanTest, AWriteIsAboutOneItem) {
  const auto plan =
      PlanItem(Parsed("UPDATE t SET a = 1 WHERE sk = 7 AND 'k' = pk AND n = 5"), HashAndRange());
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan.value().key.partition, "k");
  EXPECT_EQ(KeyValues(HashAndRange(), plan.value().key),
            RowOf(R"({"pk":{"S":"k"},"sk":{"N":"7"}})"));
  const auto meets = [](const ItemPlan& of, const std::string& json) {
    const AttributeMap item = json.empty() ? AttributeMap() : RowOf(json);
    return !of.condition || Holds(*of.condition, MapSource(json.empty() ? nullptr : &item));
  };
  EXPECT_TRUE(meets(plan.value(), R"({"pk":{"S":"k"},"n":{"N":"5"}})"));
  EXPECT_FALSE(meets(plan.value(), R"({"pk":{"S":"k"},"n":{"N":"6"}})"));
  EXPECT_FALSE(meets(plan.value(), ""));
  const auto removal = PlanItem(Parsed("DELETE FROM t WHERE pk = 'k' AND n = 5"), HashOnly());
  EXPECT_TRUE(meets(removal.value(), ""));
  EXPECT_FALSE(meets(removal.value(), R"({"pk":{"S":"k"},"n":{"N":"6"}})"));
  EXPECT_FALSE(PlanItem(Parsed("DELETE FROM t WHERE pk = 'k'"), HashOnly()).value().condition);
}

TEST(PlanTest, AWriteNeedsItsWholeKey) {
  const auto error = [](const std::string& text, const KeySchema& schema) {
    const auto plan = PlanItem(Parsed(text), schema);
    return plan.has_error() ? plan.error().message : std::string();
  };
  const std::string incomplete =
      "Where clause does not contain a mandatory equality on all key attributes";
  EXPECT_EQ(error("DELETE FROM t WHERE \"name\" = 'alpha'", HashOnly()), incomplete);
  EXPECT_EQ(error("DELETE FROM t WHERE pk = 'p1'", HashAndRange()), incomplete);
  EXPECT_EQ(error("DELETE FROM t WHERE pk = 'p1' OR sk = 1", HashAndRange()), incomplete);
  EXPECT_EQ(error("DELETE FROM t WHERE pk = 'p1' AND pk = 'p2'", HashOnly()),
            "Multiple conditions on same key pk. Only single item Update/Insert/Delete are "
            "supported");
  EXPECT_EQ(error("DELETE FROM t WHERE pk = 1", HashOnly()),
            "Key attribute's data type should match its data type in table's schema: Key pk");
  EXPECT_EQ(error("EXISTS(SELECT * FROM t WHERE pk = 'k')", HashOnly()),
            "EXISTS() must contain a single item read with additional condition");
  EXPECT_EQ(error("EXISTS(SELECT * FROM t WHERE pk = 'k' AND a IS MISSING)", HashOnly()), "");
}

TEST(PlanTest, ASelectReadsThePartitionsThatItNames) {
  const auto plan = [](const std::string& rest) {
    return PlanSelect(Parsed("SELECT * FROM t " + rest), HashAndRange());
  };
  EXPECT_TRUE(plan("").value().ranges.empty());
  EXPECT_TRUE(plan("WHERE sk = 1").value().ranges.empty());
  EXPECT_TRUE(plan("WHERE pk = 'a' OR sk = 1").value().ranges.empty());
  const auto one = plan("WHERE pk = 'a' AND sk > 5 AND n = 1");
  ASSERT_EQ(one.value().ranges.size(), 1u);
  EXPECT_FALSE(one.value().ranges[0].Contains(Decimal(5).ToKeyBytes()));
  EXPECT_TRUE(one.value().ranges[0].Contains(Decimal(6).ToKeyBytes()));
  EXPECT_TRUE(one.value().filter.has_value());
  EXPECT_EQ(plan("WHERE pk IN ['b', 'a', 'b']").value().ranges.size(), 2u);
  std::string in = "WHERE pk IN ['0'";
  for (int i = 1; i < 50; ++i) in += ",'" + std::to_string(i) + "'";
  EXPECT_EQ(plan(in + "]").value().ranges.size(), 50u);
  EXPECT_EQ(plan(in + ",'x']").error().message,
            "Too many decomposed read operations for a given query.");
  EXPECT_EQ(plan(in + "] AND sk IN [1, 2]").error().message,
            "Too many decomposed read operations for a given query.");
  EXPECT_TRUE(plan("WHERE pk = 'a' ORDER BY sk DESC").value().descending);
  EXPECT_EQ(plan("ORDER BY sk").error().message,
            "Must have WHERE clause in the statement when using ORDER BY clause.");
  EXPECT_EQ(plan("WHERE n = 1 ORDER BY sk").error().message,
            "Must have at least one non-optional hash key condition in WHERE clause when using "
            "ORDER BY clause.");
  EXPECT_EQ(plan("WHERE pk = 'a' ORDER BY n").error().message,
            "Variable reference n in ORDER BY clause must be part of the primary key");
}

}  // namespace
}  // namespace kless
