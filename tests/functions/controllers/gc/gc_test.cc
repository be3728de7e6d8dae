// The garbage collector: reference controllers.md GC1 to GC22.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "functions/controllers/gc/gc_loop.h"
#include "tests/functions/controllers/loop_world.h"

namespace kless::controllers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Propagation = Deletion::Propagation;

class GarbageCollectorTest : public ::testing::Test {
 protected:
  void ConfigMap(const std::string& name, const std::vector<json>& owners = {},
                 const std::vector<std::string>& finalizers = {}) {
    json object = owners.empty() ? json::object() : Owners(owners);
    if (!finalizers.empty()) object["metadata"]["finalizers"] = finalizers;
    world_.Put("configmap", "a/" + name, std::move(object));
  }
  static json By(const std::string& name, bool blocks = true) {
    return OwnedBy("ConfigMap", name, "uid-" + name, blocks);
  }
  bool Has(const std::string& name) const { return world_.Exists("configmap", "a/" + name); }
  json Metadata(const std::string& name) const {
    return world_.Get("configmap", "a/" + name)["metadata"];
  }
  // "changed x", "gone x" of every write since the creations, in order.
  std::vector<std::string> Story() const {
    std::vector<std::string> story;
    for (const auto& change : world_.changes) {
      if (change.created()) continue;
      story.push_back((change.gone() ? "gone " : "changed ") + change.id.name.substr(2));
    }
    return story;
  }
  void Chain() {
    ConfigMap("x");
    ConfigMap("y", {By("x")});
    ConfigMap("z", {By("y")});
    world_.Settle();
  }
  void Delete(const std::string& name, Propagation propagation) {
    world_.Delete("configmap", "a/" + name, propagation);
    world_.Settle();
  }
  void Release(const std::string& name) {
    world_.Patch("configmap", "a/" + name, {{"metadata", {{"finalizers", nullptr}}}});
    world_.Settle();
  }
  LoopWorld world_{{GarbageCollectorLoop()}};
};

TEST_F(GarbageCollectorTest, GC1_GC2_ABackgroundDeletionRunsDownTheChain) {
  Chain();
  EXPECT_THAT(Story(), IsEmpty());
  Delete("x", Propagation::kBackground);
  EXPECT_THAT(Story(), ElementsAre("gone x", "gone y", "gone z"));
}

TEST_F(GarbageCollectorTest, GC3_GC4_AForegroundDeletionRunsUpTheChain) {
  Chain();
  Delete("x", Propagation::kForeground);
  // The middle object has a dependent: it waits, too.  The leaf does not.
  EXPECT_THAT(Story(), ElementsAre("changed x", "changed y", "gone z", "gone y", "gone x"));
  EXPECT_EQ(world_.changes[3].After()["metadata"]["finalizers"], json({"foregroundDeletion"}));
  EXPECT_EQ(world_.changes[4].After()["metadata"]["finalizers"], json({"foregroundDeletion"}));
}

TEST_F(GarbageCollectorTest, GC5_WhatDoesNotBlockIsDeletedButNotWaitedFor) {
  ConfigMap("x");
  ConfigMap("y", {By("x")});
  ConfigMap("free", {By("x", false)}, {"x.y/hold"});
  world_.Settle();
  Delete("x", Propagation::kForeground);
  EXPECT_FALSE(Has("x"));
  EXPECT_TRUE(Metadata("free").contains("deletionTimestamp"));
  Release("free");
  EXPECT_FALSE(Has("free"));
}

TEST_F(GarbageCollectorTest, GC5_OneThatBlocksNothingAloneGoesAfterTheOwner) {
  ConfigMap("x");
  ConfigMap("free", {By("x", false)});
  world_.Settle();
  Delete("x", Propagation::kForeground);
  EXPECT_THAT(Story(), ElementsAre("changed x", "gone x", "gone free"));
}

