// Many pods: exactly two writes each, and nothing left in memory.
#include <boost/asio/post.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "emulator/base/loop/task.h"
#include "store/item/resource_fields.h"
#include "tests/emulator/data_plane/data_plane_world.h"

namespace kless::data_plane {
namespace {

TEST(PodScaleTest, AThousandPodsRunToTheEndWithExactlyTwoWritesEach) {
  DataPlaneConfig config = NodesConfig(20);
  config.image_pull = Distribution::FromJson({{"uniform_ms", {0, 500}}}).value();
  config.run_time =
      Distribution::FromJson({{"lognormal_ms", {{"p50", 900}, {"p99", 5000}}}}).value();
  DataPlaneWorld world(config);
  const std::uint64_t before = world.store().feed().Latest();
  for (int i = 0; i < 1000; ++i) {
    char node[16];
    std::snprintf(node, sizeof node, "node-%02d", i % 20);
    world.Put("pod", PodObject("p" + std::to_string(i), node, {"work"}));
  }
  world.RunFor(seconds(300));
  EXPECT_EQ(world.store().feed().Latest() - before, 3000u);
  const DataPlaneStats stats = world.plane().Stats();
  EXPECT_EQ(stats.status_writes, 2000u);
  EXPECT_EQ(stats.succeeded, 1000u);
  EXPECT_EQ(stats.pending + stats.running + stats.failed + stats.conflicts, 0u);
  for (const NodeState& node : world.plane().Nodes()) EXPECT_EQ(node.pods, 0);
  EXPECT_TRUE(world.plane().Idle());
  EXPECT_FALSE(world.event_loop().NextDeadline().has_value());
}

TEST(PodScaleTest, PodsOfANodeHaveDifferentAddressesThatAreUsedAgain) {
  DataPlaneWorld world;
  std::map<std::string, std::string> owners;
  for (int i = 0; i < 200; ++i) {
    const std::string name = "p" + std::to_string(i);
    world.Bind(PodObject(name, "node-0", {"sleep", "100"}));
    EXPECT_TRUE(owners.emplace(world.Status(name)["podIP"], name).second);
  }
  world.RunFor(seconds(100));
  for (int i = 0; i < 200; ++i) {
    const std::string name = "q" + std::to_string(i);
    world.Bind(PodObject(name, "node-0", {"sleep", "100"}));
    EXPECT_NE(world.Status(name)["podIP"], "10.0.0.0");
  }
}

TEST(PodScaleTest, TheSameSeedMakesTheSameRun) {
  const auto run = [] {
    DataPlaneConfig config = NodesConfig(3);
    config.kubelet = Kubelet::kReal;
    DataPlaneWorld world(config);
    for (int i = 0; i < 60; ++i) {
      world.Put("pod", PodObject("p" + std::to_string(i), "node-" + std::to_string(i % 3), {"x"}));
    }
    world.RunFor(seconds(600));
    std::string documents;
    for (int i = 0; i < 60; ++i) documents += world.Pod("p" + std::to_string(i)).dump();
    return documents;
  };
  EXPECT_EQ(run(), run());
}

TEST(PodScaleTest, ATrimmedFeedIsAnsweredWithANewList) {
  DataPlaneWorld world;
  world.Bind(PodObject("a", "node-0", {"sleep", "10"}));
  world.plane().Stop();
  world.RunFor(seconds(1));
  world.Put("pod", PodObject("b", "node-0", {"sleep", "10"}));
  world.store().EndTurn();
  world.store().Trim(1000, world.store().feed().Latest());
  world.Restart();
  world.RunFor(seconds(20));
  EXPECT_EQ(world.Phase("a"), "Succeeded");
  EXPECT_EQ(world.Phase("b"), "Succeeded");
}

// Stops the data plane between two of its handlers.
Task<> StopAfter(int handlers, DataPlaneWorld* world) {
  for (int i = 0; i < handlers; ++i) {
    co_await asio::post(world->event_loop().executor(), asio::use_awaitable);
  }
  world->plane().Stop();
}

TEST(PodScaleTest, AStopDuringTheFirstListStartsNoHeartbeats) {
  for (int handlers = 0; handlers < 8; ++handlers) {
    DataPlaneConfig config = NodesConfig(150);
    config.heartbeats = true;
    DataPlaneWorld world(config, false);
    world.plane().Start();
    Spawn(world.event_loop(), "stop", StopAfter(handlers, &world));
    world.RunFor(Duration::zero());
    const std::uint64_t written = world.plane().Stats().heartbeats.lease_writes;
    world.RunFor(seconds(60));
    EXPECT_EQ(world.plane().Stats().heartbeats.lease_writes, written) << handlers << " handlers";
  }
}

TEST(PodScaleTest, AStopDuringALaterListForgetsNoPod) {
  for (int handlers = 0; handlers < 8; ++handlers) {
    DataPlaneWorld world;
    for (int i = 0; i < 150; ++i) {
      world.Put("pod", PodObject("p" + std::to_string(i), "node-0", {"sleep", "1000"}));
    }
    world.RunFor(seconds(1));
    ASSERT_EQ(world.plane().Nodes()[0].pods, 150);
    world.Put("pod", PodObject("other", "elsewhere", {"x"}));
    world.store().EndTurn();
    world.store().Trim(1000, world.store().feed().Latest());
    Spawn(world.event_loop(), "stop", StopAfter(handlers, &world));
    world.RunFor(seconds(1));
    EXPECT_EQ(world.plane().Nodes()[0].pods, 150) << handlers << " handlers";
  }
}

}  // namespace
}  // namespace kless::data_plane
