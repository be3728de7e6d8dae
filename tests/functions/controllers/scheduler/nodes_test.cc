// Cordons, taints, and the node controllers' reactions to conditions.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/scheduler/world.h"

namespace kless::controllers::scheduler {
namespace {

json TaintOf(const std::string& key, const std::string& effect, const std::string& value = "") {
  json taint = {{"key", key}, {"effect", effect}};
  if (!value.empty()) taint["value"] = value;
  return taint;
}

const char* const kTainted =
    "0/1 nodes are available: 1 node(s) had untolerated taint(s). {NCP}0/1 nodes are available: 1 "
    "{PNH}.";

TEST(SchedulerNodesTest, SC12_ACordonIsToleratedThroughItsTaintAndItsEndRetriesAtOnce) {
  World world;
  world.AddNode("n1");
  world.Patch("node", "n1", {{"spec", {{"unschedulable", true}}}});
  world.AddPod("a");
  EXPECT_EQ(world.Message("a"), Expand("0/1 nodes are available: 1 node(s) were unschedulable. "
                                       "{NCP}0/1 nodes are available: 1 {PNH}."));
  const json taint = TaintOf("node.kubernetes.io/unschedulable", "NoSchedule");
  world.SetTaints("n1", json::array({taint}));
  world.Run();
  world.AddPod("b",
               {{"tolerations", json::array({{{"key", taint["key"]}, {"operator", "Exists"}}})}});
  EXPECT_EQ(world.NodeOf("b"), "n1");
  world.AddPod("c", {{"tolerations", json::array({{{"operator", "Exists"}}})}});
  EXPECT_EQ(world.NodeOf("c"), "n1");
  world.Patch("node", "n1", {{"spec", {{"unschedulable", nullptr}}}});
  world.Run();
  EXPECT_EQ(world.Message("a"), Expand(kTainted));
  world.SetTaints("n1", json::array());
  world.Run();
  EXPECT_EQ(world.NodeOf("a"), "n1");
}

TEST(SchedulerNodesTest, SC13_ANodeTakesPodsWhenItsNotReadyTaintIsGone) {
  World world;
  world.AddNode("n1");
  world.SetTaints("n1", json::array({TaintOf("node.kubernetes.io/not-ready", "NoSchedule")}));
  world.AddPod("a");
  EXPECT_EQ(world.Message("a"), Expand(kTainted));
  world.SetTaints("n1", json::array());
  world.Run();
  EXPECT_EQ(world.NodeOf("a"), "n1");
}

TEST(SchedulerNodesTest, SC14_PressureTaintsAreToleratedByNoQualityOfService) {
  World world;
  world.AddNode("n1");
  world.AddNode("n2");
  world.SetTaints("n1", json::array({TaintOf("node.kubernetes.io/memory-pressure", "NoSchedule")}));
  world.SetTaints("n2",
                  json::array({TaintOf("node.kubernetes.io/network-unavailable", "NoSchedule")}));
  world.AddPod("besteffort");
  world.AddPod("burstable", {{"cpu", "100m"}});
  const std::string message = Expand(
      "0/2 nodes are available: 2 node(s) had untolerated taint(s). {NCP}0/2 nodes are available: "
      "2 {PNH}.");
  EXPECT_EQ(world.Message("besteffort"), message);
  EXPECT_EQ(world.Message("burstable"), message);
}

TEST(SchedulerNodesTest, SC15_WhichTolerationsHold) {
  const Taint taint{"k", "v", TaintEffect::kNoSchedule};
  EXPECT_TRUE(Tolerates({"k", "v", "", false}, taint));
  EXPECT_TRUE(Tolerates({"k", "v", "NoSchedule", false}, taint));
  EXPECT_TRUE(Tolerates({"k", "", "", true}, taint));
  EXPECT_TRUE(Tolerates({"", "", "", true}, taint));
  EXPECT_FALSE(Tolerates({"k", "w", "", false}, taint));
  EXPECT_FALSE(Tolerates({"k", "v", "NoExecute", false}, taint));
  EXPECT_FALSE(Tolerates({"other", "", "", true}, taint));
  EXPECT_TRUE(Tolerates({"z", "", "", false}, {"z", "", TaintEffect::kNoSchedule}));

  World world;
  world.AddNode(
      "n1",
      {{"taints", json::array({TaintOf("k", "NoSchedule", "v"), TaintOf("l", "NoExecute")})}});
  world.AddPod("one", {{"tolerations", json::array({{{"key", "k"}, {"value", "v"}}})}});
  EXPECT_EQ(world.Message("one"), Expand(kTainted)) << "all taints have to be tolerated";
  world.AddPod("both", {{"tolerations", json::array({{{"key", "k"}, {"value", "v"}},
                                                     {{"key", "l"}, {"operator", "Exists"}}})}});
  EXPECT_EQ(world.NodeOf("both"), "n1");
}

TEST(SchedulerNodesTest, SC16_PreferNoScheduleOutweighsResources) {
  World world;
  world.AddNode(
      "n1",
      {{"cpu", "8"}, {"mem", "16Gi"}, {"taints", json::array({TaintOf("p", "PreferNoSchedule")})}});
  world.AddNode("n2", {{"cpu", "2"}, {"mem", "4Gi"}});
  world.AddPod("a", {{"cpu", "1"}, {"mem", "2Gi"}});
  EXPECT_EQ(world.NodeOf("a"), "n2");
  ASSERT_EQ(world.decisions["a"].scores.size(), 2U);
  EXPECT_EQ(world.decisions["a"].scores[0].total, 162);
  EXPECT_EQ(world.decisions["a"].scores[1].total, 425);
  world.AddPod(
      "tolerant",
      {{"cpu", "500m"},
       {"mem", "1Gi"},
       {"tolerations",
        json::array({{{"key", "p"}, {"operator", "Exists"}, {"effect", "PreferNoSchedule"}}})}});
  EXPECT_EQ(world.NodeOf("tolerant"), "n1");
}

TEST(SchedulerNodesTest, SC17_SC19_NoExecuteTaintsKeepNewPodsAway) {
  World world;
  world.AddNode("n1");
  world.AddPod("old");
  world.SetTaints("n1", json::array({TaintOf("node.kubernetes.io/unreachable", "NoSchedule"),
                                     TaintOf("node.kubernetes.io/unreachable", "NoExecute")}));
  world.AddPod("new");
  EXPECT_EQ(world.NodeOf("old"), "n1");
  EXPECT_EQ(world.Message("new"), Expand(kTainted));
}

TEST(SchedulerNodesTest, SC18_TheDefaultTolerationsDoNotOpenANotReadyNode) {
  World world;
  world.AddNode("n1");
  world.SetTaints("n1", json::array({TaintOf("node.kubernetes.io/not-ready", "NoSchedule"),
                                     TaintOf("node.kubernetes.io/not-ready", "NoExecute")}));
  world.AddPod("a");
  const json tolerations = world.Get("pod", "a")["spec"]["tolerations"];
  EXPECT_EQ(tolerations.size(), 2U);
  EXPECT_EQ(world.Message("a"), Expand(kTainted));
}

TEST(SchedulerNodesTest, TheListTakesOneNodeOfEachZoneInTurn) {
  World world;
  for (const char* node : {"a1", "a2", "a3"}) world.AddNode(node, {{"zone", "a"}});
  for (const char* node : {"b1", "b2"}) world.AddNode(node, {{"zone", "b"}});
  const auto names = [&] {
    std::string all;
    for (const NodeState* node : world.core.cluster().nodes()) all += node->name + " ";
    return all;
  };
  EXPECT_EQ(names(), "a1 b1 a2 b2 a3 ");
  world.Remove("node", "a1");
  EXPECT_EQ(names(), "a2 b1 a3 b2 ");
  world.Patch("node", "b1", {{"metadata", {{"labels", {{"topology.kubernetes.io/zone", "c"}}}}}});
  EXPECT_EQ(names(), "a2 b2 b1 a3 ");
}

TEST(SchedulerNodesTest, ASearchStopsAtAShareOfManyNodesAndContinuesThere) {
  EXPECT_EQ(FeasibleNodesWanted(99), 99U);
  EXPECT_EQ(FeasibleNodesWanted(100), 100U);
  EXPECT_EQ(FeasibleNodesWanted(1000), 420U);
  EXPECT_EQ(FeasibleNodesWanted(5000), 500U);
  EXPECT_EQ(FeasibleNodesWanted(10000), 500U);
  World world;
  for (int i = 0; i < 250; ++i) world.AddNode("n" + std::to_string(i));
  // 250 nodes: 48 % are 120.
  for (const auto& [pod, node] : std::map<std::string, std::string>{
           {"a", "n0"}, {"b", "n120"}, {"c", "n240"}, {"d", "n110"}}) {
    world.AddPod(pod);
    EXPECT_EQ(world.NodeOf(pod), node);
    EXPECT_EQ(world.decisions[pod].scores.size(), 120U);
  }
}

}  // namespace
}  // namespace kless::controllers::scheduler
