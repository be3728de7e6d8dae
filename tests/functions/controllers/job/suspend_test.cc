// Suspension beyond the recorded history (job_history_test): E12, E13, E16.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(JobSuspendTest, E12_TerminatedPodsStayCounted) {
  JobWorld world(json{{"completions", 3}, {"parallelism", 2}});
  world.Settle();
  world.SetPhase(world.ActivePods()[0], "Succeeded");
  world.Settle();
  world.PatchJob(json::parse(R"({"spec":{"suspend":true}})"));
  world.Settle();
  EXPECT_EQ(world.Status()["succeeded"], 1);
  EXPECT_FALSE(world.Status().contains("failed"));
  EXPECT_FALSE(world.Status().contains("startTime"));
  EXPECT_THAT(world.ActivePods(), IsEmpty());
  EXPECT_THAT(world.care(), IsEmpty());
}

TEST(JobSuspendTest, E12_BoundPodsAreTerminatingUntilTheyAreGone) {
  JobWorld world(json{{"completions", 2}, {"parallelism", 2}});
  world.Settle();
  const auto pods = world.ActivePods();
  for (const std::string& pod : pods) world.Run(pod, true);
  world.Settle();
  world.PatchJob(json::parse(R"({"spec":{"suspend":true}})"));
  world.Settle();
  EXPECT_EQ(world.Status()["terminating"], 2);
  EXPECT_EQ(world.Status()["ready"], 0);
  for (const std::string& pod : pods) world.DeletePod(pod, 0);
  world.Settle();
  EXPECT_EQ(world.Status()["terminating"], 0);
}

TEST(JobSuspendTest, E13_ResumeStartsAgain) {
  JobWorld world(json{{"completions", 1}, {"suspend", true}});
  world.Settle();
  world.now += 60 * kSecond;
  world.PatchJob(json::parse(R"({"spec":{"suspend":false}})"));
  world.Settle();
  EXPECT_EQ(world.Status()["startTime"], "2026-01-01T00:01:00Z");
  EXPECT_THAT(Conditions(world.Status()), ElementsAre("Suspended=False(JobResumed)"));
  EXPECT_THAT(world.ActivePods(), SizeIs(1));
}

TEST(JobSuspendTest, E16_FreshJobHasNoCondition) {
  JobWorld world(json{{"completions", 1}});
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), IsEmpty());
  EXPECT_FALSE(world.Status().contains("conditions"));
}

}  // namespace
}  // namespace kless::controllers
