// Jobs that fail: backoffLimit (E4 to E7), the order of evaluation (E9), deadlines (E8, E14), and
// the status of a Failed Job (E18).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// The condition of a type; null if there is none.
json Condition(const json& status, const std::string& type) {
  for (const json& condition : status.value("conditions", json::array())) {
    if (condition["type"] == type) return condition;
  }
  return nullptr;
}

json OnFailure(json spec) {
  spec["template"]["spec"]["restartPolicy"] = "OnFailure";
  return spec;
}

void SetRestarts(JobWorld& world, const std::string& pod, int count, int init_count) {
  world.Run(pod, true);
  json patch;
  patch["status"]["containerStatuses"] = json::array({{{"name", "c"}, {"restartCount", count}}});
  patch["status"]["initContainerStatuses"] =
      json::array({{{"name", "i"}, {"restartCount", init_count}}});
  world.PatchPod(pod, patch);
}

TEST(JobFailureTest, E4_E18_OneFailureMoreThanTheLimitFailsTheJob) {
  JobWorld world(json{{"completions", 2}, {"parallelism", 2}, {"backoffLimit", 1}});
  world.Settle();
  world.Exit(world.ActivePods()[0], 1);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), IsEmpty());
  world.Wait();
  const auto pods = world.ActivePods();
  world.Exit(pods[0], 1);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), ElementsAre("FailureTarget=True(BackoffLimitExceeded)",
                                                      "Failed=True(BackoffLimitExceeded)"));
  for (const char* type : {"FailureTarget", "Failed"}) {
    EXPECT_EQ(Condition(world.Status(), type)["message"],
              "Job has reached the specified backoff limit");
  }
  EXPECT_FALSE(world.Status().contains("completionTime"));
  EXPECT_FALSE(world.Status().contains("active"));
  EXPECT_EQ(world.Status()["failed"], 3);
  EXPECT_THAT(world.events, Contains("Normal SuccessfulDelete Deleted pod: " + pods[1].substr(8)));
  EXPECT_EQ(world.events.back(),
            "Warning BackoffLimitExceeded Job has reached the specified backoff limit");
  EXPECT_THAT(world.care(), IsEmpty());
  EXPECT_THAT(world.ActivePods(), IsEmpty());
}

TEST(JobFailureTest, E5_WithALimitOfZeroTheFirstFailureFailsTheJob) {
  JobWorld world(json{{"completions", 1}, {"backoffLimit", 0}});
  world.Settle();
  world.Exit(world.ActivePods()[0], 1);
  world.Settle();
  EXPECT_EQ(world.Status()["failed"], 1);
  EXPECT_THAT(Conditions(world.Status()), Contains("Failed=True(BackoffLimitExceeded)"));
  EXPECT_EQ(world.Count("create"), 1U);
}

TEST(JobFailureTest, E6_KilledPodsAreCountedAsFailed) {
  JobWorld world(json{{"completions", 3}, {"parallelism", 3}, {"backoffLimit", 0}});
  world.Settle();
  world.ForgetStatuses();
  world.Exit(world.ActivePods()[0], 1);
  world.log.clear();
  world.Step();
  EXPECT_THAT(world.log,
              ElementsAre("delete", "delete", "update", "edit", "edit", "edit", "update"));
  const json& first = world.statuses().front();
  EXPECT_EQ(first["uncountedTerminatedPods"]["failed"].size(), 3U);
  EXPECT_EQ(first["terminating"], 2);
  EXPECT_FALSE(first.contains("failed"));
  EXPECT_THAT(Conditions(first), ElementsAre("FailureTarget=True(BackoffLimitExceeded)"));
  EXPECT_EQ(world.Status()["failed"], 3);
  world.Settle();
  EXPECT_EQ(world.Status()["failed"], 3);
  EXPECT_THAT(Conditions(world.Status()), SizeIs(2));
}

TEST(JobFailureTest, D6_FailedWaitsForPodsThatAreTerminating) {
  JobWorld world(json{{"completions", 2}, {"parallelism", 2}, {"backoffLimit", 0}});
  world.Settle();
  const auto pods = world.ActivePods();
  world.Run(pods[1], true);
  world.Settle();
  world.Exit(pods[0], 1);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), SizeIs(1));
  EXPECT_EQ(world.Status()["terminating"], 1);
  EXPECT_EQ(world.Status()["ready"], 0);
  world.DeletePod(pods[1], 0);  // the kubelet's confirmation
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), SizeIs(2));
  EXPECT_EQ(world.Status()["failed"], 2);
}

