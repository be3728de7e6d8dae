// The node lifecycle controller: reference controllers.md NL1 to NL7, NL12, NL13; scheduler.md
// SC12 to SC14, SC19.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "tests/functions/controllers/node/node_world.h"

namespace kless::controllers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kNotReady = "node.kubernetes.io/not-ready:NoSchedule";
constexpr const char* kUnreachable = "node.kubernetes.io/unreachable:NoSchedule";

TEST(NodeLifecycleTest, NL1_SC13_TheTaintOfANewNodeGoesWithItsFirstReady) {
  NodeWorld world;
  world.AddNode("n");
  world.PostReady("n", "False");
  world.Settle();
  EXPECT_THAT(world.Taints("n"), ElementsAre(kNotReady));
  world.PostReady("n", "True");
  world.Settle();
  EXPECT_THAT(world.Taints("n"), IsEmpty());
}

TEST(NodeLifecycleTest, NL1_ANodeWithoutConditionsLosesItToo) {
  NodeWorld world;
  world.AddNode("n");
  world.Settle();
  EXPECT_THAT(world.Taints("n"), IsEmpty());
}

TEST(NodeLifecycleTest, NL2_LabelsAndAnnotationsAreCompleted) {
  NodeWorld world;
  world.AddNode("n");
  world.Settle();
  const json metadata = world.Get("node", "n")["metadata"];
  EXPECT_EQ(metadata["labels"]["beta.kubernetes.io/os"], "linux");
  EXPECT_EQ(metadata["annotations"]["node.alpha.kubernetes.io/ttl"], "0");
}

TEST(NodeLifecycleTest, NL3_ComingAndGoingAreSaidAtTheNextTick) {
  NodeWorld world;
  world.RunUntil(2);
  world.AddReadyNode("n");
  world.RunUntil(4.9);
  EXPECT_THAT(world.events, IsEmpty());
  world.RunUntil(12);
  EXPECT_THAT(world.Said("RegisteredNode"),
              ElementsAre("5.0 Normal Node n event: Registered Node n in Controller"));
  world.Delete("node", "n");
  world.RunToEnd();
  EXPECT_THAT(world.Said("RemovingNode"),
              ElementsAre("15.0 Normal Node n event: Removing Node n from Controller"));
  EXPECT_EQ(world.events[0].object, "Node/n");
  EXPECT_EQ(world.events[0].component, "node-controller");
  EXPECT_EQ(world.events[0].note.about->namespace_name, "");
  EXPECT_EQ(world.timers(), 0U);
}

TEST(NodeLifecycleTest, NL4_SC19_ASilentNodeIsUnknownAtTheTickAfterItsGrace) {
  NodeWorld world;
  world.AddReadyNode("n");
  world.RunUntil(2);
  world.RenewLease("n");
  world.RunUntil(54.9);
  EXPECT_EQ(world.Condition("node", "n", "Ready")["status"], "True");
  world.RunUntil(55);
  for (const char* type : {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}) {
    const json condition = world.Condition("node", "n", type);
    EXPECT_EQ(condition["status"], "Unknown");
    EXPECT_EQ(condition["reason"], "NodeStatusUnknown");
    EXPECT_EQ(condition["message"], "Kubelet stopped posting node status.");
    EXPECT_EQ(condition["lastHeartbeatTime"], FormatTime(kStart));
    EXPECT_EQ(condition["lastTransitionTime"], FormatTime(kStart + 55 * kSecond));
  }
}

TEST(NodeLifecycleTest, NL4_AStatusIsAHeartbeatAsGoodAsALease) {
  NodeWorld world;
  world.AddReadyNode("n");
  world.Delete("lease", "kube-node-lease/n");
  world.RunUntil(40);
  world.PostReady("n");
  world.Delete("lease", "kube-node-lease/n");
  world.RunUntil(89);
  EXPECT_EQ(world.Condition("node", "n", "Ready")["status"], "True");
  world.RunUntil(90);
  EXPECT_EQ(world.Condition("node", "n", "Ready")["status"], "Unknown");
}

