// NoExecute taints zone by zone: reference controllers.md NL5, NL10, NL14 to NL18, NL21, NL22.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "functions/controllers/node/zone_memo.h"
#include "tests/functions/controllers/node/node_world.h"

namespace kless::controllers {
namespace {

using testing::ElementsAre;

constexpr const char* kNoExecute = "node.kubernetes.io/unreachable:NoExecute";

// Runs until `seconds`; the kubelets of `alive` renew their leases every 10 s.
void PlayZones(NodeWorld& world, double seconds, const std::vector<std::string>& alive) {
  while (world.Seconds() < seconds) {
    for (const std::string& name : alive) world.RenewLease(name);
    world.RunUntil(std::min(seconds, world.Seconds() + 10));
  }
}

TEST(ZonesTest, NL5_TheFirstDeadNodeIsTaintedInTheSameTick) {
  NodeWorld world;
  world.AddReadyNode("dead", "z");
  world.AddReadyNode("alive", "z");
  PlayZones(world, 52, {"alive"});
  EXPECT_DOUBLE_EQ(world.TaintedAt("dead", kNoExecute), 50.1);
}

TEST(ZonesTest, NL10_ANodeThatReturnsIsClearedAtTheNextTick) {
  NodeWorld world;
  world.AddReadyNode("n", "z");
  world.AddReadyNode("alive", "z");
  PlayZones(world, 61, {"alive"});
  world.PostReady("n");
  world.Settle();
  EXPECT_EQ(world.ClearedAt("n", "node.kubernetes.io/unreachable:NoSchedule"), 61);
  EXPECT_TRUE(world.IsTainted("n", kNoExecute));
  PlayZones(world, 66, {"alive", "n"});
  EXPECT_EQ(world.ClearedAt("n", kNoExecute), 65);
}

TEST(ZonesTest, NL14_NL15_ADeadZoneIsTaintedOneNodeEveryTenSeconds) {
  NodeWorld world;
  world.AddReadyNode("b1", "b");
  world.AddReadyNode("b2", "b");
  world.AddReadyNode("b3", "b");
  world.AddReadyNode("a1", "a");
  PlayZones(world, 90, {"a1"});
  EXPECT_DOUBLE_EQ(world.TaintedAt("b1", kNoExecute), 50.1);
  EXPECT_DOUBLE_EQ(world.TaintedAt("b2", kNoExecute), 60.1);
  EXPECT_DOUBLE_EQ(world.TaintedAt("b3", kNoExecute), 70.1);
}

TEST(ZonesTest, NL14_NL21_ZonesHaveABucketEach) {
  NodeWorld world;
  world.AddReadyNode("a1", "a");
  world.AddReadyNode("b1", "b");
  world.AddReadyNode("none1");
  world.AddReadyNode("none2");
  world.AddReadyNode("alive", "c");
  PlayZones(world, 70, {"alive"});
  EXPECT_DOUBLE_EQ(world.TaintedAt("a1", kNoExecute), 50.1);
  EXPECT_DOUBLE_EQ(world.TaintedAt("b1", kNoExecute), 50.1);
  // Nodes without labels are a zone of their own.
  EXPECT_DOUBLE_EQ(world.TaintedAt("none1", kNoExecute), 50.1);
  EXPECT_DOUBLE_EQ(world.TaintedAt("none2", kNoExecute), 60.1);
}

TEST(ZonesTest, NL16_ALargelyDeadZoneIsLeftAlone) {
  NodeWorld world;
  for (const char* name : {"d1", "d2", "d3", "d4"}) world.AddReadyNode(name, "z");
  world.AddReadyNode("other", "y");
  world.AddPod("p", "d1");
  PlayZones(world, 200, {"d4", "other"});
  for (const char* name : {"d1", "d2", "d3"}) {
    EXPECT_EQ(world.TaintedAt(name, kNoExecute), -1) << name;
    EXPECT_TRUE(world.IsTainted(name, "node.kubernetes.io/unreachable:NoSchedule")) << name;
  }
  EXPECT_EQ(world.Condition("pod", "a/p", "Ready")["status"], "False");
}

TEST(ZonesTest, NL16_TwoDeadNodesAreNoDisruption) {
  NodeWorld world;
  for (const char* name : {"d1", "d2", "d3"}) world.AddReadyNode(name, "z");
  PlayZones(world, 70, {"d3"});
  EXPECT_DOUBLE_EQ(world.TaintedAt("d1", kNoExecute), 50.1);
  EXPECT_DOUBLE_EQ(world.TaintedAt("d2", kNoExecute), 60.1);
}

TEST(ZonesTest, NL17_WhenOneReturnsTheOthersAreTainted) {
  NodeWorld world;
  for (const char* name : {"d1", "d2", "d3", "d4"}) world.AddReadyNode(name, "z");
  world.AddReadyNode("other", "y");
  PlayZones(world, 101, {"d4", "other"});
  world.PostReady("d3");
  PlayZones(world, 200, {"d3", "d4", "other"});
  // The next tick makes the zone normal; its bucket begins empty.
  EXPECT_EQ(world.TaintedAt("d1", kNoExecute), 115);
  EXPECT_EQ(world.TaintedAt("d2", kNoExecute), 125);
  EXPECT_EQ(world.TaintedAt("d3", kNoExecute), -1);
}

TEST(ZonesTest, NL18_WhenAllAreDeadNoPodIsEvicted) {
  NodeWorld world;
  world.AddReadyNode("w1", "a");
  world.AddReadyNode("w2", "b");
  world.AddPod("p", "w1", TolerateFor(40));
  PlayZones(world, 20, {"w2"});
  world.RunUntil(300);
  EXPECT_DOUBLE_EQ(world.TaintedAt("w1", kNoExecute), 50.1);
  // The last heartbeat of w2 was at 10 s.
  EXPECT_DOUBLE_EQ(world.ClearedAt("w1", kNoExecute), 60.1);
  EXPECT_EQ(world.TaintedAt("w2", kNoExecute), -1);
  EXPECT_THAT(world.Said("TaintManagerEviction"),
              ElementsAre("60.1 Normal Cancelling deletion of Pod a/p"));
  EXPECT_TRUE(world.IsTainted("w1", "node.kubernetes.io/unreachable:NoSchedule"));
  EXPECT_TRUE(world.IsTainted("w2", "node.kubernetes.io/unreachable:NoSchedule"));
  EXPECT_EQ(world.timers(), 0U);
}

TEST(ZonesTest, NL22_TheFirstReturnEndsIt) {
  NodeWorld world;
  for (const char* name : {"w1", "w2", "w3"}) world.AddReadyNode(name, "z");
  world.AddPod("p", "w2", TolerateFor(40));
  world.RunUntil(109);
  EXPECT_EQ(world.TaintedAt("w1", kNoExecute), -1);
  world.PostReady("w1");
  PlayZones(world, 200, {"w1"});
  EXPECT_EQ(world.TaintedAt("w2", kNoExecute), 120);
  EXPECT_EQ(world.TaintedAt("w3", kNoExecute), 130);
  EXPECT_THAT(world.Said("TaintManagerEviction"),
              ElementsAre("160.0 Normal Marking for deletion Pod a/p"));
}

TEST(ZonesTest, NL14_ANodeThatIsDeletedNoLongerWaits) {
  NodeWorld world;
  world.AddReadyNode("b1", "b");
  world.AddReadyNode("b2", "b");
  world.AddReadyNode("b3", "b");
  world.AddReadyNode("a1", "a");
  PlayZones(world, 55, {"a1"});
  world.Delete("node", "b2");
  PlayZones(world, 90, {"a1"});
  EXPECT_DOUBLE_EQ(world.TaintedAt("b3", kNoExecute), 60.1);
}

TEST(ZonesTest, NL14_ACrashAfterAnyWriteChangesNothing) {
  for (int writes = 0; writes < 4; ++writes) {
    NodeWorld world;
    world.AddReadyNode("b1", "b");
    world.AddReadyNode("b2", "b");
    world.AddReadyNode("a1", "a");
    PlayZones(world, 45, {"a1"});
    world.writes_left = writes;
    PlayZones(world, 90, {"a1"});
    EXPECT_DOUBLE_EQ(world.TaintedAt("b1", kNoExecute), 50.1) << writes;
    EXPECT_GE(world.TaintedAt("b2", kNoExecute), 60) << writes;
  }
}

TEST(ZoneMemoTest, AMemoIsReadAsItWasWritten) {
  ZoneMemo memo;
  memo.due_unix_nanos = 17;
  Zone& zone = memo.zones["r/z"];
  zone.state = ZoneState::kPartialDisruption;
  zone.SetPeriod(10, 100);
  zone.queue = {"n2", "n1"};
  const ZoneMemo again = ZoneMemo::Parse(memo.ToText());
  EXPECT_EQ(again.ToText(), memo.ToText());
  EXPECT_EQ(again.zones.at("r/z").free_unix_nanos, 110);
  EXPECT_THAT(again.zones.at("r/z").queue, ElementsAre("n2", "n1"));
  for (const char* text : {"", "[]", "7", R"({"zones":7})", R"({"zones":{"a":7}})"}) {
    EXPECT_EQ(ZoneMemo::Parse(text).due_unix_nanos, 0) << text;
  }
}

TEST(ZoneMemoTest, NL17_AReplacedLimiterGivesNoMoreThanTheOld) {
  Zone zone;
  zone.SetPeriod(10, 100);
  EXPECT_FALSE(zone.Gives(109));
  EXPECT_TRUE(zone.Gives(110));
  zone.SetPeriod(100, 110);
  EXPECT_TRUE(zone.Gives(110));
  zone.Take(110);
  EXPECT_FALSE(zone.Gives(209));
  zone.SetPeriod(0, 150);
  EXPECT_FALSE(zone.Gives(1000));
}

}  // namespace
}  // namespace kless::controllers
