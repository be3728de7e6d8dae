// podFailurePolicy (G), and podReplacementPolicy Failed (D11).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/controllers/job/pod_facts.h"
#include "functions/controllers/job/pod_failure_policy.h"
#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

PodJudgement Judge(const char* rules, const char* status) {
  json job;
  job["spec"]["podFailurePolicy"]["rules"] = json::parse(rules);
  Item item;
  item.key = {"job", "default/j"};
  item.document = job.dump();
  json pod;
  pod["status"] = json::parse(status);
  return JudgeFailure(*ReadJob(item), "default/p", pod);
}

constexpr const char* kExit7 =
    R"({"containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":0}}},
                             {"name":"b","state":{"terminated":{"exitCode":7}}}],
        "initContainerStatuses":[{"name":"i","state":{"terminated":{"exitCode":3}}}]})";

TEST(JobFailurePolicyTest, G1_TheFirstRuleThatMatchesDecides) {
  const auto judge = [](const char* rules) { return Judge(rules, kExit7).failure; };
  EXPECT_EQ(judge(R"([{"action":"Ignore","onExitCodes":{"operator":"In","values":[7]}},
                      {"action":"FailJob","onExitCodes":{"operator":"In","values":[7]}}])"),
            PodFailure::kIgnored);
  EXPECT_EQ(judge(R"([{"action":"Count","onExitCodes":{"operator":"In","values":[7]}},
                      {"action":"FailJob","onExitCodes":{"operator":"In","values":[7]}}])"),
            PodFailure::kCounts);
  EXPECT_EQ(judge(R"([{"action":"FailJob","onExitCodes":{"operator":"In","values":[8]}}])"),
            PodFailure::kCounts)
      << "no match";
  EXPECT_EQ(judge("[]"), PodFailure::kCounts);
}

TEST(JobFailurePolicyTest, G2_ExitCodesOfContainersThatEndedWithAFailure) {
  const auto matches = [](const char* requirement) {
    const std::string rules =
        std::string(R"([{"action":"FailIndex","onExitCodes":)") + requirement + "}]";
    return Judge(rules.c_str(), kExit7).failure == PodFailure::kFailsIndex;
  };
  EXPECT_TRUE(matches(R"({"operator":"In","values":[1,7]})"));
  EXPECT_TRUE(matches(R"({"operator":"NotIn","values":[1,2]})"));
  EXPECT_TRUE(matches(R"({"operator":"In","values":[3]})")) << "an init container";
  EXPECT_FALSE(matches(R"({"operator":"NotIn","values":[3,7]})")) << "0 is not a failure";
  EXPECT_TRUE(matches(R"({"operator":"In","values":[7],"containerName":"b"})"));
  EXPECT_FALSE(matches(R"({"operator":"In","values":[7],"containerName":"i"})"));
  EXPECT_FALSE(matches(R"({"operator":"Other","values":[7]})"));
}

TEST(JobFailurePolicyTest, G2_NormalContainersComeBeforeInitContainers) {
  EXPECT_EQ(
      Judge(R"([{"action":"FailJob","onExitCodes":{"operator":"NotIn","values":[9]}}])", kExit7)
          .message,
      "Container b for pod default/p failed with exit code 7 matching FailJob rule at "
      "index 0");
}

TEST(JobFailurePolicyTest, G3_ConditionsMatchByTypeAndStatus) {
  const char* status = R"({"conditions":[{"type":"Ready","status":"False"},
                                         {"type":"DisruptionTarget","status":"True"}]})";
  const auto judge = [&](const char* pattern) {
    const std::string rules =
        std::string(R"([{"action":"Ignore","onPodConditions":[)") + pattern + "]}]";
    return Judge(rules.c_str(), status).failure;
  };
  EXPECT_EQ(judge(R"({"type":"DisruptionTarget","status":"True"})"), PodFailure::kIgnored);
  EXPECT_EQ(judge(R"({"type":"DisruptionTarget"})"), PodFailure::kIgnored) << "True by default";
  EXPECT_EQ(judge(R"({"type":"DisruptionTarget","status":"False"})"), PodFailure::kCounts);
  EXPECT_EQ(judge(R"({"type":"Other","status":"True"},{"type":"Ready","status":"False"})"),
            PodFailure::kIgnored);
}