TEST(NodeLifecycleTest, NL4_ANodeThatRenewsItsLeaseLives) {
  NodeWorld world;
  world.AddReadyNode("n");
  for (int i = 1; i < 50; ++i) {
    world.RunUntil(10 * i);
    world.RenewLease("n");
  }
  EXPECT_EQ(world.Condition("node", "n", "Ready")["status"], "True");
  EXPECT_EQ(world.timers(), 1U);
}

TEST(NodeLifecycleTest, NL4_WithoutHeartbeatsNoneAreMissed) {
  NodeWorld world;
  world.AddNode("n");
  world.Patch("node", "n", {{"metadata", {{"annotations", {{"kless.dev/heartbeats", "off"}}}}}});
  world.PostReady("n");
  world.AddNode("bare");
  world.Patch("node", "bare", {{"metadata", {{"annotations", {{"kless.dev/heartbeats", "off"}}}}}});
  world.RunToEnd();
  // The timers end with the tick that announces the nodes.
  EXPECT_EQ(world.Seconds(), 5);
  EXPECT_EQ(world.Condition("node", "n", "Ready")["status"], "True");
  EXPECT_TRUE(world.Condition("node", "bare", "Ready").is_null());
}

TEST(NodeLifecycleTest, NL5_ThePodsOfADeadNodeAreNotReady) {
  NodeWorld world;
  world.AddReadyNode("n");
  world.AddPod("p", "n");
  world.AddPod("q", "n");
  world.Patch("pod", "a/q", {{"status", {{"conditions", json::array()}}}});
  world.RunUntil(50);
  EXPECT_THAT(world.Said("NodeNotReady"),
              UnorderedElementsAre("50.0 Normal Node n status is now: NodeNotReady",
                                   "50.0 Warning Node is not ready"));
  const json ready = world.Condition("pod", "a/p", "Ready");
  EXPECT_EQ(ready["status"], "False");
  EXPECT_EQ(ready["lastTransitionTime"], FormatTime(kStart + 50 * kSecond));
  EXPECT_FALSE(ready.contains("reason"));
  EXPECT_THAT(world.Taints("n"), ElementsAre(kUnreachable));
  const json taint = world.Get("node", "n")["spec"]["taints"][0];
  EXPECT_EQ(taint["timeAdded"], FormatTime(kStart + 50 * kSecond));
}

TEST(NodeLifecycleTest, NL6_AKubeletThatSaysNotReadyIsBelieved) {
  NodeWorld world;
  world.AddReadyNode("n");
  world.AddReadyNode("other");
  world.AddPod("p", "n", TolerateFor(300));
  world.RunUntil(2);
  world.PostReady("n", "False");
  world.Settle();
  EXPECT_THAT(world.Taints("n"), ElementsAre(kNotReady));
  world.RunUntil(6);
  EXPECT_EQ(world.TaintedAt("n", "node.kubernetes.io/not-ready:NoExecute"), 5);
  EXPECT_THAT(world.Said("NodeNotReady"), IsEmpty());
  EXPECT_EQ(world.Condition("pod", "a/p", "Ready")["status"], "True");
}

TEST(NodeLifecycleTest, NL7_ANodeThatNeverSaidAnythingIsUnknownAfterAMinute) {
  NodeWorld world;
  world.AddReadyNode("other");
  world.AddNode("n");
  for (int i = 1; i < 7; ++i) {
    world.RunUntil(10 * i);
    world.RenewLease("other");
  }
  for (const char* type : {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}) {
    const json condition = world.Condition("node", "n", type);
    EXPECT_EQ(condition["status"], "Unknown");
    EXPECT_EQ(condition["reason"], "NodeStatusNeverUpdated");
    EXPECT_EQ(condition["message"], "Kubelet never posted node status.");
    EXPECT_EQ(condition["lastHeartbeatTime"], FormatTime(kStart));
    EXPECT_EQ(condition["lastTransitionTime"], FormatTime(kStart + 60 * kSecond));
  }
  EXPECT_THAT(world.Taints("n"), ElementsAre(kUnreachable));
  EXPECT_THAT(world.Said("NodeNotReady"), IsEmpty());
  world.RunUntil(66);
  EXPECT_EQ(world.TaintedAt("n", "node.kubernetes.io/unreachable:NoExecute"), 65);
}

