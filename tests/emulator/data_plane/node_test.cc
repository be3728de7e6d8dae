// Simulated nodes: objects, heartbeats, failure and return.
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "tests/emulator/data_plane/data_plane_world.h"

namespace kless::data_plane {
namespace {

using History = std::vector<std::string>;

json ConditionOf(const json& node, const std::string& type) {
  for (const json& condition : node["status"]["conditions"]) {
    if (condition["type"] == type) return condition;
  }
  return nullptr;
}

TEST(NodeTest, NodesAreRegisteredWithCapacityLabelsAndStatus) {
  DataPlaneConfig config = NodesConfig(12);
  config.zones = 3;
  config.node_cpu = "8";
  config.node_resources = {{"nvidia.com/gpu", "2"}};
  DataPlaneWorld world(config);
  EXPECT_FALSE(world.Exists("node", "node-0")) << "names sort by number";
  const json node = world.Object("node", "node-04");
  EXPECT_EQ(node["apiVersion"], "v1");
  EXPECT_EQ(node["kind"], "Node");
  EXPECT_EQ(node["metadata"]["name"], "node-04");
  EXPECT_EQ(node["metadata"]["uid"].get<std::string>().size(), 36u);
  EXPECT_EQ(node["metadata"]["creationTimestamp"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(node["metadata"]["annotations"]["kless.dev/heartbeats"], "off");
  EXPECT_EQ(node["metadata"]["labels"]["kubernetes.io/hostname"], "node-04");
  EXPECT_EQ(node["metadata"]["labels"]["topology.kubernetes.io/zone"], "zone-b");
  EXPECT_EQ(node["spec"]["providerID"], "kless://zone-b/node-04");
  EXPECT_EQ(node["status"]["capacity"]["cpu"], "8");
  EXPECT_EQ(node["status"]["capacity"]["memory"], "128Gi");
  EXPECT_EQ(node["status"]["capacity"]["pods"], "110");
  EXPECT_EQ(node["status"]["allocatable"]["nvidia.com/gpu"], "2");
  EXPECT_EQ(node["status"]["nodeInfo"]["kubeletVersion"], "v1.36.2");
  EXPECT_EQ(node["status"]["addresses"][0],
            (json{{"type", "InternalIP"}, {"address", "172.16.0.14"}}));
  EXPECT_EQ(ConditionOf(node, "Ready")["reason"], "KubeletReady");
  EXPECT_EQ(ConditionOf(node, "Ready")["status"], "True");
  EXPECT_EQ(ConditionOf(node, "MemoryPressure")["status"], "False");
  EXPECT_FALSE(world.Exists("lease", "kube-node-lease/node-04"));
}

TEST(NodeTest, ARestartAdoptsTheNodesThatAreThere) {
  DataPlaneWorld world(NodesConfig(3));
  json node = world.Object("node", "node-1");
  node["spec"]["taints"] = json::array({{{"key", "a"}, {"effect", "NoSchedule"}}});
  node["status"]["conditions"][3]["status"] = "Unknown";
  world.Put("node", node);
  world.store().resources().Remove({"node", "node-2"}, Condition::None());
  world.RunFor(seconds(100));
  world.Restart();
  const json adopted = world.Object("node", "node-1");
  EXPECT_EQ(adopted["metadata"]["uid"], node["metadata"]["uid"]);
  EXPECT_EQ(adopted["spec"]["taints"], node["spec"]["taints"]);
  EXPECT_EQ(ConditionOf(adopted, "Ready")["status"], "True");
  EXPECT_EQ(ConditionOf(adopted, "Ready")["lastTransitionTime"], "2026-01-01T00:01:40Z");
  EXPECT_EQ(ConditionOf(adopted, "DiskPressure")["lastTransitionTime"], "2026-01-01T00:00:00Z");
  EXPECT_TRUE(world.Exists("node", "node-2")) << "the missing one is made";
}

TEST(NodeTest, HeartbeatsRenewLeasesEveryTenSecondsSpreadOverThePeriod) {
  DataPlaneConfig config = NodesConfig(10);
  config.heartbeats = true;
  DataPlaneWorld world(config);
  EXPECT_FALSE(world.Object("node", "node-0")["metadata"].contains("annotations"));
  const json lease = world.Object("lease", "kube-node-lease/node-3");
  EXPECT_EQ(lease["apiVersion"], "coordination.k8s.io/v1");
  EXPECT_EQ(lease["spec"]["leaseDurationSeconds"], 40);
  EXPECT_EQ(lease["spec"]["holderIdentity"], "node-3");
  EXPECT_EQ(lease["metadata"]["ownerReferences"][0]["kind"], "Node");
  EXPECT_EQ(world.plane().Stats().heartbeats.lease_writes, 10u);
  world.RunFor(seconds(5));
  EXPECT_EQ(world.plane().Stats().heartbeats.lease_writes, 15u);
  world.RunFor(seconds(295));
  EXPECT_EQ(world.plane().Stats().heartbeats.lease_writes, 10u + 300u);
  EXPECT_EQ(world.plane().Stats().heartbeats.status_writes, 20u) << "at the start, and once since";
  EXPECT_GT(world.plane().Stats().heartbeats.bytes, 300u * 300u);
  EXPECT_EQ(world.Object("lease", "kube-node-lease/node-3")["spec"]["renewTime"],
            "2026-01-01T00:04:54.000000Z");
  EXPECT_EQ(ConditionOf(world.Object("node", "node-4"), "Ready")["lastHeartbeatTime"],
            "2026-01-01T00:02:30Z");
}

TEST(NodeTest, WithoutHeartbeatsTheWorldComesToRest) {
  DataPlaneWorld world(NodesConfig(5));
  EXPECT_TRUE(world.plane().Idle());
  EXPECT_FALSE(world.event_loop().NextDeadline().has_value());
  EXPECT_EQ(world.plane().Stats().heartbeats.lease_writes, 0u);
}

TEST(NodeTest, AFailedNodesPodsNeitherRunNorGo) {
  DataPlaneWorld world(NodesConfig(2));
  world.Bind(PodObject("a", "node-0", {"sleep", "10"}));
  world.Bind(PodObject("b", "node-0", {"sleep", "10"}));
  world.Bind(PodObject("c", "node-1", {"sleep", "10"}));
  world.RunFor(seconds(4));
  ASSERT_TRUE(world.plane().FailNode("node-0").has_value());
  EXPECT_EQ(world.plane().FailNode("node-0").error().code, ErrorCode::kConflict);
  world.Bind(PodObject("late", "node-0", {"sleep", "1"}));
  world.Delete("b");
  world.RunFor(seconds(100));
  EXPECT_EQ(world.Phase("a"), "Running");
  EXPECT_EQ(world.Phase("b"), "Running");
  EXPECT_EQ(world.Phase("late"), "Pending");
  EXPECT_EQ(world.History("c").back(), "10000 Succeeded");
  EXPECT_EQ(world.plane().FailPod("default/a", 1).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(world.plane().ReturnNode("node-0").has_value());
  world.RunFor(Duration::zero());
  EXPECT_EQ(world.Phase("b"), "gone") << "what was to be deleted is confirmed";
  EXPECT_EQ(world.Phase("late"), "Running");
  world.RunFor(seconds(6) - milliseconds(1));
  EXPECT_EQ(world.Phase("a"), "Running");
  world.RunFor(milliseconds(1));
  EXPECT_EQ(world.Phase("a"), "Succeeded") << "the remaining 6 s have run";
}

TEST(NodeTest, NL4_AFailureHandsTheNodeToItsLeaseAndAReturnTakesItBack) {
  DataPlaneWorld world;
  world.RunFor(seconds(7));
  ASSERT_TRUE(world.plane().FailNode("node-0").has_value());
  EXPECT_EQ(world.Object("lease", "kube-node-lease/node-0")["spec"]["renewTime"],
            "2026-01-01T00:00:07.000000Z");
  EXPECT_FALSE(
      world.Object("node", "node-0")["metadata"]["annotations"].contains("kless.dev/heartbeats"));
  EXPECT_FALSE(world.plane().Nodes()[0].alive);
  json node = world.Object("node", "node-0");  // as the lifecycle controller marks it
  node["status"]["conditions"][3]["status"] = "Unknown";
  world.Put("node", node);
  world.RunFor(seconds(60));
  ASSERT_TRUE(world.plane().ReturnNode("node-0").has_value());
  node = world.Object("node", "node-0");
  EXPECT_EQ(ConditionOf(node, "Ready")["status"], "True");
  EXPECT_EQ(ConditionOf(node, "Ready")["lastHeartbeatTime"], "2026-01-01T00:01:07Z");
  EXPECT_EQ(node["metadata"]["annotations"]["kless.dev/heartbeats"], "off");
  EXPECT_EQ(world.plane().ReturnNode("node-0").error().code, ErrorCode::kConflict);
  EXPECT_EQ(world.plane().FailNode("node-1").error().code, ErrorCode::kNotFound);
}

TEST(NodeTest, HeartbeatsOfAFailedNodeStopAndRestartOnce) {
  DataPlaneConfig config = NodesConfig(1);
  config.heartbeats = true;
  DataPlaneWorld world(config);
  ASSERT_TRUE(world.plane().FailNode("node-0").has_value());
  ASSERT_TRUE(world.plane().ReturnNode("node-0").has_value());
  const std::uint64_t before = world.plane().Stats().heartbeats.lease_writes;
  world.RunFor(seconds(100));
  EXPECT_EQ(world.plane().Stats().heartbeats.lease_writes, before + 10);
  ASSERT_TRUE(world.plane().FailNode("node-0").has_value());
  world.RunFor(seconds(100));
  EXPECT_EQ(world.plane().Stats().heartbeats.lease_writes, before + 10);
}

TEST(NodeTest, ADeletedNodeObjectComesBackOnlyWithReturn) {
  DataPlaneWorld world;
  world.store().resources().Remove({"node", "node-0"}, Condition::None());
  world.RunFor(seconds(1000));
  EXPECT_FALSE(world.Exists("node", "node-0"));
  EXPECT_FALSE(world.plane().Nodes()[0].registered);
  ASSERT_TRUE(world.plane().ReturnNode("node-0").has_value());
  EXPECT_TRUE(world.Exists("node", "node-0"));
}

TEST(NodeTest, APodThatTheControlPlaneCalledUnreadyIsReadyAgainAfterTheReturn) {
  DataPlaneWorld world;
  world.Bind(PodObject("a", "node-0", {"sleep", "100"}));
  ASSERT_TRUE(world.plane().FailNode("node-0").has_value());
  json pod = world.Pod("a");
  for (json& condition : pod["status"]["conditions"]) {
    if (condition["type"] == "Ready") condition["status"] = "False";
  }
  world.Put("pod", pod);
  world.RunFor(seconds(60));
  ASSERT_TRUE(world.plane().ReturnNode("node-0").has_value());
  EXPECT_EQ(world.Condition("a", "Ready")["status"], "True");
}

}  // namespace
}  // namespace kless::data_plane
