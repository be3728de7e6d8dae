// The messages are those that dynalite's tests recorded on AWS (test/query.js, test/updateItem.js).
#include "emulator/dynamodb/model/legacy/legacy_parameters.h"

#include <gtest/gtest.h>

#include <string>

#include "emulator/base/padded_parser.h"
#include "emulator/dynamodb/model/expression/evaluator.h"
#include "emulator/dynamodb/model/expression/update.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless {
namespace {

simdjson::dom::element Element(PaddedParser& parser, const std::string& json) {
  simdjson::dom::element root;
  EXPECT_TRUE(parser.Parse(json, root)) << json;
  return root;
}

AttributeMap LegacyItem() {
  PaddedParser parser;
  return ParseItem(
             R"({"b":{"NS":["2","4"]},"l":{"L":[{"N":"1"}]},"n":{"N":"5"},"s":{"S":"hello"}})",
             parser)
      .value();
}

// "true", "false", or the error.
std::string Check(const Result<std::optional<ConditionNode>>& condition) {
  if (condition.has_error()) return condition.error().message;
  if (!condition.value()) return "no condition";
  const AttributeMap item = LegacyItem();
  return Holds(*condition.value(), MapSource(&item)) ? "true" : "false";
}

std::string Filter(const std::string& json, std::string_view op = "") {
  PaddedParser parser;
  return Check(ConditionOfFilter(Element(parser, json), op));
}

std::string Expected(const std::string& json, std::string_view op = "") {
  PaddedParser parser;
  return Check(ConditionOfExpected(Element(parser, json), op));
}

std::string Compare(const std::string& attribute, const std::string& comparison,
                    const std::string& values) {
  return Filter("{\"" + attribute + R"(":{"ComparisonOperator":")" + comparison +
                R"(","AttributeValueList":)" + values + "}}");
}

TEST(LegacyFilterTest, EveryOperatorIsTranslated) {
  EXPECT_EQ(Compare("n", "EQ", R"([{"N":"5.0"}])"), "true");
  EXPECT_EQ(Compare("q", "NE", R"([{"N":"5"}])"), "true");
  EXPECT_EQ(Compare("n", "LE", R"([{"N":"5"}])"), "true");
  EXPECT_EQ(Compare("n", "LT", R"([{"N":"5"}])"), "false");
  EXPECT_EQ(Compare("n", "GE", R"([{"N":"5"}])"), "true");
  EXPECT_EQ(Compare("n", "GT", R"([{"S":"4"}])"), "false");
  EXPECT_EQ(Compare("s", "CONTAINS", R"([{"S":"ell"}])"), "true");
  EXPECT_EQ(Compare("b", "CONTAINS", R"([{"N":"4"}])"), "true");
  EXPECT_EQ(Compare("s", "NOT_CONTAINS", R"([{"S":"x"}])"), "true");
  EXPECT_EQ(Compare("q", "NOT_CONTAINS", R"([{"S":"x"}])"), "false");
  EXPECT_EQ(Compare("s", "BEGINS_WITH", R"([{"S":"he"}])"), "true");
  EXPECT_EQ(Compare("n", "IN", R"([{"N":"4"},{"N":"5"}])"), "true");
  EXPECT_EQ(Compare("n", "BETWEEN", R"([{"N":"4"},{"N":"5"}])"), "true");
  EXPECT_EQ(Compare("q", "NULL", "[]"), "true");
  EXPECT_EQ(Compare("q", "NOT_NULL", "[]"), "false");
}

TEST(LegacyFilterTest, ConditionsAreJoinedByTheConditionalOperator) {
  const std::string two =
      R"({"n":{"ComparisonOperator":"NULL"},"s":{"ComparisonOperator":"NOT_NULL"}})";
  EXPECT_EQ(Filter(two), "false");
  EXPECT_EQ(Filter(two, "AND"), "false");
  EXPECT_EQ(Filter(two, "OR"), "true");
  EXPECT_EQ(Filter("{}"), "no condition");
  EXPECT_EQ(Filter("{}", "OR"), "ConditionalOperator cannot be used without Filter or Expected");
  for (const char* const op : {"AND", "OR"}) {
    EXPECT_EQ(
        Filter(R"({"n":{"ComparisonOperator":"NULL"}})", op),
        "ConditionalOperator can only be used when Filter or Expected has two or more elements");
  }
}

