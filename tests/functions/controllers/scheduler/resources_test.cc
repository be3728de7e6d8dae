// Which pods fit on which nodes: requests, pod slots, extended resources, existing pods.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/kubernetes/values/quantity.h"
#include "tests/functions/controllers/scheduler/world.h"

namespace kless::controllers::scheduler {
namespace {

TEST(SchedulerResourcesTest, SC1_APodGoesWhereItsCpuFitsAndExactlyFreeCapacityFits) {
  World world;
  world.AddNode("n1", {{"cpu", "1"}});
  world.AddNode("n2", {{"cpu", "2"}});
  world.AddPod("a", {{"cpu", "1500m"}});
  world.AddPod("b", {{"cpu", "1"}});
  world.AddPod("c", {{"cpu", "600m"}});
  world.AddPod("d", {{"cpu", "500m"}});
  world.AddPod("e", {{"cpu", "3"}});
  EXPECT_EQ(world.NodeOf("a"), "n2");
  EXPECT_EQ(world.NodeOf("b"), "n1");
  EXPECT_EQ(world.Message("c"), Expand("0/2 nodes are available: 2 Insufficient cpu. {NCP}0/2 "
                                       "nodes are available: 2 {NPV}."));
  EXPECT_EQ(world.NodeOf("d"), "n2");
  EXPECT_EQ(world.Message("e"), Expand("0/2 nodes are available: 2 Insufficient cpu. {NCP}0/2 "
                                       "nodes are available: 2 {PNH}."));
}

TEST(SchedulerResourcesTest, SC2_APodWithoutRequestsGoesToAFullNode) {
  World world;
  world.AddNode("n1", {{"cpu", "1"}});
  world.AddPod("a", {{"cpu", "1"}});
  world.AddPod("b");
  EXPECT_EQ(world.NodeOf("b"), "n1");
}

TEST(SchedulerResourcesTest, SC3_MemoryCountsAsCpuDoes) {
  World world;
  world.AddNode("n1", {{"mem", "1Gi"}});
  world.AddNode("n2", {{"mem", "2Gi"}});
  world.AddPod("a", {{"mem", "1536Mi"}});
  EXPECT_EQ(world.NodeOf("a"), "n2");
  world.AddPod("b", {{"cpu", "5"}, {"mem", "3Gi"}});
  EXPECT_EQ(world.Message("b"),
            Expand("0/2 nodes are available: 2 Insufficient cpu, 2 Insufficient memory. {NCP}0/2 "
                   "nodes are available: 2 {PNH}."));
}

TEST(SchedulerResourcesTest, SC4_PodSlotsRunOut) {
  World world;
  world.AddNode("n1", {{"pods", "2"}});
  world.AddNode("n2", {{"pods", "1"}});
  for (const char* pod : {"a", "b", "c", "d"}) world.AddPod(pod);
  EXPECT_EQ(world.Message("d"), Expand("0/2 nodes are available: 2 Too many pods. {NCP}0/2 nodes "
                                       "are available: 2 {NPV}."));
  world.AddPod("big", {{"cpu", "5"}, {"mem", "9Gi"}});
  EXPECT_EQ(world.Message("big"),
            Expand("0/2 nodes are available: 2 Insufficient cpu, 2 Insufficient memory, 2 Too many "
                   "pods. {NCP}0/2 nodes are available: 2 {PNH}."));
}

TEST(SchedulerResourcesTest, SC5_AMissingExtendedResourceCountsAsZero) {
  World world;
  world.AddNode("n1");
  world.AddNode("n2", {{"extra", {{"example.com/gpu", "2"}, {"ephemeral-storage", "10Gi"}}}});
  world.AddPod("a", {{"res", {{"example.com/gpu", "1"}}}});
  EXPECT_EQ(world.NodeOf("a"), "n2");
  world.AddPod("b", {{"res", {{"example.com/gpu", "2"}}}});
  EXPECT_EQ(world.Message("b"), Expand("0/2 nodes are available: 2 Insufficient example.com/gpu. "
                                       "{NCP}0/2 nodes are available: 1 {NPV}, 1 {PNH}."));
  world.AddPod("c", {{"res", {{"ephemeral-storage", "11Gi"}}}});
  EXPECT_EQ(world.Message("c"), Expand("0/2 nodes are available: 2 Insufficient ephemeral-storage. "
                                       "{NCP}0/2 nodes are available: 2 {PNH}."));
}

json InitContainer(const std::string& cpu, bool sidecar) {
  json container = {{"name", "i"}, {"image", "x"}, {"resources", {{"requests", {{"cpu", cpu}}}}}};
  if (sidecar) container["restartPolicy"] = "Always";
  return container;
}

TEST(SchedulerResourcesTest, SC6_InitContainersRaiseSidecarsAddAndPodResourcesReplace) {
  const auto cpu_of = [](const json& spec) { return ParsePodShape(spec.dump()).request.milli_cpu; };
  const json main = {{"name", "c"}, {"resources", {{"requests", {{"cpu", "900m"}}}}}};
  json spec = {{"containers", json::array({main})}};
  EXPECT_EQ(cpu_of(spec), 900);
  spec["initContainers"] = json::array({InitContainer("2500m", false)});
  EXPECT_EQ(cpu_of(spec), 2500);
  spec["initContainers"] = json::array({InitContainer("900m", true)});
  EXPECT_EQ(cpu_of(spec), 1800);
  // A sidecar that is started before an init container runs concurrently with it.
  spec["initContainers"] =
      json::array({InitContainer("900m", true), InitContainer("1500m", false)});
  EXPECT_EQ(cpu_of(spec), 2400);
  spec["initContainers"] =
      json::array({InitContainer("1500m", false), InitContainer("100m", true)});
  EXPECT_EQ(cpu_of(spec), 1500);
  spec["resources"] = {{"requests", {{"cpu", "800m"}}}};
  EXPECT_EQ(cpu_of(spec), 800);
  spec["overhead"] = {{"cpu", "50m"}};
  EXPECT_EQ(cpu_of(spec), 850);
}

TEST(SchedulerResourcesTest, SC7_ReasonsAreSortedAsWholeStrings) {
  World world;
  for (int i = 0; i < 10; ++i) world.AddNode("small" + std::to_string(i), {{"cpu", "1"}});
  for (const char* node : {"t1", "t2"}) {
    world.AddNode(node, {{"taints", json::array({{{"key", "k"}, {"effect", "NoSchedule"}}})}});
  }
  world.AddNode("cordoned");
  world.Patch("node", "cordoned", {{"spec", {{"unschedulable", true}}}});
  world.AddPod("a", {{"cpu", "2"}});
  EXPECT_EQ(world.Message("a"),
            Expand("0/13 nodes are available: 1 node(s) were unschedulable, 10 Insufficient cpu, 2 "
                   "node(s) had untolerated taint(s). {NCP}0/13 nodes are available: 13 {PNH}."));
}

TEST(SchedulerResourcesTest, SC8_WithoutNodesThePodBacksOffAsAfterAnError) {
  World world;
  world.AddPod("a");
  EXPECT_EQ(world.Message("a"), "no nodes available to schedule pods");
  EXPECT_EQ(world.Condition("a", "PodScheduled")["reason"], "Unschedulable");
  EXPECT_EQ(world.attempts.size(), 1U);
  // A new node alone does not retry it before its back-off ends, at a whole second.
  world.AddNode("n1");
  EXPECT_EQ(world.NodeOf("a"), "");
  EXPECT_EQ(world.core.NextWake(), kStart + 2 * kNanosPerSecond);
  world.Advance(2 * kNanosPerSecond);
  EXPECT_EQ(world.NodeOf("a"), "n1");
}

TEST(SchedulerResourcesTest, SC9_AFullNodeGivesAllReasonsOfFit) {
  World world;
  world.AddNode("n1", {{"cpu", "1"}, {"mem", "1Gi"}, {"pods", "1"}});
  world.AddPod("a", {{"cpu", "1"}, {"mem", "1Gi"}});
  world.AddPod("b", {{"cpu", "1"}, {"mem", "1Gi"}});
  EXPECT_EQ(world.Message("b"),
            Expand("0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many "
                   "pods. {NCP}0/1 nodes are available: 1 {NPV}."));
}

TEST(SchedulerResourcesTest, SC10_APresetNodeNameCountsWithoutBeingScheduled) {
  World world;
  world.AddNode("n1", {{"cpu", "1"}, {"pods", "2"}});
  world.AddPod("a", {{"cpu", "4"}, {"nodeName", "n1"}});
  world.AddPod("b", {{"nodeName", "n1"}});
  world.AddPod("ghost", {{"cpu", "1"}, {"nodeName", "nope"}});
  EXPECT_TRUE(world.events.empty());
  EXPECT_FALSE(world.Get("pod", "a")["status"].contains("conditions"));
  world.AddPod("d", {{"cpu", "100m"}});
  EXPECT_EQ(world.Message("d"), Expand("0/1 nodes are available: 1 Insufficient cpu, 1 Too many "
                                       "pods. {NCP}0/1 nodes are available: 1 {NPV}."));
  // A pod that existed before its node also uses its resources.
  world.AddNode("nope", {{"cpu", "1"}});
  EXPECT_EQ(world.NodeOf("d"), "");
}

TEST(SchedulerResourcesTest, SC11_ATerminalPodFreesItsRequests) {
  for (const char* phase : {"Succeeded", "Failed"}) {
    World world;
    world.AddNode("n1", {{"cpu", "2"}});
    world.AddPod("hold", {{"cpu", "2"}});
    world.AddPod("wait", {{"cpu", "2"}});
    EXPECT_EQ(world.NodeOf("wait"), "");
    world.Finish("hold", phase);
    world.Run();
    EXPECT_EQ(world.NodeOf("wait"), "n1");
    // Its later changes and its deletion have no effect any more.
    world.Patch("pod", "hold", {{"metadata", {{"labels", {{"a", "b"}}}}}});
    world.ForceDelete("hold");
    world.AddPod("more", {{"cpu", "1"}});
    EXPECT_EQ(world.NodeOf("more"), "");
  }
}

TEST(QuantityTest, SC1_QuantitiesAreCountedExactlyAndRoundedUp) {
  using kubernetes::QuantityMilli;
  using kubernetes::QuantityUnits;
  using std::string_view;
  EXPECT_EQ(QuantityMilli(string_view("1500m")), 1500);
  EXPECT_EQ(QuantityMilli(string_view("0.1")), 100);
  EXPECT_EQ(QuantityMilli(string_view("100u")), 1);
  EXPECT_EQ(QuantityMilli(string_view("2e3")), 2000000);
  EXPECT_EQ(QuantityMilli(string_view("2E-3")), 2);
  EXPECT_EQ(QuantityUnits(string_view("1Gi")), 1073741824);
  EXPECT_EQ(QuantityUnits(string_view("1.5Ki")), 1536);
  EXPECT_EQ(QuantityUnits(string_view("0.1Ki")), 103);
  EXPECT_EQ(QuantityUnits(string_view("1k")), 1000);
  EXPECT_EQ(QuantityUnits(string_view("2500m")), 3);
  EXPECT_EQ(QuantityUnits(string_view("3E")), 3'000'000'000'000'000'000);
  EXPECT_EQ(QuantityUnits(string_view("16Ei")), INT64_MAX);
  EXPECT_EQ(QuantityUnits(string_view("-1Ki")), -1024);
  for (const char* wrong : {"", "m", "1x", "1 Gi", "--1", "1.2.3", "1e", "Gi"}) {
    EXPECT_FALSE(QuantityUnits(string_view(wrong))) << wrong;
  }
  EXPECT_EQ(QuantityMilli(json(2)), 2000);
  EXPECT_EQ(QuantityMilli(json(0.5)), 500);
  EXPECT_EQ(QuantityUnits(json::array()), 0);
}

}  // namespace
}  // namespace kless::controllers::scheduler
