// The TTL-after-finished controller: reference controllers.md TT1 to TT8.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/controllers/gc/gc_loop.h"
#include "functions/controllers/ttl/ttl_loop.h"
#include "store/item/resource_fields.h"
#include "tests/functions/controllers/loop_world.h"

namespace kless::controllers {
namespace {

class TtlTest : public ::testing::Test {
 protected:
  static json Finished(const LoopWorld& world, const char* type, json spec) {
    return {{"spec", std::move(spec)},
            {"status",
             {{"conditions",
               {{{"type", type},
                 {"status", "True"},
                 {"lastTransitionTime", FormatTime(world.now())}}}}}}};
  }
  // When the Job got its deletionTimestamp, in seconds; -1: never.
  static double DeletedAt(const LoopWorld& world, const std::string& name) {
    for (const auto& change : world.changes) {
      if (change.id.name != name) continue;
      if (change.gone() || change.After()["metadata"].contains("deletionTimestamp")) {
        return static_cast<double>(change.at - kStart) / 1e9;
      }
    }
    return -1;
  }
  LoopWorld world_{{TtlLoop(), GarbageCollectorLoop()}};
};

TEST_F(TtlTest, TT1_AJobWithoutTimeToLiveGoesAtOnce) {
  world_.Put("job", "a/j", Finished(world_, "Complete", {{"ttlSecondsAfterFinished", 0}}));
  world_.Settle();
  EXPECT_EQ(DeletedAt(world_, "a/j"), 0);
  EXPECT_FALSE(world_.Exists("job", "a/j"));
}

TEST_F(TtlTest, TT2_E10_TheTimeRunsFromTheWholeSecondOfTheEnd) {
  world_.RunUntil(0.9);
  world_.Put("job", "a/j", Finished(world_, "Complete", {{"ttlSecondsAfterFinished", 3}}));
  world_.RunUntil(2.99);
  EXPECT_TRUE(world_.Exists("job", "a/j"));
  world_.RunToEnd();
  EXPECT_EQ(DeletedAt(world_, "a/j"), 3);
  EXPECT_EQ(world_.timers(), 0U);
}

TEST_F(TtlTest, TT3_TheDeletionIsForegroundAndTakesThePods) {
  world_.Put("job", "a/j", Finished(world_, "Complete", {{"ttlSecondsAfterFinished", 1}}));
  json pod = Owners({OwnedBy("Job", "j", "uid-j")});
  pod["metadata"]["ownerReferences"][0]["controller"] = true;
  world_.Put("pod", "a/p", std::move(pod));
  world_.RunToEnd();
  std::vector<std::string> order;
  for (const auto& change : world_.changes) {
    if (change.created()) continue;
    order.push_back((change.gone() ? "gone " : "changed ") + change.id.name);
  }
  EXPECT_THAT(order, testing::ElementsAre("changed a/j", "gone a/p", "gone a/j"));
  EXPECT_EQ(world_.changes[2].After()["metadata"]["finalizers"], json({"foregroundDeletion"}));
  EXPECT_TRUE(world_.events.empty());
}

TEST_F(TtlTest, TT3_AnotherJobOfTheNameIsSpared) {
  world_.Put("job", "a/j", Finished(world_, "Complete", {{"ttlSecondsAfterFinished", 1}}));
  Random random(1, "ttl");
  World world(kStart + 2 * kSecond, random);
  const ControlLoop loop = TtlLoop();
  loop.reconcile("a/j", "", world);
  auto questions = world.TakeQuestions();
  ASSERT_EQ(questions.size(), 1U);
  auto item = std::make_shared<Item>();
  item->document = world_.Get("job", "a/j").dump();
  item->fields = ExtractResourceFields(item->document, "a/j");
  world.Answer(questions[0], ItemPtr(item));
  const Plan plan = loop.reconcile("a/j", "", world).plan;
  ASSERT_EQ(plan.batches.size(), 1U);
  EXPECT_EQ(std::get<Deletion>(plan.batches[0].writes[0].change).uid, "uid-j");
}

TEST_F(TtlTest, TT4_APodWithAForeignFinalizerHoldsTheJob) {
  world_.Put("job", "a/j", Finished(world_, "Complete", {{"ttlSecondsAfterFinished", 1}}));
  json pod = Owners({OwnedBy("Job", "j", "uid-j")});
  pod["metadata"]["finalizers"] = {"x.y/z"};
  world_.Put("pod", "a/p", std::move(pod));
  world_.RunToEnd();
  EXPECT_EQ(world_.Get("job", "a/j")["metadata"]["finalizers"], json({"foregroundDeletion"}));
  world_.Patch("pod", "a/p", {{"metadata", {{"finalizers", nullptr}}}});
  world_.RunToEnd();
  EXPECT_FALSE(world_.Exists("job", "a/j"));
}

TEST_F(TtlTest, TT5_ATimeToLiveSetLongAfterTheEndIsOver) {
  world_.Put("job", "a/j", Finished(world_, "Complete", json::object()));
  world_.RunUntil(100);
  world_.Patch("job", "a/j", {{"spec", {{"ttlSecondsAfterFinished", 1}}}});
  world_.Settle();
  EXPECT_EQ(DeletedAt(world_, "a/j"), 100);
}

TEST_F(TtlTest, TT6_ALowerTimeToLiveCounts) {
  world_.Put("job", "a/j", Finished(world_, "Complete", {{"ttlSecondsAfterFinished", 600}}));
  world_.RunUntil(8);
  world_.Patch("job", "a/j", {{"spec", {{"ttlSecondsAfterFinished", 12}}}});
  world_.RunToEnd();
  EXPECT_EQ(DeletedAt(world_, "a/j"), 12);
}

TEST_F(TtlTest, TT6_AHigherTimeToLiveCounts) {
  world_.Put("job", "a/j", Finished(world_, "Complete", {{"ttlSecondsAfterFinished", 5}}));
  world_.RunUntil(3);
  world_.Patch("job", "a/j", {{"spec", {{"ttlSecondsAfterFinished", 9}}}});
  world_.RunToEnd();
  EXPECT_EQ(DeletedAt(world_, "a/j"), 9);
}

TEST_F(TtlTest, TT7_AFailedJobGoesLikewise) {
  world_.Put("job", "a/j", Finished(world_, "Failed", {{"ttlSecondsAfterFinished", 2}}));
  world_.RunToEnd();
  EXPECT_EQ(DeletedAt(world_, "a/j"), 2);
}

TEST_F(TtlTest, TT8_WithoutATimeToLiveAJobStays) {
  world_.Put("job", "a/j", Finished(world_, "Complete", json::object()));
  world_.Put("job", "a/runs", {{"spec", {{"ttlSecondsAfterFinished", 1}}}});
  world_.RunToEnd();
  EXPECT_EQ(world_.timers(), 0U);
  EXPECT_TRUE(world_.Exists("job", "a/j"));
  EXPECT_TRUE(world_.Exists("job", "a/runs"));
}

TEST_F(TtlTest, WhateverIsInTheTableIsLeftAlone) {
  for (const char* document :
       {"", "7", "ttlSecondsAfterFinished", R"({"spec":{"ttlSecondsAfterFinished":"1"}})",
        R"({"spec":{"ttlSecondsAfterFinished":1},"status":{"conditions":[7]}})",
        R"({"spec":{"ttlSecondsAfterFinished":1},"status":{"conditions":[{"type":"Complete",
            "status":"True","lastTransitionTime":"soon"}]}})"}) {
    world_.PutRaw("job", "a/raw", document);
    world_.RunToEnd();
    EXPECT_TRUE(world_.Exists("job", "a/raw")) << document;
  }
}

}  // namespace
}  // namespace kless::controllers
