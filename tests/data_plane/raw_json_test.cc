#include "emulator/base/raw_json.h"

#include <gtest/gtest.h>

#include "emulator/base/random.h"
#include "emulator/data_plane/pod_document.h"

namespace kless::data_plane {
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

TEST(RawJsonTest, NoTextMakesItReadOutsideOrLoop) {
  const std::string whole =
      R"({"metadata":{"uid":"a"},"spec":{"containers":[{"name":"x"}]},"status":[]})";
  Random random(1, "cut");
  for (int i = 0; i < 20000; ++i) {
    std::string text = whole.substr(0, random.Below(whole.size() + 1));
    for (std::uint64_t edits = random.Below(4); edits > 0 && !text.empty(); --edits) {
      text[random.Below(text.size())] = R"({}[]",:\ 1a)"[random.Below(12)];
    }
    Members(text);
    const PodDocument document(text);
    VisitElements(document.spec, [](std::string_view element) { Members(element); });
    WithMember(text, "status", "{}");
  }
}

TEST(RawJsonTest, AMemberIsReplacedOrAddedInTheText) {
  EXPECT_EQ(WithMember(R"({"a":1,"status":{"x":1},"b":2})", "status", "{}"),
            R"({"a":1,"status":{},"b":2})");
  EXPECT_EQ(WithMember(R"({"a":1})", "status", "{}"), R"({"a":1,"status":{}})");
  EXPECT_EQ(WithMember(R"({})", "status", "{}"), R"({"status":{}})");
  EXPECT_EQ(WithMember(R"({"status":1,"status":2})", "status", "{}"), R"({"status":{}})");
  EXPECT_EQ(WithMember(R"({"st\u0061tus":1})", "status", "{}"), R"({"status":{}})");
}

}  // namespace
}  // namespace kless::data_plane
