// Work queues: Jobs without completions (C11).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(JobWorkQueueTest, C11_AfterTheFirstSuccessNothingIsCreated) {
  JobWorld world(json{{"parallelism", 3}});
  world.Settle();
  const auto pods = world.ActivePods();
  EXPECT_THAT(pods, SizeIs(3));
  world.SetPhase(pods[0], "Failed");
  world.Settle();
  world.Wait();
  EXPECT_THAT(world.ActivePods(), SizeIs(3));
  world.SetPhase(pods[1], "Succeeded");
  world.Settle();
  EXPECT_THAT(world.ActivePods(), SizeIs(2));
  world.SetPhase(world.ActivePods()[0], "Failed");
  world.Settle();
  EXPECT_THAT(world.ActivePods(), SizeIs(1));
  EXPECT_THAT(Conditions(world.Status()), IsEmpty());
  world.SetPhase(world.ActivePods()[0], "Failed");
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), SizeIs(2));
  EXPECT_EQ(world.Status()["succeeded"], 1);
  EXPECT_EQ(world.Status()["failed"], 3);
}

}  // namespace
}  // namespace kless::controllers
