// V11 and V15 to V26: limits of Indexed Jobs, podFailurePolicy, successPolicy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> PolicyErrors(const json& spec) {
  return Texts(Create(KindOf("job"), JobBody("a", spec)).errors);
}

std::vector<std::string> RuleErrors(const char* rule) {
  return PolicyErrors({{"podFailurePolicy", {{"rules", json::array({json::parse(rule)})}}}});
}

std::vector<std::string> SuccessErrors(const char* rules) {
  return PolicyErrors({{"completionMode", "Indexed"},
                       {"completions", 5},
                       {"successPolicy", {{"rules", json::parse(rules)}}}});
}

constexpr const char* kRule = "spec.podFailurePolicy.rules[0]";
constexpr const char* kCodes = "spec.podFailurePolicy.rules[0].onExitCodes";
constexpr const char* kSuccess = "spec.successPolicy.rules[0]";

TEST(JobPolicyValidationTest, V3_PerIndexNumbersMustNotBeNegative) {
  EXPECT_THAT(
      PolicyErrors({{"completionMode", "Indexed"},
                    {"completions", 2},
                    {"backoffLimitPerIndex", -1},
                    {"maxFailedIndexes", -1}}),
      ElementsAre(
          "spec.backoffLimitPerIndex: Invalid value: -1: must be greater than or equal to 0",
          "spec.maxFailedIndexes: Invalid value: -1: must be greater than or equal to 0"));
}

TEST(JobPolicyValidationTest, V8_MaxFailedIndexesNeedsIndexedMode) {
  EXPECT_THAT(
      PolicyErrors({{"backoffLimitPerIndex", 1}, {"maxFailedIndexes", 1}}),
      ElementsAre("spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode",
                  "spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode"));
}

TEST(JobPolicyValidationTest, V9_MaxFailedIndexesNeedsALimitPerIndex) {
  EXPECT_THAT(
      PolicyErrors({{"completionMode", "Indexed"}, {"completions", 2}, {"maxFailedIndexes", 1}}),
      ElementsAre("spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified"));
}

TEST(JobPolicyValidationTest, V11_ManyCompletionsBoundFailuresAndParallelism) {
  const json many = {
      {"completionMode", "Indexed"}, {"completions", 100001}, {"backoffLimitPerIndex", 1}};
  EXPECT_THAT(PolicyErrors(many),
              ElementsAre("spec.maxFailedIndexes: Required value: must be specified when "
                          "completions is above 100000"));
  json more = many;
  more["parallelism"] = 10001;
  more["maxFailedIndexes"] = 10001;
  const std::string bound =
      ": Invalid value: 10001: must be less than or equal to 10000 when completions are above "
      "100000 and used with backoff limit per index";
  EXPECT_THAT(PolicyErrors(more),
              ElementsAre("spec.parallelism" + bound, "spec.maxFailedIndexes" + bound));
  more["parallelism"] = 10000;
  more["maxFailedIndexes"] = 10000;
  EXPECT_THAT(PolicyErrors(more), IsEmpty());
}

TEST(JobPolicyValidationTest, V15_PodFailurePolicyNeedsPodsThatAreNotRestarted) {
  json body = JobBody("a", json::parse(R"({"podFailurePolicy":{"rules":[{"action":"FailJob",
      "onExitCodes":{"operator":"In","values":[1]}}]}})"));
  body["spec"]["template"]["spec"]["restartPolicy"] = "OnFailure";
  EXPECT_THAT(Texts(Create(KindOf("job"), body).errors),
              ElementsAre("spec.template.spec.restartPolicy: Invalid value: \"OnFailure\": only "
                          "\"Never\" is supported when podFailurePolicy is specified"));
}

TEST(JobPolicyValidationTest, V16_PodFailurePolicyReplacesOnlyFailedPods) {
  EXPECT_THAT(PolicyErrors(json::parse(R"({"podReplacementPolicy":"TerminatingOrFailed",
      "podFailurePolicy":{"rules":[{"action":"Count",
        "onPodConditions":[{"type":"DisruptionTarget"}]}]}})")),
              ElementsAre("spec.podReplacementPolicy: Unsupported value: \"TerminatingOrFailed\": "
                          "supported values: \"Failed\""));
  EXPECT_THAT(PolicyErrors({{"podReplacementPolicy", "X"}}),
              ElementsAre("spec.podReplacementPolicy: Unsupported value: \"X\": supported values: "
                          "\"Failed\", \"TerminatingOrFailed\""));
}

