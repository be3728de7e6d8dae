// Counting: each pod exactly once (D2, D9 to D15).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(JobCountingTest, D2_StatusThenFinalizerThenStatus) {
  JobWorld world(json{{"completions", 2}, {"parallelism", 1}});
  world.Settle();
  world.log.clear();
  world.SetPhase(world.ActivePods()[0], "Succeeded");
  world.Step();
  EXPECT_THAT(world.log, ElementsAre("create", "update", "edit", "update"));
}

TEST(JobCountingTest, D2_SettledPodsLeaveTheCareWithTheFirstStatus) {
  JobWorld world(json{{"completions", 2}, {"parallelism", 2}});
  world.Settle();
  const auto pods = world.ActivePods();
  world.SetPhase(pods[0], "Succeeded");
  world.writes_left = 1;
  world.Step();
  EXPECT_THAT(world.care(), ElementsAre(pods[1]));
}

TEST(JobCountingTest, FailedPodsAreCountedAtOnceAndReplacedAfterTheBackoff) {
  JobWorld world(json{{"completions", 1}});
  world.Settle();
  world.SetPhase(world.ActivePods()[0], "Failed");
  world.Settle();
  EXPECT_EQ(world.Status()["failed"], 1);
  EXPECT_THAT(world.ActivePods(), IsEmpty());
  world.Wait();
  EXPECT_EQ(world.Status()["failed"], 1);
  EXPECT_EQ(world.Status()["active"], 1);
  EXPECT_THAT(world.PodNames(), SizeIs(2));
  EXPECT_THAT(world.ActivePods(), SizeIs(1));
}

TEST(JobCountingTest, D9_FinishedJobIsLeftAlone) {
  JobWorld world(json{{"completions", 1}});
  world.Settle();
  world.SetPhase(world.ActivePods()[0], "Succeeded");
  world.Settle();
  const json status = world.Status();
  world.PatchJob(json::parse(R"({"spec":{"parallelism":5}})"));
  world.DeletePod(world.PodNames()[0]);
  EXPECT_FALSE(world.Step());
  EXPECT_EQ(world.Status(), status);
}

TEST(JobCountingTest, D10_DeletedRunningPodCountsAsFailed) {
  JobWorld world(json{{"completions", 1}});
  world.Settle();
  const std::string pod = world.ActivePods()[0];
  world.Run(pod, true);
  world.Settle();
  world.DeletePod(pod);
  world.Settle();
  EXPECT_EQ(world.Status()["failed"], 1);
  EXPECT_EQ(world.Status()["terminating"], 1);
  EXPECT_FALSE(world.Status().contains("active")) << "the replacement waits for the back-off";
  world.Wait();
  EXPECT_EQ(world.now, kStart + 10 * kSecond);
  EXPECT_EQ(world.Status()["active"], 1);
  EXPECT_EQ(world.Status()["terminating"], 1);
  world.DeletePod(pod, 0);  // the kubelet's confirmation
  world.Settle();
  EXPECT_EQ(world.Status()["failed"], 1);
  EXPECT_EQ(world.Status()["terminating"], 0);
}

TEST(JobCountingTest, D12_D13_ForceDeletedPodsStayUntilTheyAreCounted) {
  JobWorld world(json{{"completions", 1}});
  world.Settle();
  const std::string pod = world.ActivePods()[0];
  world.SetPhase(pod, "Succeeded");
  world.DeletePod(pod, 0);
  EXPECT_THAT(world.PodNames(), SizeIs(1));
  world.Settle();
  EXPECT_THAT(world.PodNames(), IsEmpty());
  EXPECT_EQ(world.Status()["succeeded"], 1);
  EXPECT_FALSE(world.Status().contains("failed"));
}

TEST(JobCountingTest, D6_CompleteWaitsForTerminatingPods) {
  JobWorld world(json{{"completions", 2}, {"parallelism", 2}});
  world.Settle();
  const auto pods = world.ActivePods();
  for (const std::string& pod : pods) world.Run(pod, true);
  world.Settle();
  world.DeletePod(pods[0]);
  world.Settle();
  world.Wait();
  world.SetPhase(pods[1], "Succeeded");
  for (const std::string& pod : world.ActivePods()) world.SetPhase(pod, "Succeeded");
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()),
              ElementsAre("SuccessCriteriaMet=True(CompletionsReached)"));
  world.DeletePod(pods[0], 0);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), SizeIs(2));
}

