// The status of Deployments and its rules: reference controllers.md DP1, DP5 to DP8, DP15, DP26 to
// DP29, DP36, DP37, DP42, DP43.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/kind.h"
#include "tests/functions/controllers/workload_world.h"

namespace kless::controllers {
namespace {

using testing::ElementsAre;
using testing::SizeIs;
using testing::StartsWith;

const json* ConditionOf(const json& object, const std::string& type) {
  const auto conditions = object["status"].find("conditions");
  if (conditions == object["status"].end()) return nullptr;
  for (const json& condition : *conditions) {
    if (condition["type"] == type) return &condition;
  }
  return nullptr;
}

std::vector<std::string> Problems(const std::string& spec) {
  const kubernetes::Kind& kind = *kubernetes::FindKindByType("deployment");
  json object = {{"metadata", {{"name", "bad"}}}};
  object["spec"] = json::parse(
      R"({"selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"a"}},
          "spec":{"containers":[{"name":"c","image":"i"}]}}})");
  object["spec"].merge_patch(json::parse(spec));
  kind.apply_defaults(object);
  std::vector<std::string> found;
  for (const auto& error : kind.validate(object)) {
    found.push_back(error.field + ": " + error.message);
  }
  return found;
}

TEST(DeploymentStatusTest, DP1_TheDefaults) {
  json object = {{"spec", json::object()}};
  kubernetes::FindKindByType("deployment")->apply_defaults(object);
  const json& spec = object["spec"];
  EXPECT_EQ(spec["replicas"], 1);
  EXPECT_EQ(spec["revisionHistoryLimit"], 10);
  EXPECT_EQ(spec["progressDeadlineSeconds"], 600);
  EXPECT_EQ(spec["strategy"], json::parse(R"({"type":"RollingUpdate",
      "rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"}})"));
}

