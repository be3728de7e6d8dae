// Events that cause a retry, back-offs, the five-minute flush.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/scheduler/world.h"

namespace kless::controllers::scheduler {
namespace {

class SchedulerRetryTest : public testing::Test {
 protected:
  // Attempts since the last call.
  std::size_t Tries() {
    world.Run();
    const std::size_t tries = world.attempts.size() - seen_;
    seen_ = world.attempts.size();
    return tries;
  }
  World world;

 private:
  std::size_t seen_ = 0;
};

TEST_F(SchedulerRetryTest, SC50_ANewNodeIsTriedAtOnceHoweverShortTheBackOff) {
  world.AddNode("n0", {{"cpu", "1"}});
  for (const std::int64_t milliseconds : {100, 500, 1500, 3000, 12000}) {
    world.AddPod("p", {{"cpu", "2"}});
    EXPECT_EQ(Tries(), 1U);
    world.Advance(milliseconds * 1'000'000);
    EXPECT_EQ(Tries(), 0U);
    world.AddNode("new");
    EXPECT_EQ(Tries(), 2U) << "on its taint, then without";
    EXPECT_EQ(world.NodeOf("p"), "new");
    world.ForceDelete("p");
    world.Remove("node", "new");
  }
  world.AddPod("p", {{"cpu", "2"}});
  EXPECT_EQ(Tries(), 1U);
  world.Patch("node", "n0", {{"status", {{"allocatable", {{"cpu", "4"}}}}}});
  EXPECT_EQ(Tries(), 1U);
  EXPECT_EQ(world.NodeOf("p"), "n0");
}

TEST_F(SchedulerRetryTest, SC51_AnIdleSchedulerShowsNoBackOff) {
  world.AddNode("n0", {{"cpu", "1"}, {"labels", {{"x", "z"}}}});
  world.AddPod("p", {{"cpu", "8"}, {"nodeSelector", {{"x", "y"}}}});
  EXPECT_EQ(Tries(), 1U);
  for (int i = 0; i < 56; ++i) {
    world.AddNode("useless", {{"labels", {{"x", "y"}}}});
    EXPECT_EQ(Tries(), 2U) << i;
    world.Remove("node", "useless");
    EXPECT_EQ(Tries(), 0U);
    world.Advance(kNanosPerSecond / 4);
  }
}

TEST_F(SchedulerRetryTest, SC51_APodThatBacksOffComesBehindActiveOnes) {
  world.AddNode("n0", {{"cpu", "1"}});
  world.AddPod("first", {{"cpu", "8"}, {"priorityClassName", "p1000"}});
  world.CreatePod("second", {{"cpu", "9"}});
  world.Patch("node", "n0", {{"status", {{"allocatable", {{"cpu", "10"}}}}}});
  world.attempts.clear();
  world.Run();
  // `first` has the higher priority, but its back-off has not ended.
  EXPECT_EQ(world.attempts, (std::vector<std::string>{"second", "first"}));
}

TEST_F(SchedulerRetryTest, SC52_OnlyEventsThatMayHelpAreTried) {
  for (const char* node : {"n1", "n2"}) world.AddNode(node, {{"cpu", "2"}});
  world.AddPod("big", {{"cpu", "4"}});
  EXPECT_EQ(Tries(), 1U);
  world.Patch("node", "n1", {{"metadata", {{"labels", {{"a", "b"}}}}}});
  world.Patch("node", "n1", {{"metadata", {{"annotations", {{"a", "b"}}}}}});
  world.Patch("node", "n1", {{"status", {{"conditions", json::array({{{"type", "Ready"}}})}}}});
  world.Patch("node", "n1", {{"status", {{"allocatable", {{"cpu", "3"}}}}}});
  EXPECT_EQ(Tries(), 0U);
  world.SetTaints("n1", json::array({{{"key", "k"}, {"effect", "NoSchedule"}}}));
  EXPECT_EQ(Tries(), 1U) << "any taint change, also one that only closes a node";
  world.SetTaints("n1", json::array());
  EXPECT_EQ(Tries(), 1U);
  world.Patch("node", "n1", {{"spec", {{"unschedulable", true}}}});
  EXPECT_EQ(Tries(), 0U) << "a cordon wakes through its taint";
  world.Patch("node", "n1", {{"spec", {{"unschedulable", nullptr}}}});
  EXPECT_EQ(Tries(), 1U) << "its end wakes by itself";
  world.AddPod("empty", {{"nodeName", "n2"}});
  EXPECT_EQ(Tries(), 0U);
  world.ForceDelete("empty");
  EXPECT_EQ(Tries(), 1U) << "any bound pod that goes";
  world.AddNode("n3", {{"cpu", "2"}});
  EXPECT_EQ(Tries(), 1U) << "not the node, but the end of its not-ready taint";
  world.Remove("node", "n3");
  EXPECT_EQ(Tries(), 0U);
}

TEST_F(SchedulerRetryTest, SC52_ItsOwnConditionDoesNotWakeAPod) {
  world.AddNode("n1", {{"cpu", "1"}});
  world.AddPod("big", {{"cpu", "4"}});
  EXPECT_EQ(Tries(), 1U);
  world.Patch("pod", "big", {{"metadata", {{"labels", {{"a", "b"}}}}}});
  world.Patch("pod", "big", {{"status", {{"message", "x"}}}});
  EXPECT_EQ(Tries(), 0U);
}

TEST_F(SchedulerRetryTest, SC53_TheFlushComesAtTheFirstTickAfterFiveMinutes) {
  world.AddNode("n1", {{"cpu", "1"}});  // the scheduler's start: ticks count from its first pod
  world.AddPod("early");
  world.now += 7 * kNanosPerSecond;
  world.AddPod("big", {{"cpu", "4"}});
  EXPECT_EQ(Tries(), 2U);
  EXPECT_EQ(world.core.NextWake(), kStart + 330 * kNanosPerSecond);
  world.Advance(322 * kNanosPerSecond);
  EXPECT_EQ(Tries(), 0U);
  world.Advance(kNanosPerSecond);
  EXPECT_EQ(Tries(), 1U);
  EXPECT_EQ(world.core.NextWake(), kStart + 660 * kNanosPerSecond);
  EXPECT_TRUE(world.decisions["big"].repeats_message);
  // The same outcome: the condition is not written again, the event is repeated.
  EXPECT_EQ(world.Condition("big", "PodScheduled")["lastTransitionTime"], "2026-01-01T00:00:07Z");
  EXPECT_EQ(std::count(world.events.begin(), world.events.end(), world.events.back()), 2);
}

TEST_F(SchedulerRetryTest, SC54_NoHeadOfLineBlocking) {
  world.AddNode("n1", {{"cpu", "2"}});
  world.AddPod("hold", {{"cpu", "2"}});
  for (const auto& [pod, cpu] :
       std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}, {"c", "1"}}) {
    world.AddPod(pod, {{"cpu", cpu}});
  }
  world.ForceDelete("hold");
  world.Run();
  EXPECT_EQ(world.NodeOf("a"), "n1");
  EXPECT_EQ(world.NodeOf("b"), "");
  EXPECT_EQ(world.NodeOf("c"), "n1");
}

