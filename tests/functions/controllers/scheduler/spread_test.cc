// Topology spread constraints, and how pods distribute over equal nodes.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/functions/controllers/scheduler/world.h"

namespace kless::controllers::scheduler {
namespace {

constexpr const char* kHostLabel = "kubernetes.io/hostname";
constexpr const char* kZoneLabel = "topology.kubernetes.io/zone";

json Constraint(const char* key, const char* unsatisfiable, int max_skew = 1) {
  return {{"maxSkew", max_skew},
          {"topologyKey", key},
          {"whenUnsatisfiable", unsatisfiable},
          {"labelSelector", {{"matchLabels", {{"app", "s"}}}}}};
}
json Spread(const json& constraint) {
  return {{"labels", {{"app", "s"}}}, {"topologySpreadConstraints", json::array({constraint})}};
}

class SchedulerSpreadTest : public testing::Test {
 protected:
  SchedulerSpreadTest() {
    for (const char* zone : {"a", "b", "c"}) {
      world.AddNode(std::string("n") + zone, {{"zone", zone}});
    }
  }
  int On(const std::string& node) {
    const NodeState* state = nullptr;
    for (const NodeState* candidate : world.core.cluster().nodes()) {
      if (candidate->name == node) state = candidate;
    }
    return state == nullptr ? -1 : static_cast<int>(state->pods.size());
  }
  World world;
};

TEST_F(SchedulerSpreadTest, SC27_HardConstraintsKeepZonesEven) {
  const json pod = Spread(Constraint(kZoneLabel, "DoNotSchedule"));
  for (int i = 0; i < 6; ++i) {
    world.AddPod("p" + std::to_string(i), pod);
    if (i == 2) {
      EXPECT_EQ(On("na") * On("nb") * On("nc"), 1);
    }
  }
  EXPECT_EQ(On("na") * On("nb") * On("nc"), 8);
  // A cordoned zone still counts.
  world.Patch("node", "nc", {{"spec", {{"unschedulable", true}}}});
  world.SetTaints(
      "nc", json::array({{{"key", "node.kubernetes.io/unschedulable"}, {"effect", "NoSchedule"}}}));
  for (const char* name : {"q0", "q1", "q2"}) world.AddPod(name, pod);
  EXPECT_EQ(world.Message("q2"),
            Expand("0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match "
                   "pod topology spread constraints. {NCP}0/3 nodes are available: 1 {PNH}, 2 "
                   "{NPV}."));
  json honor = Constraint(kZoneLabel, "DoNotSchedule");
  honor["nodeTaintsPolicy"] = "Honor";
  world.AddPod("honor", Spread(honor));
  EXPECT_NE(world.NodeOf("honor"), "");
  world.AddPod("wide", Spread(Constraint(kZoneLabel, "DoNotSchedule", 2)));
  EXPECT_NE(world.NodeOf("wide"), "");
}

TEST_F(SchedulerSpreadTest, SC27_APodThatGoesMayMakeRoomForABlockedOne) {
  const json pod = Spread(Constraint(kZoneLabel, "DoNotSchedule"));
  for (const char* node : {"na", "nb"}) {
    world.SetTaints(node, json::array({{{"key", "k"}, {"effect", "NoSchedule"}}}));
  }
  world.AddPod("p0", pod);
  world.AddPod("p1", pod);
  EXPECT_EQ(world.NodeOf("p0"), "nc");
  EXPECT_EQ(world.NodeOf("p1"), "");
  world.AddPod("stranger", {{"nodeName", "na"}});
  world.ForceDelete("stranger");
  world.Run();
  EXPECT_EQ(world.attempts.size(), 2U) << "a pod that does not match changes nothing";
  world.ForceDelete("p0");
  world.Run();
  EXPECT_EQ(world.NodeOf("p1"), "nc");
}

TEST(SchedulerSpread2Test, SC28_NodesWithoutTheKeyAreNoDomains) {
  World world;
  world.AddNode("n1", {{"zone", "za"}});
  world.AddNode("n2");
  const json pod = Spread(Constraint(kZoneLabel, "DoNotSchedule"));
  for (const char* name : {"a", "b"}) world.AddPod(name, pod);
  EXPECT_EQ(world.NodeOf("b"), "n1") << "one domain only: always allowed";
  json two = Constraint(kZoneLabel, "DoNotSchedule");
  two["minDomains"] = 2;
  world.AddPod("md", Spread(two));
  EXPECT_EQ(
      world.Message("md"),
      Expand("0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 "
             "node(s) didn't match pod topology spread constraints (missing required label). "
             "{NCP}0/2 nodes are available: 1 {NPV}, 1 {PNH}."));
  json stranger = pod;
  stranger["labels"]["app"] = "z";
  world.AddPod("stranger", stranger);
  EXPECT_EQ(world.NodeOf("stranger"), "n1");
}

TEST(SchedulerSpread2Test, SC28_MatchLabelKeysCountOnlyPodsOfTheSameValue) {
  World world;
  world.AddNode("n1", {{"zone", "za"}});
  world.AddNode("n2", {{"zone", "zb"}, {"cpu", "1"}});
  json constraint = Constraint(kZoneLabel, "DoNotSchedule");
  constraint["matchLabelKeys"] = {"version"};
  json pod = Spread(constraint);
  pod["labels"]["version"] = "1";
  pod["nodeSelector"] = {{kHostLabel, "n1"}};
  constraint["nodeAffinityPolicy"] = "Ignore";
  pod["topologySpreadConstraints"] = json::array({constraint});
  world.AddPod("old", pod);
  world.AddPod("old2", pod);
  EXPECT_EQ(world.NodeOf("old"), "n1");
  EXPECT_EQ(world.NodeOf("old2"), "");
  pod["labels"]["version"] = "2";
  world.AddPod("new", pod);
  EXPECT_EQ(world.NodeOf("new"), "n1");
}

TEST(SchedulerSpread2Test, SC29_SoftConstraintsOnlyScore) {
  World world;
  world.AddNode("n1", {{"zone", "za"}});
  for (const char* node : {"n2", "n3"}) world.AddNode(node, {{"zone", "zb"}});
  for (const auto& [pod, node] :
       std::map<std::string, std::string>{{"e0", "n1"}, {"e1", "n1"}, {"e2", "n2"}}) {
    world.AddPod(pod, {{"labels", {{"app", "s"}}}, {"nodeName", node}});
  }
  const auto points = [&](const std::string& pod) {
    std::vector<std::int64_t> all;
    for (const ScoreLine& line : world.decisions[pod].scores) {
      all.push_back(line.by_plugin.at("PodTopologySpread"));
    }
    return all;
  };
  json pod = Spread(Constraint(kZoneLabel, "ScheduleAnyway"));
  pod["topologySpreadConstraints"].push_back(Constraint(kHostLabel, "ScheduleAnyway"));
  world.AddPod("a", pod);
  EXPECT_EQ(world.NodeOf("a"), "n3");
  EXPECT_EQ(points("a"), (std::vector<std::int64_t>{32, 132, 200}));
}

TEST(SchedulerSpread2Test, SC29_BuiltInConstraintsNeedAServiceOrAController) {
  for (const bool selected : {false, true}) {
    World world;
    world.AddNode("n1", {{"zone", "za"}});
    world.AddNode("n2", {{"zone", "zb"}});
    world.AddPod("e", {{"labels", {{"app", "s"}}}, {"nodeName", "n1"}});
    if (selected) world.Put("service", "s", {{"spec", {{"selector", {{"app", "s"}}}}}});
    world.AddPod("a", {{"labels", {{"app", "s"}}}});
    std::vector<std::int64_t> points;
    for (const ScoreLine& line : world.decisions["a"].scores) {
      points.push_back(line.by_plugin.at("PodTopologySpread"));
    }
    // 1.386 + 2 + 1.386 + 4 = 8.77 -> 9 against 6: 66 and 100, weighted by 2.
    EXPECT_EQ(points,
              selected ? (std::vector<std::int64_t>{132, 200}) : (std::vector<std::int64_t>{0, 0}));
  }
  World world;
  world.AddNode("n1", {{"zone", "za"}});
  world.AddNode("n2", {{"zone", "zb"}});
  world.Put("replicaset", "r", {{"spec", {{"selector", {{"matchLabels", {{"app", "s"}}}}}}}});
  const json owner = {{"kind", "ReplicaSet"}, {"name", "r"}, {"uid", "u"}, {"controller", true}};
  world.AddPod("e", {{"labels", {{"app", "s"}}}, {"nodeName", "n1"}});
  world.AddPod("a", {{"labels", {{"app", "s"}}}, {"owner", owner}});
  EXPECT_EQ(world.decisions["a"].scores.at(0).by_plugin.at("PodTopologySpread"), 132);
}

// ---- distribution

std::map<std::string, int> Distribute(int nodes, int pods, const json& attributes) {
  World world(/*record_scores=*/false);
  for (int i = 0; i < nodes; ++i) {
    world.AddNode("n" + std::to_string(i), {{"cpu", "32"}, {"mem", "64Gi"}});
  }
  std::map<std::string, int> counts;
  for (int i = 0; i < pods; ++i) {
    const std::string name = "p" + std::to_string(i);
    world.AddPod(name, attributes);
    ++counts[world.NodeOf(name)];
  }
  return counts;
}

TEST(SchedulerDistributionTest, SC55_LargePodsSpreadEvenly) {
  const auto counts = Distribute(100, 1000, {{"cpu", "1"}, {"mem", "2Gi"}});
  EXPECT_EQ(counts.size(), 100U);
  for (const auto& [node, pods] : counts) EXPECT_EQ(pods, 10) << node;
}

TEST(SchedulerDistributionTest, SC55_SmallPodsPackInNinesAndEighteens) {
  const auto counts = Distribute(100, 1000, {{"cpu", "100m"}, {"mem", "64Mi"}});
  EXPECT_EQ(counts.size(), 100U);
  int nines = 0;
  for (const auto& [node, pods] : counts) {
    EXPECT_GE(pods, 9) << node;
    EXPECT_LE(pods, 18) << node;
    nines += pods == 9;
  }
  EXPECT_GE(nines, 80);
}

TEST(SchedulerDistributionTest, SC55_PodsWithoutRequestsEndBetweenNineAndTwelve) {
  const auto counts = Distribute(100, 1000, json::object());
  EXPECT_EQ(counts.size(), 100U);
  for (const auto& [node, pods] : counts) {
    EXPECT_GE(pods, 9) << node;
    EXPECT_LE(pods, 12) << node;
  }
}

}  // namespace
}  // namespace kless::controllers::scheduler