TEST_F(GarbageCollectorTest, GC6_AHeldDependentHoldsItsOwner) {
  ConfigMap("x");
  ConfigMap("held", {By("x")}, {"x.y/hold"});
  ConfigMap("z", {By("held")});
  world_.Settle();
  Delete("x", Propagation::kForeground);
  EXPECT_THAT(Story(), ElementsAre("changed x", "changed held", "gone z", "changed held"));
  // Its own children are gone: only the foreign finalizer is left.
  EXPECT_EQ(Metadata("held")["finalizers"], json({"x.y/hold"}));
  EXPECT_TRUE(Has("x"));
  Release("held");
  EXPECT_FALSE(Has("held"));
  EXPECT_FALSE(Has("x"));
}

TEST_F(GarbageCollectorTest, GC7_ANewDependentGoesWhenTheOthersAreGone) {
  ConfigMap("x");
  ConfigMap("held", {By("x")}, {"x.y/hold"});
  world_.Settle();
  Delete("x", Propagation::kForeground);
  ConfigMap("late", {By("x")});
  world_.Settle();
  EXPECT_FALSE(Metadata("late").contains("deletionTimestamp"));
  Release("held");
  EXPECT_FALSE(Has("late"));
  EXPECT_FALSE(Has("x"));
}

TEST_F(GarbageCollectorTest, GC8_WithoutDependentsTheOwnerGoesAtOnce) {
  ConfigMap("x");
  Delete("x", Propagation::kForeground);
  EXPECT_THAT(Story(), ElementsAre("changed x", "gone x"));
}

TEST_F(GarbageCollectorTest, GC9_OrphansLoseTheirReferenceAndStay) {
  Chain();
  Delete("x", Propagation::kOrphan);
  EXPECT_THAT(Story(), ElementsAre("changed x", "changed y", "gone x"));
  EXPECT_FALSE(Metadata("y").contains("ownerReferences"));
  EXPECT_EQ(Metadata("z")["ownerReferences"][0]["name"], "y");
}

TEST_F(GarbageCollectorTest, GC9_AnOrphanedPodIsNoLongerTheJobControllers) {
  world_.Put("job", "a/j");
  json pod = Owners({OwnedBy("Job", "j", "uid-j")});
  pod["metadata"]["ownerReferences"][0]["controller"] = true;
  pod["metadata"]["finalizers"] = {"batch.kubernetes.io/job-tracking", "x.y/own"};
  world_.Put("pod", "a/p", std::move(pod));
  world_.Delete("job", "a/j", Propagation::kOrphan);
  world_.Settle();
  EXPECT_FALSE(world_.Exists("job", "a/j"));
  EXPECT_EQ(world_.Get("pod", "a/p")["metadata"]["finalizers"], json({"x.y/own"}));
}

TEST_F(GarbageCollectorTest, GC10_ADependentWithoutExistingOwnersIsDeleted) {
  ConfigMap("x", {OwnedBy("ConfigMap", "ghost", "no-such-uid")});
  world_.Settle();
  EXPECT_FALSE(Has("x"));
}

TEST_F(GarbageCollectorTest, GC11_TheNameAloneIsNotAnOwner) {
  ConfigMap("real");
  ConfigMap("y", {OwnedBy("ConfigMap", "real", "another-uid")});
  world_.Settle();
  EXPECT_FALSE(Has("y"));
  EXPECT_TRUE(Has("real"));
}

TEST_F(GarbageCollectorTest, GC12_ADanglingReferenceNextToARealOneIsRemoved) {
  ConfigMap("real");
  ConfigMap("z", {By("real"), OwnedBy("ConfigMap", "ghost", "no-such-uid")});
  world_.Settle();
  ASSERT_THAT(Metadata("z")["ownerReferences"], SizeIs(1));
  EXPECT_EQ(Metadata("z")["ownerReferences"][0]["name"], "real");
}