TEST(JobPolicyValidationTest, V17_RuleHasExitCodesOrConditions) {
  const std::string rule = kRule;
  EXPECT_THAT(RuleErrors(R"({"action":"Ignore"})"),
              ElementsAre(rule + ": Invalid value: specifying one of OnExitCodes and "
                                 "OnPodConditions is required"));
  EXPECT_THAT(RuleErrors(R"({"action":"Ignore","onExitCodes":{"operator":"In","values":[1]},
                             "onPodConditions":[{"type":"X"}]})"),
              ElementsAre(rule + ": Invalid value: specifying both OnExitCodes and "
                                 "OnPodConditions is not supported"));
}

TEST(JobPolicyValidationTest, V18_ExitCodesAreOrderedDifferentAndFew) {
  const std::string codes = kCodes;
  EXPECT_THAT(RuleErrors(R"({"action":"FailJob","onExitCodes":{"operator":"In","values":[]}})"),
              ElementsAre(codes + ".values: Invalid value: []: at least one value is required"));
  EXPECT_THAT(RuleErrors(R"({"action":"FailJob","onExitCodes":{"operator":"In","values":[1,1]}})"),
              ElementsAre(codes + ".values[1]: Duplicate value: 1"));
  EXPECT_THAT(
      RuleErrors(R"({"action":"FailJob","onExitCodes":{"operator":"In","values":[0]}})"),
      ElementsAre(codes + ".values[0]: Invalid value: 0: must not be 0 for the In operator"));
  EXPECT_THAT(RuleErrors(R"({"action":"FailJob","onExitCodes":{"operator":"NotIn","values":[0]}})"),
              IsEmpty());
  EXPECT_THAT(RuleErrors(R"({"action":"FailJob","onExitCodes":{"operator":"In","values":[3,1]}})"),
              ElementsAre(codes + ".values: Invalid value: [3,1]: must be ordered"));
  EXPECT_THAT(RuleErrors(R"({"action":"FailJob",
                  "onExitCodes":{"operator":"In","values":[1],"containerName":"x"}})"),
              ElementsAre(codes + ".containerName: Invalid value: \"x\": must be one of the "
                                  "container or initContainer names in the pod template"));
  EXPECT_THAT(RuleErrors(R"({"action":"FailJob","onExitCodes":{"values":[1]}})"),
              ElementsAre(codes + ".operator: Required value: valid values: [\"In\" \"NotIn\"]"));
  json many = {{"action", "FailJob"}, {"onExitCodes", {{"operator", "In"}}}};
  for (int i = 1; i <= 256; ++i) many["onExitCodes"]["values"].push_back(i);
  EXPECT_THAT(RuleErrors(many.dump().c_str()),
              ElementsAre(codes + ".values: Too many: 256: must have at most 255 items"));
}

TEST(JobPolicyValidationTest, V19_RulesAndPatternsAreLimited) {
  json rules = json::array();
  json patterns = json::array();
  for (int i = 0; i < 21; ++i) {
    rules.push_back(json::parse(R"({"action":"Count","onPodConditions":[{"type":"X"}]})"));
    patterns.push_back({{"type", "X"}});
  }
  EXPECT_THAT(PolicyErrors({{"podFailurePolicy", {{"rules", rules}}}}),
              ElementsAre("spec.podFailurePolicy.rules: Too many: 21: must have at most 20 items"));
  const json rule = {{"action", "Count"}, {"onPodConditions", patterns}};
  const Written created =
      Create(KindOf("job"), JobBody("a", {{"podFailurePolicy", {{"rules", json::array({rule})}}}}));
  ASSERT_EQ(created.errors.size(), 1U);
  EXPECT_EQ(created.errors[0].reason, "FieldValueTooMany");
  EXPECT_THAT(Texts(created.errors),
              ElementsAre(std::string(kRule) +
                          ".onPodConditions: Too many: 21: must have at most 20 items"));
  EXPECT_THAT(RuleErrors(R"({"action":"Count","onPodConditions":[{"type":"X","status":"Q"}]})"),
              ElementsAre(std::string(kRule) +
                          ".onPodConditions[0].status: Unsupported value: \"Q\": supported "
                          "values: \"False\", \"True\", \"Unknown\""));
}

TEST(JobPolicyValidationTest, V20_FailIndexNeedsALimitPerIndex) {
  EXPECT_THAT(RuleErrors(R"({"action":"FailIndex","onPodConditions":[{"type":"X"}]})"),
              ElementsAre(std::string(kRule) + ".action: Invalid value: \"FailIndex\": requires "
                                               "the backoffLimitPerIndex to be set"));
}

