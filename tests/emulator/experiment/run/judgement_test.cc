#include "emulator/experiment/run/judgement.h"

#include <gtest/gtest.h>

namespace kless::experiment {
namespace {

RunResult EndingAt(std::int64_t created) {
  RunResult run;
  JobTiming job;
  job.pods_wanted = job.pods = 1;
  run.jobs.push_back(job);
  PodTiming pod;
  pod.created = created;
  run.pods.push_back(pod);
  return run;
}

TEST(JudgementTest, TheRepresentativeRunIsTheLowerMedian) {
  EXPECT_EQ(MedianRun({EndingAt(30), EndingAt(10), EndingAt(20)}), 2u);
  EXPECT_EQ(MedianRun({EndingAt(40), EndingAt(10), EndingAt(20), EndingAt(30)}), 2u);
  EXPECT_EQ(MedianRun({}), 0u);
}

TEST(JudgementTest, TheExplainedShareIsTheSumOfSquaresBetweenLevelsOverTheTotal) {
  // Levels a: 1, 3 (mean 2); b: 5, 7 (mean 6); mean 4.  Total 9+1+1+9 = 20, between 4*4 = 16.
  EXPECT_DOUBLE_EQ(ExplainedShare({1, 3, 5, 7}, {"a", "a", "b", "b"}), 0.8);
  EXPECT_DOUBLE_EQ(ExplainedShare({1, 5, 1, 5}, {"a", "a", "b", "b"}), 0);
  EXPECT_DOUBLE_EQ(ExplainedShare({2, 2}, {"a", "b"}), 0) << "nothing varies";
}

Scenario OneCase(PublishedSpec published, ThresholdSpec threshold) {
  Scenario scenario;
  scenario.published.push_back(std::move(published));
  scenario.thresholds.push_back(std::move(threshold));
  return scenario;
}

TEST(JudgementTest, BestMedianAndBoundsAreComparedAsPublished) {
  ExperimentResult result;
  CaseResult only;
  only.name = "only";
  only.entry = "g";
  for (const std::int64_t seconds : {4, 2, 3}) {
    only.runs.push_back(EndingAt(seconds * 1'000'000'000));
  }
  result.cases.push_back(only);
  PublishedSpec published;
  published.row.metric = "last_pod_s";
  published.row.statistic = "best";
  published.row.published = 2.5;
  published.of = {{"case", "g"}};
  ThresholdSpec threshold;
  threshold.metric = "last_pod_s";
  threshold.statistic = "worst";
  threshold.at_most = 3.5;
  Scenario scenario = OneCase(published, threshold);
  published.row.published.reset();
  published.row.at_least = 1;
  published.row.statistic = "median";
  scenario.published.push_back(published);
  Judge(scenario, {LeftOutRuns{}, LeftOutRuns{}}, &result);
  ASSERT_EQ(result.published.size(), 2u);
  EXPECT_DOUBLE_EQ(result.published[0].emulated, 2);
  EXPECT_DOUBLE_EQ(result.published[0].relative_error, -0.2);
  EXPECT_FALSE(result.published[0].ok());
  EXPECT_DOUBLE_EQ(result.published[1].emulated, 3);
  EXPECT_TRUE(result.published[1].ok()) << "within its bound";
  ASSERT_EQ(result.thresholds.size(), 1u);
  EXPECT_FALSE(result.thresholds[0].ok) << "4 s is above 3.5 s";
}

}  // namespace
}  // namespace kless::experiment
