// Creation of pods: reference section C, and the first status (D1).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// The sizes of a plan's batches of creations.
std::vector<std::size_t> CreationBatches(const Plan& plan) {
  std::vector<std::size_t> sizes;
  for (const Batch& batch : plan.batches) {
    if (batch.writes[0].Is<Creation>()) sizes.push_back(batch.writes.size());
  }
  return sizes;
}

TEST(JobCreationTest, C6_D1_TenPodsComeInOnePlanBeforeTheStatus) {
  JobWorld world(json{{"completions", 10}, {"parallelism", 10}});
  const Plan plan = world.NextPlan();
  EXPECT_THAT(CreationBatches(plan), ElementsAre(1, 2, 4, 3));
  ASSERT_EQ(plan.batches.size(), 5U);
  EXPECT_TRUE(plan.batches.back().writes[0].Is<Update>());
  world.Settle();
  EXPECT_THAT(world.statuses(), SizeIs(1));
  EXPECT_EQ(world.Status(),
            json::parse(R"({"active":10,"ready":0,"terminating":0,"uncountedTerminatedPods":{},
                            "startTime":"2026-01-01T00:00:00Z"})"));
}

TEST(JobCreationTest, C23_EveryCreationHasItsEvent) {
  JobWorld world(json{{"completions", 3}, {"parallelism", 3}});
  world.Settle();
  std::vector<std::string> expected;
  for (const std::string& name : world.PodNames()) {
    EXPECT_THAT(world.events, Contains("Normal SuccessfulCreate Created pod: " + name.substr(8)));
  }
  EXPECT_THAT(world.events, SizeIs(3));
}

TEST(JobCreationTest, C7_At_Most500PodsPerPlan) {
  JobWorld world(json{{"completions", 600}, {"parallelism", 600}});
  ASSERT_TRUE(world.Step());
  EXPECT_THAT(world.PodNames(), SizeIs(500));
  EXPECT_EQ(world.Status()["active"], 500);
  world.Settle();
  EXPECT_THAT(world.PodNames(), SizeIs(600));
  EXPECT_EQ(world.Status()["active"], 600);
  EXPECT_THAT(world.statuses(), SizeIs(2));
}

TEST(JobCreationTest, C8_FailedCreationStopsThePlanAndCountsOnlySuccesses) {
  JobWorld world(json{{"completions", 10}, {"parallelism", 10}});
  int creations = 0;
  world.fault = [&](const Write& write) -> std::optional<std::string> {
    if (!write.Is<Creation>() || ++creations != 3) return std::nullopt;
    return "pods \"x\" is forbidden: exceeded quota";
  };
  world.Step();
  EXPECT_EQ(world.Status()["active"], 2);
  EXPECT_THAT(world.events,
              Contains("Warning FailedCreate Error creating: pods \"x\" is forbidden: "
                       "exceeded quota"));
  // The promised names are kept, so that nothing is ever created twice.
  world.fault = nullptr;
  const auto promised = world.care();
  world.Settle();
  EXPECT_EQ(world.care(), promised);
  EXPECT_THAT(world.ActivePods(), SizeIs(10));
  EXPECT_EQ(world.Status()["active"], 10);
}

TEST(JobCreationTest, C9_TerminatingNamespaceCausesNoEvent) {
  JobWorld world(json{{"completions", 2}, {"parallelism", 2}});
  world.fault = [](const Write& write) -> std::optional<std::string> {
    if (!write.Is<Creation>()) return std::nullopt;
    return "pods is forbidden";
  };
  world.fault_reason = FailureReport::Reason::kNamespaceTerminating;
  world.Step();
  EXPECT_THAT(world.events, IsEmpty());
}

TEST(JobCreationTest, C10_NeverMoreThanWhatIsLeft) {
  JobWorld world(json{{"completions", 5}, {"parallelism", 2}});
  world.Settle();
  for (int done = 0; done < 5; ++done) {
    EXPECT_THAT(world.ActivePods(), SizeIs(std::min(2, 5 - done)));
    world.SetPhase(world.ActivePods()[0], "Succeeded");
    world.Settle();
  }
  EXPECT_EQ(world.most_active, 2U);
  EXPECT_THAT(world.PodNames(), SizeIs(5));
  EXPECT_EQ(world.Status()["succeeded"], 5);
}

