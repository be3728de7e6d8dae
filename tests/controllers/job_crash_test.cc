// A driver that dies after any write of a Job's life: whoever comes next ends with the same Job,
// and at no instant are there more pods than wanted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "job_world.h"

namespace kless::controllers {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// Pods end as soon as they are there: every third fails once.
void Live(JobWorld& world) {
  std::set<std::string> failed;
  for (int round = 0; round < 100; ++round) {
    while (world.Step()) {
      if (world.writes_left == 0) world.writes_left = -1;  // another environment takes over
    }
    const auto active = world.ActivePods();
    if (active.empty()) return;
    for (const std::string& pod : active) {
      const bool fails = failed.size() < 2 && failed.insert(pod).second;
      world.SetPhase(pod, fails ? "Failed" : "Succeeded");
    }
  }
}

void CrashAfterEveryWrite(const json& spec, std::size_t parallelism) {
  JobWorld unharmed(spec);
  Live(unharmed);
  const auto writes = static_cast<int>(unharmed.log.size());
  ASSERT_GT(writes, 10);
  for (int crash = 0; crash <= writes; ++crash) {
    SCOPED_TRACE("crash after write " + std::to_string(crash));
    JobWorld world(spec);
    world.writes_left = crash;
    if (crash == 0) {
      world.Step();
      world.writes_left = -1;
    }
    Live(world);
    EXPECT_EQ(world.Status()["succeeded"], unharmed.Status()["succeeded"]);
    EXPECT_EQ(world.Status()["failed"], unharmed.Status()["failed"]);
    EXPECT_EQ(world.Status().value("completedIndexes", ""),
              unharmed.Status().value("completedIndexes", ""));
    EXPECT_THAT(Conditions(world.Status()), SizeIs(2));
    EXPECT_THAT(world.PodNames(), SizeIs(unharmed.PodNames().size()));
    EXPECT_LE(world.most_active, parallelism);
    EXPECT_THAT(world.care(), IsEmpty());
    for (const std::string& pod : world.PodNames()) {
      EXPECT_FALSE(world.Pod(pod)["metadata"].contains("finalizers"));
    }
  }
}

TEST(JobCrashTest, PlainJobIsExact) {
  CrashAfterEveryWrite({{"completions", 7}, {"parallelism", 3}}, 3);
}

TEST(JobCrashTest, IndexedJobIsExact) {
  CrashAfterEveryWrite({{"completionMode", "Indexed"}, {"completions", 7}, {"parallelism", 3}}, 3);
}

}  // namespace
}  // namespace kless::controllers