TEST(JobFailurePolicyTest, G5_AConditionIsNamedInTheMessage) {
  EXPECT_EQ(Judge(R"([{"action":"Ignore","onExitCodes":{"operator":"In","values":[9]}},
                      {"action":"FailJob","onPodConditions":[{"type":"ConfigIssue"}]}])",
                  R"({"conditions":[{"type":"ConfigIssue","status":"True"}]})")
                .message,
            "Pod default/p has condition ConfigIssue matching FailJob rule at index 1");
}

TEST(JobFailurePolicyTest, PoliciesAndPodsOfAnyShapeAreJudged) {
  for (const char* rules : {"null", "7", "[null]", R"([{"action":"FailJob"}])",
                            R"([{"action":7,"onExitCodes":{"operator":"NotIn","values":7}}])",
                            R"([{"action":"FailJob","onPodConditions":{"type":7}}])"}) {
    for (const char* status : {"null", "7", kExit7, R"({"conditions":7})"}) {
      EXPECT_EQ(Judge(rules, status).failure, PodFailure::kCounts) << rules << status;
    }
  }
}

json PolicySpec(const char* extra = "{}") {
  json spec = json::parse(R"({"completions":2,"parallelism":2,"podFailurePolicy":{"rules":[
      {"action":"Ignore","onExitCodes":{"operator":"In","values":[1]}},
      {"action":"FailJob","onExitCodes":{"operator":"In","values":[42]}}]}})");
  spec.merge_patch(json::parse(extra));
  return spec;
}

TEST(JobFailurePolicyTest, G4_FailJobKillsAndCountsTheOthers) {
  JobWorld world(PolicySpec());
  world.Settle();
  const auto pods = world.ActivePods();
  world.Exit(pods[0], 42);
  world.Settle();
  EXPECT_EQ(world.Status()["failed"], 2);
  const std::string message = "Container c for pod " + pods[0] +
                              " failed with exit code 42 matching FailJob rule at index 1";
  ASSERT_EQ(world.Status()["conditions"].size(), 2U);
  const json status = world.Status();
  for (const json& condition : status["conditions"]) {
    EXPECT_EQ(condition["reason"], "PodFailurePolicy");
    EXPECT_EQ(condition["message"], message);
  }
  EXPECT_EQ(world.events.back(), "Warning PodFailurePolicy " + message);
}

TEST(JobFailurePolicyTest, G6_AnIgnoredFailureIsReplacedAfterTheBackoff) {
  JobWorld world(PolicySpec());
  world.Settle();
  const std::string ignored = world.ActivePods()[0];
  world.Exit(ignored, 1);
  world.Settle();
  EXPECT_FALSE(world.Status().contains("failed"));
  EXPECT_FALSE(world.Pod(ignored)["metadata"].contains("finalizers"));
  EXPECT_EQ(world.care().count(ignored), 0U);
  EXPECT_FALSE(world.Status().contains("active"));
  world.Wait();
  EXPECT_EQ(world.now, kStart + 10 * kSecond);
  EXPECT_THAT(world.ActivePods(), SizeIs(2));
  EXPECT_THAT(world.PodNames(), SizeIs(3)) << "the failed pod stays";
}

TEST(JobFailurePolicyTest, G6_IgnoredFailuresNeverReachTheBackoffLimit) {
  JobWorld world(PolicySpec(R"({"completions":1,"parallelism":1,"backoffLimit":0})"));
  world.Settle();
  for (int i = 0; i < 3; ++i) {
    world.Exit(world.ActivePods()[0], 1);
    world.Settle();
    EXPECT_THAT(Conditions(world.Status()), IsEmpty());
    world.Wait();
  }
  EXPECT_EQ(world.now, kStart + 70 * kSecond) << "10, 20 and 40 s";
}

