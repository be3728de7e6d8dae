// Taint eviction: reference controllers.md NL8 to NL11, NL19, NL20; scheduler.md SC17, SC19.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/controllers/node/taints.h"
#include "tests/functions/controllers/node/node_world.h"

namespace kless::controllers {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

json Taints(const char* key, const char* effect = "NoExecute", const char* value = "") {
  json taint = {{"key", key}, {"effect", effect}};
  if (*value != '\0') taint["value"] = value;
  return {{"spec", {{"taints", {taint}}}}};
}

class TaintEvictionTest : public ::testing::Test {
 protected:
  TaintEvictionTest() {
    world_.AddNode("n");
    world_.Patch("node", "n", {{"metadata", {{"annotations", {{"kless.dev/heartbeats", "off"}}}}}});
    world_.PostReady("n");
    world_.RunUntil(10);
  }
  void Taint(const json& patch) {
    world_.Patch("node", "n", patch);
    world_.Settle();
  }
  void Untaint() { Taint({{"spec", {{"taints", nullptr}}}}); }
  static json Tolerate(const char* key, std::optional<int> seconds) {
    json toleration = {{"key", key}, {"operator", "Exists"}, {"effect", "NoExecute"}};
    if (seconds) toleration["tolerationSeconds"] = *seconds;
    return json::array({toleration});
  }
  bool IsDeleting(const std::string& pod) const {
    return world_.Get("pod", "a/" + pod)["metadata"].contains("deletionTimestamp");
  }
  NodeWorld world_;
};

TEST_F(TaintEvictionTest, NL19_SC17_ATaintByHandEvictsAtOnceOrWhenTheTimeIsOver) {
  world_.AddPod("none", "n", TolerateFor(300));
  world_.AddPod("five", "n", Tolerate("foo", 5));
  world_.AddPod("ever", "n", Tolerate("foo", std::nullopt));
  world_.AddPod("all", "n", json::array({{{"operator", "Exists"}}}));
  world_.Settle();
  Taint(Taints("foo", "NoExecute", "1"));
  EXPECT_TRUE(IsDeleting("none"));
  EXPECT_FALSE(IsDeleting("five"));
  world_.RunToEnd();
  EXPECT_EQ(world_.Seconds(), 15);
  EXPECT_TRUE(IsDeleting("five"));
  EXPECT_FALSE(IsDeleting("ever") || IsDeleting("all"));
  EXPECT_THAT(world_.Said("TaintManagerEviction"),
              ElementsAre("10.0 Normal Marking for deletion Pod a/none",
                          "15.0 Normal Marking for deletion Pod a/five"));
  EXPECT_EQ(world_.events.back().component, "taint-eviction-controller");
  EXPECT_EQ(world_.events.back().object, "Pod/five");
}

TEST_F(TaintEvictionTest, NL8_ThePodSaysWhyBeforeItIsDeleted) {
  world_.AddPod("p", "n");
  world_.Settle();
  Taint(Taints("foo"));
  const json condition = world_.Condition("pod", "a/p", "DisruptionTarget");
  EXPECT_EQ(condition["status"], "True");
  EXPECT_EQ(condition["reason"], "DeletionByTaintManager");
  EXPECT_EQ(condition["message"], "Taint manager: deleting due to NoExecute taint");
  EXPECT_EQ(world_.Get("pod", "a/p")["metadata"]["deletionGracePeriodSeconds"], 30);
  const auto& changes = world_.changes;
  const auto& marked = changes[changes.size() - 2];
  EXPECT_EQ(marked.id.name, "a/p");
  EXPECT_FALSE(marked.After()["metadata"].contains("deletionTimestamp"));
}

TEST_F(TaintEvictionTest, NL8_NL9_SC19_PodsOfADeadNodeGoWhenTheyTolerateItNoLonger) {
  NodeWorld world;
  world.AddReadyNode("dead", "a");
  world.AddReadyNode("alive", "b");
  world.AddPod("none", "dead");
  world.AddPod("ten", "dead", TolerateFor(10));
  world.AddPod("default", "dead", TolerateFor(300));
  while (world.Seconds() < 400) {
    world.RenewLease("alive");
    world.RunUntil(world.Seconds() + 10);
  }
  EXPECT_THAT(world.Said("TaintManagerEviction"),
              ElementsAre("50.1 Normal Marking for deletion Pod a/none",
                          "60.1 Normal Marking for deletion Pod a/ten",
                          "350.1 Normal Marking for deletion Pod a/default"));
  // The deletions are not confirmed: the pods stay.
  EXPECT_TRUE(world.Exists("pod", "a/none"));
}

TEST_F(TaintEvictionTest, NL10_NL11_ANodeThatReturnsKeepsItsPods) {
  world_.AddPod("p", "n", Tolerate("foo", 60));
  world_.Settle();
  Taint(Taints("foo"));
  world_.RunUntil(30);
  Untaint();
  world_.RunToEnd();
  EXPECT_FALSE(IsDeleting("p"));
  EXPECT_THAT(world_.Said("TaintManagerEviction"),
              ElementsAre("30.0 Normal Cancelling deletion of Pod a/p"));
}

TEST_F(TaintEvictionTest, NL22_ANewTaintRestartsTheTime) {
  world_.AddPod("p", "n", Tolerate("foo", 40));
  world_.Settle();
  Taint(Taints("foo"));
  world_.RunUntil(30);
  Untaint();
  world_.RunUntil(35);
  Taint(Taints("foo"));
  world_.RunToEnd();
  EXPECT_EQ(world_.Seconds(), 75);
  EXPECT_TRUE(IsDeleting("p"));
}

TEST_F(TaintEvictionTest, NL19_APodThatComesLaterIsJudgedLikewise) {
  Taint(Taints("foo"));
  world_.RunUntil(20);
  world_.AddPod("p", "n", Tolerate("foo", 5));
  world_.AddPod("q", "n");
  world_.RunToEnd();
  EXPECT_THAT(world_.Said("TaintManagerEviction"),
              UnorderedElementsAre("20.0 Normal Marking for deletion Pod a/q",
                                   "25.0 Normal Marking for deletion Pod a/p"));
}

TEST_F(TaintEvictionTest, NL20_ATaintThatGoesDoesNotCallBackADeletion) {
  world_.AddPod("p", "n");
  world_.Settle();
  Taint(Taints("foo"));
  Untaint();
  world_.RunToEnd();
  EXPECT_TRUE(IsDeleting("p"));
  EXPECT_THAT(world_.Said("TaintManagerEviction"),
              ElementsAre("10.0 Normal Marking for deletion Pod a/p"));
}

TEST_F(TaintEvictionTest, SC17_OtherEffectsEvictNoPods) {
  world_.AddPod("p", "n");
  world_.Settle();
  Taint(Taints("foo", "NoSchedule"));
  world_.RunToEnd();
  EXPECT_FALSE(IsDeleting("p"));
}

TEST_F(TaintEvictionTest, NL8_ACrashAfterAnyWriteChangesNothing) {
  for (int writes = 0; writes < 4; ++writes) {
    world_.AddPod("p", "n");
    world_.AddPod("q", "n", Tolerate("foo", 7));
    world_.Settle();
    world_.writes_left = writes;
    Taint(Taints("foo"));
    world_.RunToEnd();
    EXPECT_TRUE(IsDeleting("p") && IsDeleting("q")) << writes;
    world_.writes_left = -1;
    Untaint();
    for (const char* pod : {"a/p", "a/q"}) {
      world_.Delete("pod", pod, Deletion::Propagation::kBackground, 0);
    }
    world_.Settle();
  }
}

TEST(TolerationTest, SC17_TheLeastOfTheTimesCounts) {
  const json taints = {{{"key", "a"}, {"effect", "NoExecute"}, {"value", "x"}},
                       {{"key", "b"}, {"effect", "NoExecute"}}};
  const auto seconds = [&](json tolerations) {
    return ToleratedSeconds({{"spec", {{"tolerations", std::move(tolerations)}}}}, taints);
  };
  const json every = {{"operator", "Exists"}};
  const json b5 = {{"key", "b"}, {"operator", "Exists"}, {"tolerationSeconds", 5}};
  EXPECT_EQ(seconds({every}), std::nullopt);
  EXPECT_EQ(seconds({b5}), 0);
  EXPECT_EQ(seconds({{{"key", "a"}, {"value", "x"}, {"tolerationSeconds", 9}}, b5}), 5);
  EXPECT_EQ(seconds({{{"key", "a"}, {"value", "x"}}, b5}), 5);
  EXPECT_EQ(seconds({{{"key", "a"}, {"value", "y"}}, b5}), 0);
  EXPECT_EQ(seconds({{{"key", "a"}, {"operator", "Equal"}, {"value", "x"}}, every}), std::nullopt);
  EXPECT_EQ(seconds({{{"key", "a"}, {"value", "x"}, {"effect", "NoSchedule"}}, b5}), 0);
  EXPECT_EQ(seconds({{{"key", "a"}, {"value", "x"}, {"tolerationSeconds", -3}}, b5}), 0);
  EXPECT_EQ(seconds(7), 0);
  EXPECT_EQ(seconds({7}), 0);
}

}  // namespace
}  // namespace kless::controllers
