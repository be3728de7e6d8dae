// Back-off of pod creation: E1, E2, E3, and the memo that carries it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/controllers/job/pod_backoff.h"
#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::int64_t SecondsAfter(std::int64_t failures) {
  return RemainingBackoff(failures, kStart / kSecond, kStart).count() / kSecond;
}

// Lets every active pod fail now; returns the seconds until a new one exists.
std::int64_t FailAndWait(JobWorld& world) {
  for (const std::string& pod : world.ActivePods()) world.Exit(pod, 1);
  world.Settle();
  const std::int64_t failed_at = world.now;
  world.Wait();
  EXPECT_THAT(world.ActivePods(), SizeIs(1));
  return (world.now - failed_at) / kSecond;
}

TEST(JobBackoffTest, E1_TenSecondsDoublingUpToTenMinutes) {
  EXPECT_EQ(SecondsAfter(0), 0);
  EXPECT_EQ(SecondsAfter(1), 10);
  EXPECT_EQ(SecondsAfter(2), 20);
  EXPECT_EQ(SecondsAfter(6), 320);
  EXPECT_EQ(SecondsAfter(7), 600);
  EXPECT_EQ(SecondsAfter(1'000'000'000'000), 600);
}

TEST(JobBackoffTest, E1_ReplacementsWaitLongerAfterEachFailure) {
  JobWorld world(json{{"completions", 1}, {"backoffLimit", 20}});
  world.Settle();
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 8; ++i) waits.push_back(FailAndWait(world));
  EXPECT_THAT(waits, ElementsAre(10, 20, 40, 80, 160, 320, 600, 600));
  EXPECT_EQ(world.Status()["failed"], 8);
}

TEST(JobBackoffTest, E1_TheWaitBeginsAtTheWholeSecondOfTheEnd) {
  JobWorld world(json{{"completions", 1}});
  world.Settle();
  world.now += kSecond * 7 / 10;
  world.Exit(world.ActivePods()[0], 1);
  world.Settle();
  world.Wait();
  EXPECT_EQ(world.now, kStart + 10 * kSecond);
}

TEST(JobBackoffTest, E1_ManyFailuresAtOnceCountEach) {
  JobWorld world(json{{"completions", 4}, {"parallelism", 4}, {"backoffLimit", 20}});
  world.Settle();
  for (const std::string& pod : world.ActivePods()) world.Exit(pod, 1);
  world.Settle();
  world.Wait();
  EXPECT_EQ(world.now, kStart + 80 * kSecond);
  EXPECT_THAT(world.ActivePods(), SizeIs(4));
}

TEST(JobBackoffTest, E2_ASuccessForgetsTheFailures) {
  JobWorld world(json{{"completions", 3}, {"parallelism", 1}});
  world.Settle();
  EXPECT_EQ(FailAndWait(world), 10);
  EXPECT_EQ(world.memo, "1 1767225600");
  EXPECT_EQ(FailAndWait(world), 20);
  world.now += 5 * kSecond;
  world.Exit(world.ActivePods()[0], 0);
  world.Settle();
  EXPECT_EQ(world.memo, "");
  EXPECT_THAT(world.ActivePods(), SizeIs(1)) << "after a success nothing waits";
  world.now += 5 * kSecond;
  EXPECT_EQ(FailAndWait(world), 10);
}

TEST(JobBackoffTest, E2_FailuresYoungerThanTheNewestSuccessCount) {
  JobWorld world(json{{"completions", 9}, {"parallelism", 3}});
  world.Settle();
  const auto pods = world.ActivePods();
  world.Exit(pods[0], 1);
  world.now += 2 * kSecond;
  world.Exit(pods[1], 0);
  world.now += 2 * kSecond;
  world.Exit(pods[2], 1);
  world.Settle();
  world.Wait();
  EXPECT_EQ(world.now, kStart + 14 * kSecond);
}

TEST(JobBackoffTest, E2_PodsThatAreGoneAreRemembered) {
  JobWorld world(json{{"completions", 1}});
  world.Settle();
  world.DeletePod(world.ActivePods()[0]);
  world.Settle();
  EXPECT_THAT(world.PodNames(), IsEmpty());
  EXPECT_EQ(world.memo, "1 1767225600");
  world.Wait();
  EXPECT_EQ(world.now, kStart + 10 * kSecond);
  EXPECT_EQ(FailAndWait(world), 20);
}

