// backoffLimitPerIndex and maxFailedIndexes (F).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kFailures = "batch.kubernetes.io/job-index-failure-count";
constexpr const char* kIgnored = "batch.kubernetes.io/job-index-ignored-failure-count";

json IndexedSpec(int completions, int limit, const char* extra = "{}") {
  json spec = {{"completionMode", "Indexed"},
               {"completions", completions},
               {"parallelism", completions},
               {"backoffLimitPerIndex", limit}};
  spec.merge_patch(json::parse(extra));
  return spec;
}

json Annotations(const JobWorld& world, int index) {
  return world.Pod(world.PodWithIndex(index))["metadata"]["annotations"];
}

bool IsTracked(const JobWorld& world, const std::string& pod) {
  return world.Pod(pod)["metadata"].contains("finalizers");
}

TEST(JobIndexLimitTest, F1_NewPodsCarryTheFailuresOfTheirIndex) {
  JobWorld world(IndexedSpec(2, 3, R"({"podFailurePolicy":{"rules":[
      {"action":"Ignore","onExitCodes":{"operator":"In","values":[9]}}]}})"));
  world.Settle();
  EXPECT_EQ(Annotations(world, 0)[kFailures], "0");
  EXPECT_FALSE(Annotations(world, 0).contains(kIgnored));
  world.Exit(world.PodWithIndex(0), 1);
  world.Settle();
  world.Wait();
  EXPECT_EQ(Annotations(world, 0)[kFailures], "1");
  EXPECT_FALSE(Annotations(world, 0).contains(kIgnored));
  world.Exit(world.PodWithIndex(0), 9);
  world.Settle();
  world.Wait();
  EXPECT_EQ(Annotations(world, 0)[kFailures], "1");
  EXPECT_EQ(Annotations(world, 0)[kIgnored], "1");
  EXPECT_EQ(Annotations(world, 1)[kFailures], "0");
}

TEST(JobIndexLimitTest, F1_TheTemplateDoesNotSayHowOftenAnIndexFailed) {
  json spec = IndexedSpec(1, 1);
  spec["template"]["metadata"]["annotations"] = {{kFailures, "7"}, {kIgnored, "7"}, {"z", "z"}};
  JobWorld world(spec);
  world.Settle();
  EXPECT_EQ(Annotations(world, 0),
            json({{kFailures, "0"}, {kCompletionIndexAnnotation, "0"}, {"z", "z"}}));
}

TEST(JobIndexLimitTest, F1_PodsOfOtherJobsCarryNoCount) {
  JobWorld world(json{{"completionMode", "Indexed"}, {"completions", 1}});
  world.Settle();
  EXPECT_FALSE(Annotations(world, 0).contains(kFailures));
}

TEST(JobIndexLimitTest, F2_AFailedPodIsKeptUntilItsReplacementExists) {
  JobWorld world(IndexedSpec(2, 1));
  world.Settle();
  EXPECT_EQ(world.Status()["failedIndexes"], "");
  const std::string failed = world.PodWithIndex(0);
  world.Exit(failed, 1);
  world.Settle();
  EXPECT_FALSE(world.Status().contains("failed"));
  EXPECT_TRUE(IsTracked(world, failed));
  EXPECT_EQ(world.care().count(failed), 1U);
  world.now = *world.requeue_at;
  world.Step();
  EXPECT_FALSE(world.Status().contains("failed")) << "counted by the next reconcile";
  EXPECT_NE(world.PodWithIndex(0), "");
  world.Settle();
  EXPECT_EQ(world.Status()["failed"], 1);
  EXPECT_FALSE(IsTracked(world, failed));
  EXPECT_EQ(world.memo, "") << "the pods know";
}

TEST(JobIndexLimitTest, F2_EveryIndexHasABackoffOfItsOwn) {
  JobWorld world(IndexedSpec(3, 5, R"({"parallelism":2})"));
  world.Settle();
  world.Exit(world.PodWithIndex(0), 1);
  world.Settle();
  world.Wait();
  EXPECT_EQ(world.now, kStart + 10 * kSecond);
  world.Exit(world.PodWithIndex(0), 1);
  world.Exit(world.PodWithIndex(1), 1);
  world.Settle();
  world.Wait();
  EXPECT_EQ(world.now, kStart + 20 * kSecond);
  EXPECT_NE(world.PodWithIndex(1), "");
  EXPECT_EQ(world.PodWithIndex(0), "");
  world.Wait();
  EXPECT_EQ(world.now, kStart + 30 * kSecond);
  EXPECT_EQ(Annotations(world, 0)[kFailures], "2");
}

