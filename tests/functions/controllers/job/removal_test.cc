// Removal of pods: C14, C15, C17, C18.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::SizeIs;

json WithIndex(json pod, const std::string& name, const char* index) {
  pod["metadata"]["name"] = name;
  pod["metadata"]["uid"] = "uid-" + name;
  json& metadata = pod["metadata"];
  if (index == nullptr) {
    metadata.erase("annotations");
  } else {
    metadata["annotations"][kCompletionIndexAnnotation] = index;
  }
  return pod;
}

TEST(JobRemovalTest, C14_TheLeastPodsGoAndNoneCountsAsFailed) {
  JobWorld world(json{{"completions", 9}, {"parallelism", 5}});
  world.Settle();
  const auto pods = world.ActivePods();
  world.Run(pods[0], true);
  world.Run(pods[1], false);
  world.Run(pods[2], true);
  world.PatchPod(pods[3], json::parse(R"({"spec":{"nodeName":"n"}})"));
  world.Settle();  // pods[4] is not scheduled, pods[3] is Pending, pods[1] is not ready
  world.PatchJob(json::parse(R"({"spec":{"parallelism":2}})"));
  world.log.clear();
  world.Step();
  EXPECT_THAT(world.ActivePods(), ElementsAre(pods[0], pods[2]));
  EXPECT_THAT(world.log,
              ElementsAre("edit", "edit", "edit", "delete", "delete", "delete", "update"));
  EXPECT_EQ(world.Status()["active"], 2);
  EXPECT_EQ(world.Status()["ready"], 2);
  EXPECT_EQ(world.Status()["terminating"], 3);
  EXPECT_THAT(world.events, Contains("Normal SuccessfulDelete Deleted pod: " + pods[4].substr(8)));
  world.Settle();
  EXPECT_FALSE(world.Status().contains("failed"));
  EXPECT_EQ(world.care().size(), 2U);
}

TEST(JobRemovalTest, C15_DeletionComesAloneCreationLater) {
  JobWorld world(json{{"completionMode", "Indexed"}, {"completions", 3}, {"parallelism", 3}});
  world.Settle();
  const std::string second = world.PodWithIndex(1);
  world.AddPod("default/j-9-extra", WithIndex(world.Pod(second), "j-9-extra", "9"));
  world.SetPhase(second, "Failed");
  world.log.clear();
  world.Step();
  EXPECT_THAT(world.log, Not(Contains("create")));
  EXPECT_THAT(world.log, Contains("delete"));
  world.Settle();
  world.Wait();
  EXPECT_NE(world.PodWithIndex(1), "");
}

TEST(JobRemovalTest, C17_OfTwoPodsWithOneIndexTheBetterStays) {
  JobWorld world(json{{"completionMode", "Indexed"}, {"completions", 2}, {"parallelism", 2}});
  world.Settle();
  const std::string first = world.PodWithIndex(0);
  world.AddPod("default/j-0-twin", WithIndex(world.Pod(first), "j-0-twin", "0"));
  world.Run("default/j-0-twin", true);
  world.Settle();
  EXPECT_EQ(world.PodWithIndex(0), "default/j-0-twin");
  EXPECT_THAT(world.ActivePods(), SizeIs(2));
  EXPECT_FALSE(world.Status().contains("failed"));
}

TEST(JobRemovalTest, C18_PodsWithoutAValidIndexGoAndAreNeverCounted) {
  JobWorld world(json{{"completionMode", "Indexed"}, {"completions", 2}, {"parallelism", 2}});
  world.Settle();
  const json pod = world.Pod(world.PodWithIndex(0));
  world.AddPod("default/j-none", WithIndex(pod, "j-none", nullptr));
  world.AddPod("default/j-far", WithIndex(pod, "j-far", "7"));
  json failed = WithIndex(pod, "j-failed", "8");
  failed["status"]["phase"] = "Failed";
  world.AddPod("default/j-failed", failed);
  json succeeded = WithIndex(pod, "j-succeeded", nullptr);
  succeeded["status"]["phase"] = "Succeeded";
  world.AddPod("default/j-succeeded", succeeded);
  world.Settle();
  EXPECT_THAT(world.ActivePods(), SizeIs(2));
  EXPECT_FALSE(world.Status().contains("failed"));
  EXPECT_FALSE(world.Status().contains("succeeded"));
  for (const char* name : {"default/j-failed", "default/j-succeeded"}) {
    EXPECT_FALSE(world.Pod(name)["metadata"].contains("finalizers"));
  }
}

TEST(JobRemovalTest, FailedDeletionIsSaid) {
  JobWorld world(json{{"completions", 9}, {"parallelism", 2}});
  world.Settle();
  world.PatchJob(json::parse(R"({"spec":{"parallelism":1}})"));
  world.fault = [](const Write& write) -> std::optional<std::string> {
    if (write.Is<Deletion>()) return "store is away";
    return std::nullopt;
  };
  world.Step();
  EXPECT_EQ(world.events.back(), "Warning FailedDelete Error deleting: store is away");
  // The pod has lost its finalizer: it is deleted first, whatever happens to the others.
  world.fault = nullptr;
  world.Settle();
  EXPECT_THAT(world.ActivePods(), SizeIs(1));
  EXPECT_TRUE(world.Pod(world.ActivePods()[0])["metadata"].contains("finalizers"));
}

}  // namespace
}  // namespace kless::controllers
