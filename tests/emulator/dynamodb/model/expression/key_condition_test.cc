#include "emulator/dynamodb/model/expression/key_condition.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "emulator/dynamodb/model/expression/expression.h"
#include "emulator/dynamodb/model/expression/key_rules.h"
#include "tests/emulator/dynamodb/model/expression/request_text.h"

namespace kless {
namespace {

Result<KeyConditions> Read(const std::string& text, const std::string& values) {
  auto placeholders = PlaceholdersOf("", values);
  KLESS_TRY(const auto condition,
            CompileCondition(ConditionUse::kKeyCondition, text, placeholders.value()));
  return ReadKeyConditions(condition);
}

std::string ReadError(const std::string& text, const std::string& values = "") {
  const auto read = Read(text, values);
  return read.has_error() ? read.error().message : "";
}

Result<PartitionRange> Range(const std::string& text, const std::string& values,
                             const KeySchema& schema) {
  KLESS_TRY(const auto conditions, Read(text, values));
  return MakePartitionRange(conditions, schema);
}

KeySchema PlayerScores() { return {{{"p", KeyType::kString}}, {{"c", KeyType::kNumber}}}; }

TEST(KeyConditionTest, OnlySomeOperatorsAreAllowed) {
  const std::string invalid = "Invalid operator used in KeyConditionExpression: ";
  const std::string s = R"({":a":{"S":"S"}})";
  EXPECT_EQ(ReadError("attribute_type(a, :a)", s), invalid + "attribute_type");
  EXPECT_EQ(ReadError("a > b and size(b) > c or a > c"), invalid + "OR");
  EXPECT_EQ(ReadError("a in (b, size(c), d)"), invalid + "IN");
  EXPECT_EQ(ReadError("contains(a.d, b)"), invalid + "contains");
  EXPECT_EQ(ReadError("not a > b"), invalid + "NOT");
  EXPECT_EQ(ReadError("a <> b"), invalid + "<>");
  EXPECT_EQ(ReadError("attribute_exists(a)"), invalid + "attribute_exists");
  const std::string values = R"({":a":{"S":"1"},":b":{"S":"1"}})";
  EXPECT_EQ(ReadError(":a between size(b) and size(a) and b > :b", values),
            "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key "
            "attribute as its first operand");
  EXPECT_EQ(ReadError("begins_with(:a, b) and a > :b", values),
            "Invalid condition in KeyConditionExpression: begins_with operator must have the key "
            "attribute as its first operand");
}

TEST(KeyConditionTest, ConditionsAreOnOneAttributeEach) {
  for (const char* text :
       {"size(b) > a AND a.b > b AND b > c", "a > size(b.d)", "a between size(b) and size(a)"}) {
    EXPECT_EQ(ReadError(text), "KeyConditionExpressions cannot contain nested operations") << text;
  }
  for (const char* text :
       {"b > a.b", "b between c[1] and d", "a between b and size(a)", "begins_with(a, b)"}) {
    EXPECT_EQ(ReadError(text),
              "Invalid condition in KeyConditionExpression: Multiple attribute names used in one "
              "condition")
        << text;
  }
  for (const char* text : {"b.d > a AND c.d > e.f", "a.d > c", "b[0] > a"}) {
    EXPECT_EQ(ReadError(text),
              "KeyConditionExpressions cannot have conditions on nested attributes")
        << text;
  }
  const std::string numbers = R"({":a":{"N":"1"},":b":{"N":"1"}})";
  EXPECT_EQ(ReadError(":b > :a AND a < :b", numbers),
            "Invalid condition in KeyConditionExpression: No key attribute specified");
  EXPECT_EQ(ReadError("b > :a AND b < :a and c = :a and d = :a", numbers),
            "KeyConditionExpressions must only contain one condition per key");
}

TEST(KeyConditionTest, ThePartitionIsEqualAndTheRestARange) {
  const std::string values = R"({":p":{"S":"x"},":c":{"N":"5"},":d":{"N":"7"}})";
  const auto numbers = [&](const std::string& text) {
    const auto range = Range(text, values, PlayerScores());
    EXPECT_TRUE(range.has_value()) << range.error().message;
    EXPECT_EQ(range.value().partition, "x");
    std::string found;
    for (int i = 4; i < 9; ++i) {
      if (range.value().Contains(Decimal(static_cast<std::uint64_t>(i)).ToKeyBytes())) {
        found += std::to_string(i);
      }
    }
    return found;
  };
  EXPECT_EQ(numbers("p = :p"), "45678");
  EXPECT_EQ(numbers(":p = p AND c = :c"), "5");
  EXPECT_EQ(numbers("c < :c AND p = :p"), "4");
  EXPECT_EQ(numbers("p = :p AND c <= :c"), "45");
  EXPECT_EQ(numbers("p = :p AND :c < c"), "678");
  EXPECT_EQ(numbers("(p = :p) AND (c >= :c)"), "5678");
  EXPECT_EQ(numbers("p = :p AND c BETWEEN :c AND :d"), "567");
}

TEST(KeyConditionTest, StringsBeginWithAPrefix) {
  const KeySchema schema{{{"p", KeyType::kString}}, {{"c", KeyType::kString}}};
  const auto range =
      Range("p = :p AND begins_with(c, :c)", R"({":p":{"S":"x"},":c":{"S":"ab"}})", schema);
  ASSERT_TRUE(range.has_value());
  EXPECT_TRUE(range.value().Contains("ab"));
  EXPECT_TRUE(range.value().Contains("ab\xff\xff"));
  EXPECT_FALSE(range.value().Contains("ac"));
  EXPECT_FALSE(range.value().Contains("aa"));
}

TEST(KeyConditionTest, TheSchemaDecidesWhatIsMissing) {
  const std::string values = R"({":p":{"S":"x"},":c":{"N":"5"}})";
  const auto error = [&](const std::string& text) {
    const auto range = Range(text, values, PlayerScores());
    return range.has_error() ? range.error().message : std::string();
  };
  EXPECT_EQ(error("p < :p"), "Query key condition not supported");
  EXPECT_EQ(error("c = :c"), "Query condition missed key schema element: p");
  EXPECT_EQ(error("p = :p AND a = :c"), "Query condition missed key schema element: c");
  EXPECT_EQ(error("p = :c"),
            "One or more parameter values were invalid: Condition parameter type does not match "
            "schema type");
  EXPECT_EQ(error("p = :p AND c < :c AND a < :c"), "Conditions can be of length 1 or 2 only");
  EXPECT_EQ(Range("p = :p AND a = :p", R"({":p":{"S":"x"}})", {{{"p", KeyType::kString}}, {}})
                .error()
                .message,
            "Query key condition not supported");
}

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
TEST(KeyConditionTest, SeveralSortAttributesAreConditionedFromTheLeft) {
  const KeySchema schema{{{"h", KeyType::kString}, {"i", KeyType::kString}},
                         {{"x", KeyType::kString}, {"y", KeyType::kNumber}}};
  const std::string values = R"({":h":{"S":"h"},":x":{"S":"x"},":y":{"N":"5"},":z":{"N":"6"}})";
  const auto error = [&](const std::string& text) {
    const auto range = Range(text, values, schema);
    return range.has_error() ? range.error().message : std::string();
  };
  const auto holds = [&](const std::string& text, const std::string& x, std::uint64_t y) {
    const auto range = Range(text, values, schema);
    EXPECT_TRUE(range.has_value()) << text;
    return range.value().Contains(
        KeyPartBytes(schema.sort, {AttributeValue::String(x), AttributeValue::Number(Decimal(y))}));
  };
  const std::string both = "h = :h AND i = :h";
  EXPECT_TRUE(holds(both, "w", 1));
  EXPECT_TRUE(holds(both + " AND x = :x", "x", 1));
  EXPECT_FALSE(holds(both + " AND x = :x", "xx", 1));
  EXPECT_TRUE(holds(both + " AND x > :x", "xx", 1));
  EXPECT_FALSE(holds(both + " AND x > :x", "x", 9));
  EXPECT_TRUE(holds(both + " AND begins_with(x, :x)", "xy", 9));
  EXPECT_FALSE(holds(both + " AND begins_with(x, :x)", "y", 9));
  EXPECT_TRUE(holds(both + " AND x = :x AND y <= :y", "x", 5));
  EXPECT_FALSE(holds(both + " AND x = :x AND y > :y", "xx", 9));
  EXPECT_TRUE(holds(both + " AND x = :x AND y BETWEEN :y AND :z", "x", 6));
  EXPECT_NE(error("h = :h").find("HASH key attributes must have an equality"), std::string::npos);
  EXPECT_NE(error(both + " AND y = :y").find("RANGE"), std::string::npos);
  EXPECT_NE(error(both + " AND x > :x AND y = :y").find("equality"), std::string::npos);
  EXPECT_NE(error(both + " AND x = :y").find("type"), std::string::npos);
}

TEST(KeyRulesTest, KeysAreNotFilteredUpdatedOrEntered) {
  auto placeholders = PlaceholdersOf("", R"({":v":{"N":"1"}})").value();
  const auto condition = [&](const std::string& text) {
    return CompileCondition(ConditionUse::kFilter, text, placeholders).value();
  };
  EXPECT_TRUE(
      CheckFilterKeys(condition("a = :v"), PlayerScores(), "Filter Expression").has_value());
  EXPECT_EQ(CheckFilterKeys(condition("a = :v OR NOT c = :v"), PlayerScores(), "Filter Expression")
                .error()
                .message,
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: "
            "c");
  EXPECT_EQ(CheckKeyPaths(condition("p.x = :v"), PlayerScores(), false).error().message,
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not "
            "allowed: Key: p");
  EXPECT_EQ(CheckKeyPaths(condition("c[1] = :v"), PlayerScores(), true).error().message,
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not "
            "allowed: IndexKey: c");
  const auto index_error = [&](const std::string& text) {
    const auto checked =
        CheckIndexTypes(CompileUpdate(text, placeholders).value(), PlayerScores(), "i");
    return checked.has_error() ? checked.error().message : std::string();
  };
  EXPECT_EQ(index_error("SET c = :v, p = if_not_exists(p, :v)"),
            "One or more parameter values were invalid: Type mismatch for Index Key p Expected: S "
            "Actual: N IndexName: i");
  EXPECT_EQ(index_error("SET c = c + :v, p = a REMOVE d"), "");
  EXPECT_EQ(CheckUpdateKeys(CompileUpdate("SET p = :v", placeholders).value(), PlayerScores())
                .error()
                .message,
            "One or more parameter values were invalid: Cannot update attribute p. This attribute "
            "is part of the key");
}

}  // namespace
}  // namespace kless