TEST(JobIndexLimitTest, F2_OtherIndexesAreNotDelayed) {
  JobWorld world(IndexedSpec(4, 5, R"({"parallelism":2})"));
  world.Settle();
  world.Exit(world.PodWithIndex(0), 1);
  world.Exit(world.PodWithIndex(1), 0);
  world.Settle();
  EXPECT_EQ(world.PodWithIndex(0), "");
  EXPECT_NE(world.PodWithIndex(2), "");
  EXPECT_EQ(world.requeue_at, kStart + 10 * kSecond);
}

TEST(JobIndexLimitTest, F2_OfSeveralFailedPodsTheLatestIsReplaced) {
  JobWorld world(IndexedSpec(1, 5));
  world.Settle();
  const std::string first = world.PodWithIndex(0);
  json twin = world.Pod(first);
  twin["metadata"]["name"] = "j-0-twin";
  twin["metadata"]["uid"] = "twin";
  twin["metadata"]["annotations"][kFailures] = "2";
  world.AddPod("default/j-0-twin", twin);
  world.Exit("default/j-0-twin", 1);
  world.Exit(first, 1);
  world.Settle();
  EXPECT_EQ(world.Status()["failed"], 1) << "the other one is counted at once";
  EXPECT_TRUE(IsTracked(world, "default/j-0-twin"));
  world.Wait();
  EXPECT_EQ(world.now, kStart + 40 * kSecond);
  EXPECT_EQ(Annotations(world, 0)[kFailures], "3");
}

TEST(JobIndexLimitTest, F2_APromisedReplacementGetsTheCountsOfThePodBeforeIt) {
  JobWorld world(IndexedSpec(1, 5));
  world.Settle();
  world.Exit(world.PodWithIndex(0), 1);
  world.Settle();
  world.now = *world.requeue_at;
  world.writes_left = 0;  // dies after writing only the promise
  world.Step();
  world.writes_left = -1;
  EXPECT_THAT(world.care(), SizeIs(2));
  world.Settle();
  EXPECT_THAT(world.PodNames(), SizeIs(2));
  EXPECT_EQ(Annotations(world, 0)[kFailures], "1");
  EXPECT_EQ(world.Status()["failed"], 1);
}

TEST(JobIndexLimitTest, F3_F9_AnIndexBeyondItsLimitIsNotTriedAgain) {
  JobWorld world(IndexedSpec(4, 0));
  world.Settle();
  for (int index : {0, 1, 3}) world.Exit(world.PodWithIndex(index), 1);
  world.Settle();
  EXPECT_EQ(world.Status()["failedIndexes"], "0,1,3");
  EXPECT_EQ(world.Status()["failed"], 3);
  EXPECT_FALSE(world.requeue_at.has_value());
  EXPECT_EQ(world.Count("create"), 4U);
  EXPECT_THAT(Conditions(world.Status()), IsEmpty()) << "index 2 still runs";
  world.now += 3600 * kSecond;
  world.Settle();
  EXPECT_EQ(world.Count("create"), 4U);
}

TEST(JobIndexLimitTest, F4_TheJobFailsWhenAllIndexesAreDone) {
  JobWorld world(IndexedSpec(2, 0));
  world.Settle();
  world.Exit(world.PodWithIndex(0), 1);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), IsEmpty());
  world.Exit(world.PodWithIndex(1), 0);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()),
              ElementsAre("FailureTarget=True(FailedIndexes)", "Failed=True(FailedIndexes)"));
  EXPECT_EQ(world.Status()["conditions"][1]["message"], "Job has failed indexes");
  EXPECT_EQ(world.Status()["succeeded"], 1);
  EXPECT_EQ(world.Status()["failed"], 1);
  EXPECT_EQ(world.Status()["completedIndexes"], "1");
  EXPECT_EQ(world.Status()["failedIndexes"], "0");
}

