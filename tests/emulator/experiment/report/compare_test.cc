#include "emulator/experiment/report/compare.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/experiment/report/outputs.h"
#include "tests/emulator/experiment/example_result.h"
#include "tests/emulator/experiment/output_folder.h"

namespace kless::experiment {
namespace {

std::string TextOfComparison(const OutputFolder& a, const OutputFolder& b) {
  const auto text = CompareSummaries({.a = a.path(), .b = b.path()});
  EXPECT_TRUE(text.has_value()) << text.error().message;
  return text.has_value() ? text.value() : "";
}

// Returns the first line of `text` that contains `part`.
std::string LineWith(const std::string& text, const std::string& part) {
  const std::size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << text;
  return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
}

void WriteResults(const ExperimentResult& result, const OutputFolder& folder) {
  ASSERT_TRUE(WriteOutputs(result, folder.path(), {.figures = false}).has_value());
}

TEST(CompareTest, MetricsThatDifferStandSideBySideWithTheirRatio) {
  const OutputFolder a, b;
  ExperimentResult result = ExampleResult(kSmallExample);
  WriteResults(result, a);
  for (RunResult& run : result.cases[0].runs) {
    for (PodTiming& pod : run.pods) pod.created *= 2;
  }
  WriteResults(result, b);
  const std::string text = TextOfComparison(a, b);
  const std::string line = LineWith(text, "fig-5.2a-serverless-cold   last_pod_s");
  EXPECT_NE(line.find(" 2   "), std::string::npos) << text;
  EXPECT_NE(line.find("apart"), std::string::npos) << line;
  const std::string rest = text.substr(text.find("Everything else that differs"));
  EXPECT_EQ(rest.find("serverless-warm"), std::string::npos) << text;
}

TEST(CompareTest, TheHeadlineComesFirst) {
  const OutputFolder a, b;
  ExperimentResult result = ExampleResult(kSmallExample);
  WriteResults(result, a);
  for (RunResult& run : result.cases[0].runs) {
    for (PodTiming& pod : run.pods) pod.created *= 2;
  }
  WriteResults(result, b);
  const std::string text = TextOfComparison(a, b);
  const std::size_t rest = text.find("Everything else that differs");
  ASSERT_NE(rest, std::string::npos) << text;
  for (const char* metric : {" last_pod_s", " pod_latency_p50_ms", " pod_latency_p99_ms",
                             " cold_starts", " cost_total_usd"}) {
    EXPECT_LT(text.find(metric), rest) << metric;
    EXPECT_EQ(text.find(metric, rest), std::string::npos) << metric;
  }
}

TEST(CompareTest, CasesAreAlikeByWhatTheyAreWhateverTheirNames) {
  const OutputFolder a, b;
  ExperimentResult result = ExampleResult(kSmallExample);
  WriteResults(result, a);
  result.scenario = "other";
  for (CaseResult& own : result.cases) own.name = "renamed-" + own.name;
  WriteResults(result, b);
  const std::string text = TextOfComparison(a, b);
  EXPECT_NE(text.find(" metrics are equal, 0 differ\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("only in"), std::string::npos) << text;
}

// Returns the first case alone, on another control plane or from another start.
ExperimentResult ExampleCase(const char* control_plane, const char* start) {
  ExperimentResult result = ExampleResult(kSmallExample);
  result.cases.resize(1);
  result.published.clear();
  result.cases[0].control_plane = control_plane;
  result.cases[0].start = start;
  result.cases[0].name = std::string(control_plane) + "-" + start;
  return result;
}

TEST(CompareTest, ControlPlanesAreComparedWhereThatIsTheOnlyDifference) {
  const OutputFolder a, b;
  WriteResults(ExampleCase("serverless", "cold"), a);
  WriteResults(ExampleCase("classic", "cold"), b);
  const std::string text = TextOfComparison(a, b);
  EXPECT_NE(text.find("control_plane: serverless in A, classic in B\n"), std::string::npos) << text;
  EXPECT_NE(text.find("metrics are equal"), std::string::npos) << text;
}

TEST(CompareTest, WithinOneFolderColdIsComparedWithWarmOrTwoCasesThatAreNamed) {
  const OutputFolder folder;
  ExperimentResult result = ExampleResult(kSmallExample);
  result.cases.resize(3);  // cold, warm, classic
  WriteResults(result, folder);
  CompareOptions options;
  options.a = folder.path();
  const std::string text = CompareSummaries(options).value();
  EXPECT_NE(text.find("start: cold in A, warm in B\n"), std::string::npos) << text;
  options.case_a = "control_plane=serverless,start=warm";
  options.case_b = "fig-5.2a-classic";
  const std::string named = CompareSummaries(options).value();
  EXPECT_NE(named.find("control_plane: serverless in A, classic in B\n"), std::string::npos)
      << named;
  EXPECT_NE(named.find(" only in A: "), std::string::npos) << named;
  options.case_b = "fig-5.2a-clasic";
  EXPECT_NE(CompareSummaries(options).error().message.find("did you mean 'fig-5.2a-classic'?"),
            std::string::npos);
  options.case_b.clear();
  EXPECT_EQ(CompareSummaries(options).error().code, ErrorCode::kInvalidArgument);
}

TEST(CompareTest, WithoutACommonCaseTheErrorNamesBothSidesAndTheRemedy) {
  const OutputFolder a, b;
  ExperimentResult result = ExampleCase("serverless", "cold");
  WriteResults(result, a);
  result.cases[0].workload_rule = "something else";
  result.cases[0].name = "another";
  WriteResults(result, b);
  CompareOptions options;
  options.a = a.path();
  options.b = b.path();
  const Error error = CompareSummaries(options).error();
  EXPECT_EQ(error.code, ErrorCode::kNotFound);
  EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
  for (const char* part : {"serverless-cold", "another", "workload is", "--case-a"}) {
    EXPECT_NE(error.message.find(part), std::string::npos) << error.message;
  }
  options.case_a = "serverless-cold";
  options.case_b = "another";
  EXPECT_TRUE(CompareSummaries(options).has_value()) << "named cases are compared all the same";
}

TEST(CompareTest, AScenarioWhoseWorkloadWasEditedIsComparedByTheNamesOfItsCases) {
  const OutputFolder a, b;
  ExperimentResult result = ExampleResult(kSmallExample);
  WriteResults(result, a);
  for (CaseResult& own : result.cases) own.workload_rule = "30 jobs";
  WriteResults(result, b);
  const std::string text = TextOfComparison(a, b);
  EXPECT_NE(text.find("\nworkload: "), std::string::npos) << text;
  EXPECT_NE(text.find(" in A, 30 jobs in B\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("only in"), std::string::npos) << text;
}

TEST(CompareTest, OneMetricCanBeAskedForAndAnUnknownOneIsRefused) {
  const OutputFolder a, b;
  WriteResults(ExampleResult(kSmallExample), a);
  WriteResults(ExampleResult(kSmallExample), b);
  CompareOptions options{.a = a.path(), .b = b.path(), .metrics = {"throttles"}};
  const std::string text = CompareSummaries(options).value();
  EXPECT_NE(text.find("throttles"), std::string::npos) << text;
  EXPECT_EQ(text.find("last_pod_s"), std::string::npos) << text;
  options.metrics = {"trottles"};
  EXPECT_NE(CompareSummaries(options).error().message.find("did you mean 'throttles'?"),
            std::string::npos);
}

TEST(CompareTest, BandsThatOverlapAreNoDifference) {
  const OutputFolder a, b;
  ExperimentResult result = ExampleResult(kSmallExample);
  WriteResults(result, a);
  // The median moves; the bands still meet.
  std::vector<RunResult>& runs = result.cases[0].runs;
  runs[0] = runs[1];
  WriteResults(result, b);
  CompareOptions options{.a = a.path(), .b = b.path(), .metrics = {"last_pod_s"}};
  const std::string line =
      LineWith(CompareSummaries(options).value(), "fig-5.2a-serverless-cold   last_pod_s");
  EXPECT_EQ(line.find("apart"), std::string::npos) << line;
}

TEST(CompareTest, AsJsonItHasPairsMetricsAndDifferences) {
  const OutputFolder a, b;
  WriteResults(ExampleCase("serverless", "cold"), a);
  WriteResults(ExampleCase("serverless", "warm"), b);
  const CompareOptions options{.a = a.path(), .b = b.path(), .json = true};
  const auto document = ParseJson(CompareSummaries(options).value()).value();
  EXPECT_EQ(document.at("differences").at(0).at("what"), "start");
  EXPECT_EQ(document.at("cases").at(0).at("a"), "serverless-cold");
  const auto& metric = document.at("cases").at(0).at("metrics").at(0);
  EXPECT_EQ(metric.at("metric"), "last_pod_s");
  EXPECT_EQ(metric.at("headline"), true);
  EXPECT_EQ(metric.at("ratio"), 1);
}

TEST(CompareTest, EqualExperimentsHaveNoTable) {
  const OutputFolder a, b;
  WriteResults(ExampleResult(kSmallExample), a);
  WriteResults(ExampleResult(kSmallExample), b);
  const std::string text = TextOfComparison(a, b);
  EXPECT_EQ(text.find("metric "), std::string::npos) << text;
  EXPECT_NE(text.find(" metrics are equal, 0 differ\n"), std::string::npos) << text;
}

TEST(CompareTest, CasesOfOneSideOnlyAreNamed) {
  const OutputFolder a, b;
  ExperimentResult result = ExampleResult(kSmallExample);
  WriteResults(result, a);
  result.cases.erase(result.cases.begin());
  WriteResults(result, b);
  const std::string text = TextOfComparison(a, b);
  EXPECT_NE(text.find("1 case only in A: fig-5.2a-serverless-cold\n"), std::string::npos) << text;
}

TEST(CompareTest, WhatIsNoSummaryIsRefused) {
  const OutputFolder a, b;
  WriteResults(ExampleResult(kSmallExample), a);
  EXPECT_EQ(CompareSummaries({.a = a.path(), .b = b.path()}).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(WriteFile(b.path() + "/summary.json", "{\"results\": [1]}").has_value());
  EXPECT_EQ(CompareSummaries({.a = a.path(), .b = b.path()}).error().code,
            ErrorCode::kInvalidArgument);
  ASSERT_TRUE(WriteFile(b.path() + "/summary.json", "{").has_value());
  EXPECT_EQ(CompareSummaries({.a = a.path(), .b = b.path()}).error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace kless::experiment