TEST_F(GarbageCollectorTest, GC13_ADependentOfTwoOutlivesOne) {
  for (const Propagation propagation : {Propagation::kBackground, Propagation::kForeground}) {
    ConfigMap("real");
    ConfigMap("other");
    ConfigMap("z", {By("real"), By("other")});
    world_.Settle();
    Delete("other", propagation);
    EXPECT_FALSE(Has("other"));
    ASSERT_THAT(Metadata("z")["ownerReferences"], SizeIs(1));
    EXPECT_FALSE(Metadata("z").contains("deletionTimestamp"));
  }
}

TEST_F(GarbageCollectorTest, GC14_AnOwnerOfUnknownKindIsNeverMissed) {
  json bar = OwnedBy("Bar", "b", "bar-uid");
  bar["apiVersion"] = "foo.io/v1";
  ConfigMap("x", {bar});
  ConfigMap("y", {bar, OwnedBy("ConfigMap", "ghost", "no-such-uid")});
  world_.RunToEnd();
  EXPECT_TRUE(Has("x"));
  EXPECT_THAT(Metadata("y")["ownerReferences"], SizeIs(2));
  EXPECT_EQ(world_.timers(), 0U);
}

TEST_F(GarbageCollectorTest, GC15_GC22_AnOwnerElsewhereIsNone) {
  world_.Put("configmap", "b/own");
  ConfigMap("child", {By("own")});
  world_.Put("configmap", "b/child", Owners({By("own")}));
  world_.Settle();
  EXPECT_FALSE(Has("child"));
  EXPECT_TRUE(world_.Exists("configmap", "b/child"));
  ASSERT_THAT(world_.events, SizeIs(1));
  EXPECT_EQ(world_.events[0].text(),
            "Warning OwnerRefInvalidNamespace ownerRef [v1/ConfigMap, namespace: a, name: own, "
            "uid: uid-own] does not exist in namespace \"a\"");
  EXPECT_EQ(world_.events[0].object, "ConfigMap/child");
  EXPECT_EQ(world_.events[0].component, "garbage-collector-controller");
}

TEST_F(GarbageCollectorTest, GC16_AClusterScopedChildOfANamespacedOwnerStays) {
  ConfigMap("own");
  world_.Put("node", "n", Owners({By("own")}));
  world_.Settle();
  EXPECT_TRUE(world_.Exists("node", "n"));
  ASSERT_THAT(world_.events, SizeIs(1));
  EXPECT_EQ(world_.events[0].note.message,
            "ownerRef [v1/ConfigMap, namespace: , name: own, uid: uid-own] does not exist in "
            "namespace \"\"");
  EXPECT_EQ(world_.events[0].note.about->namespace_name, "");
}

TEST_F(GarbageCollectorTest, GC16_AClusterScopedOwnerIsFoundFromANamespace) {
  world_.Put("node", "n");
  ConfigMap("x", {OwnedBy("Node", "n", "uid-n")});
  world_.Settle();
  EXPECT_TRUE(Has("x"));
  world_.Delete("node", "n");
  world_.Settle();
  EXPECT_FALSE(Has("x"));
}

TEST_F(GarbageCollectorTest, GC17_AnOwnerThatIsHeldKeepsItsDependents) {
  ConfigMap("x", {}, {"x.y/hold"});
  ConfigMap("y", {By("x")});
  world_.Settle();
  Delete("x", Propagation::kBackground);
  EXPECT_FALSE(Metadata("y").contains("deletionTimestamp"));
  Release("x");
  EXPECT_FALSE(Has("y"));
}

TEST_F(GarbageCollectorTest, GC18_ACircleIsOpened) {
  ConfigMap("p");
  ConfigMap("q", {By("p")});
  world_.Patch("configmap", "a/p", Owners({By("q")}));
  world_.Settle();
  Delete("p", Propagation::kForeground);
  EXPECT_THAT(Story(), ElementsAre("changed p", "changed p", "changed q", "gone p", "gone q"));
  EXPECT_EQ(world_.changes[4].After()["metadata"]["ownerReferences"][0]["blockOwnerDeletion"],
            false);
}