TEST(JobBackoffTest, E2_ALostMemoIsReadOffThePods) {
  JobWorld world(json{{"completions", 1}});
  world.Settle();
  FailAndWait(world);
  world.Exit(world.ActivePods()[0], 1);
  world.Settle();
  world.memo = "";
  EXPECT_FALSE(world.Step());
  EXPECT_EQ(world.memo, "2 1767225610");
  world.Wait();
  EXPECT_EQ(world.now, kStart + 30 * kSecond);
}

TEST(JobBackoffTest, E2_AJobThatNeverFailsHasNoMemoAndNoTimer) {
  JobWorld world(json{{"completions", 3}, {"parallelism", 2}});
  while (world.JobExists() && Conditions(world.Status()).empty()) {
    for (int i = 0; i < 5; ++i) {
      const Plan plan = world.NextPlan();
      EXPECT_FALSE(plan.memo.has_value());
      EXPECT_FALSE(plan.requeue_after.has_value());
      world.Step();
    }
    for (const std::string& pod : world.ActivePods()) world.Exit(pod, 0);
  }
  EXPECT_THAT(Conditions(world.Status()), SizeIs(2));
}

TEST(JobBackoffTest, E2_AnUnchangedMemoIsNotGivenAgain) {
  JobWorld world(json{{"completions", 1}});
  world.Settle();
  world.Exit(world.ActivePods()[0], 1);
  world.Settle();
  EXPECT_FALSE(world.NextPlan().memo.has_value());
  EXPECT_FALSE(world.Step());
}

TEST(JobBackoffTest, E2_NothingIsRememberedOfAJobThatIsOver) {
  JobWorld world(json{{"completions", 1}, {"backoffLimit", 1}});
  world.Settle();
  FailAndWait(world);
  EXPECT_NE(world.memo, "");
  world.Exit(world.ActivePods()[0], 1);
  world.Settle();
  EXPECT_EQ(world.memo, "");
}

TEST(JobBackoffTest, E3_NoPodIsReportedActiveWhileTheBackoffLasts) {
  JobWorld world(json{{"completions", 2}, {"parallelism", 2}});
  world.Settle();
  const auto pods = world.ActivePods();
  world.Run(pods[1], true);
  world.Settle();
  EXPECT_EQ(world.Status()["ready"], 1);
  world.Exit(pods[0], 1);
  world.Settle();
  EXPECT_THAT(world.ActivePods(), SizeIs(1));
  EXPECT_FALSE(world.Status().contains("active"));
  EXPECT_EQ(world.Status()["ready"], 0) << "never more than are active";
  world.Wait();
  EXPECT_EQ(world.Status()["active"], 2);
  EXPECT_EQ(world.Status()["ready"], 1);
}

TEST(JobBackoffTest, PodsRemovedByTheControllerCauseNoBackoff) {
  JobWorld world(json{{"completions", 3}, {"parallelism", 3}});
  world.Settle();
  for (const std::string& pod : world.ActivePods()) world.Run(pod, true);
  world.PatchJob(json::parse(R"({"spec":{"suspend":true}})"));
  world.Settle();
  // The kubelet's last status of pods that are being deleted.
  for (const std::string& pod : world.PodNames()) world.Exit(pod, 137);
  world.PatchJob(json::parse(R"({"spec":{"suspend":false}})"));
  world.Settle();
  EXPECT_THAT(world.ActivePods(), SizeIs(3));
  EXPECT_EQ(world.memo, "");
}

TEST(JobBackoffTest, ForeignMemosReadAsNone) {
  for (const char* memo : {"", "3", "x y", "-1 5", "3 0", "3 -5", "99999999999999999999 1"}) {
    EXPECT_EQ(BackoffRecord::FromMemo(memo), BackoffRecord()) << memo;
  }
  const BackoffRecord record{3, 1767225600};
  EXPECT_EQ(record.ToMemo(), "3 1767225600");
  EXPECT_EQ(BackoffRecord::FromMemo(record.ToMemo()), record);
}

}  // namespace
}  // namespace kless::controllers
