// The driver dies after any write of a Job's life: its successor ends with the same Job, and at no
// time are there more pods than wanted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// The exit code of the nth pod that ends (from 0); nullopt: it keeps running.
using Ends = std::function<std::optional<int>(const json& pod, int nth)>;

// Pods end as soon as they exist and nothing else is left to do; time passes if none ends.
void Live(JobWorld& world, const Ends& ends) {
  int ended = 0;
  for (int round = 0; round < 200; ++round) {
    while (world.Step()) {
      if (world.writes_left == 0) world.writes_left = -1;  // another environment takes over
    }
    if (Conditions(world.Status()).size() > 1) return;
    bool any = false;
    for (const std::string& pod : world.ActivePods()) {
      const auto code = ends(world.Pod(pod), ended);
      if (!code) continue;
      world.Exit(pod, *code);
      ++ended;
      any = true;
    }
    if (any) continue;
    ASSERT_TRUE(world.requeue_at.has_value()) << "the Job waits for nothing";
    world.now = std::max(world.now, *world.requeue_at);
    world.requeue_at.reset();
  }
}

void ExpectSame(const JobWorld& world, const JobWorld& unharmed) {
  for (const char* key : {"succeeded", "failed", "completedIndexes", "failedIndexes"}) {
    EXPECT_EQ(world.Status().value(key, json()), unharmed.Status().value(key, json())) << key;
  }
  EXPECT_EQ(Conditions(world.Status()), Conditions(unharmed.Status()));
  EXPECT_THAT(world.PodNames(), SizeIs(unharmed.PodNames().size()));
  EXPECT_EQ(world.now, unharmed.now) << "the same waits";
  EXPECT_THAT(world.care(), IsEmpty());
  for (const std::string& pod : world.PodNames()) {
    EXPECT_FALSE(world.Pod(pod)["metadata"].contains("finalizers"));
  }
}

void CrashAfterEveryWrite(const json& spec, std::size_t parallelism, const Ends& ends) {
  JobWorld unharmed(spec);
  Live(unharmed, ends);
  ASSERT_THAT(Conditions(unharmed.Status()), SizeIs(2));
  const auto writes = static_cast<int>(unharmed.log.size());
  ASSERT_GT(writes, 8);
  for (int crash = 0; crash <= writes; ++crash) {
    SCOPED_TRACE("crash after write " + std::to_string(crash));
    JobWorld world(spec);
    world.writes_left = crash;
    if (crash == 0) {
      world.Step();
      world.writes_left = -1;
    }
    Live(world, ends);
    ExpectSame(world, unharmed);
    EXPECT_LE(world.most_active, parallelism);
  }
}

int IndexOf(const json& pod) {
  return std::stoi(pod["metadata"]["annotations"][kCompletionIndexAnnotation].get<std::string>());
}
int FailuresOf(const json& pod) {
  const json& annotations = pod["metadata"]["annotations"];
  return std::stoi(annotations["batch.kubernetes.io/job-index-failure-count"].get<std::string>());
}

std::optional<int> FirstTwoFail(const json&, int nth) { return nth < 2 ? 1 : 0; }

TEST(JobCrashTest, PlainJobIsExact) {
  CrashAfterEveryWrite({{"completions", 7}, {"parallelism", 3}}, 3, FirstTwoFail);
}

TEST(JobCrashTest, IndexedJobIsExact) {
  CrashAfterEveryWrite({{"completionMode", "Indexed"}, {"completions", 7}, {"parallelism", 3}}, 3,
                       FirstTwoFail);
}

TEST(JobCrashTest, E1_BackoffIsExact) {
  CrashAfterEveryWrite({{"completions", 3}, {"parallelism", 2}, {"backoffLimit", 10}}, 2,
                       [](const json&, int nth) { return std::optional<int>(nth < 3 ? 1 : 0); });
}

TEST(JobCrashTest, E4_E6_BackoffLimitIsExact) {
  CrashAfterEveryWrite(
      {{"completions", 5}, {"parallelism", 3}, {"backoffLimit", 2}}, 3, [](const json&, int nth) {
        return nth == 0 || nth == 1 || nth == 2 ? std::optional<int>(1) : std::nullopt;
      });
}

TEST(JobCrashTest, E6_KilledPodsAreExact) {
  CrashAfterEveryWrite(
      {{"completions", 4}, {"parallelism", 4}, {"backoffLimit", 0}}, 4,
      [](const json&, int nth) { return nth == 0 ? std::optional<int>(1) : std::nullopt; });
}

TEST(JobCrashTest, E8_DeadlineIsExact) {
  CrashAfterEveryWrite(
      {{"completions", 4}, {"parallelism", 3}, {"activeDeadlineSeconds", 30}}, 3,
      [](const json&, int nth) { return nth == 0 ? std::optional<int>(0) : std::nullopt; });
}

TEST(JobCrashTest, F2_LimitsPerIndexAreExact) {
  CrashAfterEveryWrite({{"completionMode", "Indexed"},
                        {"completions", 5},
                        {"parallelism", 3},
                        {"backoffLimitPerIndex", 1}},
                       3, [](const json& pod, int) {
                         const int index = IndexOf(pod);
                         const bool fails = index == 1 || (index == 2 && FailuresOf(pod) == 0);
                         return std::optional<int>(fails ? 1 : 0);
                       });
}

TEST(JobCrashTest, G4_G6_FailurePolicyIsExact) {
  const json spec = json::parse(R"({"completions":6,"parallelism":3,"podFailurePolicy":{"rules":[
      {"action":"Ignore","onExitCodes":{"operator":"In","values":[9]}},
      {"action":"FailJob","onExitCodes":{"operator":"In","values":[42]}}]}})");
  CrashAfterEveryWrite(spec, 3, [](const json&, int nth) {
    if (nth == 0) return std::optional<int>(9);
    if (nth == 1) return std::optional<int>(0);
    if (nth == 3) return std::optional<int>(42);
    return std::optional<int>(1);
  });
}

TEST(JobCrashTest, H4_H5_SuccessPolicyIsExact) {
  const json spec = json::parse(R"({"completionMode":"Indexed","completions":6,"parallelism":4,
      "successPolicy":{"rules":[{"succeededIndexes":"1-4","succeededCount":2}]}})");
  CrashAfterEveryWrite(spec, 4, [](const json& pod, int) {
    const int index = IndexOf(pod);
    return index == 1 || index == 3 ? std::optional<int>(0) : std::nullopt;
  });
}

}  // namespace
}  // namespace kless::controllers