TEST_F(GarbageCollectorTest, GC19_AHundredDependentsGoInOnePlan) {
  ConfigMap("x");
  for (int i = 0; i < 100; ++i) ConfigMap("y" + std::to_string(i), {By("x")});
  world_.Settle();
  const int before = world_.reconciles;
  Delete("x", Propagation::kBackground);
  EXPECT_FALSE(Has("y99"));
  // One for the owner, and one for each deleted dependent, since it may be an owner itself.
  EXPECT_LE(world_.reconciles - before, 1 + 2 * 100);
}

TEST_F(GarbageCollectorTest, GC20_ABoundPodOutlivesItsJobByItsGrace) {
  world_.Put("job", "a/j");
  json pod = Owners({OwnedBy("Job", "j", "uid-j")});
  pod["spec"] = {{"nodeName", "n"}};
  world_.Put("pod", "a/p", std::move(pod));
  world_.Delete("job", "a/j", Propagation::kBackground);
  world_.Settle();
  EXPECT_FALSE(world_.Exists("job", "a/j"));
  EXPECT_EQ(world_.Get("pod", "a/p")["metadata"]["deletionGracePeriodSeconds"], 30);
}

TEST_F(GarbageCollectorTest, GC21_InTheForegroundTheJobWaitsForItsBoundPod) {
  world_.Put("job", "a/j");
  json pod = Owners({OwnedBy("Job", "j", "uid-j")});
  pod["spec"] = {{"nodeName", "n"}};
  world_.Put("pod", "a/p", std::move(pod));
  world_.Delete("job", "a/j", Propagation::kForeground);
  world_.Settle();
  EXPECT_TRUE(world_.Exists("job", "a/j"));
  world_.Delete("pod", "a/p", Propagation::kBackground, 0);
  world_.Settle();
  EXPECT_FALSE(world_.Exists("job", "a/j"));
}

TEST_F(GarbageCollectorTest, GC4_ACrashAfterAnyWriteChangesNothing) {
  for (int writes = 0; writes < 8; ++writes) {
    Chain();
    ConfigMap("free", {By("x", false)}, {"x.y/hold"});
    world_.Settle();
    world_.writes_left = writes;
    Delete("x", Propagation::kForeground);
    EXPECT_FALSE(Has("x") || Has("y") || Has("z")) << writes;
    Release("free");
    EXPECT_FALSE(Has("free")) << writes;
    world_.writes_left = -1;
  }
}

TEST_F(GarbageCollectorTest, GC9_ACrashAfterAnyWriteStillOrphansAll) {
  for (int writes = 0; writes < 5; ++writes) {
    ConfigMap("x");
    ConfigMap("y1", {By("x")});
    ConfigMap("y2", {By("x")});
    world_.Settle();
    world_.writes_left = writes;
    Delete("x", Propagation::kOrphan);
    EXPECT_FALSE(Has("x")) << writes;
    EXPECT_FALSE(Metadata("y1").contains("ownerReferences")) << writes;
    EXPECT_FALSE(Metadata("y2").contains("ownerReferences")) << writes;
    world_.writes_left = -1;
  }
}

TEST_F(GarbageCollectorTest, RecordsOfAnythingWakeNoKeys) {
  for (const char* document :
       {"", "[]", R"({"metadata":{"ownerReferences":7}})",
        R"({"metadata":{"ownerReferences":[7,{"uid":"u"},{"uid":"v","kind":"ConfigMap"}]}})",
        R"({"metadata":{"finalizers":"foregroundDeletion","deletionTimestamp":"x"}})"}) {
    world_.PutRaw("configmap", "a/raw", document);
    world_.PutRaw("intent", "a/raw", document);
    world_.Settle();
    EXPECT_TRUE(Has("raw")) << document;
  }
}

}  // namespace
}  // namespace kless::controllers