TEST(JobFailureTest, D15_TheJobIsNotOverWhileFailuresAreUncounted) {
  JobWorld world(json{{"completions", 600}, {"parallelism", 600}, {"backoffLimit", 0}});
  world.Settle();
  world.Exit(world.ActivePods()[0], 1);
  world.ForgetStatuses();
  world.Settle();
  std::size_t most = 0;
  for (const json& status : world.statuses()) {
    const json& uncounted = status["uncountedTerminatedPods"];
    if (uncounted.contains("failed")) most = std::max(most, uncounted["failed"].size());
  }
  EXPECT_EQ(most, 500U);
  EXPECT_EQ(world.Status()["failed"], 600);
  EXPECT_THAT(Conditions(world.Status()), SizeIs(2));
}

TEST(JobFailureTest, E7_RestartsOfContainersReachTheLimit) {
  JobWorld world(OnFailure(json{{"completions", 2}, {"parallelism", 2}, {"backoffLimit", 3}}));
  world.Settle();
  const auto pods = world.ActivePods();
  SetRestarts(world, pods[0], 1, 0);
  SetRestarts(world, pods[1], 0, 1);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), IsEmpty());
  EXPECT_EQ(world.Count("create"), 2U) << "the kubelet restarts them";
  SetRestarts(world, pods[1], 1, 1);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), ElementsAre("FailureTarget=True(BackoffLimitExceeded)"));
  EXPECT_EQ(world.Status()["failed"], 2);
  for (const std::string& pod : pods) world.DeletePod(pod, 0);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), SizeIs(2));
}

TEST(JobFailureTest, E7_WithALimitOfZeroOneRestartIsTooMany) {
  JobWorld world(OnFailure(json{{"completions", 1}, {"backoffLimit", 0}}));
  world.Settle();
  const std::string pod = world.ActivePods()[0];
  SetRestarts(world, pod, 0, 0);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), IsEmpty());
  SetRestarts(world, pod, 1, 0);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), SizeIs(1));
}

TEST(JobFailureTest, E7_RestartsOfPodsThatAreNeverRestartedDoNotCount) {
  JobWorld world(json{{"completions", 1}, {"backoffLimit", 1}});
  world.Settle();
  SetRestarts(world, world.ActivePods()[0], 5, 0);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), IsEmpty());
}

TEST(JobFailureTest, E8_TheDeadlineComesWithTheWholeSecondOfTheStart) {
  JobWorld world(json{{"completions", 2}, {"parallelism", 2}, {"activeDeadlineSeconds", 3}});
  world.now += kSecond * 37 / 100;
  world.Settle();
  ASSERT_TRUE(world.requeue_at.has_value());
  EXPECT_EQ(*world.requeue_at, kStart + 3 * kSecond);
  world.now = *world.requeue_at - 1;
  EXPECT_FALSE(world.Step());
  world.Wait();
  EXPECT_EQ(world.now, kStart + 3 * kSecond);
  EXPECT_THAT(Conditions(world.Status()),
              ElementsAre("FailureTarget=True(DeadlineExceeded)", "Failed=True(DeadlineExceeded)"));
  EXPECT_EQ(Condition(world.Status(), "Failed")["message"],
            "Job was active longer than specified deadline");
  EXPECT_EQ(world.Status()["failed"], 2);
  EXPECT_EQ(world.events.back(),
            "Warning DeadlineExceeded Job was active longer than specified deadline");
}

TEST(JobFailureTest, E8_AChangedDeadlineIsSetAgain) {
  JobWorld world(json{{"completions", 1}, {"activeDeadlineSeconds", 3}});
  world.Settle();
  world.PatchJob(json::parse(R"({"spec":{"activeDeadlineSeconds":100}})"));
  world.requeue_at.reset();
  world.Settle();
  EXPECT_EQ(world.requeue_at, kStart + 100 * kSecond);
  world.now += 50 * kSecond;
  world.PatchJob(json::parse(R"({"spec":{"activeDeadlineSeconds":20}})"));
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), Contains("Failed=True(DeadlineExceeded)"));
}

