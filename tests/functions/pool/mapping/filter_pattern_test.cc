#include "functions/pool/mapping/filter_pattern.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace kless {
namespace {

using nlohmann::json;

const json kRecord = json::parse(R"({
  "eventName": "MODIFY",
  "dynamodb": {
    "ApproximateCreationDateTime": 1767225600,
    "Keys": {"id": {"S": "Abc"}},
    "NewImage": {"id": {"S": "Abc"}, "count": {"N": "7"}, "tags": {"SS": ["a", "b"]},
                 "done": {"BOOL": true}, "none": {"NULL": true}}
  }})");

bool Matches(const char* pattern) {
  const json parsed = json::parse(pattern);
  const auto checked = CheckFilterPattern(parsed);
  EXPECT_TRUE(checked.has_value()) << pattern << ": " << checked.error().message;
  return MatchesFilterPattern(parsed, kRecord);
}

TEST(FilterPatternTest, AllMembersMustMatchAndOneElementOfEachList) {
  EXPECT_TRUE(Matches(R"({"eventName":["INSERT","MODIFY"]})"));
  EXPECT_FALSE(Matches(R"({"eventName":["INSERT"]})"));
  EXPECT_TRUE(Matches(R"({"eventName":["MODIFY"],"dynamodb":{"Keys":{"id":{"S":["Abc"]}}}})"));
  EXPECT_FALSE(Matches(R"({"eventName":["MODIFY"],"dynamodb":{"Keys":{"id":{"S":["abc"]}}}})"));
  EXPECT_TRUE(Matches(R"({"dynamodb":{"NewImage":{"done":{"BOOL":[true]}}}})"));
  EXPECT_TRUE(Matches(R"({"dynamodb":{"NewImage":{"tags":{"SS":["b"]}}}})"));
}

TEST(FilterPatternTest, OneOfTheAlternativesMustMatch) {
  EXPECT_TRUE(Matches(R"({"$or":[{"eventName":["INSERT"]},
                                 {"dynamodb":{"NewImage":{"count":{"N":["7"]}}}}]})"));
  EXPECT_FALSE(Matches(R"({"$or":[{"eventName":["INSERT"]},{"eventName":["REMOVE"]}]})"));
  EXPECT_FALSE(Matches(R"({"eventName":["INSERT"],"$or":[{"eventName":["MODIFY"]}]})"));
  EXPECT_TRUE(Matches(R"({"dynamodb":{"$or":[{"Keys":{"id":{"S":["Abc"]}}}]}})"));
  EXPECT_TRUE(CheckFilterPattern(json::parse(R"({"$or":[{"a":1}]})")).has_error());
  EXPECT_TRUE(CheckFilterPattern(json::parse(R"({"$or":[{}]})")).has_error());
}

TEST(FilterPatternTest, RulesCompareTexts) {
  const auto id = [](const std::string& rule) {
    return Matches((R"({"dynamodb":{"Keys":{"id":{"S":[)" + rule + "]}}}}").c_str());
  };
  EXPECT_TRUE(id(R"({"prefix":"Ab"})"));
  EXPECT_FALSE(id(R"({"prefix":"b"})"));
  EXPECT_TRUE(id(R"({"suffix":"bc"})"));
  EXPECT_TRUE(id(R"({"equals-ignore-case":"aBC"})"));
  EXPECT_FALSE(id(R"({"anything-but":["Abc","x"]})"));
  EXPECT_TRUE(id(R"({"anything-but":"x"})"));
  EXPECT_FALSE(id(R"({"anything-but":{"prefix":"A"}})"));
  EXPECT_TRUE(id(R"("x",{"prefix":"A"})"));
}

TEST(FilterPatternTest, g21_NumbersOfDynamoDBAreTextsSoNumericNeverMatchesThem) {
  EXPECT_FALSE(Matches(R"({"dynamodb":{"NewImage":{"count":{"N":[{"numeric":[">",1]}]}}}})"));
  EXPECT_TRUE(Matches(R"({"dynamodb":{"NewImage":{"count":{"N":["7"]}}}})"));
  EXPECT_TRUE(Matches(
      R"({"dynamodb":{"ApproximateCreationDateTime":[{"numeric":[">",1,"<=",1767225600]}]}})"));
}

TEST(FilterPatternTest, g22_ExistsIsOfLeavesThatMayBeAbsent) {
  EXPECT_TRUE(Matches(R"({"dynamodb":{"NewImage":{"id":{"S":[{"exists":true}]}}}})"));
  EXPECT_TRUE(Matches(R"({"dynamodb":{"OldImage":{"id":{"S":[{"exists":false}]}}}})"));
  EXPECT_FALSE(Matches(R"({"dynamodb":{"NewImage":{"id":[{"exists":true}]}}})"));
}

TEST(FilterPatternTest, AMalformedPatternNamesThePlace) {
  const auto problem = [](const char* pattern) {
    const auto checked = CheckFilterPattern(json::parse(pattern));
    return checked.has_error() ? checked.error().message : std::string();
  };
  EXPECT_EQ(problem("{}"),
            "Invalid filter pattern definition: must be an object with at least one member");
  EXPECT_EQ(problem(R"({"eventName":"INSERT"})"),
            "Invalid filter pattern definition: eventName: must be an object, or a list such as "
            R"(["INSERT"])");
  EXPECT_NE(problem(R"({"dynamodb":{"Keys":{"id":[{"like":"a"}]}}})").find("dynamodb.Keys.id: "),
            std::string::npos);
  EXPECT_NE(problem(R"({"a":[{"numeric":["~",1]}]})"), "");
  EXPECT_NE(problem("[]"), "");
}

}  // namespace
}  // namespace kless
