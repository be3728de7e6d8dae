#include <gtest/gtest.h>

#include "emulator/experiment/outputs.h"
#include "example_result.h"
#include "output_folder.h"

namespace kless::experiment {
namespace {

void Write(const ExperimentResult& result, const OutputFolder& folder) {
  ASSERT_TRUE(WriteOutputs(result, folder.path(), {.figures = false}).has_value());
}

TEST(CompareTest, MetricsThatDifferStandSideBySideWithTheirRatio) {
  const OutputFolder a, b;
  ExperimentResult result = ExampleResult(kSmallExample);
  Write(result, a);
  for (RunResult& run : result.cases[0].runs) {
    for (PodTiming& pod : run.pods) pod.created *= 2;
  }
  Write(result, b);
  const std::string text = CompareSummaries(a.path(), b.path()).value();
  const std::size_t row = text.find("fig-5.2a-serverless-cold   last_pod_s");
  ASSERT_NE(row, std::string::npos) << text;
  const std::string line = text.substr(row, text.find('\n', row) - row);
  EXPECT_EQ(line.substr(line.size() - 2), " 2") << line;
  EXPECT_EQ(text.find("serverless-warm"), std::string::npos) << text;
}

TEST(CompareTest, EqualExperimentsHaveNoTable) {
  const OutputFolder a, b;
  Write(ExampleResult(kSmallExample), a);
  Write(ExampleResult(kSmallExample), b);
  const std::string text = CompareSummaries(a.path(), b.path()).value();
  EXPECT_EQ(text.find("metric "), std::string::npos) << text;
  EXPECT_NE(text.find(" metrics are equal, 0 differ\n"), std::string::npos) << text;
}

TEST(CompareTest, MetricsOfOneSideOnlyAreShown) {
  const OutputFolder a, b;
  ExperimentResult result = ExampleResult(kSmallExample);
  Write(result, a);
  result.cases.erase(result.cases.begin());
  Write(result, b);
  const std::string text = CompareSummaries(a.path(), b.path()).value();
  EXPECT_NE(text.find("only in A, 0 only in B"), std::string::npos) << text;
}

TEST(CompareTest, WhatIsNoSummaryIsRefused) {
  const OutputFolder a, b;
  Write(ExampleResult(kSmallExample), a);
  EXPECT_EQ(CompareSummaries(a.path(), b.path()).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(WriteFile(b.path() + "/summary.json", "{\"results\": [1]}").has_value());
  EXPECT_EQ(CompareSummaries(a.path(), b.path()).error().code, ErrorCode::kInvalidArgument);
  ASSERT_TRUE(WriteFile(b.path() + "/summary.json", "{").has_value());
  EXPECT_EQ(CompareSummaries(a.path(), b.path()).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace kless::experiment