TEST(JobFailurePolicyTest, G7_APodIsNotJudgedBeforeItHasFailed) {
  JobWorld world(PolicySpec(R"({"podFailurePolicy":{"rules":[{"action":"FailJob",
      "onPodConditions":[{"type":"DisruptionTarget"}]}]}})"));
  world.Settle();
  const std::string pod = world.ActivePods()[0];
  world.Run(pod, true);
  world.PatchPod(pod, json::parse(R"({"status":{"conditions":[
      {"type":"DisruptionTarget","status":"True"}]}})"));
  world.DeletePod(pod);
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), IsEmpty());
  EXPECT_EQ(world.Status()["terminating"], 1);
  world.SetPhase(pod, "Failed");
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), Contains("FailureTarget=True(PodFailurePolicy)"));
}

TEST(JobFailurePolicyTest, G8_TheMessageOutlivesThePod) {
  JobWorld world(PolicySpec());
  world.Settle();
  const auto pods = world.ActivePods();
  world.Run(pods[1], true);
  world.Settle();
  world.Exit(pods[0], 42);
  world.Settle();
  ASSERT_EQ(world.Status()["conditions"].size(), 1U);
  const json target = world.Status()["conditions"][0];
  world.DeletePod(pods[0], 0);
  world.DeletePod(pods[1], 0);
  world.Settle();
  ASSERT_EQ(world.Status()["conditions"].size(), 2U);
  EXPECT_EQ(world.Status()["conditions"][1]["type"], "Failed");
  EXPECT_EQ(world.Status()["conditions"][1]["message"], target["message"]);
}

TEST(JobFailurePolicyTest, OnlyFailedPodsThatAreStillToBeCountedAreRead) {
  JobWorld world(PolicySpec());
  world.Settle();
  const auto read = [&] {
    Item item;
    item.key = {"job", "default/j"};
    item.document = world.Job().dump();
    return PodsToRead(item, world.Observe(world.Job()["metadata"]["uid"]));
  };
  EXPECT_THAT(read(), IsEmpty());
  const std::string pod = world.ActivePods()[0];
  world.Exit(pod, 1);
  EXPECT_THAT(read(), ElementsAre(pod));
  world.Settle();
  EXPECT_THAT(read(), IsEmpty());
}

TEST(JobFailurePolicyTest, APodThatWasNotShownIsNotCounted) {
  JobWorld world(PolicySpec());
  world.Settle();
  world.Exit(world.ActivePods()[0], 42);
  world.reads_pods = false;
  world.Step();
  EXPECT_FALSE(world.Status().contains("failed"));
  EXPECT_THAT(Conditions(world.Status()), IsEmpty());
  world.reads_pods = true;
  world.Settle();
  EXPECT_THAT(Conditions(world.Status()), SizeIs(2));
}

TEST(JobReplacementTest, D11_OnlyPodsThatHaveFailedAreReplaced) {
  JobWorld world(json{{"completions", 1}, {"podReplacementPolicy", "Failed"}});
  world.Settle();
  const std::string pod = world.ActivePods()[0];
  world.Run(pod, true);
  world.Settle();
  world.DeletePod(pod);
  world.Settle();
  EXPECT_EQ(world.Status()["terminating"], 1);
  EXPECT_FALSE(world.Status().contains("failed"));
  EXPECT_FALSE(world.requeue_at.has_value());
  EXPECT_THAT(world.PodNames(), SizeIs(1));
  world.Exit(pod, 137);
  world.Settle();
  EXPECT_EQ(world.Status()["failed"], 1);
  EXPECT_EQ(world.Status()["terminating"], 0);
  world.Wait();
  EXPECT_THAT(world.ActivePods(), SizeIs(1));
}

TEST(JobReplacementTest, D11_C16_AnIndexIsNotFreeWhileItsPodTerminates) {
  JobWorld world(json{{"completionMode", "Indexed"},
                      {"completions", 3},
                      {"parallelism", 2},
                      {"podReplacementPolicy", "Failed"}});
  world.Settle();
  const std::string terminating = world.PodWithIndex(0);
  world.Run(terminating, true);
  world.DeletePod(terminating);
  world.Exit(world.PodWithIndex(1), 0);
  world.Settle();
  EXPECT_NE(world.PodWithIndex(2), "") << "one place is free, and it is not index 0's";
  EXPECT_THAT(world.ActivePods(), SizeIs(1));
  world.Exit(terminating, 0);
  world.Settle();
  EXPECT_EQ(world.Status()["completedIndexes"], "0,1");
}

}  // namespace
}  // namespace kless::controllers