TEST(LegacyFilterTest, ValuesAreChecked) {
  const std::string invalid = "One or more parameter values were invalid: ";
  EXPECT_EQ(Compare("a", "EQ", "[]"),
            invalid + "Invalid number of argument(s) for the EQ ComparisonOperator");
  EXPECT_EQ(Compare("a", "NULL", R"([{"S":"a"}])"),
            invalid + "Invalid number of argument(s) for the NULL ComparisonOperator");
  EXPECT_EQ(Compare("a", "LT", R"([{"BOOL":true}])"),
            invalid + "ComparisonOperator LT is not valid for BOOL AttributeValue type");
  EXPECT_EQ(Compare("a", "CONTAINS", R"([{"L":[]}])"),
            invalid + "ComparisonOperator CONTAINS is not valid for L AttributeValue type");
  EXPECT_EQ(Compare("a", "BEGINS_WITH", R"([{"N":"1"}])"),
            invalid + "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type");
  EXPECT_EQ(Compare("a", "IN", R"([{"S":"b"},{"N":"1"}])"),
            invalid + "AttributeValues inside AttributeValueList must be of same type");
  EXPECT_EQ(Compare("a", "BETWEEN", R"([{"S":"b"},{"S":"a"}])"),
            "The BETWEEN condition was provided a range where the lower bound is greater than the "
            "upper bound");
  EXPECT_EQ(Compare("a", "EQ", R"([{"N":"x"}])"),
            "The parameter cannot be converted to a numeric value: x");
}

TEST(LegacyExpectedTest, ValueAndExistsAreTranslated) {
  EXPECT_EQ(Expected(R"({"n":{"Value":{"N":"5"}}})"), "true");
  EXPECT_EQ(Expected(R"({"n":{"Value":{"N":"5"},"Exists":true}})"), "true");
  EXPECT_EQ(Expected(R"({"q":{"Exists":false}})"), "true");
  EXPECT_EQ(Expected(R"({"n":{"ComparisonOperator":"GT","Value":{"N":"4"}}})"), "true");
  const std::string invalid = "One or more parameter values were invalid: ";
  EXPECT_EQ(Expected(R"({"a":{}})"),
            invalid + "Value must be provided when Exists is null for Attribute: a");
  EXPECT_EQ(Expected(R"({"a":{"Exists":true}})"),
            invalid + "Value must be provided when Exists is true for Attribute: a");
  EXPECT_EQ(Expected(R"({"a":{"Exists":false,"Value":{"S":"a"}}})"),
            invalid + "Value cannot be used when Exists is false for Attribute: a");
  EXPECT_EQ(
      Expected(R"({"a":{"AttributeValueList":[]}})"),
      invalid + "AttributeValueList can only be used with a ComparisonOperator for Attribute: a");
  EXPECT_EQ(Expected(R"({"a":{"ComparisonOperator":"EQ"}})"),
            invalid +
                "Value or AttributeValueList must be used with ComparisonOperator: EQ for "
                "Attribute: a");
  EXPECT_EQ(Expected(R"({"a":{"ComparisonOperator":"EQ","Exists":true}})"),
            invalid + "Exists and ComparisonOperator cannot be used together for Attribute: a");
}

std::string Updated(const std::string& json, bool has_item = true) {
  PaddedParser parser;
  const auto update = UpdateOf(Element(parser, json));
  if (update.has_error()) return update.error().message;
  const AttributeMap item = LegacyItem();
  const auto after = ApplyUpdate(update.value(), has_item ? &item : nullptr);
  if (after.has_error()) return after.error().message;
  return after.value() ? ToJson(*after.value()) : "none";
}