TEST(JobIndexLimitTest, F5_TooManyFailedIndexesEndTheJob) {
  JobWorld world(IndexedSpec(4, 0, R"({"maxFailedIndexes":1})"));
  world.Settle();
  world.Exit(world.PodWithIndex(0), 1);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), IsEmpty());
  world.Exit(world.PodWithIndex(1), 1);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()),
              ElementsAre("FailureTarget=True(MaxFailedIndexesExceeded)",
                          "Failed=True(MaxFailedIndexesExceeded)"));
  EXPECT_EQ(world.Status()["conditions"][1]["message"],
            "Job has exceeded the specified maximal number of failed indexes");
  EXPECT_THAT(world.ActivePods(), IsEmpty());
  EXPECT_EQ(world.Status()["failed"], 4);
  EXPECT_EQ(world.Status()["failedIndexes"], "0,1") << "killed pods fail no index";
}

TEST(JobIndexLimitTest, F6_TheLimitOfTheWholeJobStillHolds) {
  JobWorld world(IndexedSpec(3, 5, R"({"backoffLimit":1})"));
  world.Settle();
  for (int index : {0, 1}) world.Exit(world.PodWithIndex(index), 1);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), ElementsAre("FailureTarget=True(BackoffLimitExceeded)",
                                                      "Failed=True(BackoffLimitExceeded)"));
  EXPECT_EQ(world.Status()["failed"], 3);
}

TEST(JobIndexLimitTest, F6_WithoutOneTheWholeJobHasNoLimit) {
  JobWorld world(IndexedSpec(10, 1));
  world.Settle();
  for (int index = 0; index < 10; ++index) world.Exit(world.PodWithIndex(index), 1);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), IsEmpty());
  world.Wait();
  EXPECT_THAT(world.ActivePods(), SizeIs(10));
}

TEST(JobIndexLimitTest, F7_FailIndexEndsTheIndexAtOnce) {
  JobWorld world(IndexedSpec(2, 5, R"({"podFailurePolicy":{"rules":[
      {"action":"FailIndex","onExitCodes":{"operator":"In","values":[7]}}]}})"));
  world.Settle();
  world.Exit(world.PodWithIndex(1), 7);
  world.Settle();
  EXPECT_EQ(world.Status()["failedIndexes"], "1");
  EXPECT_EQ(world.Status()["failed"], 1);
  EXPECT_FALSE(world.requeue_at.has_value());
}

TEST(JobIndexLimitTest, F8_AnIgnoredFailureOnlyDelays) {
  JobWorld world(IndexedSpec(1, 0, R"({"podFailurePolicy":{"rules":[
      {"action":"Ignore","onExitCodes":{"operator":"In","values":[9]}}]}})"));
  world.Settle();
  for (int i = 0; i < 3; ++i) {
    world.Exit(world.PodWithIndex(0), 9);
    world.Settle();
    world.Wait();
    EXPECT_EQ(Annotations(world, 0)[kIgnored], std::to_string(i + 1));
  }
  EXPECT_EQ(world.now, kStart + 70 * kSecond) << "10, 20 and 40 s";
  EXPECT_FALSE(world.Status().contains("failed"));
  EXPECT_EQ(world.Status()["failedIndexes"], "");
  EXPECT_EQ(Annotations(world, 0)[kFailures], "0");
}

TEST(JobIndexLimitTest, D16_D17_FailedIndexesShrinkWithTheJob) {
  JobWorld world(IndexedSpec(5, 0));
  world.Settle();
  for (int index : {1, 4}) world.Exit(world.PodWithIndex(index), 1);
  world.Settle();
  EXPECT_EQ(world.Status()["failedIndexes"], "1,4");
  world.PatchJob(json::parse(R"({"spec":{"completions":3,"parallelism":3}})"));
  world.Settle();
  EXPECT_EQ(world.Status()["failedIndexes"], "1");
  EXPECT_THAT(world.ActivePods(), SizeIs(2));
}

TEST(JobIndexLimitTest, D18_FailedIndexesArePrintedOnlyWithALimit) {
  JobWorld limited(IndexedSpec(1, 0));
  limited.Settle();
  EXPECT_EQ(limited.Status(), json::parse(R"({"active":1,"ready":0,"terminating":0,
      "uncountedTerminatedPods":{},"failedIndexes":"","startTime":"2026-01-01T00:00:00Z"})"));
  JobWorld plain(json{{"completionMode", "Indexed"}, {"completions", 1}});
  plain.Settle();
  EXPECT_FALSE(plain.Status().contains("failedIndexes"));
}

}  // namespace
}  // namespace kless::controllers
