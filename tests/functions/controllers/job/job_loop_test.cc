#include "functions/controllers/job/job_loop.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

// The plan for a Job of which only the name of one pod is known, as after a crash.
Plan PlanWithPromise(JobWorld& world, const std::string& promised) {
  auto item = std::make_shared<Item>();
  item->key = {"job", "default/j"};
  item->document = world.Job().dump();
  item->version = 1;
  item->fields = ExtractResourceFields(item->document, "default/j");
  OwnerObservation observed;
  observed.owner = item;
  observed.unix_nanos = world.now;
  Dependent pod;
  pod.resource.name = promised;
  pod.created = false;
  observed.dependents.push_back(pod);
  return JobLoop().promises->reconcile(observed);
}

// The completion index of the plan's creation of a pod; -2 if there is none.
int IndexOfCreation(const Plan& plan, const std::string& pod) {
  for (const Batch& batch : plan.batches) {
    for (const Write& write : batch.writes) {
      const auto* creation = std::get_if<Creation>(&write.change);
      if (creation != nullptr && write.id.name == pod) return creation->completion_index;
    }
  }
  return -2;
}

TEST(JobLoopTest, APromisedPodOfAnIndexedJobIsCreatedWithTheIndexInItsName) {
  JobWorld world(json{{"completionMode", "Indexed"}, {"completions", 3}, {"parallelism", 3}});
  EXPECT_EQ(IndexOfCreation(PlanWithPromise(world, "default/j-2-abcde"), "default/j-2-abcde"), 2);
}

TEST(JobLoopTest, APromisedPodOfAnyOtherJobHasNoIndex) {
  JobWorld world(json{{"completions", 3}, {"parallelism", 3}});
  EXPECT_EQ(IndexOfCreation(PlanWithPromise(world, "default/j-abcde"), "default/j-abcde"), -1);
}

}  // namespace
}  // namespace kless::controllers
