#include "emulator/base/raw_json.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "emulator/base/random.h"

namespace kless {
namespace {

std::vector<std::string> Members(std::string_view text) {
  std::vector<std::string> members;
  VisitMembers(text, [&](std::string_view key, std::string_view value) {
    members.push_back(std::string(key) + "=" + std::string(value));
  });
  return members;
}

TEST(RawJsonTest, MembersAreViewsOfTheText) {
  EXPECT_EQ(Members(R"( { "a" : 1 , "b":{"x":[1,"}"]},"c":"q\"}" , "d":null} )"),
            (std::vector<std::string>{"a=1", R"(b={"x":[1,"}"]})", R"(c="q\"}")", "d=null"}));
  EXPECT_TRUE(Members("{}").empty());
  EXPECT_TRUE(Members("[1]").empty());
  EXPECT_EQ(MemberOf(R"({"a":1,"a":2})", "a"), "2") << "the last of equal keys, as parsers have it";
}

TEST(RawJsonTest, StringsAreUnescaped) {
  EXPECT_EQ(StringValue(R"("a")"), "a");
  EXPECT_EQ(StringValue(R"("a\nb\u00e9")"), "a\nb\xc3\xa9");
  EXPECT_FALSE(StringValue("1").has_value());
  EXPECT_FALSE(StringValue("\"").has_value());
  EXPECT_FALSE(StringValue(R"("\x")").has_value());
}

TEST(RawJsonTest, StringsOfAnyLengthAreReadOver) {
  for (std::size_t length = 0; length < 40; ++length) {
    for (const char* end : {"", R"(\\)", R"(\")", R"(\\\")"}) {
      const std::string value = '"' + std::string(length, 'x') + end + '"';
      EXPECT_EQ(Members("{" + value + ":" + value + ",\"b\":2}"),
                (std::vector<std::string>{value.substr(1, value.size() - 2) + "=" + value, "b=2"}));
    }
  }
}

TEST(RawJsonTest, NoTextMakesItReadOutsideOrLoop) {
  const std::string whole =
      R"({"metadata":{"uid":"a"},"spec":{"containers":[{"name":"x"}]},"status":[]})";
  Random random(1, "cut");
  for (int i = 0; i < 20000; ++i) {
    std::string text = whole.substr(0, random.Below(whole.size() + 1));
    for (std::uint64_t edits = random.Below(4); edits > 0 && !text.empty(); --edits) {
      text[random.Below(text.size())] = R"({}[]",:\ 1a)"[random.Below(12)];
    }
    for (const std::string& member : Members(text)) Members(member);
    VisitElements(text, [](std::string_view element) { Members(element); });
  }
}

}  // namespace
}  // namespace kless
