#include "emulator/base/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/base/json_parser.h"
#include "emulator/base/random.h"

namespace kless {
namespace {

using nlohmann::json;

// A text with random values of every kind.
std::string RandomText(Random& random, int depth) {
  switch (random.Below(depth > 5 ? 7 : 9)) {
    case 0:
      return "null";
    case 1:
      return random.Below(2) == 0 ? "true" : "false";
    case 2:
      return std::to_string(random.Below(2'000'000'000'000));
    case 3:
      return "-" + std::to_string(random.Below(100));
    case 4:
      return std::to_string(random.Below(100)) + ".5e" + std::to_string(random.Below(20));
    case 5:
      return R"("a\n\u00e9\ud83d\ude00 \"q\" é")";
    case 6:
      return random.Below(2) == 0 ? "9223372036854775808" : "-9223372036854775808";
    case 7: {
      std::string text = "[";
      for (std::uint64_t i = random.Below(4); i > 0; --i) {
        text += " " + RandomText(random, depth + 1) + (i > 1 ? "," : "");
      }
      return text + "]";
    }
    default: {
      std::string text = "{";
      for (std::uint64_t i = random.Below(4); i > 0; --i) {
        text += "\"k" + std::to_string(random.Below(3)) + "\":" + RandomText(random, depth + 1) +
                (i > 1 ? "\t," : "");
      }
      return text + "\n}";
    }
  }
}

TEST(JsonTest, TreesAreThoseOfNlohmannsParser) {
  Random random(1, "json");
  for (int round = 0; round < 2'000; ++round) {
    const std::string text = RandomText(random, 0);
    const auto parsed = ParseJson(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    const json expected = json::parse(text);
    ASSERT_EQ(DumpJson(parsed.value()), DumpJson(expected)) << text;
    ASSERT_EQ(parsed.value(), expected) << text;
  }
  for (const char* number : {"0", "-0", "1", "18446744073709551615", "18446744073709551616", "1.0",
                             "1e3", "-0.0", "1e-400", "123456789012345678901234567890"}) {
    const auto parsed = ParseJson(number);
    ASSERT_TRUE(parsed.has_value()) << number;
    EXPECT_EQ(DumpJson(parsed.value()), DumpJson(json::parse(number))) << number;
    EXPECT_EQ(parsed->is_number_float(), json::parse(number).is_number_float()) << number;
    EXPECT_EQ(parsed->is_number_unsigned(),
              json::parse(number).is_number_unsigned() || std::string(number) == "-0")
        << number;
  }
}

TEST(JsonTest, RepeatedMembersAreNoticedWhereverTheyAre) {
  const auto repeats = [](const char* text) {
    bool repeats = false;
    EXPECT_TRUE(ParseJsonText(text, &repeats).has_value()) << text;
    return repeats;
  };
  EXPECT_FALSE(repeats(R"({"a":{"a":[{"b":1},{"b":2}]},"b":null})"));
  EXPECT_FALSE(repeats("null"));
  EXPECT_TRUE(repeats(R"({"a":1,"b":2,"a":3})"));
  EXPECT_TRUE(repeats(R"([{"x":{"b":1,"b":1}}])"));
  EXPECT_TRUE(repeats(R"({"a":1,"\u0061":2})")) << "the names are equal once unescaped";
  EXPECT_TRUE(repeats(R"({"a":18446744073709551616})")) << "not known";
}

TEST(JsonTest, InvalidJsonIsReportedWithItsPlace) {
  for (const char* text : {"", " ", "{", "{\"a\":}", "[1,]", "nul", "\"\x01\"", "\"\xff\"",
                           "\"\\ud800\"", "1 2", "01", "1e999", "\"\\q\""}) {
    const auto parsed = ParseJson(text);
    ASSERT_TRUE(parsed.has_error()) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument) << text;
    EXPECT_NE(parsed.error().message, "") << text;
  }
  EXPECT_EQ(ParseJson(std::string_view("{}\0junk", 7)).error().message,
            "parse error: a NUL byte at offset 2");
  EXPECT_EQ(ParseJson("{\"a\":}").error().message.substr(0, 36),
            "parse error at line 1, column 6: syn");
}

TEST(JsonTest, DepthHasALimit) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_TRUE(ParseJson(nested(kJsonMaxDepth)).has_value());
  EXPECT_EQ(ParseJson(nested(kJsonMaxDepth + 2)).error().message,
            "JSON nested deeper than 256 levels");
  EXPECT_TRUE(ParseJson(nested(1'000'000)).has_error());
}

TEST(JsonTest, EscapesAreMinimal) {
  std::string out;
  AppendJsonString(out, std::string_view("a\"\\\n\x01z", 6));
  EXPECT_EQ(out, R"("a\"\\\n\u0001z")");
  EXPECT_EQ(json::parse(out).get<std::string>(), std::string_view("a\"\\\n\x01z", 6));
}

TEST(JsonTest, ALargeDocumentLeavesTheNextOnesAlone) {
  const std::string large = "[\"" + std::string(10'000'000, 'x') + "\"]";
  ASSERT_TRUE(ParseJson(large).has_value());
  EXPECT_EQ(ParseJson("[1]").value(), json::parse("[1]"));
}

}  // namespace
}  // namespace kless
