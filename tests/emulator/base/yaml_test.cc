#include "emulator/base/yaml.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/base/duration.h"

namespace kless {
namespace {

using nlohmann::json;

json One(const std::string& text, YamlRules rules = YamlRules::kKubectl) {
  auto documents = ParseDocuments(text, rules, "t.yaml");
  if (documents.has_error()) return "error: " + documents.error().message;
  if (documents.value().size() != 1) return documents.value().size();
  return documents.value().front();
}

std::string Problem(const std::string& text) {
  auto documents = ParseDocuments(text, YamlRules::kKubectl, "t.yaml");
  return documents.has_error() ? documents.error().message : "no error";
}

TEST(YamlTest, PlainScalarsAreTypedAsKubectlTypesThem) {
  EXPECT_EQ(One("[1, -2, 0x1f, 0b101, 0o17, 0644, 1_000, +3]"),
            json({1, -2, 31, 5, 15, 420, 1000, 3}));
  EXPECT_EQ(One("[true, yes, On, y, false, NO, off, n]"),
            json({true, true, true, true, false, false, false, false}));
  EXPECT_EQ(One("[~, null, NULL]"), json({nullptr, nullptr, nullptr}));
  EXPECT_EQ(One("[1.5, .5, -2e3, 1e2, 08]"), json({1.5, 0.5, -2000.0, 100.0, 8.0}));
  EXPECT_EQ(One("[2026-01-01, 2026-01-01T00:00:00Z, 1.2.3, 100m, 10Gi, 0x, a b, -, 1e]"),
            json({"2026-01-01", "2026-01-01T00:00:00Z", "1.2.3", "100m", "10Gi", "0x", "a b", "-",
                  "1e"}));
  EXPECT_EQ(One("[18446744073709551615, -9223372036854775808]"),
            json({std::uint64_t{18446744073709551615u}, std::int64_t{INT64_MIN}}));
}

TEST(YamlTest, TheCoreRulesKnowFewerWordsAndNumbers) {
  EXPECT_EQ(One("[yes, No, on, off, y, n, true, FALSE, 1_000, 0b1]", YamlRules::kCore),
            json({"yes", "No", "on", "off", "y", "n", true, false, "1_000", "0b1"}));
  EXPECT_EQ(One("[0644, 0x1f, 0o17, 1.5, ~]", YamlRules::kCore), json({644, 31, 15, 1.5, nullptr}));
  EXPECT_EQ(One("n: 5", YamlRules::kCore), json({{"n", 5}}));
}

TEST(YamlTest, QuotedTaggedAndBlockScalarsStayStrings) {
  EXPECT_EQ(One("['1', \"true\", '', !!str 5, 'no']"), json({"1", "true", "", "5", "no"}));
  EXPECT_EQ(One("a: |\n  1\n  2\nb: >-\n  yes\n"), json({{"a", "1\n2\n"}, {"b", "yes"}}));
  EXPECT_EQ(One("[!!int '7', !!float 1, !!binary aGk=]"), json({7, 1.0, "hi"}));
  EXPECT_EQ(One("[!!binary YWL/]"), json({"ab\uFFFD"})) << "bytes that are not UTF-8 are replaced";
  EXPECT_EQ(Problem("a: 1\nb: !!int x\n"),
            "t.yaml:2: 'x' does not fit its tag tag:yaml.org,2002:int");
}

TEST(YamlTest, KeysBecomeStrings) {
  EXPECT_EQ(One("1: a\nyes: b\n\"2\": c\n"), json({{"1", "a"}, {"true", "b"}, {"2", "c"}}));
}

TEST(YamlTest, AliasesAreExpandedAndMergesGiveWayToWhatTheMapSays) {
  EXPECT_EQ(One("base: &b {w: 1, h: 2}\nmade: {<<: *b, h: 3}\nmany:\n  <<: [{w: 5}, *b]\n"),
            json({{"base", {{"w", 1}, {"h", 2}}},
                  {"made", {{"w", 1}, {"h", 3}}},
                  {"many", {{"w", 5}, {"h", 2}}}}));
}

TEST(YamlTest, SeveralDocumentsOfBothFormatsAreReadInOrderAndEmptyOnesAreLeftOut) {
  auto documents = ParseDocuments(
      "# nothing\n---\na: 1\n---\n\n--- # empty\n---\n{\"b\": 2}\n{\"c\": \"}\\\"\"}\n---\n{d: "
      "4}\n",
      YamlRules::kKubectl, "t.yaml");
  ASSERT_TRUE(documents.has_value()) << documents.error().message;
  EXPECT_EQ(json(documents.value()), json::parse(R"([{"a":1},{"b":2},{"c":"}\""},{"d":4}])"));
}

