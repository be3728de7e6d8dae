// Ports, gates, volumes, other schedulers, and pods that change or are deleted while they wait.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/scheduler/world.h"

namespace kless::controllers::scheduler {
namespace {

json Port(int host_port, const char* protocol = "TCP", const char* ip = "") {
  json port = {{"containerPort", 80}, {"hostPort", host_port}, {"protocol", protocol}};
  if (*ip != '\0') port["hostIP"] = ip;
  return {{"ports", json::array({port})}};
}

TEST(SchedulerPortsTest, SC30_AHostPortIsTakenPerAddressProtocolAndPort) {
  World world;
  for (const char* node : {"n1", "n2"}) world.AddNode(node);
  for (const char* pod : {"a", "b", "c"}) world.AddPod(pod, Port(8080));
  EXPECT_NE(world.NodeOf("a"), world.NodeOf("b"));
  EXPECT_EQ(
      world.Message("c"),
      Expand("0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod "
             "ports. {NCP}0/2 nodes are available: 2 {NPV}."));
  world.AddPod("udp", Port(8080, "UDP"));
  world.AddPod("other", Port(8081));
  EXPECT_NE(world.NodeOf("udp"), "");
  EXPECT_NE(world.NodeOf("other"), "");
  world.AddPod("ip", Port(8080, "TCP", "10.1.1.1"));
  EXPECT_EQ(world.NodeOf("ip"), "") << "0.0.0.0 is every address";
  EXPECT_FALSE(Conflict({"10.1.1.1", "TCP", 9090}, {"10.1.1.2", "TCP", 9090}));
  EXPECT_TRUE(Conflict({"10.1.1.1", "TCP", 9090}, {"0.0.0.0", "TCP", 9090}));
  // Only the removal of a pod with that port helps.
  const std::size_t before = world.attempts.size();
  world.ForceDelete("other");
  world.Run();
  EXPECT_EQ(world.attempts.size(), before);
  world.ForceDelete("a");
  world.Run();
  EXPECT_EQ(world.attempts.size(), before + 2);
  EXPECT_NE(world.NodeOf("c"), "");
}

TEST(SchedulerGatesTest, SC31_AGatedPodIsNotTriedUntilItsLastGateGoes) {
  World world;
  world.AddNode("n1");
  world.AddPod("a", {{"schedulingGates", json::array({{{"name", "x/a"}}, {{"name", "x/b"}}})}});
  world.Patch("pod", "a", {{"spec", {{"schedulingGates", json::array({{{"name", "x/b"}}})}}}});
  world.Run();
  EXPECT_TRUE(world.attempts.empty());
  EXPECT_TRUE(world.events.empty());
  EXPECT_EQ(world.Message("a"), "Scheduling is blocked due to non-empty scheduling gates");
  EXPECT_FALSE(world.core.NextWake());
  world.Patch("pod", "a", {{"spec", {{"schedulingGates", nullptr}}}});
  world.Run();
  EXPECT_EQ(world.NodeOf("a"), "n1");
  EXPECT_EQ(world.Condition("a", "PodScheduled")["status"], "True");
}

TEST(SchedulerOthersTest, SC32_PodsOfAnotherSchedulerAreLeftAloneButCountOnceBound) {
  World world;
  world.AddNode("n1", {{"cpu", "1"}});
  world.AddPod("a", {{"schedulerName", "other"}, {"cpu", "1"}});
  EXPECT_TRUE(world.attempts.empty());
  world.Patch("pod", "a", {{"spec", {{"nodeName", "n1"}}}});
  world.AddPod("b", {{"cpu", "1"}});
  EXPECT_EQ(world.NodeOf("b"), "");
}

TEST(SchedulerOthersTest, SC33_APodThatAnotherOneBoundIsLeftThere) {
  World world;
  for (const char* node : {"n1", "n2"}) world.AddNode(node, {{"cpu", "1"}});
  world.CreatePod("a", {{"cpu", "1"}});
  // It was decided for n1, but another client binds it to n2 before the scheduler's own binding.
  const auto decision = world.core.Next(world.now);
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->node, "n1");
  world.Patch("pod", "a", {{"spec", {{"nodeName", "n2"}}}});
  world.core.Undo(decision->pod.name, decision->uid, world.now);
  world.AddPod("b", {{"cpu", "1"}});
  EXPECT_EQ(world.NodeOf("b"), "n1");
  world.AddPod("c", {{"cpu", "1"}});
  EXPECT_EQ(world.NodeOf("c"), "");
}

TEST(SchedulerPendingTest, SC34_ATolerationBindsAndADeletedPodIsForgotten) {
  World world;
  world.AddNode("n1", {{"taints", json::array({{{"key", "k"}, {"effect", "NoSchedule"}}})}});
  world.AddPod("a");
  world.AddPod("b");
  world.DeletePod("b");
  EXPECT_FALSE(world.Has("pod", "b"));
  EXPECT_EQ(world.core.pending(), 1U);
  json tolerations = world.Get("pod", "a")["spec"]["tolerations"];
  tolerations.push_back({{"key", "k"}, {"operator", "Exists"}});
  world.Patch("pod", "a", {{"spec", {{"tolerations", tolerations}}}});
  world.Run();
  EXPECT_EQ(world.NodeOf("a"), "n1");
}

TEST(SchedulerPendingTest, SC34_APodThatIsBeingDeletedIsNotTried) {
  World world;
  world.CreatePod("a", json::object());
  world.Patch(
      "pod", "a",
      {{"metadata", {{"deletionTimestamp", "2026-01-01T00:00:00Z"}, {"finalizers", {"x/y"}}}}});
  EXPECT_FALSE(world.core.HasActive(world.now));
  EXPECT_EQ(world.core.pending(), 0U);
}

TEST(SchedulerPendingTest, SC34_AnotherPodOfTheSameNameIsANewOne) {
  World world;
  world.AddNode("n1", {{"cpu", "1"}});
  world.AddPod("a", {{"cpu", "1"}});
  // The feed may show the new pod without the removal of the old one in between.
  world.CreatePod("a", {{"cpu", "1"}});
  world.Run();
  EXPECT_EQ(world.NodeOf("a"), "n1");
  EXPECT_EQ(world.attempts.size(), 2U);
}

TEST(SchedulerVolumesTest, SC35_ClaimsMustExistAndBeBound) {
  World world;
  world.AddNode("n1");
  const auto claim = [](const char* name) -> json {
    return {{"volumes",
             json::array({{{"name", "v"}, {"persistentVolumeClaim", {{"claimName", name}}}}})}};
  };
  world.AddPod("missing", claim("nope"));
  EXPECT_EQ(world.Message("missing"),
            "0/1 nodes are available: persistentvolumeclaim \"nope\" not found. not found");
  world.Put("persistentvolumeclaim", "c1", {{"spec", json::object()}});
  world.Run();
  EXPECT_EQ(world.attempts.size(), 1U) << "another claim does not help";
  world.AddPod("unbound", claim("c1"));
  EXPECT_EQ(world.Message("unbound"),
            "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found");
  world.Put("persistentvolumeclaim", "c1", {{"spec", {{"volumeName", "pv"}}}});
  world.Run();
  EXPECT_EQ(world.NodeOf("unbound"), "n1");
}

TEST(SchedulerOrderTest, SC36_TheFirstFailingPluginReports) {
  World world;
  world.AddNode("n1", {{"cpu", "1"}, {"labels", {{"a", "b"}}}});
  world.AddPod("old",
               {{"labels", {{"app", "x"}}}, {"nodeName", "n1"}, {"ports", Port(80)["ports"]}});
  world.Patch("node", "n1", {{"spec", {{"unschedulable", true}}}});
  const json selector = {{"matchLabels", {{"app", "x"}}}};
  world.CreatePod(
      "p", {{"cpu", "2"},
            {"nodeSelector", {{"no", "such"}}},
            {"ports", Port(80)["ports"]},
            {"affinity",
             {{"podAntiAffinity",
               {{"required", json::array({{{"labelSelector", selector},
                                           {"topologyKey", "kubernetes.io/hostname"}}})}}}}},
            {"topologySpreadConstraints", json::array({{{"maxSkew", 1},
                                                        {"topologyKey", "rack"},
                                                        {"whenUnsatisfiable", "DoNotSchedule"},
                                                        {"labelSelector", selector}}})}});
  world.SetTaints("n1", json::array({{{"key", "k"}, {"effect", "NoSchedule"}}}));
  world.Run();
  const auto reports = [&](const std::string& text) {
    return world.Message("p").starts_with("0/1 nodes are available: 1 " + text + ".");
  };
  EXPECT_TRUE(reports("node(s) were unschedulable"));
  world.Patch("node", "n1", {{"spec", {{"unschedulable", nullptr}}}});
  world.Run();
  EXPECT_TRUE(reports("node(s) had untolerated taint(s)"));
  world.SetTaints("n1", json::array());
  world.Run();
  EXPECT_TRUE(reports("node(s) didn't match Pod's node affinity/selector"));
  world.Patch("node", "n1", {{"metadata", {{"labels", {{"no", "such"}}}}}});
  world.Run();
  EXPECT_TRUE(reports("node(s) didn't have free ports for the requested pod ports"));
  world.AddPod("still", {{"labels", {{"app", "x"}}}, {"nodeName", "n1"}});
  world.ForceDelete("old");
  world.Run();
  EXPECT_TRUE(reports("Insufficient cpu"));
  world.Patch("node", "n1", {{"status", {{"allocatable", {{"cpu", "4"}}}}}});
  world.Run();
  EXPECT_TRUE(
      reports("node(s) didn't match pod topology spread constraints (missing required label)"));
  world.Patch("node", "n1", {{"metadata", {{"labels", {{"rack", "1"}}}}}});
  world.Run();
  EXPECT_TRUE(reports("node(s) didn't match pod anti-affinity rules"));
  world.ForceDelete("still");
  world.Run();
  EXPECT_EQ(world.NodeOf("p"), "n1");
}

TEST(SchedulerOrderTest, SC37_PodsOfADeletedNodeStayAndNewOnesFindNone) {
  World world;
  world.AddNode("n1", {{"cpu", "1"}});
  world.AddPod("a", {{"cpu", "1"}});
  world.Remove("node", "n1");
  world.Run();
  EXPECT_EQ(world.NodeOf("a"), "n1");
  world.AddPod("b");
  EXPECT_EQ(world.Message("b"), "no nodes available to schedule pods");
  // When the node is back, pods bound to it still count.
  world.AddNode("n1", {{"cpu", "1"}});
  world.AddPod("c", {{"cpu", "1"}});
  EXPECT_EQ(world.NodeOf("c"), "");
}

TEST(SchedulerRawTest, WhateverIsInTheTableDoesNotStopTheScheduler) {
  World world;
  world.AddNode("n1");
  world.Put("node", "broken", json::array());
  world.Put("node", "odd", {{"spec", "x"}, {"status", {{"allocatable", 5}}}});
  world.Put("pod", "list", json::array({1}));
  world.Put("pod", "odd", {{"metadata", 3}, {"spec", {{"containers", 5}, {"affinity", "x"}}}});
  world.Put("poddisruptionbudget", "b", {{"spec", {{"selector", 7}}}});
  world.Put("service", "s", {{"spec", {{"selector", "x"}}}});
  world.Run();
  EXPECT_EQ(world.core.cluster().nodes().size(), 2U);
  EXPECT_EQ(world.NodeOf("odd"), "n1");
  // Without defaults there is no schedulerName, and only the name of a priority class.
  world.Put("priorityclass", "high", {{"value", 7}, {"preemptionPolicy", "Never"}});
  world.Put("pod", "raw",
            {{"metadata", {{"name", "raw"}, {"uid", "r"}}},
             {"spec",
              {{"priorityClassName", "high"},
               {"containers", json::array({{{"resources", {{"limits", {{"cpu", "9"}}}}}}})}}}});
  world.Run();
  EXPECT_EQ(
      world.Message("raw"),
      Expand("0/2 nodes are available: 1 Too many pods, 2 Insufficient cpu. {NCP}not eligible "
             "due to preemptionPolicy=Never."));
}

}  // namespace
}  // namespace kless::controllers::scheduler