TEST(JobFailureTest, E8_TheEarlierOfBackoffAndDeadlineIsWaitedFor) {
  JobWorld world(json{{"completions", 1}, {"activeDeadlineSeconds", 15}});
  world.Settle();
  world.now += 2 * kSecond;
  world.Exit(world.ActivePods()[0], 1);
  world.Settle();
  EXPECT_EQ(world.requeue_at, kStart + 12 * kSecond);
  world.Wait();
  EXPECT_THAT(world.ActivePods(), SizeIs(1));
  EXPECT_EQ(world.requeue_at, kStart + 15 * kSecond);
}

TEST(JobFailureTest, E8_AFinishedJobWaitsForNothing) {
  JobWorld world(json{{"completions", 1}, {"activeDeadlineSeconds", 3}});
  world.Settle();
  world.Exit(world.ActivePods()[0], 0);
  world.requeue_at.reset();
  world.Settle();
  world.now += 10 * kSecond;
  EXPECT_FALSE(world.Step());
  EXPECT_FALSE(world.requeue_at.has_value());
  EXPECT_THAT(Conditions(world.Status()), Contains("Complete=True(CompletionsReached)"));
}

TEST(JobFailureTest, E9_TheBackoffLimitComesBeforeTheDeadline) {
  JobWorld world(json{{"completions", 1}, {"backoffLimit", 0}, {"activeDeadlineSeconds", 5}});
  world.Settle();
  world.now += 6 * kSecond;
  world.Exit(world.ActivePods()[0], 1);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), Contains("Failed=True(BackoffLimitExceeded)"));
}

TEST(JobFailureTest, E9_TheFailurePolicyComesBeforeTheBackoffLimit) {
  JobWorld world(json::parse(R"({"completions":1,"backoffLimit":0,"podFailurePolicy":{"rules":[
      {"action":"FailJob","onExitCodes":{"operator":"In","values":[42]}}]}})"));
  world.Settle();
  world.Exit(world.ActivePods()[0], 42);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), Contains("Failed=True(PodFailurePolicy)"));
}

TEST(JobFailureTest, E9_TheDeadlineComesBeforeTheFailedIndexes) {
  JobWorld world(json::parse(R"({"completionMode":"Indexed","completions":1,
      "backoffLimitPerIndex":0,"maxFailedIndexes":0,"activeDeadlineSeconds":5})"));
  world.Settle();
  world.now += 5 * kSecond;
  world.Exit(world.ActivePods()[0], 1);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), Contains("Failed=True(DeadlineExceeded)"));
}

TEST(JobFailureTest, E9_WhatWasDecidedStaysDecided) {
  JobWorld world(json{{"completions", 2}, {"parallelism", 2}, {"activeDeadlineSeconds", 5}});
  world.Settle();
  const auto pods = world.ActivePods();
  for (const std::string& pod : pods) world.Run(pod, true);
  world.now += 5 * kSecond;
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), ElementsAre("FailureTarget=True(DeadlineExceeded)"));
  // The pods succeed while they are being deleted; the Job has still failed.
  for (const std::string& pod : pods) {
    world.Exit(pod, 0);
    world.DeletePod(pod, 0);
  }
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), Contains("Failed=True(DeadlineExceeded)"));
  EXPECT_THAT(Conditions(world.Status()), Not(Contains(StartsWith("Complete"))));
}

TEST(JobFailureTest, E14_ASuspendedJobHasNoDeadline) {
  JobWorld world(json{{"completions", 1}, {"suspend", true}, {"activeDeadlineSeconds", 3}});
  world.Settle();
  EXPECT_FALSE(world.requeue_at.has_value());
  world.now += 60 * kSecond;
  EXPECT_FALSE(world.Step());
  world.PatchJob(json::parse(R"({"spec":{"suspend":false}})"));
  world.Settle();
  EXPECT_EQ(world.requeue_at, kStart + 63 * kSecond) << "it begins when the Job is resumed";
  world.now += 2 * kSecond;
  world.PatchJob(json::parse(R"({"spec":{"suspend":true}})"));
  world.Settle();
  world.now += 60 * kSecond;
  EXPECT_FALSE(world.Step());
  EXPECT_THAT(Conditions(world.Status()), ElementsAre("Suspended=True(JobSuspended)"));
}

TEST(JobFailureTest, E14_TheBackoffLimitHoldsForASuspendedJob) {
  JobWorld world(json{{"completions", 1}, {"backoffLimit", 0}});
  world.Settle();
  world.Exit(world.ActivePods()[0], 1);
  world.PatchJob(json::parse(R"({"spec":{"suspend":true}})"));
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), Contains("Failed=True(BackoffLimitExceeded)"));
}

}  // namespace
}  // namespace kless::controllers
