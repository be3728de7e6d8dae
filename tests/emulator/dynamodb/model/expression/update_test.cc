#include "emulator/dynamodb/model/expression/update.h"

#include <gtest/gtest.h>

#include <string>

#include "emulator/dynamodb/model/expression/expression.h"
#include "emulator/dynamodb/model/expression/projection.h"
#include "tests/emulator/dynamodb/model/expression/request_text.h"

namespace kless {
namespace {

UpdateExpression Compiled(const std::string& text, const std::string& values) {
  auto placeholders = PlaceholdersOf("", values);
  auto update = CompileUpdate(text, placeholders.value());
  EXPECT_TRUE(update.has_value()) << update.error().message;
  return update.has_value() ? update.value() : UpdateExpression();
}

// The item after the update as text, "none", or the error.  `item`: "" means that there is none.
std::string After(const std::string& item, const std::string& text,
                  const std::string& values = "") {
  const AttributeMap before = ItemOf(item);
  const auto after = ApplyUpdate(Compiled(text, values), item.empty() ? nullptr : &before);
  if (after.has_error()) return after.error().message;
  return after.value() ? ToJson(*after.value()) : "none";
}

TEST(UpdateTest, TheRightSideIsReadFromTheOldItem) {
  EXPECT_EQ(After(R"({"a":{"N":"1"},"b":{"N":"2"}})", "SET a = b, b = a"),
            R"({"a":{"N":"2"},"b":{"N":"1"}})");
  EXPECT_EQ(After(R"({"a":{"N":"1"}})", "REMOVE a SET b = a"), R"({"b":{"N":"1"}})");
  EXPECT_EQ(After(R"({"a":{"N":"1"}})", "SET x = :v, y = x", R"({":v":{"N":"1"}})"),
            "The provided expression refers to an attribute that does not exist in the item");
}

TEST(UpdateTest, SumsAreExact) {
  EXPECT_EQ(After(R"({"a":{"N":"0.1"}})", "SET a = a + :v", R"({":v":{"N":"0.2"}})"),
            R"({"a":{"N":"0.3"}})");
  EXPECT_EQ(After(R"({"a":{"N":"1"}})", "SET b = a - :v", R"({":v":{"N":"3"}})"),
            R"({"a":{"N":"1"},"b":{"N":"-2"}})");
  EXPECT_EQ(After(R"({"a":{"S":"1"}})", "SET a = a + :v", R"({":v":{"N":"3"}})"),
            "An operand in the update expression has an incorrect data type");
  EXPECT_NE(After(R"({"a":{"N":"9e125"}})", "ADD a :v", R"({":v":{"N":"9e125"}})").find("overflow"),
            std::string::npos);
}

TEST(UpdateTest, CopiesOfALargeAttributeAreRefusedWhileTheyAreMade) {
  const std::string item = R"({"a":{"S":")" + std::string(300'000, 'x') + "\"}}";
  EXPECT_EQ(After(item, "SET b = a REMOVE a").size(), item.size());
  EXPECT_EQ(After(item, "SET b = a, c = a REMOVE a"),
            "Item size to update has exceeded the maximum allowed size");
}

TEST(UpdateTest, FunctionsHaveValues) {
  EXPECT_EQ(After("", "SET a = if_not_exists(a, :z) + :v", R"({":v":{"N":"3"},":z":{"N":"0"}})"),
            R"({"a":{"N":"3"}})");
  EXPECT_EQ(After(R"({"a":{"L":[{"N":"1"}]}})", "SET a = list_append(a, :v)",
                  R"({":v":{"L":[{"N":"2"}]}})"),
            R"({"a":{"L":[{"N":"1"},{"N":"2"}]}})");
  EXPECT_EQ(After(R"({"a":{"S":""}})", "SET a = list_append(a, :v)", R"({":v":{"L":[]}})"),
            "An operand in the update expression has an incorrect data type");
}

TEST(UpdateTest, PositionsAreThoseBeforeTheUpdate) {
  const std::string list =
      R"({"a":{"L":[{"N":"2"},{"N":"3"},{"N":"4"},{"N":"5"},{"N":"6"},{"N":"7"}]}})";
  const std::string expected =
      R"({"a":{"L":[{"N":"2"},{"N":"4"},{"N":"17"},{"N":"6"},{"N":"7"}]}})";
  EXPECT_EQ(After(list, "REMOVE a[1] SET a[3] = :v", R"({":v":{"N":"17"}})"), expected);
  EXPECT_EQ(After(list, "SET a[3] = :v REMOVE a[1]", R"({":v":{"N":"17"}})"), expected);
  EXPECT_EQ(After(R"({"a":{"L":[]}})", "SET a[84] = :x, a[37] = :y, a[17] = :z",
                  R"({":x":{"N":"1"},":y":{"N":"2"},":z":{"N":"3"}})"),
            R"({"a":{"L":[{"N":"3"},{"N":"2"},{"N":"1"}]}})");
  EXPECT_EQ(After(R"({"a":{"L":[{"N":"2"}]}})", "REMOVE a[17]"), R"({"a":{"L":[{"N":"2"}]}})");
}

TEST(UpdateTest, PathsLeadSomewhere) {
  const std::string item = R"({"a":{"S":"x"},"l":{"L":[]},"m":{"M":{}}})";
  const std::string invalid =
      "The document path provided in the update expression is invalid for update";
  for (const char* text : {"SET a.c = :v", "SET l.c = :v", "SET q.c = :v", "SET a[0] = :v",
                           "SET q[0] = :v", "SET m[0] = :v", "SET l[0].x = :v"}) {
    EXPECT_EQ(After(item, text, R"({":v":{"N":"1"}})"), invalid) << text;
  }
  for (const char* text : {"REMOVE a.c", "REMOVE q.c", "REMOVE a[0]", "REMOVE q[0]"}) {
    EXPECT_EQ(After(item, text), invalid) << text;
  }
  EXPECT_EQ(After(item, "DELETE q.c :v", R"({":v":{"SS":["x"]}})"), invalid);
  EXPECT_EQ(After("", "SET q.c = :v", R"({":v":{"N":"1"}})"), invalid);
  EXPECT_EQ(After(item, "SET m.x = :v REMOVE m.y", R"({":v":{"N":"1"}})"),
            R"({"a":{"S":"x"},"l":{"L":[]},"m":{"M":{"x":{"N":"1"}}}})");
}

TEST(UpdateTest, AddAndDeleteWorkOnNumbersAndSets) {
  EXPECT_EQ(After("", "ADD n :n, s :s", R"({":n":{"N":"1"},":s":{"SS":["b"]}})"),
            R"({"n":{"N":"1"},"s":{"SS":["b"]}})");
  EXPECT_EQ(After(R"({"s":{"SS":["a","b"]}})", "ADD s :s", R"({":s":{"SS":["c","b"]}})"),
            R"({"s":{"SS":["a","b","c"]}})");
  EXPECT_EQ(After(R"({"s":{"SS":["a","b"]}})", "DELETE s :s", R"({":s":{"SS":["b"]}})"),
            R"({"s":{"SS":["a"]}})");
  EXPECT_EQ(After(R"({"s":{"SS":["a"]}})", "DELETE s :s", R"({":s":{"SS":["a","c"]}})"), "{}");
  EXPECT_EQ(After(R"({"s":{"NS":["1"]}})", "ADD s :s", R"({":s":{"SS":["b"]}})"),
            "An operand in the update expression has an incorrect data type");
}

TEST(UpdateTest, AnUpdateThatOnlyRemovesCreatesNoItem) {
  EXPECT_EQ(After("", "REMOVE a"), "none");
  EXPECT_EQ(After("", "REMOVE x.y"), "none");
  EXPECT_EQ(After("", "DELETE s :s", R"({":s":{"SS":["a"]}})"), "none");
  EXPECT_EQ(After("", "REMOVE x.y SET a = :v", R"({":v":{"N":"1"}})"), R"({"a":{"N":"1"}})");
}

TEST(UpdateTest, DocumentsStayWithinTheirDepth) {
  std::string deep = R"({"S":"x"})";
  for (int i = 0; i < 30; ++i) deep = R"({"L":[)" + deep + "]}";
  EXPECT_EQ(After(R"({"m":{"M":{}}})", "SET m.a = :v", R"({":v":)" + deep + "}"),
            R"({"m":{"M":{"a":)" + deep + "}}}");
  EXPECT_EQ(After(R"({"m":{"M":{"n":{"M":{}}}}})", "SET m.n.a = :v", R"({":v":)" + deep + "}"),
            "Nesting Levels have exceeded supported limits");
}

TEST(ProjectionTest, PartsComeWithinTheirMapsAndLists) {
  const AttributeMap item =
      ItemOf(R"({"a":{"M":{"b":{"L":[{"N":"2"},{"N":"4"},{"M":{"x":{"S":"hi"},"y":{"S":"yo"}}}]},)"
             R"("c":{"N":"5"}}},"d":{"S":"e"}})");
  const auto part = [&](const std::string& text) {
    auto placeholders = PlaceholdersOf("", "");
    return ToJson(Project(CompileProjection(text, placeholders.value()).value(), MapSource(&item)));
  };
  EXPECT_EQ(part("d"), R"({"d":{"S":"e"}})");
  EXPECT_EQ(part("a.b[2].y"), R"({"a":{"M":{"b":{"L":[{"M":{"y":{"S":"yo"}}}]}}}})");
  EXPECT_EQ(part("a.b[1], a.b[0]"), R"({"a":{"M":{"b":{"L":[{"N":"2"},{"N":"4"}]}}}})");
  EXPECT_EQ(part("a.x, a.b[0], x, a.b[3].x"), R"({"a":{"M":{"b":{"L":[{"N":"2"}]}}}})");
  for (const char* text :
       {"x", "a.b[3]", "a.x", "a.x.y", "a.b.x", "a[0]", "a.b[0].x", "a.b[0][0]"}) {
    EXPECT_EQ(part(text), "{}") << text;
  }
}

TEST(ProjectionTest, ReturnValuesAreTheProjectionOfAnUpdate) {
  const AttributeMap before = ItemOf(R"({"a":{"M":{"c":{"L":[{"N":"1"},{"N":"2"},{"N":"3"}]}}}})");
  const auto changed = [&](const std::string& text, const std::string& values) {
    const auto update = Compiled(text, values);
    const auto after = *ApplyUpdate(update, &before).value();
    return ToJson(Project(PathsOf(update), MapSource(&before))) +
           ToJson(Project(PathsOf(update), MapSource(&after)));
  };
  EXPECT_EQ(changed("SET a.c[1] = :v", R"({":v":{"N":"7"}})"),
            R"({"a":{"M":{"c":{"L":[{"N":"2"}]}}}}{"a":{"M":{"c":{"L":[{"N":"7"}]}}}})");
  EXPECT_EQ(changed("REMOVE a.c[1], a.c[3]", ""),
            R"({"a":{"M":{"c":{"L":[{"N":"2"}]}}}}{"a":{"M":{"c":{"L":[{"N":"3"}]}}}})");
  EXPECT_EQ(changed("SET a.c[100] = :v", R"({":v":{"N":"7"}})"), "{}{}");
}

}  // namespace
}  // namespace kless