TEST(DeploymentStatusTest, DP5_DP6_DP7_DP28_TheConditionsOfARollout) {
  WorkloadWorld world;
  world.AddDeployment("d", 2);
  std::vector<json> seen;
  std::vector<std::string> reasons;
  for (const auto& change : world.changes) {
    if (change.id.type != "deployment") continue;
    seen.push_back(change.After());
    const json* progressing = ConditionOf(seen.back(), "Progressing");
    if (progressing != nullptr) reasons.push_back((*progressing)["reason"]);
  }
  ASSERT_GE(seen.size(), 4U);
  EXPECT_EQ(seen[1]["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "1");
  EXPECT_FALSE(seen[1]["status"].contains("observedGeneration"));
  EXPECT_EQ(seen[2]["status"]["unavailableReplicas"], 2);
  EXPECT_EQ(seen[2]["status"]["observedGeneration"], 1);
  EXPECT_EQ(seen[2]["status"]["terminatingReplicas"], 0);
  EXPECT_FALSE(seen[2]["status"].contains("replicas"));
  EXPECT_EQ(reasons.front(), "NewReplicaSetCreated");
  const std::string set = world.Sets()[0];
  EXPECT_EQ(world.Condition("deployment", "d", "Progressing"),
            "True=ReplicaSetUpdated: ReplicaSet \"" + set + "\" is progressing.");
  EXPECT_EQ(world.Condition("deployment", "d", "Available"),
            "False=MinimumReplicasUnavailable: Deployment does not have minimum availability.");
  const std::string since = (*ConditionOf(world.Deployment(), "Progressing"))["lastTransitionTime"];
  world.RunUntil(3);
  world.ReadyAll(set);
  EXPECT_EQ(world.Condition("deployment", "d", "Progressing"),
            "True=NewReplicaSetAvailable: ReplicaSet \"" + set + "\" has successfully progressed.");
  EXPECT_EQ(world.Condition("deployment", "d", "Available"),
            "True=MinimumReplicasAvailable: Deployment has minimum availability.");
  const json deployment = world.Deployment();
  const json& progressing = *ConditionOf(deployment, "Progressing");
  EXPECT_EQ(progressing["lastTransitionTime"], since);
  EXPECT_EQ(progressing["lastUpdateTime"], FormatTime(world.now()));
}

TEST(DeploymentStatusTest, DP6_AvailableFromReplicasLessMaxUnavailable) {
  WorkloadWorld world;
  world.AddDeployment("d", 10);
  const auto pods = world.Pods();
  for (int i = 0; i < 7; ++i) world.Ready(pods[static_cast<std::size_t>(i)]);
  EXPECT_THAT(world.Condition("deployment", "d", "Available"), StartsWith("False"));
  world.Ready(pods[7]);
  EXPECT_THAT(world.Condition("deployment", "d", "Available"), StartsWith("True"));
  EXPECT_THAT(world.Condition("deployment", "d", "Progressing"),
              StartsWith("True=ReplicaSetUpdated"));
}

TEST(DeploymentStatusTest, DP8_TerminatingPodsDoNotKeepItFromBeingComplete) {
  WorkloadWorld world;
  world.AddDeployment("d", 1);
  world.ReadyAll(world.Sets()[0]);
  world.SetImage("d", "v2");
  world.ReadyAll(world.Sets()[1]);
  EXPECT_EQ(world.Status("deployment", "d")["terminatingReplicas"], 1);
  EXPECT_THAT(world.Condition("deployment", "d", "Progressing"),
              StartsWith("True=NewReplicaSetAvailable"));
}

TEST(DeploymentStatusTest, DP15_DP18_PauseAndResumeAreConditions) {
  WorkloadWorld world;
  world.AddDeployment("d", 1);
  world.Change("deployment", "d", {{"paused", true}});
  EXPECT_EQ(world.Condition("deployment", "d", "Progressing"),
            "Unknown=DeploymentPaused: Deployment is paused");
  EXPECT_EQ(world.Status("deployment", "d")["observedGeneration"], 2);
  world.Change("deployment", "d", {{"paused", nullptr}});
  EXPECT_EQ(world.Condition("deployment", "d", "Progressing"),
            "Unknown=DeploymentResumed: Deployment is resumed");
  world.ReadyAll(world.Sets()[0]);
  EXPECT_THAT(world.Condition("deployment", "d", "Progressing"), StartsWith("True="));
}

TEST(DeploymentStatusTest, DP26_DP27_TheDeadlineOfProgress) {
  WorkloadWorld world;
  world.AddDeployment("d", 1, {{"progressDeadlineSeconds", 4}});
  const std::string set = world.Sets()[0];
  world.RunUntil(4.9);
  EXPECT_THAT(world.Condition("deployment", "d", "Progressing"), StartsWith("True="));
  world.RunUntil(5);
  EXPECT_EQ(
      world.Condition("deployment", "d", "Progressing"),
      "False=ProgressDeadlineExceeded: ReplicaSet \"" + set + "\" has timed out progressing.");
  EXPECT_EQ(world.timers(), 0U);
  EXPECT_THAT(world.Sets(), SizeIs(1));
  world.ReadyAll(set);
  EXPECT_THAT(world.Condition("deployment", "d", "Progressing"),
              StartsWith("True=NewReplicaSetAvailable"));
}

TEST(DeploymentStatusTest, DP29_ACompleteDeploymentDoesNotTimeOut) {
  WorkloadWorld world;
  world.AddDeployment("d", 1, {{"progressDeadlineSeconds", 4}});
  world.ReadyAll(world.Sets()[0]);
  world.Unready(world.Pods()[0]);
  EXPECT_THAT(world.Condition("deployment", "d", "Available"), StartsWith("False"));
  world.RunToEnd(100);
  EXPECT_THAT(world.Condition("deployment", "d", "Progressing"),
              StartsWith("True=NewReplicaSetAvailable"));
}

TEST(DeploymentStatusTest, DP36_ADeploymentOfNoPodsIsComplete) {
  WorkloadWorld world;
  world.AddDeployment("d", 0);
  EXPECT_THAT(world.Condition("deployment", "d", "Available"), StartsWith("True"));
  EXPECT_THAT(world.Condition("deployment", "d", "Progressing"),
              StartsWith("True=NewReplicaSetAvailable"));
  EXPECT_THAT(world.Said("ScalingReplicaSet"), SizeIs(0));
}

TEST(DeploymentStatusTest, DP37_AFailureOfTheSetIsMirrored) {
  WorkloadWorld world;
  world.refusal = "no pods for you";
  world.AddDeployment("d", 1);
  EXPECT_EQ(world.Condition("deployment", "d", "ReplicaFailure"),
            "True=FailedCreate: no pods for you");
  world.refusal.clear();
  world.RunToEnd(1);
  EXPECT_EQ(world.Condition("deployment", "d", "ReplicaFailure"), "");
}

TEST(DeploymentStatusTest, DP43_MinReadySecondsOfTheTemplate) {
  WorkloadWorld world;
  world.AddDeployment("d", 1, {{"minReadySeconds", 3}});
  EXPECT_EQ(world.Set(world.Sets()[0])["spec"]["minReadySeconds"], 3);
  world.ReadyAll(world.Sets()[0]);
  EXPECT_EQ(world.Status("deployment", "d")["readyReplicas"], 1);
  EXPECT_FALSE(world.Status("deployment", "d").contains("availableReplicas"));
  world.RunUntil(3);
  EXPECT_THAT(world.Condition("deployment", "d", "Available"), StartsWith("True"));
  EXPECT_THAT(world.Condition("deployment", "d", "Progressing"),
              StartsWith("True=NewReplicaSetAvailable"));
}

TEST(DeploymentStatusTest, DP42_TheRulesOfTheKind) {
  EXPECT_THAT(Problems("{}"), SizeIs(0));
  EXPECT_THAT(
      Problems(R"({"strategy":{"rollingUpdate":{"maxUnavailable":0,"maxSurge":0}}})"),
      ElementsAre("spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 "
                  "when `maxSurge` is 0"));
  EXPECT_THAT(Problems(R"({"strategy":{"type":"Recreate","rollingUpdate":{}}})"),
              ElementsAre("spec.strategy.rollingUpdate: Forbidden: may not be specified when "
                          "strategy `type` is 'Recreate'"));
  EXPECT_THAT(Problems(R"({"progressDeadlineSeconds":5,"minReadySeconds":5})"),
              ElementsAre("spec.progressDeadlineSeconds: Invalid value: 5: must be greater than "
                          "minReadySeconds"));
  EXPECT_THAT(Problems(R"({"strategy":{"rollingUpdate":{"maxUnavailable":"101%"}}})"),
              ElementsAre("spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": "
                          "must not be greater than 100%"));
  EXPECT_THAT(Problems(R"({"strategy":{"type":"X"}})"),
              ElementsAre("spec.strategy: Unsupported value: "
                          "{\"Type\":\"X\",\"RollingUpdate\":null}: supported values: "
                          "\"Recreate\", \"RollingUpdate\""));
  EXPECT_THAT(Problems(R"({"selector":{"matchLabels":null}})"),
              ElementsAre("spec.selector: Invalid value: {}: empty selector is invalid for "
                          "deployment"));
}

}  // namespace
}  // namespace kless::controllers
