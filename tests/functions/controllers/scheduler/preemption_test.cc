// Priorities, preemption, nominations.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/controllers/scheduler/messages.h"
#include "tests/functions/controllers/scheduler/world.h"

namespace kless::controllers::scheduler {
namespace {

json Pod(const char* cpu, const char* priority_class, const char* node = nullptr) {
  json attributes = {{"cpu", cpu}};
  if (*priority_class != '\0') attributes["priorityClassName"] = priority_class;
  if (node != nullptr) attributes["nodeName"] = node;
  return attributes;
}
json AtOnce(json attributes) {
  attributes["tgps"] = 0;
  return attributes;
}

using Names = std::vector<std::string>;

// A node with 3 cpus, and pods of 1 cpu with priorities 10, 20, 30.
class SchedulerPreemptionTest : public testing::Test {
 protected:
  void Fill(bool graceful) {
    world.AddNode("n1", {{"cpu", "3"}});
    for (const char* priority : {"10", "20", "30"}) {
      const std::string name = "p" + std::string(priority);
      const json pod = Pod("1", name.c_str());
      world.AddPod("v" + std::string(priority), graceful ? pod : AtOnce(pod));
    }
  }
  World world;
};

TEST_F(SchedulerPreemptionTest, SC38_PrioritiesComeFromTheSpec) {
  world.AddNode("n1", {{"cpu", "1"}});
  world.AddPod("zero", Pod("1", ""));
  world.AddPod("ten", Pod("1", "p10"));
  EXPECT_EQ(world.Nominated("ten"), "n1") << "no class means priority 0";
}

TEST_F(SchedulerPreemptionTest, SC39_TheLeastImportantPodMakesRoom) {
  Fill(true);
  world.AddPod("hi", Pod("1", "p100"));
  EXPECT_EQ(world.Message("hi"), "0/1 nodes are available: 1 Insufficient cpu.");
  EXPECT_EQ(world.Nominated("hi"), "n1");
  EXPECT_EQ(world.Terminating(), Names{"v10"});
  const json condition = world.Condition("v10", "DisruptionTarget");
  EXPECT_EQ(condition["reason"], "PreemptionByScheduler");
  EXPECT_EQ(condition["message"],
            "default-scheduler: preempting to accommodate a higher priority pod");
  EXPECT_EQ(condition["observedGeneration"], 1);
  const std::string uid = world.Get("pod", "hi")["metadata"]["uid"];
  EXPECT_EQ(world.events.back(), "Normal Preempted v10: Preempted by pod " + uid + " on node n1");
  world.AddPod("lo", Pod("1", ""));
  EXPECT_EQ(world.NodeOf("lo"), "");
  world.ForceDelete("v10");
  world.Run();
  EXPECT_EQ(world.NodeOf("hi"), "n1");
  EXPECT_EQ(world.Nominated("hi"), "");
  EXPECT_EQ(world.Condition("hi", "PodScheduled")["status"], "True");
  EXPECT_EQ(world.NodeOf("lo"), "");
}

TEST_F(SchedulerPreemptionTest, SC40_PodsThatCanStayAreReprieved) {
  Fill(false);
  world.AddPod("hi", Pod("2", "p100"));
  EXPECT_EQ(world.NodeOf("hi"), "n1");
  EXPECT_FALSE(world.Has("pod", "v10"));
  EXPECT_FALSE(world.Has("pod", "v20"));
  EXPECT_EQ(world.NodeOf("v30"), "n1");
}

TEST_F(SchedulerPreemptionTest, SC41_TheNodeOfTheLowestHighestVictimIsChosen) {
  for (const char* node : {"n1", "n2"}) world.AddNode(node, {{"cpu", "1"}});
  world.AddPod("a", Pod("1", "p20", "n1"));
  world.AddPod("b", Pod("1", "p10", "n2"));
  world.AddPod("hi", Pod("1", "p100"));
  EXPECT_EQ(world.Nominated("hi"), "n2");
  EXPECT_EQ(world.Terminating(), Names{"b"});
}

TEST_F(SchedulerPreemptionTest, SC42_FewerVictimsOfOnePriorityAreChosen) {
  for (const char* node : {"n1", "n2"}) world.AddNode(node, {{"cpu", "2"}});
  world.AddPod("a1", Pod("1", "p10", "n1"));
  world.AddPod("a2", Pod("1", "p10", "n1"));
  world.AddPod("b1", Pod("2", "p10", "n2"));
  world.AddPod("hi", Pod("2", "p100"));
  EXPECT_EQ(world.Terminating(), Names{"b1"});
}

TEST_F(SchedulerPreemptionTest, SC43_TheLatestStartedPodGoes) {
  for (const char* node : {"n1", "n2"}) world.AddNode(node, {{"cpu", "2"}});
  int minute = 0;
  for (const char* pod : {"a1", "b1", "a2", "b2"}) {
    world.AddPod(pod, Pod("1", "p10", pod[0] == 'a' ? "n1" : "n2"));
    const std::string time = "2026-01-01T00:0" + std::to_string(minute++) + ":00Z";
    world.Patch("pod", pod, {{"status", {{"startTime", time}}}});
  }
  world.AddPod("hi", Pod("1", "p100"));
  EXPECT_EQ(world.Nominated("hi"), "n2");
  EXPECT_EQ(world.Terminating(), Names{"b2"});
}

void Protect(World& world) {
  world.Put("poddisruptionbudget", "g",
            {{"spec", {{"selector", {{"matchLabels", {{"app", "g"}}}}}}},
             {"status", {{"disruptionsAllowed", 0}}}});
}

TEST_F(SchedulerPreemptionTest, SC44_ANodeWithoutViolationWins) {
  Protect(world);
  for (const char* node : {"n1", "n2"}) world.AddNode(node, {{"cpu", "1"}});
  json guarded = Pod("1", "p10", "n1");
  guarded["labels"] = {{"app", "g"}};
  world.AddPod("a", guarded);
  world.AddPod("b", Pod("1", "p20", "n2"));
  world.AddPod("hi", Pod("1", "p100"));
  EXPECT_EQ(world.Terminating(), Names{"b"});
}

TEST_F(SchedulerPreemptionTest, SC45_AProtectedPodGoesLastButItGoes) {
  Protect(world);
  world.AddNode("n1", {{"cpu", "2"}});
  json guarded = Pod("1", "p10");
  guarded["labels"] = {{"app", "g"}};
  world.AddPod("v10", guarded);
  world.AddPod("v20", Pod("1", "p20"));
  world.AddPod("hi", Pod("1", "p100"));
  EXPECT_EQ(world.Terminating(), Names{"v20"});
  world.ForceDelete("v20");
  world.Run();
  world.AddPod("hi2", Pod("1", "p100"));
  EXPECT_EQ(world.Terminating(), Names{"v10"});
}

TEST_F(SchedulerPreemptionTest, SC46_WhoMayNotPreemptSaysWhy) {
  world.AddNode("n1", {{"cpu", "1"}});
  world.AddNode(
      "n2", {{"cpu", "1"}, {"taints", json::array({{{"key", "k"}, {"effect", "NoSchedule"}}})}});
  world.AddPod("v10", Pod("1", "p10"));
  const std::string reasons =
      "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). {NCP}";
  world.AddPod("never", Pod("1", "never100"));
  EXPECT_EQ(world.Message("never"),
            Expand(reasons + "not eligible due to preemptionPolicy=Never."));
  world.AddPod("equal", Pod("1", "p10"));
  EXPECT_EQ(world.Message("equal"), Expand(reasons + "0/2 nodes are available: 1 {NPV}, 1 {PNH}."));
  world.AddPod("toobig", Pod("2", "p1000"));
  EXPECT_EQ(world.Message("toobig"), Expand(reasons + "0/2 nodes are available: 2 {PNH}."));
  EXPECT_TRUE(world.Terminating().empty());
}

TEST_F(SchedulerPreemptionTest, SC47_ANominatedPodCountsForLowerOnesAndKeepsItsNomination) {
  world.AddNode("n1", {{"cpu", "1"}});
  world.AddPod("v", Pod("1", "p10"));
  world.AddPod("hi", Pod("1", "p100"));
  world.AddPod("lower", Pod("1", "p30"));
  EXPECT_EQ(world.Message("lower"),
            Expand("0/1 nodes are available: 1 Insufficient cpu. {NCP}0/1 nodes are available: 1 "
                   "Insufficient cpu."));
  const std::size_t events = world.events.size();
  world.AddPod("higher", Pod("1", "p1000"));
  EXPECT_EQ(world.Nominated("higher"), "n1");
  EXPECT_EQ(world.Nominated("hi"), "n1");
  EXPECT_EQ(world.events.size(), events + 1) << "FailedScheduling, and no second Preempted";
  world.ForceDelete("v");
  world.Run();
  EXPECT_EQ(world.NodeOf("higher"), "n1");
  EXPECT_EQ(world.Message("hi"), Expand("0/1 nodes are available: 1 Insufficient cpu. {NCP}0/1 "
                                        "nodes are available: 1 {NPV}."));
  EXPECT_EQ(world.Nominated("hi"), "");
}

TEST_F(SchedulerPreemptionTest, SC47b_APreemptorWaitsForItsTerminatingVictim) {
  world.AddNode("n1", {{"cpu", "3"}});
  world.AddPod("v", Pod("1", "p10"));
  world.AddPod("w", Pod("500m", "p1000"));
  world.AddPod("u", Pod("1500m", "p1000"));
  world.AddPod("hi", Pod("1", "p100"));
  world.ForceDelete("w");
  world.Run();
  EXPECT_EQ(world.Message("hi"),
            Expand("0/1 nodes are available: 1 Insufficient cpu. {NCP}not eligible due to a "
                   "terminating pod on the nominated node."));
  EXPECT_EQ(world.Nominated("hi"), "n1");
  EXPECT_EQ(world.Terminating(), Names{"v"});
  world.ForceDelete("v");
  world.Run();
  EXPECT_EQ(world.NodeOf("hi"), "n1");
}

TEST_F(SchedulerPreemptionTest, SC48_HigherPriorityFirstThenOlder) {
  world.AddNode("n0");
  const char* const classes[] = {"", "p10", "p100", "p10"};
  for (int i = 0; i < 4; ++i) {
    json pod = Pod("1", classes[i]);
    pod["nodeSelector"] = {{"slot", "1"}};
    world.AddPod("z" + std::to_string(i + 1), pod);
    world.now += kNanosPerSecond / 10;
  }
  world.attempts.clear();
  world.Patch("node", "n0", {{"metadata", {{"labels", {{"slot", "1"}}}}}});
  world.Run();
  EXPECT_EQ(world.attempts, (Names{"z3", "z2", "z4", "z1"}));
}

TEST_F(SchedulerPreemptionTest, SC49_PreemptionFreesSlotsAndPorts) {
  world.AddNode("n1", {{"pods", "1"}});
  json port = {{"ports", json::array({{{"containerPort", 80}, {"hostPort", 80}}})}, {"tgps", 0}};
  port["priorityClassName"] = "p10";
  world.AddPod("v", port);
  world.AddPod("slot", {{"priorityClassName", "p100"}, {"tgps", 0}});
  EXPECT_EQ(world.NodeOf("slot"), "n1");
  EXPECT_EQ(world.Message("slot"), "(no condition)");
  world.AddNode("n2");
  port["nodeName"] = "n2";
  world.AddPod("w", port);
  port.erase("nodeName");
  port["priorityClassName"] = "p100";
  port["nodeSelector"] = {{"kubernetes.io/hostname", "n2"}};
  world.AddPod("ported", port);
  EXPECT_EQ(world.NodeOf("ported"), "n2");
  EXPECT_FALSE(world.Has("pod", "w"));
}

TEST_F(SchedulerPreemptionTest, SC39_AntiAffinityIsPreemptedToo) {
  world.AddNode("n1");
  json apart = {{"labels", {{"app", "w"}}},
                {"priorityClassName", "p10"},
                {"affinity",
                 {{"podAntiAffinity",
                   {{"required", json::array({{{"labelSelector", {{"matchLabels", {{"app", "w"}}}}},
                                               {"topologyKey", "kubernetes.io/hostname"}}})}}}}}};
  world.AddPod("low", apart);
  apart["priorityClassName"] = "p100";
  world.AddPod("hi", apart);
  EXPECT_EQ(world.Nominated("hi"), "n1");
  EXPECT_EQ(world.Terminating(), Names{"low"});
}

TEST_F(SchedulerPreemptionTest, SC39_ANominationSurvivesARebuildFromAList) {
  Fill(true);
  world.AddPod("hi", Pod("1", "p100"));
  SchedulerCore rebuilt;
  const auto observe = [&](const std::string& type, const std::string& name) {
    auto item = std::make_shared<Item>();
    item->document = world.Get(type, name).dump();
    item->version = 1;
    const ResourceId id{type, type == "pod" ? "t/" + name : name};
    rebuilt.Observe(id, nullptr, item, world.now);
  };
  observe("node", "n1");
  for (const char* pod : {"hi", "v10", "v20", "v30"}) observe("pod", pod);
  ASSERT_TRUE(rebuilt.HasActive(world.now));
  const auto decision = rebuilt.Next(world.now);
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->message,
            Expand("0/1 nodes are available: 1 Insufficient cpu. {NCP}not eligible due to a "
                   "terminating pod on the nominated node."));
  EXPECT_FALSE(decision->nominated_node);
  EXPECT_FALSE(rebuilt.HasActive(world.now));
}

TEST_F(SchedulerPreemptionTest, SC39_AfterAFailedEvictionThePodTriesAgain) {
  Fill(true);
  world.CreatePod("hi", Pod("1", "p100"));
  const auto decision = world.core.Next(world.now);
  ASSERT_TRUE(decision);
  ASSERT_EQ(decision->victims.size(), 1U);
  EXPECT_FALSE(world.core.HasActive(world.now));
  world.core.PreemptionFailed(decision->pod.name, decision->uid, world.now);
  world.Run();
  EXPECT_EQ(world.Terminating(), Names{"v10"});
}

}  // namespace
}  // namespace kless::controllers::scheduler
