#include "emulator/experiment/report/explain.h"

#include <gtest/gtest.h>

#include "emulator/experiment/report/outputs.h"
#include "tests/emulator/experiment/example_result.h"
#include "tests/emulator/experiment/output_folder.h"

namespace kless::experiment {
namespace {

class ExplainTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(WriteOutputs(ExampleResult(), folder_.path(), {.figures = false}).has_value());
  }
  OutputFolder folder_;
};

TEST_F(ExplainTest, WithoutAPodEachCaseHasItsMeans) {
  const std::string text = Explain(folder_.path(), "").value();
  EXPECT_NE(text.find("fig-5.2a-serverless-cold    100"), std::string::npos) << text;
  EXPECT_NE(text.find("first_request"), std::string::npos) << text;
  EXPECT_EQ(text.find("\nother "), std::string::npos) << text;  // no time was spent there
  EXPECT_EQ(text.substr(0, text.find("fig-5.2a")).find("other"), std::string::npos) << text;
}

TEST_F(ExplainTest, APodIsExplainedCauseByCauseInEveryCase) {
  const std::string text = Explain(folder_.path(), "job-0-0").value();
  EXPECT_NE(text.find("pod job-0-0 of job job-0, case fig-5.2a-serverless-cold: "),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("until it was written, cold start"), std::string::npos) << text;
  EXPECT_NE(text.find("init            450 "), std::string::npos) << text;
  EXPECT_NE(text.find("case fig-5.2a-classic"), std::string::npos) << text;
}

TEST_F(ExplainTest, TheCausesThatTookTimeAreDefinedBelow) {
  for (const char* pod : {"", "job-0-0"}) {
    const std::string text = Explain(folder_.path(), pod).value();
    const std::string below = text.substr(text.rfind("\nlane "));
    EXPECT_NE(below.substr(0, below.find('\n', 1)).find("behind other batches of the same lane"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find("\nother "), std::string::npos) << text;
  }
}

TEST_F(ExplainTest, AJobStandsForItsPods) {
  const std::string text = Explain(folder_.path(), "job-99").value();
  EXPECT_EQ(text.rfind("pod job-99-99 of job job-99, case fig-5.2a-serverless-cold", 0), 0u);
}

TEST_F(ExplainTest, AnUnknownPodNamesTheNearest) {
  const Error error = Explain(folder_.path(), "jbo-7-7").error();
  EXPECT_EQ(error.code, ErrorCode::kNotFound);
  EXPECT_NE(error.message.find("did you mean \"job-7"), std::string::npos) << error.message;
  const Error far = Explain(folder_.path(), "something-else-entirely").error();
  EXPECT_NE(far.message.find("there are, among others, job-"), std::string::npos) << far.message;
}

TEST(ExplainFolderTest, WhatIsNoExperimentIsNotFoundOrRefused) {
  const OutputFolder folder;
  EXPECT_EQ(Explain(folder.path() + "/none", "").error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(WriteFile(folder.path() + "/pods.csv", "a,b\n1,2\n").has_value());
  EXPECT_EQ(Explain(folder.path(), "").error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace kless::experiment
