#include "emulator/experiment/report/junit.h"

#include <gtest/gtest.h>

#include "emulator/experiment/report/markup.h"
#include "tests/emulator/experiment/example_result.h"

namespace kless::experiment {
namespace {

TEST(JunitTest, BrokenThresholdsAndPublishedValuesOutOfToleranceFail) {
  const std::string xml = MakeJunit(ExampleResult()).value();
  EXPECT_NE(xml.find("tests=\"18\" failures=\"2\""), std::string::npos) << xml;
  EXPECT_NE(xml.find("<testcase classname=\"example.thresholds\" name=\"throttles &lt;= 0 in case "
                     "fig-5.2a-serverless-warm\">\n      <failure message=\"emulated 9\"/>"),
            std::string::npos)
      << xml;
  EXPECT_NE(xml.find("<failure message=\"published 3.29 s, emulated 3.61 s (best): off by +9.7 %, "
                     "allowed are 5.0 %\"/>"),
            std::string::npos)
      << xml;
}

TEST(JunitTest, RunsThatDidNotEndAsTheyShouldFail) {
  ExperimentResult result = ExampleResult();
  result.cases[0].runs[1].problem = "3 jobs without <all> their pods";
  EXPECT_NE(MakeJunit(result)->find("seed 2: 3 jobs without &lt;all&gt; their pods"),
            std::string::npos);
}

TEST(JunitTest, WhatIfsAreSkippedWithTheirReason) {
  ExperimentResult result = ExampleResult();
  result.published[2].what_if = {"--without init"};
  const std::string xml = MakeJunit(result).value();
  EXPECT_NE(xml.find("tests=\"18\" failures=\"1\" skipped=\"1\""), std::string::npos) << xml;
  EXPECT_NE(
      xml.find("<skipped message=\"a what-if is not judged: --without init; off by +9.7 %\"/>"),
      std::string::npos)
      << xml;
}

TEST(JunitTest, ThereIsNoneWithoutThresholdsAndPublishedValues) {
  ExperimentResult result = ExampleResult();
  result.thresholds.clear();
  EXPECT_TRUE(MakeJunit(result).has_value());
  result.published.clear();
  EXPECT_FALSE(MakeJunit(result).has_value());
}

TEST(MarkupTest, WhatXmlCannotHoldIsReplaced) {
  EXPECT_EQ(EscapeMarkup("<a b='c' d=\"e\">&"), "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;");
  EXPECT_EQ(EscapeMarkup("Kubeλess €\xF0\x9F\x9A\x80\tx\n"), "Kubeλess €\xF0\x9F\x9A\x80\tx\n");
  EXPECT_EQ(EscapeMarkup(std::string("\x00\x1b\x7f", 3)), "���");
  EXPECT_EQ(EscapeMarkup("\xC3"), "�");            // cut
  EXPECT_EQ(EscapeMarkup("\xC0\xAF"), "��");       // overlong
  EXPECT_EQ(EscapeMarkup("\xED\xA0\x80"), "���");  // a surrogate
  EXPECT_EQ(EscapeMarkup("\xEF\xBF\xBF"), "���");  // not a character
  EXPECT_EQ(EscapeMarkup("\xF5\x80\x80\x80"), "����");
}

}  // namespace
}  // namespace kless::experiment
