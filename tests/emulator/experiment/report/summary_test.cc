#include "emulator/experiment/report/summary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "tests/emulator/experiment/example_result.h"

namespace kless::experiment {
namespace {

using nlohmann::json;

json Summary(const ExperimentResult& result) {
  return ParseJson(MakeSummary(MeasureExperiment(result))).value();
}

json FindMetric(const json& summary, const std::string& case_name, const std::string& metric) {
  for (const json& row : summary.at("results")) {
    if (row.at("case") == case_name && row.at("metric") == metric) return row;
  }
  return nullptr;
}

TEST(SummaryTest, HasARowPerCaseAndMetricWithMedianAndConfidence) {
  const ExperimentResult result = ExampleResult();
  const json row = FindMetric(Summary(result), "fig-5.2a-serverless-cold", "last_pod_s");
  ASSERT_TRUE(row.is_object());
  std::vector<double> ends;
  for (const RunResult& run : result.cases[0].runs) {
    ends.push_back(static_cast<double>(run.pods.back().created) / 1e9);
  }
  const Statistic expected = Summarise(ends);
  EXPECT_NEAR(row.at("value").get<double>(), expected.median, 1e-8);
  EXPECT_NEAR(row.at("best").get<double>(), expected.best, 1e-8);
  EXPECT_NEAR(row.at("worst").get<double>(), expected.worst, 1e-8);
  EXPECT_NEAR(row.at("ci95").at(0).get<double>(), expected.ci95_low, 1e-8);
  EXPECT_NEAR(row.at("ci95").at(1).get<double>(), expected.ci95_high, 1e-8);
  EXPECT_EQ(row.at("n"), 3);
  EXPECT_EQ(row.at("unit"), "s");
  EXPECT_EQ(row.at("scenario"), "example");
  EXPECT_EQ(row.at("control_plane"), "serverless");
  EXPECT_EQ(row.at("start"), "cold");
  EXPECT_FALSE(row.contains("published"));
}

TEST(SummaryTest, PublishedValuesStandBesideTheirMetric) {
  const json summary = Summary(ExampleResult());
  const json value = FindMetric(summary, "fig-5.2a-serverless-warm", "last_pod_s");
  EXPECT_EQ(value.at("published"), 6.46);
  EXPECT_NEAR(value.at("relative_error").get<double>(), 6.40 / 6.46 - 1, 1e-9);
  EXPECT_EQ(value.at("source"), "thesis, figure 5.2a");
  const json bound = FindMetric(summary, "fig-5.2a-classic", "last_pod_s");
  EXPECT_FALSE(bound.contains("published"));
  EXPECT_EQ(bound.at("published_at_least"), 12.9);
  EXPECT_EQ(summary.at("table").size(), 3u);
  EXPECT_EQ(summary.at("table").at(2).at("ok"), false);
  EXPECT_EQ(summary.at("table").at(0).at("evidence"), "fitted");
  EXPECT_EQ(summary.at("table").at(1).at("left_out_error"), nullptr);
}

TEST(SummaryTest, AWhatIfIsShownAndNotJudged) {
  ExperimentResult result = ExampleResult();
  EXPECT_EQ(Summary(result).at("what_if"), json::array());
  result.published[2].what_if = {"--without init"};
  const json summary = Summary(result);
  EXPECT_EQ(summary.at("what_if"), json({"--without init"}));
  EXPECT_EQ(summary.at("table").at(2).at("ok"), nullptr);
  EXPECT_EQ(summary.at("table").at(2).at("what_if"), json({"--without init"}));
  EXPECT_EQ(summary.at("table").at(0).at("ok"), true);
  const std::string text = SummaryText(result);
  EXPECT_EQ(text.find("OFF"), std::string::npos) << text;
  EXPECT_NE(text.find("+9.7 %   what-if"), std::string::npos) << text;
  EXPECT_NE(text.find("what-if: run with --without init, so the row is shown and not judged\n"),
            std::string::npos)
      << text;
}

TEST(SummaryTest, TheTextSaysWhichToleranceOkMeans) {
  ExperimentResult result = ExampleResult();
  result.published[1].tolerance = 0.1;
  const std::string text = SummaryText(result);
  EXPECT_NE(text.find("ok 10 %"), std::string::npos) << text;
  EXPECT_NE(text.find("ok: within 5 % of what was published; ok 10 %: within 10 %"),
            std::string::npos)
      << text;
}

std::size_t LongestLine(const std::string& text) {
  std::size_t longest = 0, begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    longest = std::max(longest, end - begin);
    begin = end + 1;
  }
  return longest;
}

TEST(SummaryTest, TheTableOfCasesFitsATerminal) {
  ExperimentResult result = ExampleResult();
  result.published.clear();
  EXPECT_LE(LongestLine(SummaryText(result)), 120u) << SummaryText(result);
  // Names that are too long are replaced by what distinguishes the cases.
  for (CaseResult& own : result.cases) own.name += "-with-a-name-that-takes-half-of-the-terminal";
  const std::string text = SummaryText(result);
  EXPECT_LE(LongestLine(text), 120u) << text;
  EXPECT_NE(text.find("\ncase: control plane, start, memory_mb, shards; summary.json has the "
                      "names\n"),
            std::string::npos)
      << text;
}

TEST(SummaryTest, OfRunsWhosePodsEndTheTableShowsThoseAndNoZeros) {
  ExperimentResult result = ExampleResult();
  result.published.clear();
  result.cases.resize(1);
  for (RunResult& run : result.cases[0].runs) {
    for (PodTiming& pod : run.pods) {
      pod.created = 0;
      pod.causes.fill(0);
    }
    for (JobTiming& job : run.jobs) job.due = 0;
    run.last_pod_end = 30'000'000'000;
    run.counts["pods_succeeded"] = run.pods.size();
  }
  const std::string text = SummaryText(result);
  const std::string header = text.substr(0, text.find('\n'));
  EXPECT_NE(header.find("succeeded"), std::string::npos) << text;
  EXPECT_NE(header.find("last end s"), std::string::npos) << text;
  EXPECT_NE(header.find("records"), std::string::npos) << text;
  EXPECT_EQ(header.find("last pod s"), std::string::npos) << text;
  EXPECT_NE(text.find("   30   "), std::string::npos) << text;
}

TEST(SummaryTest, SweptSettingsAreAnObject) {
  const json row = FindMetric(Summary(ExampleResult()), "sweep-512-4", "pods");
  EXPECT_EQ(row.at("parameters"), json({{"function.memory_mb", "512"}, {"feed.shards", "4"}}));
}

TEST(SummaryTest, EqualResultsGiveEqualBytesAndKeysKeepTheirOrder) {
  const std::string text = MakeSummary(MeasureExperiment(ExampleResult()));
  EXPECT_EQ(text, MakeSummary(MeasureExperiment(ExampleResult())));
  EXPECT_LT(text.find("\"scenario\""), text.find("\"results\""));
  EXPECT_LT(text.find("\"metric\""), text.find("\"value\""));
  EXPECT_LT(text.find("\"results\""), text.find("\"table\""));
}

TEST(SummaryTest, AnEmptyExperimentHasAnEmptySummary) {
  const json summary = Summary({});
  EXPECT_TRUE(summary.at("results").empty());
  EXPECT_TRUE(summary.at("table").empty());
}

TEST(SummaryTest, TheTextShowsPublishedRowsAndBrokenThresholds) {
  const std::string text = SummaryText(ExampleResult());
  EXPECT_NE(text.find("100 jobs of 1 pod, Kubernetes       > 12.9 s"), std::string::npos) << text;
  EXPECT_NE(text.find("+9.7 %   OFF"), std::string::npos) << text;
  EXPECT_NE(text.find("BROKEN   throttles <= 0"), std::string::npos) << text;
}

TEST(SummaryTest, WithoutPublishedValuesTheTextShowsTheMainMetricsAndProblems) {
  ExperimentResult result = ExampleResult();
  result.published.clear();
  result.cases[1].runs[0].problem = "3 jobs without all their pods after 1h";
  const std::string text = SummaryText(result);
  EXPECT_EQ(text.rfind("case ", 0), 0u) << text;
  EXPECT_NE(text.find("last pod s"), std::string::npos) << text;
  EXPECT_NE(text.find("case fig-5.2a-serverless-warm, seed 1: 3 jobs without"), std::string::npos);
}

}  // namespace
}  // namespace kless::experiment
