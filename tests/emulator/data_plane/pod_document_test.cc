#include "emulator/data_plane/pod_document.h"

#include <gtest/gtest.h>

#include "emulator/base/random.h"
#include "emulator/base/raw_json.h"

namespace kless::data_plane {
namespace {

TEST(PodDocumentTest, NoTextMakesItReadOutsideOrLoop) {
  const std::string whole =
      R"({"metadata":{"uid":"a"},"spec":{"containers":[{"name":"x"}]},"status":[]})";
  Random random(1, "cut");
  for (int i = 0; i < 20000; ++i) {
    std::string text = whole.substr(0, random.Below(whole.size() + 1));
    for (std::uint64_t edits = random.Below(4); edits > 0 && !text.empty(); --edits) {
      text[random.Below(text.size())] = R"({}[]",:\ 1a)"[random.Below(12)];
    }
    const PodDocument document(text);
    VisitElements(document.spec, [](std::string_view element) { MemberOf(element, "name"); });
    WithMember(text, "status", "{}");
  }
}

TEST(PodDocumentTest, AMemberIsReplacedOrAddedInTheText) {
  EXPECT_EQ(WithMember(R"({"a":1,"status":{"x":1},"b":2})", "status", "{}"),
            R"({"a":1,"status":{},"b":2})");
  EXPECT_EQ(WithMember(R"({"a":1})", "status", "{}"), R"({"a":1,"status":{}})");
  EXPECT_EQ(WithMember(R"({})", "status", "{}"), R"({"status":{}})");
  EXPECT_EQ(WithMember(R"({"status":1,"status":2})", "status", "{}"), R"({"status":{}})");
  EXPECT_EQ(WithMember(R"({"st\u0061tus":1})", "status", "{}"), R"({"status":{}})");
}

}  // namespace
}  // namespace kless::data_plane
