// The pod garbage collector: reference controllers.md PG1 to PG6.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/controllers/podgc/podgc_loop.h"
#include "tests/functions/controllers/loop_world.h"

namespace kless::controllers {
namespace {

using testing::ElementsAre;

class PodGcTest : public ::testing::Test {
 protected:
  void Pod(const std::string& name, const std::string& node, const char* phase = "Running") {
    json pod = {{"spec", json::object()}, {"status", {{"phase", phase}}}};
    if (!node.empty()) pod["spec"]["nodeName"] = node;
    pod["metadata"]["generation"] = 1;
    world_.Put("pod", "a/" + name, std::move(pod));
  }
  void Node(const std::string& name, const char* ready, bool out_of_service) {
    json node = {{"status", {{"conditions", {{{"type", "Ready"}, {"status", ready}}}}}}};
    if (out_of_service) {
      node["spec"]["taints"] = {
          {{"key", "node.kubernetes.io/out-of-service"}, {"effect", "NoExecute"}}};
    }
    world_.Put("node", name, std::move(node));
  }
  json Status(const std::string& name) const { return world_.Get("pod", "a/" + name)["status"]; }
  bool Has(const std::string& name) const { return world_.Exists("pod", "a/" + name); }
  // The last image before its removal.
  json Last(const std::string& name) const {
    json last;
    for (const auto& change : world_.changes) {
      if (change.id.name == "a/" + name && change.gone()) last = change.Before();
    }
    return last;
  }
  LoopWorld world_{{PodGcLoop(3)}};
};

TEST_F(PodGcTest, PG1_APodOnANodeThatIsMissingIsQuarantinedFirst) {
  world_.RunUntil(1);
  Pod("ghost", "no-such-node");
  // Found by the sweep at 20 s, then quarantined for 40 s.
  world_.RunUntil(59.9);
  EXPECT_TRUE(Has("ghost"));
  world_.RunUntil(60);
  EXPECT_FALSE(Has("ghost"));
  const json last = Last("ghost")["status"];
  EXPECT_EQ(last["phase"], "Failed");
  EXPECT_EQ(last["observedGeneration"], 1);
  EXPECT_EQ(last["conditions"][0]["type"], "DisruptionTarget");
  EXPECT_EQ(last["conditions"][0]["status"], "True");
  EXPECT_EQ(last["conditions"][0]["reason"], "DeletionByPodGC");
  EXPECT_EQ(last["conditions"][0]["message"], "PodGC: node no longer exists");
  EXPECT_TRUE(world_.events.empty());
}

TEST_F(PodGcTest, PG1_APodWhoseNodeGoesFollowsIt) {
  Node("n", "True", false);
  Pod("p", "n");
  world_.RunUntil(100);
  EXPECT_EQ(world_.timers(), 0U);
  world_.Delete("node", "n");
  world_.RunUntil(159.9);
  EXPECT_TRUE(Has("p"));
  world_.RunUntil(160);
  EXPECT_FALSE(Has("p"));
}

TEST_F(PodGcTest, PG1_ANodeThatComesBackKeepsItsPods) {
  Node("n", "True", false);
  Pod("p", "n");
  world_.Delete("node", "n");
  world_.RunUntil(50);
  Node("n", "True", false);
  world_.RunToEnd();
  EXPECT_TRUE(Has("p"));
}

TEST_F(PodGcTest, PG2_AFinishedPodIsNotFailed) {
  Pod("done", "no-such-node", "Succeeded");
  world_.RunToEnd();
  EXPECT_FALSE(Has("done"));
  EXPECT_EQ(Last("done")["status"], json({{"phase", "Succeeded"}}));
}

TEST_F(PodGcTest, PG3_AnUnboundPodThatIsHeldFailsAtTheNextSweep) {
  Pod("held", "", "Pending");
  world_.Patch("pod", "a/held", {{"metadata", {{"finalizers", {"x.y/z"}}}}});
  world_.RunUntil(1);
  world_.Delete("pod", "a/held");
  world_.RunUntil(19.9);
  EXPECT_EQ(Status("held")["phase"], "Pending");
  world_.RunUntil(20);
  EXPECT_EQ(Status("held")["phase"], "Failed");
  EXPECT_FALSE(Status("held").contains("conditions"));
  world_.Patch("pod", "a/held", {{"metadata", {{"finalizers", nullptr}}}});
  EXPECT_FALSE(Has("held"));
}

TEST_F(PodGcTest, PG4_AnOutOfServiceNodeLosesItsTerminatingPods) {
  Node("n", "Unknown", true);
  Pod("stays", "n");
  Pod("goes", "n");
  world_.RunUntil(3);
  EXPECT_EQ(world_.timers(), 0U);
  world_.Delete("pod", "a/goes");
  world_.RunUntil(20);
  EXPECT_FALSE(Has("goes"));
  EXPECT_EQ(Last("goes")["status"]["phase"], "Failed");
  EXPECT_TRUE(Has("stays"));
}

TEST_F(PodGcTest, PG4_ANodeThatIsReadyIsInService) {
  Node("n", "True", true);
  Pod("p", "n");
  world_.Delete("pod", "a/p");
  world_.RunToEnd();
  EXPECT_TRUE(Has("p"));
  EXPECT_EQ(world_.timers(), 0U);
}

TEST_F(PodGcTest, PG5_EvictedPodsGoFirstThenTheOldest) {
  world_.Put("node", "n");
  for (const char* name : {"t0", "t1", "t2", "t3", "t4"}) {
    world_.RunUntil(world_.Seconds() + 1);
    Pod(name, "n", "Failed");
  }
  Pod("run", "n", "Running");
  world_.Patch("pod", "a/t4", {{"status", {{"reason", "Evicted"}}}});
  world_.RunUntil(20);
  std::vector<std::string> left;
  for (const char* name : {"t0", "t1", "t2", "t3", "t4", "run"}) {
    if (Has(name)) left.emplace_back(name);
  }
  EXPECT_THAT(left, ElementsAre("t1", "t2", "t3", "run"));
}

TEST_F(PodGcTest, PG5_AtTheThresholdAllStay) {
  world_.Put("node", "n");
  for (const char* name : {"t0", "t1", "t2"}) Pod(name, "n", "Succeeded");
  world_.RunToEnd();
  EXPECT_TRUE(Has("t0") && Has("t1") && Has("t2"));
  EXPECT_EQ(world_.timers(), 0U);
}

TEST_F(PodGcTest, PG5_PodsAreCountedOncePerSweep) {
  world_.Put("node", "n");
  for (int i = 0; i < 30; ++i) {
    world_.RunUntil(world_.Seconds() + 0.1);
    Pod("t" + std::to_string(i), "n", "Succeeded");
  }
  world_.RunToEnd();
  int gone = 0;
  for (const auto& change : world_.changes) gone += change.gone() ? 1 : 0;
  EXPECT_EQ(gone, 27);
  EXPECT_EQ(world_.Seconds(), 20);
}

TEST(PodGcThresholdTest, PG6_AThresholdOfZeroDisables) {
  EXPECT_EQ(kTerminatedPodThreshold, 12500);
  LoopWorld world({PodGcLoop(0)});
  world.Put("pod", "a/p", {{"status", {{"phase", "Failed"}}}});
  world.RunToEnd();
  EXPECT_EQ(world.Seconds(), 0);
  EXPECT_TRUE(world.Exists("pod", "a/p"));
}

TEST_F(PodGcTest, PG1_ACrashAfterAnyWriteChangesNothing) {
  for (int writes = 0; writes < 4; ++writes) {
    Pod("p", "gone");
    Pod("q", "gone");
    world_.Settle();
    world_.writes_left = writes;
    world_.RunToEnd();
    EXPECT_FALSE(Has("p") || Has("q")) << writes;
    world_.writes_left = -1;
  }
}

}  // namespace
}  // namespace kless::controllers