TEST(JobCountingTest, D14_UidAmongTheFailedStaysFailed) {
  JobWorld world(json{{"completions", 1}});
  world.Settle();
  const std::string pod = world.ActivePods()[0];
  world.SetPhase(pod, "Failed");
  world.fault = [](const Write& write) -> std::optional<std::string> {
    if (write.Is<Edit>()) return "store is away";
    return std::nullopt;
  };
  world.Step();
  world.fault = nullptr;
  world.SetPhase(pod, "Succeeded");
  world.Settle();
  EXPECT_EQ(world.Status()["failed"], 1);
  EXPECT_FALSE(world.Status().contains("succeeded"));
}

TEST(JobCountingTest, D15_At_Most500ArePendingAtOnce) {
  JobWorld world(json{{"completions", 1200}, {"parallelism", 1200}});
  world.Settle();
  for (const std::string& pod : world.ActivePods()) world.SetPhase(pod, "Succeeded");
  world.ForgetStatuses();
  world.Settle();
  std::size_t most = 0;
  for (const json& status : world.statuses()) {
    const json& uncounted = status["uncountedTerminatedPods"];
    if (uncounted.contains("succeeded")) most = std::max(most, uncounted["succeeded"].size());
  }
  EXPECT_EQ(most, 500U);
  EXPECT_EQ(world.Status()["succeeded"], 1200);
  EXPECT_THAT(Conditions(world.Status()), SizeIs(2));
  EXPECT_THAT(world.statuses(), SizeIs(6));
  EXPECT_THAT(world.PodNames(), SizeIs(1200));
}

TEST(JobCountingTest, D15_IndexedSuccessesAreBoundedToo) {
  JobWorld world(json{{"completionMode", "Indexed"}, {"completions", 1200}, {"parallelism", 1200}});
  world.Settle();
  for (const std::string& pod : world.ActivePods()) world.SetPhase(pod, "Succeeded");
  world.Settle();
  EXPECT_EQ(world.Status()["succeeded"], 1200);
  EXPECT_EQ(world.Status()["completedIndexes"], "0-1199");
  EXPECT_THAT(Conditions(world.Status()), SizeIs(2));
  EXPECT_THAT(world.care(), IsEmpty());
}

TEST(JobCountingTest, D16_D17_ElasticIndexedJobShrinks) {
  JobWorld world(json{{"completionMode", "Indexed"}, {"completions", 5}, {"parallelism", 5}});
  world.Settle();
  world.SetPhase(world.PodWithIndex(4), "Succeeded");
  world.SetPhase(world.PodWithIndex(0), "Succeeded");
  world.Settle();
  EXPECT_EQ(world.Status()["completedIndexes"], "0,4");
  world.PatchJob(json::parse(R"({"spec":{"completions":3,"parallelism":3}})"));
  world.Settle();
  EXPECT_EQ(world.Status()["completedIndexes"], "0");
  EXPECT_EQ(world.Status()["succeeded"], 1);
  EXPECT_EQ(world.PodWithIndex(3), "");
  EXPECT_THAT(world.ActivePods(), SizeIs(2));
}

TEST(JobCountingTest, D5_TooManySuccessesAreSaid) {
  JobWorld world(json{{"completions", 2}, {"parallelism", 2}});
  world.Settle();
  for (const std::string& pod : world.ActivePods()) world.SetPhase(pod, "Succeeded");
  json extra = world.Pod(world.PodNames()[0]);
  extra["metadata"]["name"] = "j-extra";
  extra["metadata"]["uid"] = "extra";
  world.AddPod("default/j-extra", extra);
  world.Settle();
  EXPECT_EQ(world.Status()["succeeded"], 3);
  EXPECT_THAT(world.events,
              ::testing::Contains("Warning TooManySucceededPods Too many succeeded pods running "
                                  "after completion count reached"));
}

}  // namespace
}  // namespace kless::controllers
