// Pods without a controller that match a Job's own selector, and owned ones that stop matching it
// (C21).
#include "functions/controllers/job/adoption.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/controllers/job/pod_facts.h"
#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

json Spec() {
  return json::parse(R"({"completions":2,"parallelism":2,"manualSelector":true,
      "selector":{"matchLabels":{"app":"x"}},"template":{"metadata":{"labels":{"app":"x"}}}})");
}

json Pod(const std::string& name, const std::string& app, const char* phase) {
  json metadata = {{"name", name}, {"namespace", "default"}, {"uid", "uid-" + name}};
  metadata["labels"] = {{"app", app}};
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", metadata},
          {"status", {{"phase", phase}}}};
}

TEST(JobAdoptionTest, C21_MatchingPodsWithoutAControllerAreAdopted) {
  JobWorld world(Spec());
  world.AddPod("default/a", Pod("a", "x", "Running"));
  world.AddPod("default/other", Pod("other", "y", "Running"));
  json owned = Pod("owned", "x", "Running");
  owned["metadata"]["ownerReferences"] =
      json::array({{{"kind", "Thing"}, {"name", "t"}, {"uid", "t"}, {"controller", true}}});
  world.AddPod("default/owned", owned);
  json going = Pod("going", "x", "Running");
  going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  world.AddPod("default/going", going);
  world.Settle();
  const json adopted = world.Pod("default/a")["metadata"];
  EXPECT_EQ(adopted["ownerReferences"], json::array({{{"apiVersion", "batch/v1"},
                                                      {"kind", "Job"},
                                                      {"name", "j"},
                                                      {"uid", world.Job()["metadata"]["uid"]},
                                                      {"controller", true},
                                                      {"blockOwnerDeletion", true}}}));
  EXPECT_EQ(adopted["finalizers"], json::array({kJobTrackingFinalizer}));
  EXPECT_FALSE(world.Pod("default/other")["metadata"].contains("ownerReferences"));
  EXPECT_FALSE(world.Pod("default/going")["metadata"].contains("ownerReferences"));
  EXPECT_EQ(world.Pod("default/owned"), owned);
  EXPECT_EQ(world.Count("create"), 1U) << "the adopted pod is one of the two";
  EXPECT_EQ(world.Status()["active"], 2);
}

TEST(JobAdoptionTest, C21_AdoptedPodsThatEndedCount) {
  JobWorld world(Spec());
  world.AddPod("default/a", Pod("a", "x", "Succeeded"));
  world.AddPod("default/b", Pod("b", "x", "Succeeded"));
  world.Settle();
  EXPECT_EQ(world.Status()["succeeded"], 2);
  EXPECT_EQ(world.Count("create"), 0U);
  EXPECT_THAT(Conditions(world.Status()), SizeIs(2));
}

TEST(JobAdoptionTest, C21_OwnedPodsThatStopMatchingAreReleased) {
  JobWorld world(Spec());
  world.Settle();
  const std::string pod = world.ActivePods()[0];
  world.PatchPod(pod, json::parse(R"({"metadata":{"labels":{"app":"y"}}})"));
  world.Settle();
  EXPECT_FALSE(world.Pod(pod)["metadata"].contains("ownerReferences"));
  EXPECT_FALSE(world.Pod(pod)["metadata"].contains("finalizers"));
  EXPECT_EQ(world.care().count(pod), 0U);
  EXPECT_EQ(world.Count("create"), 3U) << "it is replaced";
  EXPECT_FALSE(world.Status().contains("failed"));
}

TEST(JobAdoptionTest, C21_OtherJobsAskForNothing) {
  JobWorld world(json{{"completions", 1}});
  Item item;
  item.key = {"job", "default/j"};
  item.document = world.Job().dump();
  world.Settle();
  EXPECT_FALSE(MayAdopt(item));
  EXPECT_THAT(PodsToRead(item, world.Observe(world.Job()["metadata"]["uid"])), IsEmpty());
}

}  // namespace
}  // namespace kless::controllers