TEST(JobPolicyValidationTest, V21_ActionIsOneOfFour) {
  EXPECT_THAT(RuleErrors(R"({"onPodConditions":[{"type":"X"}]})"),
              ElementsAre(std::string(kRule) +
                          ".action: Required value: valid values: [\"Count\" \"FailIndex\" "
                          "\"FailJob\" \"Ignore\"]"));
  EXPECT_THAT(RuleErrors(R"({"action":"X","onPodConditions":[{"type":"X"}]})"),
              ElementsAre(std::string(kRule) +
                          ".action: Unsupported value: \"X\": supported values: \"Count\", "
                          "\"FailIndex\", \"FailJob\", \"Ignore\""));
}

TEST(JobPolicyValidationTest, V22_SuccessPolicyNeedsIndexedMode) {
  EXPECT_THAT(PolicyErrors(json::parse(R"({"successPolicy":{"rules":[{"succeededCount":1}]}})")),
              ElementsAre("spec.successPolicy: Invalid value: "
                          "{\"Rules\":[{\"SucceededIndexes\":null,\"SucceededCount\":1}]}: "
                          "requires indexed completion mode"));
}

TEST(JobPolicyValidationTest, V23_SuccessPolicyHasOneToTwentyRules) {
  EXPECT_THAT(SuccessErrors("[]"),
              ElementsAre("spec.successPolicy.rules: Required value: at least one rules must be "
                          "specified when the successPolicy is specified"));
  json rules = json::array();
  for (int i = 0; i < 21; ++i) rules.push_back({{"succeededCount", 1}});
  EXPECT_THAT(SuccessErrors(rules.dump().c_str()),
              ElementsAre("spec.successPolicy.rules: Too many: 21: must have at most 20 items"));
}

TEST(JobPolicyValidationTest, V24_SuccessRuleHasACountOrIndexes) {
  EXPECT_THAT(SuccessErrors("[{}]"),
              ElementsAre(std::string(kSuccess) + ": Required value: at least one of "
                                                  "succeededCount or succeededIndexes must be "
                                                  "specified"));
}

TEST(JobPolicyValidationTest, V25_SucceededIndexesAreAnIncreasingList) {
  const auto problem = [](const std::string& indexes) {
    const json rules = json::array({{{"succeededIndexes", indexes}}});
    const auto errors = SuccessErrors(rules.dump().c_str());
    return errors.empty() ? std::string() : errors[0];
  };
  const auto expected = [](const std::string& indexes, const std::string& detail) {
    return std::string(kSuccess) + ".succeededIndexes: Invalid value: " + json(indexes).dump() +
           ": error parsing succeededIndexes: " + detail;
  };
  EXPECT_EQ(problem("3,1"), expected("3,1", "non-increasing order, previous: 3, current: 1"));
  EXPECT_EQ(problem("a"), expected("a", "cannot convert string to integer for index: \"a\""));
  EXPECT_EQ(problem("0-9"), expected("0-9", "too large index: \"9\""));
  EXPECT_EQ(problem("1-2-3"),
            expected("1-2-3",
                     "the fragment \"1-2-3\" violates the requirement that an index "
                     "interval can have at most two parts separated by '-'"));
  EXPECT_EQ(problem("2-2"), expected("2-2", "non-increasing order, previous: 2, current: 2"));
  EXPECT_EQ(problem("0,2-4"), "");
}

TEST(JobPolicyValidationTest, V26_SucceededCountIsWithinWhatCanSucceed) {
  EXPECT_THAT(SuccessErrors(R"([{"succeededCount":9}])"),
              ElementsAre(std::string(kSuccess) +
                          ".succeededCount: Invalid value: 9: must be less than or equal to 5 (the "
                          "number of specified completions)"));
  EXPECT_THAT(SuccessErrors(R"([{"succeededIndexes":"0,1","succeededCount":3}])"),
              ElementsAre(std::string(kSuccess) +
                          ".succeededCount: Invalid value: 3: must be less than or equal to 2 (the "
                          "number of indexes in the specified succeededIndexes field)"));
}

TEST(JobPolicyValidationTest, V28_ManagedByIsAtMost63Bytes) {
  const std::string path = "a.com/" + std::string(58, 'x');
  EXPECT_THAT(PolicyErrors({{"managedBy", path}}),
              ElementsAre("spec.managedBy: Too long: may not be more than 63 bytes"));
  EXPECT_THAT(PolicyErrors({{"managedBy", path.substr(0, 63)}}), IsEmpty());
}

}  // namespace
}  // namespace kless::kubernetes
