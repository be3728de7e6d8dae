#include "emulator/dynamodb/model/value_json.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace kless {
namespace {

// The normalised text of a value, or its error.
std::string Normal(const std::string& text, ErrorTexts texts = ErrorTexts::kOlder) {
  PaddedParser parser;
  simdjson::dom::element root;
  if (!parser.Parse(text, root)) return "not JSON";
  const auto value = ReadValue(root, texts);
  return value.has_value() ? ToJson(value.value()) : value.error().message;
}

std::string TypeError(const std::string& text) {
  PaddedParser parser;
  simdjson::dom::element root;
  if (!parser.Parse(text, root)) return "not JSON";
  const auto types = CheckValueTypes(root);
  return types.has_value() ? "" : types.error().message;
}

TEST(ValueJsonTest, EqualValuesAreEqualBytes) {
  const std::vector<std::pair<std::string, std::string>> texts = {
      {R"({"S":"a\u0000\"\n\u00e9"})", "{\"S\":\"a\\u0000\\\"\\n\xc3\xa9\"}"},
      {R"({ "N" : "1.50e1" })", R"({"N":"15"})"},
      {R"({"B":""})", R"({"B":""})"},
      {R"({"B":"AP8="})", R"({"B":"AP8="})"},
      {R"({"BOOL":false})", R"({"BOOL":false})"},
      {R"({"BOOL":"yes"})", R"({"BOOL":true})"},
      {R"({"NULL":true})", R"({"NULL":true})"},
      {R"({"SS":["b","a"]})", R"({"SS":["a","b"]})"},
      {R"({"NS":["10","9.0"]})", R"({"NS":["9","10"]})"},
      {R"({"BS":["Yg==","YQ=="]})", R"({"BS":["YQ==","Yg=="]})"},
      {R"({"L":[{"M":{"b":{"S":""},"a":{"L":[]}}}]})",
       R"({"L":[{"M":{"a":{"L":[]},"b":{"S":""}}}]})"},
      {R"({"S":"a","x":1,"N":null})", R"({"S":"a"})"},
  };
  for (const auto& [text, normal] : texts) {
    EXPECT_EQ(Normal(text), normal);
    EXPECT_EQ(Normal(normal), normal);
    EXPECT_EQ(TypeError(text), "");
  }
}

TEST(ValueJsonTest, NullIsTrue) {
  EXPECT_EQ(Normal(R"({"NULL":false})"),
            "One or more parameter values were invalid: Null attribute value types must have the "
            "value of true");
}

TEST(ValueJsonTest, AValueHasExactlyOneType) {
  for (const char* text : {"{}", R"({"a":""})", R"({"L":[{}]})", R"({"M":{"a":{"x":1}}})"}) {
    EXPECT_EQ(Normal(text),
              "Supplied AttributeValue is empty, must contain exactly one of the supported "
              "datatypes");
  }
  EXPECT_EQ(Normal(R"({"S":"a","N":"1"})"),
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of "
            "the supported datatypes");
}

TEST(ValueJsonTest, NumbersHaveTheErrorsOfTheService) {
  EXPECT_EQ(Normal(R"({"N":""})"), "The parameter cannot be converted to a numeric value");
  EXPECT_EQ(Normal(R"({"N":"b"})"), "The parameter cannot be converted to a numeric value: b");
  EXPECT_EQ(Normal(R"({"NS":["1","1.0"]})"), "Input collection contains duplicates");
  EXPECT_EQ(Normal(R"({"N":"123456789012345678901234567890123456789"})"),
            "Attempting to store more than 38 significant digits in a Number");
  EXPECT_EQ(Normal(R"({"N":")" + std::string(10'000, '9') + "\"}"),
            "Number overflow. Attempting to store a number with magnitude larger than supported "
            "range");
}

TEST(ValueJsonTest, SetsAreNotEmptyAndHaveNoDuplicates) {
  const std::string invalid = "One or more parameter values were invalid: ";
  EXPECT_EQ(Normal(R"({"SS":[]})"), invalid + "An string set  may not be empty");
  EXPECT_EQ(Normal(R"({"NS":[]})"), invalid + "An number set  may not be empty");
  EXPECT_EQ(Normal(R"({"BS":[]})"), invalid + "Binary sets should not be empty");
  EXPECT_EQ(Normal(R"({"SS":["a","a"]})"),
            invalid + "Input collection [a, a] contains duplicates.");
  EXPECT_EQ(Normal(R"({"BS":["Yg==","Yg=="]})"),
            invalid + "Input collection [Yg==, Yg==]of type BS contains duplicates.");
}