TEST(LegacyUpdateTest, ActionsAreTranslated) {
  EXPECT_EQ(Updated(R"({"n":{"Value":{"N":"6"}}, "l":{"Action":"DELETE"},
                        "b":{"Action":"DELETE","Value":{"NS":["4"]}},
                        "s":{"Action":"PUT","Value":{"S":"x"}}})"),
            R"({"b":{"NS":["2"]},"n":{"N":"6"},"s":{"S":"x"}})");
  EXPECT_EQ(Updated(R"({"l":{"Action":"ADD","Value":{"L":[{"N":"1"}]}},
                        "n":{"Action":"ADD","Value":{"N":"-3.5"}},"s":{"Action":"DELETE"},
                        "b":{"Action":"DELETE"}})"),
            R"({"l":{"L":[{"N":"1"},{"N":"1"}]},"n":{"N":"1.5"}})");
  EXPECT_EQ(Updated(R"({"a":{"Action":"DELETE"}})", false), "none");
  EXPECT_EQ(Updated("{}", false), "{}");
  EXPECT_EQ(Updated(R"({"a":{"Action":"ADD","Value":{"N":"3"}}})", false), R"({"a":{"N":"3"}})");
}

TEST(LegacyUpdateTest, ValuesAreChecked) {
  const std::string invalid = "One or more parameter values were invalid: ";
  EXPECT_EQ(Updated(R"({"a":{"x":"whatever"}})"),
            invalid + "Only DELETE action is allowed when no attribute value is specified");
  EXPECT_EQ(Updated(R"({"a":{"Action":"DELETE","Value":{"S":"1"}}})"),
            invalid + "DELETE action with value is not supported for the type S");
  EXPECT_EQ(Updated(R"({"a":{"Action":"ADD","Value":{"BOOL":true}}})"),
            invalid + "ADD action is not supported for the type BOOL");
  EXPECT_EQ(Updated(R"({"b":{"Action":"ADD","Value":{"N":"2"}}})"),
            "Type mismatch for attribute to update");
}

TEST(LegacyKeyConditionsTest, OnlySomeOperatorsAreIndexable) {
  const auto error = [](const std::string& json) {
    PaddedParser parser;
    const auto conditions = KeyConditionsOf(Element(parser, json));
    if (conditions.has_error()) return conditions.error().message;
    const auto range = MakePartitionRange(conditions.value(),
                                          {{{"p", KeyType::kString}}, {{"c", KeyType::kNumber}}});
    return range.has_error() ? range.error().message : std::string();
  };
  const std::string p = R"("p":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]})";
  EXPECT_EQ(error("{" + p + "}"), "");
  EXPECT_EQ(
      error("{" + p + R"(,"c":{"ComparisonOperator":"LE","AttributeValueList":[{"N":"1"}]}})"), "");
  EXPECT_EQ(error("{" + p + R"(,"c":{"ComparisonOperator":"NULL"}})"),
            "Attempted conditional constraint is not an indexable operation");
  EXPECT_EQ(error("{}"), "Conditions can be of length 1 or 2 only");
  const std::string two = R"("c":{"ComparisonOperator":"EQ","AttributeValueList":[{"N":"1"}]},)"
                          R"("d":{"ComparisonOperator":"EQ","AttributeValueList":[{"N":"1"}]})";
  EXPECT_EQ(error("{" + p + "," + two + "}"), "Conditions can be of length 1 or 2 only");
  PaddedParser parser;
  const auto conditions = KeyConditionsOf(Element(parser, "{" + p + "," + two + "}"));
  ASSERT_TRUE(conditions.has_value());
  EXPECT_TRUE(MakePartitionRange(
                  conditions.value(),
                  {{{"p", KeyType::kString}}, {{"c", KeyType::kNumber}, {"d", KeyType::kNumber}}})
                  .has_value());
  EXPECT_EQ(error(R"({"c":{"ComparisonOperator":"LE","AttributeValueList":[{"N":"1"}]}})"),
            "Query condition missed key schema element: p");
}

TEST(LegacyProjectionTest, NamesAreDistinct) {
  PaddedParser parser;
  EXPECT_EQ(ProjectionOf(Element(parser, R"(["a","a"])")).error().message,
            "One or more parameter values were invalid: Duplicate value in attribute name: a");
  EXPECT_EQ(ProjectionOf(Element(parser, R"(["b","a"])")).value().paths.size(), 2u);
}

}  // namespace
}  // namespace kless