TEST(YamlTest, ErrorsNameTheFileAndTheLineAcrossDocuments) {
  EXPECT_EQ(Problem("a: 1\n---\nb: 2\nb: 3\n"), "t.yaml:4: key 'b' is given twice");
  EXPECT_EQ(Problem("a: 1\n---\nb: [1\n").substr(0, 9), "t.yaml:4:");
  EXPECT_EQ(Problem("a: .inf\n"), "t.yaml:1: .inf has no form in JSON");
  EXPECT_EQ(Problem("\n{\"a\": }\n").substr(0, 9), "t.yaml:2:");
}

TEST(YamlTest, AFileThatGrowsWithoutBoundsIsRefused) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 9; ++level) {
    const std::string before = "*a" + std::to_string(level - 1);
    bomb += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + before;
    for (int i = 0; i < 9; ++i) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_NE(Problem(bomb).find("aliases expand to too many values"), std::string::npos);
}

TEST(DurationTest, ReadsMillisecondsAndUnitsAndWritesThemBack) {
  using std::chrono::microseconds, std::chrono::milliseconds, std::chrono::seconds;
  EXPECT_EQ(ParseDuration("450"), milliseconds(450));
  EXPECT_EQ(ParseDuration("0"), Duration::zero());
  EXPECT_EQ(ParseDuration("1m30s"), seconds(90));
  EXPECT_EQ(ParseDuration("2.5h"), seconds(9000));
  EXPECT_EQ(ParseDuration("100us"), microseconds(100));
  for (const char* bad : {"", "s", "-1s", "1x", "1s5", "1e400h", "1 s", "nan", "inf"}) {
    EXPECT_FALSE(ParseDuration(bad)) << bad;
  }
  EXPECT_EQ(FormatDuration(seconds(90)), "1m30s");
  EXPECT_EQ(FormatDuration(milliseconds(450)), "450ms");
  EXPECT_EQ(FormatDuration(Duration::zero()), "0s");
  EXPECT_EQ(FormatDuration(std::chrono::hours(24)), "24h");
}

TEST(YamlTest, ADumpIsInBlockStyleWithListsAtTheIndentOfTheirKeys) {
  const json value = {{"a", {{"b", 1}, {"c", json::array()}}},
                      {"l", {{{"x", "y"}, {"z", true}}, "s"}},
                      {"nothing", nullptr},
                      {"text", "one\ntwo\n"}};
  EXPECT_EQ(DumpYaml(value),
            "a:\n  b: 1\n  c: []\nl:\n- x: \"y\"\n  z: true\n- s\nnothing: null\ntext: |\n  one\n  "
            "two\n");
}

TEST(YamlTest, WhatIsDumpedReadsBackAsItWas) {
  const std::vector<std::string> texts = {
      "",        "yes",   "1.36", "0x1f",  "null", "~",          "a: b",   "a #b",
      "#a",      "- a",   "-a",   "'",     "\"",   "a\nb",       "a\n",    "a\n\n",
      "\n a\nb", " a\nb", "\t",   "a \nb", "1:30", "2026-01-01", "é",      "a\\b",
      ":",       "a:",    "@x",   "*",     "---a", "\x01",       "{a: b}", "[x]",
      "<<",      "\n",    "%a",   "  ",    "a\tb", "|",          "a\r\nb", "!t"};
  json list = json::array();
  json map = json::object();
  for (const std::string& text : texts) {
    list.push_back(text);
    list.push_back({{"k", text}});
    map[text] = text;
  }
  const json value = {{"list", list}, {"map", map}, {"nested", json::array({json::array({1, 2})})}};
  for (const YamlRules rules : {YamlRules::kKubectl, YamlRules::kCore}) {
    EXPECT_EQ(One(DumpYaml(value), rules), value) << DumpYaml(value);
  }
}

}  // namespace
}  // namespace kless