TEST(NodeLifecycleTest, NL12_ALeaseAloneDoesNotBringItBack) {
  NodeWorld world;
  world.AddReadyNode("n");
  world.RunUntil(60);
  for (int i = 0; i < 20; ++i) {
    world.RunUntil(60 + 5 * i);
    world.RenewLease("n");
  }
  EXPECT_EQ(world.Condition("node", "n", "Ready")["status"], "Unknown");
  world.PostReady("n");
  world.Settle();
  EXPECT_THAT(world.Taints("n"), IsEmpty());
}

TEST(NodeLifecycleTest, NL13_SC14_PressureIsATaint) {
  NodeWorld world;
  world.AddReadyNode("n");
  json conditions = {
      {{"type", "Ready"}, {"status", "True"}, {"lastHeartbeatTime", FormatTime(world.now())}}};
  for (const char* type : {"MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"}) {
    conditions.push_back({{"type", type}, {"status", "True"}});
  }
  world.Patch("node", "n", {{"status", {{"conditions", conditions}}}});
  world.Settle();
  EXPECT_THAT(world.Taints("n"),
              UnorderedElementsAre("node.kubernetes.io/memory-pressure:NoSchedule",
                                   "node.kubernetes.io/disk-pressure:NoSchedule",
                                   "node.kubernetes.io/pid-pressure:NoSchedule",
                                   "node.kubernetes.io/network-unavailable:NoSchedule"));
  world.PostReady("n");
  world.Settle();
  EXPECT_THAT(world.Taints("n"), IsEmpty());
}

TEST(NodeLifecycleTest, NL13_SC12_ACordonIsATaint) {
  NodeWorld world;
  world.AddReadyNode("n");
  world.Patch("node", "n", {{"spec", {{"unschedulable", true}}}});
  world.Settle();
  EXPECT_THAT(world.Taints("n"), ElementsAre("node.kubernetes.io/unschedulable:NoSchedule"));
  world.Patch("node", "n", {{"spec", {{"unschedulable", nullptr}}}});
  world.Settle();
  EXPECT_THAT(world.Taints("n"), IsEmpty());
}

TEST(NodeLifecycleTest, NL13_OtherTaintsBelongToOthers) {
  NodeWorld world;
  world.AddReadyNode("n");
  world.Patch("node", "n", {{"spec", {{"taints", {{{"key", "mine"}, {"effect", "NoSchedule"}}}}}}});
  world.RunUntil(10);
  EXPECT_THAT(world.Taints("n"), ElementsAre("mine:NoSchedule"));
}

TEST(NodeLifecycleTest, NL5_ACrashAfterAnyWriteChangesNothing) {
  for (int writes = 0; writes < 6; ++writes) {
    NodeWorld world;
    world.AddReadyNode("n");
    world.AddPod("p", "n");
    world.AddPod("q", "n");
    world.RunUntil(49);
    world.writes_left = writes;
    world.RunUntil(51);
    EXPECT_EQ(world.Condition("node", "n", "Ready")["status"], "Unknown") << writes;
    EXPECT_EQ(world.Condition("pod", "a/p", "Ready")["status"], "False") << writes;
    EXPECT_EQ(world.Condition("pod", "a/q", "Ready")["status"], "False") << writes;
    EXPECT_THAT(world.Taints("n"), ElementsAre(kUnreachable)) << writes;
  }
}

TEST(NodeLifecycleTest, WhateverIsInTheTableIsLeftAlone) {
  for (const char* document :
       {"", "7", R"({"spec":7,"status":7,"metadata":7})",
        R"({"spec":{"taints":7},"status":{"conditions":7},"metadata":{"labels":7}})",
        R"({"spec":{"taints":[7]},"status":{"conditions":[7]},"metadata":{"annotations":7}})"}) {
    NodeWorld world;
    world.PutRaw("node", "raw", document);
    world.RunToEnd(200);
    EXPECT_TRUE(world.Exists("node", "raw")) << document;
  }
}

}  // namespace
}  // namespace kless::controllers
