// Selectors: goldens lst-label-selectors, lst-field-selectors, and the messages of the parsers.

#include <gtest/gtest.h>

#include <string>

#include "functions/kubernetes/selectors/field_selector.h"
#include "functions/kubernetes/selectors/label_selector.h"

namespace kless::kubernetes {
namespace {

std::string Matching(const char* text) {
  const auto selector = LabelSelector::Parse(text);
  if (selector.has_error()) return selector.error().message;
  const std::pair<const char*, Labels> objects[] = {
      {"a", {{"env", "dev"}, {"n", "5"}, {"t", "1"}}},
      {"b", {{"env", "prod"}, {"n", "10"}, {"t", "1"}}},
      {"c", {{"env", "test"}, {"t", "1"}}},
      {"d", {{"t", "1"}}},
  };
  std::string names;
  for (const auto& [name, labels] : objects) {
    if (selector->Matches(labels)) names += name;
  }
  return names;
}

TEST(LabelSelectorTest, EveryOperatorMatchesAsARealServerDoes) {
  EXPECT_EQ(Matching(""), "abcd");
  EXPECT_EQ(Matching("env=dev"), "a");
  EXPECT_EQ(Matching("env==dev"), "a");
  EXPECT_EQ(Matching("env!=dev,t"), "bcd");
  EXPECT_EQ(Matching("env in (dev,prod)"), "ab");
  EXPECT_EQ(Matching("env notin (dev,prod),t=1"), "cd");
  EXPECT_EQ(Matching("env"), "abc");
  EXPECT_EQ(Matching("!env,t"), "d");
  EXPECT_EQ(Matching("n>5"), "b");
  EXPECT_EQ(Matching("n<10"), "a");
  EXPECT_EQ(Matching("env="), "");
  EXPECT_EQ(Matching("t,env in (test)"), "c");
  EXPECT_EQ(Matching("env in (,dev)"), "a");
}

TEST(LabelSelectorTest, ErrorsAreSaidAsARealServerDoes) {
  EXPECT_EQ(Matching("a==="), "unable to parse requirement: found '=', expected: identifier");
  EXPECT_EQ(Matching("=a"), "found '=', expected: !, identifier, or 'end of string'");
  EXPECT_EQ(Matching("a,"), "found '', expected: identifier after ','");
  EXPECT_EQ(Matching("a b"),
            "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt");
  EXPECT_EQ(Matching("a in b"), "unable to parse requirement: found 'b' expected: '('");
  EXPECT_EQ(Matching("a in ()"),
            "unable to parse requirement: values: Invalid value: []: for 'in', 'notin' operators, "
            "values set can't be empty");
  EXPECT_EQ(Matching("a>x"),
            "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' "
            "operators, the value must be an integer");
  const std::string name(64, 'a');
  EXPECT_EQ(Matching(name.c_str()), "unable to parse requirement: <nil>: Invalid value: \"" + name +
                                        "\": name part must be no more than 63 bytes");
}

std::string FieldProblem(const char* text) {
  const auto selector = FieldSelector::Parse(text);
  return selector.has_error() ? selector.error().message : "";
}

TEST(FieldSelectorTest, TermsMatchByValue) {
  const auto selector = FieldSelector::Parse("metadata.name!=a,status.phase==Running");
  ASSERT_TRUE(selector.has_value());
  ASSERT_EQ(selector->terms().size(), 2U);
  const auto matches = [&](const std::string& name, const std::string& phase) {
    return selector->Matches(
        [&](const std::string& field) { return field == "metadata.name" ? name : phase; });
  };
  EXPECT_TRUE(matches("b", "Running"));
  EXPECT_FALSE(matches("a", "Running"));
  EXPECT_FALSE(matches("b", "Pending"));
}

TEST(FieldSelectorTest, BackslashProtectsSeparators) {
  const auto selector = FieldSelector::Parse("a=x\\,y\\=z");
  ASSERT_TRUE(selector.has_value());
  ASSERT_EQ(selector->terms().size(), 1U);
  EXPECT_EQ(selector->terms()[0].value, "x,y=z");
}

TEST(FieldSelectorTest, ErrorsAreSaidAsARealServerDoes) {
  EXPECT_EQ(FieldProblem("metadata.name"),
            "invalid selector: 'metadata.name'; can't understand 'metadata.name'");
  EXPECT_EQ(FieldProblem("metadata.name>a"),
            "invalid selector: 'metadata.name>a'; can't understand 'metadata.name>a'");
  EXPECT_EQ(FieldProblem(""), "");
}

}  // namespace
}  // namespace kless::kubernetes