TEST_F(SchedulerRetryTest, SC56_SC57_EveryPodOfABurstIsDecidedAtOnceInOrderOfEntry) {
  world.AddNode("n1", {{"cpu", "64"}, {"mem", "64Gi"}, {"pods", "1000"}});
  for (int i = 0; i < 500; ++i) world.CreatePod("p" + std::to_string(i), {{"cpu", "100m"}});
  world.Run();
  ASSERT_EQ(world.attempts.size(), 500U);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(world.attempts[i], "p" + std::to_string(i));
  EXPECT_FALSE(world.core.NextWake());
  EXPECT_EQ(world.core.pending(), 0U);
}

TEST_F(SchedulerRetryTest, AFailedBindingGivesThePlaceBackAndBacksOffUntilASecondHasEnded) {
  world.AddNode("n1", {{"cpu", "1"}});
  world.now += kNanosPerSecond * 6 / 10;
  world.bindings_fail = true;
  world.AddPod("a", {{"cpu", "1"}});
  EXPECT_EQ(Tries(), 1U);
  world.bindings_fail = false;
  world.AddPod("b", {{"cpu", "1"}});
  EXPECT_EQ(world.NodeOf("b"), "n1");
  world.ForceDelete("b");
  EXPECT_EQ(Tries(), 1U) << "only b: an error backs off in full";
  // 1.6 s, cut down to 1 s; within that second it still backs off.
  EXPECT_EQ(world.core.NextWake(), kStart + 2 * kNanosPerSecond);
  world.bindings_fail = true;
  for (const std::int64_t seconds : {2, 5, 10, 19, 30}) {
    EXPECT_EQ(world.core.NextWake(), kStart + seconds * kNanosPerSecond);
    world.now = kStart + seconds * kNanosPerSecond;
    EXPECT_EQ(Tries(), 1U);
  }
}

TEST_F(SchedulerRetryTest, ManyEqualPodsFailAlikeAndAreAllWokenByOneEvent) {
  world.AddNode("n1", {{"cpu", "1"}});
  world.AddPod("hold", {{"cpu", "1"}});
  for (int i = 0; i < 20; ++i) world.AddPod("p" + std::to_string(i), {{"cpu", "1"}});
  EXPECT_EQ(Tries(), 21U);
  world.ForceDelete("hold");
  EXPECT_EQ(Tries(), 20U);
  EXPECT_EQ(world.NodeOf("p0"), "n1");
  for (int i = 1; i < 20; ++i) {
    EXPECT_EQ(world.Message("p" + std::to_string(i)),
              Expand("0/1 nodes are available: 1 Insufficient cpu. {NCP}0/1 nodes are available: 1 "
                     "{NPV}."));
  }
}

}  // namespace
}  // namespace kless::controllers::scheduler
