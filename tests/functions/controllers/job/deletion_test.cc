// Jobs that are deleted: C20, D19, D20.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/controllers/job/job_deletion.h"
#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(JobDeletionTest, C20_JobThatIsBeingDeletedReleasesItsPods) {
  JobWorld world(json{{"completions", 3}, {"parallelism", 2}});
  world.Settle();
  world.Run(world.ActivePods()[0], true);
  world.Settle();
  world.PatchJob(json::parse(R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z",
      "finalizers":["a.com/x"]}})"));
  world.Settle();
  EXPECT_THAT(world.PodNames(), SizeIs(2));
  for (const std::string& pod : world.PodNames()) {
    EXPECT_FALSE(world.Pod(pod)["metadata"].contains("finalizers"));
    EXPECT_FALSE(world.Pod(pod)["metadata"].contains("deletionTimestamp"));
  }
  EXPECT_EQ(world.Count("create"), 2U);
}

TEST(JobDeletionTest, D21_ForegroundDeletionCreatesNothingAndReleasesThePods) {
  JobWorld world(json{{"completions", 3}, {"parallelism", 2}});
  world.Settle();
  world.PatchJob(json::parse(R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z",
      "finalizers":["foregroundDeletion"]}})"));
  world.Settle();
  EXPECT_TRUE(world.JobExists()) << "it goes when its pods are gone";
  for (const std::string& pod : world.PodNames()) {
    EXPECT_FALSE(world.Pod(pod)["metadata"].contains("finalizers"));
    world.DeletePod(pod, 0);
  }
  world.Settle();
  EXPECT_EQ(world.Count("create"), 2U);
  EXPECT_FALSE(world.Status().contains("active"));
}

TEST(JobDeletionTest, C20_PromisesOfAJobThatGoesAreTakenBack) {
  JobWorld world(json{{"completions", 3}, {"parallelism", 3}});
  world.writes_left = 1;
  world.Step();
  world.writes_left = -1;
  world.PatchJob(json::parse(R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z",
      "finalizers":["a.com/x"]}})"));
  world.Settle();
  EXPECT_THAT(world.PodNames(), SizeIs(1));
  EXPECT_EQ(world.Count("create"), 1U);
  EXPECT_THAT(world.care(), IsEmpty());
}

TEST(JobDeletionTest, D19_BackgroundDeletionTakesThePods) {
  JobWorld world(json{{"completions", 5}, {"parallelism", 3}});
  world.Settle();
  const auto pods = world.ActivePods();
  world.Run(pods[0], true);
  world.SetPhase(pods[1], "Succeeded");
  world.DeleteJob(false);
  EXPECT_FALSE(world.JobExists());
  EXPECT_FALSE(world.Step());
  world.CleanUp();
  EXPECT_THAT(world.PodNames(), SizeIs(1));  // the bound one still has its grace period
  world.DeletePod(pods[0], 0);
  EXPECT_THAT(world.PodNames(), IsEmpty());
  EXPECT_THAT(world.care(), IsEmpty());
  world.CleanUp();
}

TEST(JobDeletionTest, D19_PodsThatNameAnotherOwnerAreLeftAlone) {
  JobWorld world(json{{"completions", 1}});
  world.Settle();
  const std::string pod = world.PodNames()[0];
  json other = world.Pod(pod);
  world.DeleteJob(false);
  // Between the index read and the edit another controller has taken over the pod.
  const auto observed = world.Observe(other["metadata"]["ownerReferences"][0]["uid"]);
  Item last;
  last.key = {"job", "default/j"};
  last.document = R"({"metadata":{"uid":"gone"}})";
  const Plan plan = ReconcileDeletedJob(last, observed);
  ASSERT_FALSE(plan.batches.empty());
  const auto& edit = std::get<Edit>(plan.batches[0].writes[0].change);
  EXPECT_EQ(edit.apply(world.PodText(pod)), std::nullopt);
}

TEST(JobDeletionTest, D20_OrphanedPodsRunOn) {
  JobWorld world(json{{"completions", 2}, {"parallelism", 2}});
  world.Settle();
  world.DeleteJob(true);
  EXPECT_TRUE(world.JobExists());
  world.Settle();
  EXPECT_FALSE(world.JobExists());
  EXPECT_THAT(world.ActivePods(), SizeIs(2));
  for (const std::string& pod : world.PodNames()) {
    EXPECT_FALSE(world.Pod(pod)["metadata"].contains("finalizers"));
    EXPECT_FALSE(world.Pod(pod)["metadata"].contains("ownerReferences"));
  }
}

TEST(JobDeletionTest, FinishedJobIsSweptOfFinalizers) {
  JobWorld world(json{{"completions", 1}});
  world.Settle();
  world.SetPhase(world.ActivePods()[0], "Succeeded");
  world.Settle();
  json late = world.Pod(world.PodNames()[0]);
  late["metadata"]["name"] = "j-late";
  late["metadata"]["uid"] = "late";
  late["metadata"]["finalizers"] = {kJobTrackingFinalizer};
  world.AddPod("default/j-late", late);
  const json status = world.Status();
  world.Settle();
  EXPECT_FALSE(world.Pod("default/j-late")["metadata"].contains("finalizers"));
  EXPECT_EQ(world.Status(), status);
}

TEST(JobDeletionTest, UidIsReadWithAndWithoutFields) {
  Item item;
  item.document = R"({"metadata":{"uid":"u"}})";
  EXPECT_EQ(OwnerUid(item), "u");
  item.document = "no json";
  EXPECT_EQ(OwnerUid(item), "");
}

}  // namespace
}  // namespace kless::controllers