TEST(ValueJsonTest, CurrentTextsShowTheElementsUpToTheRepeatInOrder) {
  const auto current = [](const std::string& text) { return Normal(text, ErrorTexts::kCurrent); };
  const std::string input = "One or more parameter values were invalid: Input collection ";
  EXPECT_EQ(current(R"({"SS":["b","a","b","c","a"]})"),
            input + R"(["a", "b", "b", "c", "a"] contains duplicates.)");
  EXPECT_EQ(current(R"({"M":{"x":{"L":[{"SS":["",""]}]}}})"),
            input + R"(["", ""] contains duplicates.)");
  EXPECT_EQ(current(R"({"BS":["/w==","AA==","AA=="]})"),
            input + R"(["AA==","/w==","AA=="]of type BS contains duplicates.)");
  EXPECT_EQ(current(R"({"NS":["2","1","2.0"]})"), input + "contains duplicates.");
  EXPECT_EQ(current(R"({"L":[{"N":""}]})"),
            "The parameter cannot be converted to a numeric value: ");
  EXPECT_EQ(current(R"({"NS":["x"]})"), "The parameter cannot be converted to a numeric value: x");
}

TEST(ValueJsonTest, DocumentsNestThirtyTwoLevels) {
  std::string deep = R"({"S":"a"})";
  for (int i = 0; i < 31; ++i) deep = R"({"L":[)" + deep + "]}";
  EXPECT_EQ(Normal(deep), deep);
  EXPECT_TRUE(Normal(R"({"M":{"a":)" + deep + "}}")
                  .starts_with("Nesting Levels have exceeded supported limits"));
  std::string empty = R"({"M":{}})";  // has no element that would be one level deeper
  for (int i = 0; i < 31; ++i) empty = R"({"L":[)" + empty + "]}";
  EXPECT_EQ(Normal(empty), empty);
}

TEST(ValueJsonTest, NamesHaveOneTo65535Bytes) {
  const auto of = [](std::size_t bytes) {
    return R"({"M":{")" + std::string(bytes, 'x') + R"(":{"NULL":true}}})";
  };
  EXPECT_EQ(Normal(of(0)), "Empty attribute name");
  EXPECT_EQ(Normal(of(65'535)), of(65'535));
  EXPECT_NE(Normal(of(65'536)).find("65536"), std::string::npos);
}

TEST(ValueJsonTest, WrongJsonTypesAreNamedAsTheServiceDoes) {
  EXPECT_EQ(TypeError("1"), "Unexpected value type in payload");
  EXPECT_EQ(TypeError("[]"),
            "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue");
  EXPECT_EQ(TypeError(R"({"S":23})"), "NUMBER_VALUE cannot be converted to String");
  EXPECT_EQ(TypeError(R"({"N":2.5})"), "DECIMAL_VALUE cannot be converted to String");
  EXPECT_EQ(TypeError(R"({"S":true})"), "TRUE_VALUE cannot be converted to String");
  EXPECT_EQ(TypeError(R"({"S":[]})"), "Unrecognized collection type class java.lang.String");
  EXPECT_EQ(TypeError(R"({"S":{}})"), "Start of structure or map found where not expected");
  EXPECT_EQ(TypeError(R"({"BOOL":"maybe"})"), "Unexpected token received from parser");
  EXPECT_EQ(TypeError(R"({"SS":"a"})"), "Unexpected field type");
  EXPECT_EQ(TypeError(R"({"B":1})"), "only base-64-encoded strings are convertible to bytes");
  EXPECT_EQ(TypeError(R"({"B":"abc"})"),
            "Base64 encoded length is expected a multiple of 4 bytes but found: 3");
  EXPECT_EQ(TypeError(R"({"L":[{"BS":["AB=="]}]})"),
            "Invalid last non-pad Base64 character dectected");
  for (const char* text : {R"({"B":"===="})", R"({"B":"A==="})", R"({"B":"A-=="})",
                           R"({"B":"AA=A"})", R"({"B":"AAA\n"})"}) {
    EXPECT_NE(TypeError(text), "") << text;
    EXPECT_EQ(TypeError(text), Normal(text));
  }
}

TEST(ValueJsonTest, NormalisedTextComesBack) {
  PaddedParser parser;
  const std::string text = R"({"a":{"N":"1"},"b":{"SS":["x","y"]}})";
  const auto item = ParseItem(text, parser);
  ASSERT_TRUE(item.has_value());
  EXPECT_EQ(ToJson(item.value()), text);
  EXPECT_EQ(ParseItem("", parser).value(), AttributeMap());
  EXPECT_EQ(ParseItem("{", parser).error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace kless
