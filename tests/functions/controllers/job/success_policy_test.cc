// successPolicy of Indexed Jobs (H).
#include "functions/controllers/job/success_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::optional<std::string> Match(const char* rules, const char* succeeded) {
  json job = json::parse(R"({"spec":{"completionMode":"Indexed","completions":6}})");
  job["spec"]["successPolicy"]["rules"] = json::parse(rules);
  Item item;
  item.key = {"job", "default/j"};
  item.document = job.dump();
  return MatchSuccessPolicy(*ReadJob(item), IndexSet::Parse(succeeded, 6));
}

TEST(JobSuccessPolicyTest, H1_AllListedIndexesHaveToSucceed) {
  const char* rules = R"([{"succeededIndexes":"0,2-3"}])";
  EXPECT_EQ(Match(rules, "0-2"), std::nullopt);
  EXPECT_EQ(Match(rules, "0,2-4"), "Matched rules at index 0");
}

TEST(JobSuccessPolicyTest, H2_OrAsManyOfThemAsTheRuleSays) {
  const char* rules = R"([{"succeededIndexes":"0,2-4","succeededCount":2}])";
  EXPECT_EQ(Match(rules, "1,4-5"), std::nullopt);
  EXPECT_EQ(Match(rules, "1,3-5"), "Matched rules at index 0");
}

TEST(JobSuccessPolicyTest, H3_OrAnyIndexes) {
  EXPECT_EQ(Match(R"([{"succeededCount":3}])", "1,5"), std::nullopt);
  EXPECT_EQ(Match(R"([{"succeededIndexes":"0"},{"succeededCount":3}])", "1,3,5"),
            "Matched rules at index 1");
}

TEST(JobSuccessPolicyTest, PoliciesOfAnyShapeAreRead) {
  for (const char* rules : {"null", "7", "[]", "[null]", "[{}]", R"([{"succeededCount":"x"}])"}) {
    EXPECT_EQ(Match(rules, "0-5"), std::nullopt) << rules;
  }
  EXPECT_EQ(Match(R"([{"succeededCount":0}])", ""), std::nullopt) << "nothing succeeded yet";
}

json SuccessSpec(const char* extra = "{}") {
  json spec = json::parse(R"({"completionMode":"Indexed","completions":4,"parallelism":4,
      "successPolicy":{"rules":[{"succeededIndexes":"0,1"}]}})");
  spec.merge_patch(json::parse(extra));
  return spec;
}

TEST(JobSuccessPolicyTest, H4_H5_TheRestIsDeletedAndNotCounted) {
  JobWorld world(SuccessSpec());
  world.Settle();
  for (int index : {2, 3}) world.Run(world.PodWithIndex(index), true);
  world.Settle();
  world.Exit(world.PodWithIndex(0), 0);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), IsEmpty());
  world.Exit(world.PodWithIndex(1), 0);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), ElementsAre("SuccessCriteriaMet=True(SuccessPolicy)"));
  EXPECT_EQ(world.Status()["succeeded"], 2);
  EXPECT_EQ(world.Status()["terminating"], 2);
  for (const std::string& pod : world.PodNames()) world.DeletePod(pod, 0);
  world.Settle();
  ASSERT_EQ(world.Status()["conditions"].size(), 2U);
  const json status = world.Status();
  for (const json& condition : status["conditions"]) {
    EXPECT_EQ(condition["reason"], "SuccessPolicy");
    EXPECT_EQ(condition["message"], "Matched rules at index 0");
  }
  EXPECT_EQ(world.Status()["terminating"], 0);
  EXPECT_EQ(world.Status()["succeeded"], 2);
  EXPECT_FALSE(world.Status().contains("failed"));
  EXPECT_TRUE(world.Status().contains("completionTime"));
  EXPECT_EQ(world.events.back(), "Normal Completed Job completed");
}

TEST(JobSuccessPolicyTest, H6_AFailedJobDoesNotSucceedAnyMore) {
  JobWorld world(SuccessSpec(R"({"backoffLimit":0})"));
  world.Settle();
  world.Exit(world.PodWithIndex(2), 1);
  for (int index : {0, 1}) world.Exit(world.PodWithIndex(index), 0);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), ElementsAre("FailureTarget=True(BackoffLimitExceeded)",
                                                      "Failed=True(BackoffLimitExceeded)"));
}

TEST(JobSuccessPolicyTest, H7_ASucceededJobDoesNotFailAnyMore) {
  JobWorld world(SuccessSpec(R"({"backoffLimit":0,"podReplacementPolicy":"Failed"})"));
  world.Settle();
  const std::string lingering = world.PodWithIndex(3);
  world.Run(lingering, true);
  world.Settle();
  for (int index : {0, 1}) world.Exit(world.PodWithIndex(index), 0);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), SizeIs(1));
  world.Exit(lingering, 137);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), ElementsAre("SuccessCriteriaMet=True(SuccessPolicy)",
                                                      "Complete=True(SuccessPolicy)"));
  EXPECT_FALSE(world.Status().contains("failed"));
}

}  // namespace
}  // namespace kless::controllers