TEST(JobCreationTest, C12_ParallelismZeroStartsWithoutPods) {
  JobWorld world(json{{"completions", 2}, {"parallelism", 0}});
  world.Settle();
  EXPECT_THAT(world.PodNames(), IsEmpty());
  EXPECT_EQ(world.Status(), json::parse(R"({"ready":0,"terminating":0,"uncountedTerminatedPods":{},
                            "startTime":"2026-01-01T00:00:00Z"})"));
}

TEST(JobCreationTest, C16_IndexedJobsCreateTheLowestFreeIndexes) {
  JobWorld world(json{{"completionMode", "Indexed"}, {"completions", 6}, {"parallelism", 3}});
  world.Settle();
  for (int index : {0, 1, 2}) EXPECT_NE(world.PodWithIndex(index), "");
  world.SetPhase(world.PodWithIndex(1), "Succeeded");
  world.SetPhase(world.PodWithIndex(2), "Failed");
  world.Settle();
  // 2 failed, so it is created again; 3 replaces 1.
  for (int index : {0, 2, 3}) EXPECT_NE(world.PodWithIndex(index), "");
  EXPECT_THAT(world.ActivePods(), SizeIs(3));
  EXPECT_EQ(world.Status()["completedIndexes"], "1");
  EXPECT_EQ(world.Status()["failed"], 1);
}

TEST(JobCreationTest, C19_ReadyAndTerminatingAreCounted) {
  JobWorld world(json{{"completions", 3}, {"parallelism", 3}});
  world.Settle();
  const auto pods = world.ActivePods();
  world.Run(pods[0], true);
  world.Run(pods[1], false);
  world.Settle();
  EXPECT_EQ(world.Status()["ready"], 1);
  EXPECT_EQ(world.Status()["active"], 3);
  world.DeletePod(pods[0]);
  world.Step();
  EXPECT_EQ(world.Status()["terminating"], 1);
  EXPECT_EQ(world.Status()["ready"], 0);
}

TEST(JobCreationTest, C22_ManagedElsewhereIsNeverTouched) {
  JobWorld world(json{{"managedBy", "example.com/none"}});
  EXPECT_FALSE(world.Step());
  EXPECT_EQ(world.Status(), json::object());
  JobWorld ours(json{{"managedBy", "kubernetes.io/job-controller"}});
  EXPECT_TRUE(ours.Step());
}

TEST(JobCreationTest, PromisedPodsAreCreatedUnderTheirNamesFirst) {
  JobWorld world(json{{"completions", 5}, {"parallelism", 3}});
  world.writes_left = 1;  // dies after the first pod of three
  world.Step();
  world.writes_left = -1;
  const auto promised = world.care();
  EXPECT_THAT(promised, SizeIs(3));
  world.Settle();
  EXPECT_EQ(world.care(), promised);
  EXPECT_THAT(world.PodNames(), SizeIs(3));
  EXPECT_THAT(world.PodNames(), Each(StartsWith("default/j-")));
}

TEST(JobCreationTest, PromisesBeyondWhatIsWantedAreTakenBack) {
  JobWorld world(json{{"completions", 5}, {"parallelism", 3}});
  world.writes_left = 1;
  world.Step();
  world.writes_left = -1;
  world.PatchJob(json::parse(R"({"spec":{"parallelism":1}})"));
  world.Settle();
  EXPECT_THAT(world.PodNames(), SizeIs(1));
  EXPECT_THAT(world.care(), SizeIs(1));
  EXPECT_EQ(world.Status()["active"], 1);
}

TEST(JobCreationTest, ASettledJobGetsAnEmptyPlan) {
  JobWorld world(json{{"completions", 3}, {"parallelism", 2}});
  world.Settle();
  const std::size_t writes = world.log.size();
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(world.Step());
  EXPECT_EQ(world.log.size(), writes);
}

}  // namespace
}  // namespace kless::controllers
