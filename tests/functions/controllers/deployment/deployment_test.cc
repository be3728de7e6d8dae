// The Deployment controller and its ReplicaSets: reference controllers.md DP2 to DP44.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "functions/controllers/deployment/replica_sets.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/kind.h"
#include "tests/functions/controllers/workload_world.h"

namespace kless::controllers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string Annotation(const json& object, const char* key) { return AnnotationAt(object, key); }

// Makes all pods of all sets ready until nothing changes any more.
void Finish(WorkloadWorld& world) {
  for (int round = 0; round < 50; ++round) {
    const std::size_t before = world.changes.size();
    for (const std::string& set : world.Sets()) world.ReadyAll(set);
    for (const std::string& pod : world.Pods()) {
      if (world.Get("pod", "ns/" + pod)["metadata"].contains("deletionTimestamp")) world.Kill(pod);
    }
    if (world.changes.size() == before) return;
  }
  FAIL() << "the rollout never ends";
}

TEST(DeploymentTest, DP2_DP3_TheSetCarriesHashRevisionAndAnnotations) {
  WorkloadWorld world;
  json deployment = {{"kubectl.kubernetes.io/last-applied-configuration", "x"},
                     {"kubernetes.io/change-cause", "first"}};
  world.AddDeployment("d", 2);
  ASSERT_THAT(world.Sets(), SizeIs(1));
  const std::string name = world.Sets()[0];
  const std::string hash = name.substr(2);
  const json set = world.Set(name);
  EXPECT_EQ(name, "d-" + TemplateHash(world.Deployment()["spec"]["template"], 0));
  EXPECT_EQ(set["metadata"]["labels"], json({{"app", "d"}, {kHashLabel, hash}}));
  EXPECT_EQ(set["spec"]["selector"]["matchLabels"], set["metadata"]["labels"]);
  EXPECT_EQ(set["spec"]["template"]["metadata"]["labels"], set["metadata"]["labels"]);
  EXPECT_EQ(Annotation(set, kDesiredReplicas), "2");
  EXPECT_EQ(Annotation(set, kMaxReplicas), "3");
  EXPECT_EQ(Annotation(set, kRevision), "1");
  EXPECT_EQ(set["metadata"]["ownerReferences"][0]["kind"], "Deployment");
  EXPECT_EQ(set["metadata"]["ownerReferences"][0]["controller"], true);
  EXPECT_THAT(world.Said("ScalingReplicaSet"),
              ElementsAre("Scaled up replica set " + name + " from 0 to 2"));
  world.Patch("deployment", "ns/d", {{"metadata", {{"annotations", deployment}}}});
  world.Settle();
  EXPECT_EQ(Annotation(world.Set(name), "kubernetes.io/change-cause"), "first");
  EXPECT_EQ(Annotation(world.Set(name), "kubectl.kubernetes.io/last-applied-configuration"), "");
}

TEST(DeploymentTest, DP4_EqualTemplatesHaveEqualHashes) {
  const json one = {{"spec", {{"x", 1}}}};
  const json labelled = {{"spec", {{"x", 1}}}, {"metadata", {{"labels", {{kHashLabel, "h"}}}}}};
  const json bare = {{"spec", {{"x", 1}}}, {"metadata", {{"labels", json::object()}}}};
  EXPECT_EQ(TemplateHash(labelled, 0), TemplateHash(bare, 0));
  EXPECT_NE(TemplateHash(one, 0), TemplateHash({{"spec", {{"x", 2}}}}, 0));
  EXPECT_NE(TemplateHash(one, 0), TemplateHash(one, 1));
  EXPECT_EQ(TemplateHash(one, 0).find_first_not_of("456789bcdf"), std::string::npos);
}

TEST(DeploymentTest, DP9_AChangeOfReplicasIsNotARevision) {
  WorkloadWorld world;
  world.AddDeployment("d", 2);
  Finish(world);
  world.Change("deployment", "d", {{"replicas", 4}});
  EXPECT_THAT(world.Sizes(), ElementsAre(4));
  EXPECT_EQ(Annotation(world.Set(world.Sets()[0]), kDesiredReplicas), "4");
  EXPECT_EQ(Annotation(world.Deployment(), kRevision), "1");
  EXPECT_EQ(world.Condition("deployment", "d", "Progressing").substr(0, 28),
            "True=NewReplicaSetAvailable:");
  EXPECT_EQ(world.Status("deployment", "d")["unavailableReplicas"], 2);
}

TEST(DeploymentTest, DP10_ASetThatIsScaledByHandIsPutBack) {
  WorkloadWorld world;
  world.AddDeployment("d", 1);
  const std::string set = world.Sets()[0];
  world.Change("replicaset", set, {{"replicas", 3}});
  EXPECT_THAT(world.Sizes(), ElementsAre(1));
  EXPECT_EQ(world.Said("ScalingReplicaSet").back(),
            "Scaled down replica set " + set + " from 3 to 1");
  EXPECT_THAT(world.Pods(set), SizeIs(1));
}

TEST(DeploymentTest, DP11_SharesAreRoundedUpAndDown) {
  // Replicas, then the sizes of old and new where an update is stuck.
  const std::vector<std::vector<int>> rows = {{1, 1, 1}, {2, 2, 1}, {3, 3, 1},
                                              {4, 3, 2}, {5, 4, 3}, {7, 6, 3}};
  for (const auto& row : rows) {
    WorkloadWorld world;
    world.AddDeployment("d", row[0]);
    Finish(world);
    world.SetImage("d", "v2");
    EXPECT_THAT(world.Sizes(), ElementsAre(row[1], row[2])) << row[0];
    EXPECT_EQ(Annotation(world.Set(world.Sets()[1]), kMaxReplicas),
              std::to_string(row[0] + (row[0] + 3) / 4));
  }
}

TEST(DeploymentTest, DP12_DP13_ARollingUpdateOfTen) {
  WorkloadWorld world;
  world.AddDeployment("d", 10);
  Finish(world);
  world.SetImage("d", "v2");
  EXPECT_THAT(world.Sizes(), ElementsAre(8, 5)) << "the terminating ones do not block the surge";
  const std::string fresh = world.Sets()[1];
  std::vector<std::vector<int>> sizes;
  while (world.Status("replicaset", fresh).value("readyReplicas", 0) < 10) {
    for (const std::string& pod : world.ActivePods(fresh)) {
      const json conditions = world.Get("pod", "ns/" + pod)["status"].value("conditions", json());
      if (!conditions.is_null()) continue;
      world.Ready(pod);
      break;
    }
    if (sizes.empty() || sizes.back() != world.Sizes()) sizes.push_back(world.Sizes());
    const json status = world.Status("deployment", "d");
    EXPECT_GE(status.value("availableReplicas", 0), 8);
    EXPECT_LE(status.value("replicas", 0), 13);
    ASSERT_LT(sizes.size(), 30U);
  }
  EXPECT_THAT(sizes, ElementsAre(ElementsAre(7, 6), ElementsAre(6, 7), ElementsAre(5, 8),
                                 ElementsAre(4, 9), ElementsAre(3, 10), ElementsAre(2, 10),
                                 ElementsAre(1, 10), ElementsAre(0, 10)));
}

TEST(DeploymentTest, DP14_RecreateWaitsForTheLastOldPod) {
  WorkloadWorld world;
  world.AddDeployment("d", 2, {{"strategy", {{"type", "Recreate"}, {"rollingUpdate", nullptr}}}});
  Finish(world);
  const std::string old = world.Sets()[0];
  const auto pods = world.Pods(old);
  world.SetImage("d", "v2");
  EXPECT_THAT(world.Sizes(), ElementsAre(0));
  EXPECT_FALSE(world.Status("deployment", "d").contains("updatedReplicas"));
  EXPECT_EQ(world.Condition("deployment", "d", "Available").substr(0, 33),
            "False=MinimumReplicasUnavailable:");
  world.Kill(pods[0]);
  EXPECT_THAT(world.Sizes(), ElementsAre(0));
  EXPECT_EQ(Annotation(world.Deployment(), kRevision), "1");
  world.Kill(pods[1]);
  EXPECT_THAT(world.Sizes(), ElementsAre(0, 2));
  EXPECT_EQ(Annotation(world.Deployment(), kRevision), "2");
}

TEST(DeploymentTest, DP16_DP17_DP18_APausedDeploymentScalesAndDoesNotRoll) {
  WorkloadWorld world;
  world.AddDeployment("d", 2);
  Finish(world);
  world.Change("deployment", "d", {{"paused", true}});
  world.SetImage("d", "v2");
  EXPECT_THAT(world.Sets(), SizeIs(1));
  EXPECT_FALSE(world.Status("deployment", "d").contains("updatedReplicas"));
  world.Change("deployment", "d", {{"replicas", 3}});
  EXPECT_THAT(world.Sizes(), ElementsAre(3));
  EXPECT_EQ(world.Said("ScalingReplicaSet").back(),
            "Scaled up replica set " + world.Sets()[0] + " from 2 to 3");
  world.Change("deployment", "d", {{"paused", nullptr}});
  EXPECT_THAT(world.Sets(), SizeIs(2));
  EXPECT_EQ(world.Condition("deployment", "d", "Progressing").substr(0, 23),
            "True=ReplicaSetUpdated:");
}

TEST(DeploymentTest, DP19_AnAnnotationOfTheTemplateIsARevision) {
  WorkloadWorld world;
  world.AddDeployment("d", 1);
  world.Change("deployment", "d",
               {{"template", {{"metadata", {{"annotations", {{"restartedAt", "now"}}}}}}}});
  EXPECT_THAT(world.Sets(), SizeIs(2));
}

TEST(DeploymentTest, DP20_AnAnnotationIsCopiedToTheSet) {
  WorkloadWorld world;
  world.AddDeployment("d", 1);
  const std::string set = world.Sets()[0];
  world.Patch("deployment", "ns/d",
              {{"metadata", {{"generation", 2}, {"annotations", {{"note", "x"}}}}}});
  world.Settle();
  EXPECT_EQ(Annotation(world.Set(set), "note"), "x");
  EXPECT_EQ(world.Set(set)["metadata"]["generation"], 1);
  EXPECT_EQ(world.Status("deployment", "d")["observedGeneration"], 2);
  EXPECT_TRUE(kubernetes::FindKindByType("deployment")->annotations_count);
}

TEST(DeploymentTest, DP21_DP22_AnOldTemplateBringsItsSetBack) {
  WorkloadWorld world;
  world.AddDeployment("d", 1);
  const std::string first = world.Sets()[0];
  world.SetImage("d", "v2");
  world.SetImage("d", "v3");
  world.SetImage("d", "v2");
  ASSERT_THAT(world.Sets(), SizeIs(3));
  const std::string second = world.Sets()[1];
  EXPECT_EQ(Annotation(world.Set(second), kRevision), "4");
  EXPECT_EQ(Annotation(world.Set(second), kRevisionHistory), "2");
  EXPECT_EQ(Annotation(world.Deployment(), kRevision), "4");
  world.SetImage("d", "v1");
  EXPECT_EQ(Annotation(world.Set(first), kRevision), "5");
  EXPECT_THAT(world.Sets(), SizeIs(3));
}

TEST(DeploymentTest, DP21_TheAnnotationRollsBackToARevision) {
  WorkloadWorld world;
  world.AddDeployment("d", 1);
  world.SetImage("d", "v2");
  const auto roll_back = [&world](const char* revision) {
    world.Patch("deployment", "ns/d", {{"metadata", {{"annotations", {{kRollbackTo, revision}}}}}});
    world.Settle();
  };
  roll_back("1");
  EXPECT_EQ(world.Deployment()["spec"]["template"]["spec"]["containers"][0]["image"], "v1");
  EXPECT_EQ(Annotation(world.Deployment(), kRollbackTo), "");
  EXPECT_THAT(world.Said("DeploymentRollback"),
              ElementsAre("Rolled back deployment \"d\" to revision 1"));
  EXPECT_EQ(Annotation(world.Deployment(), kRevision), "3");
  roll_back("3");
  EXPECT_THAT(world.Said("DeploymentRollbackTemplateUnchanged"), SizeIs(1));
  roll_back("9");
  EXPECT_THAT(world.Said("DeploymentRollbackRevisionNotFound"),
              ElementsAre("Unable to find the revision to rollback to."));
  roll_back("0");
  EXPECT_EQ(world.Deployment()["spec"]["template"]["spec"]["containers"][0]["image"], "v2");
}

TEST(DeploymentTest, DP24_DP25_OldRevisionsBeyondTheLimitGo) {
  WorkloadWorld world;
  world.AddDeployment("d", 1, {{"revisionHistoryLimit", 2}});
  for (const char* image : {"v2", "v3", "v4"}) {
    Finish(world);
    world.SetImage("d", image);
  }
  const std::string first = world.Sets()[0];
  EXPECT_THAT(world.Sets(), SizeIs(4)) << "not before the rollout is complete";
  Finish(world);
  EXPECT_THAT(world.Sets(), SizeIs(3));
  EXPECT_TRUE(world.Set(first).is_null());
  world.Change("deployment", "d", {{"revisionHistoryLimit", 0}});
  EXPECT_THAT(world.Sets(), SizeIs(1));
}

TEST(DeploymentTest, DP31_DP32_SizesChangeInProportion) {
  WorkloadWorld world;
  world.AddDeployment(
      "d", 10, {{"strategy", {{"rollingUpdate", {{"maxSurge", 3}, {"maxUnavailable", 2}}}}}});
  Finish(world);
  world.SetImage("d", "v2");
  EXPECT_THAT(world.Sizes(), ElementsAre(8, 5));
  world.Change("deployment", "d", {{"replicas", 15}});
  EXPECT_THAT(world.Sizes(), ElementsAre(11, 7));
  world.Change("deployment", "d", {{"replicas", 7}});
  const auto said = world.Said("ScalingReplicaSet");
  const auto scaled = [&world](const char* what, std::size_t set, const char* sizes) {
    return std::string(what) + " replica set " + world.Sets()[set] + sizes;
  };
  ASSERT_GE(said.size(), 4U);
  const std::vector<std::string> last(said.end() - 4, said.end());
  EXPECT_THAT(last, ElementsAre(scaled("Scaled down", 0, " from 11 to 6"),
                                scaled("Scaled down", 1, " from 7 to 4"),
                                scaled("Scaled down", 0, " from 6 to 5"),
                                scaled("Scaled up", 1, " from 4 to 5")));
}

TEST(DeploymentTest, DP33_ARolloverTakesFromTheUnhealthyFirst) {
  WorkloadWorld world;
  world.AddDeployment("d", 7);
  Finish(world);
  world.SetImage("d", "v2");
  ASSERT_THAT(world.Sizes(), ElementsAre(6, 3));
  world.SetImage("d", "v3");
  const auto sizes = world.Sizes();
  ASSERT_THAT(sizes, SizeIs(3));
  EXPECT_EQ(sizes[0], 6) << "the healthy ones stay";
  EXPECT_EQ(sizes[1], 0);
  EXPECT_EQ(sizes[2], 3);
}

TEST(DeploymentTest, DP34_ASetThatMatchesIsAdopted) {
  WorkloadWorld world;
  world.AddDeployment("d", 2);
  const std::string set = world.Sets()[0];
  Finish(world);
  const auto pods = world.Pods(set);
  world.Delete("deployment", "ns/d", Deletion::Propagation::kOrphan);
  world.Settle();
  ASSERT_FALSE(world.Exists("deployment", "ns/d"));
  EXPECT_FALSE(world.Set(set)["metadata"].contains("ownerReferences"));
  world.AddDeployment("d", 2);
  EXPECT_THAT(world.Sets(), ElementsAre(set));
  EXPECT_EQ(world.Set(set)["metadata"]["ownerReferences"][0]["name"], "d");
  EXPECT_EQ(world.Pods(set), pods);
  bool found = false;
  for (const auto& change : world.changes) {
    found = found ||
            (change.after != nullptr &&
             change.after->document.find("Found new replica set \\\"" + set) != std::string::npos);
  }
  EXPECT_TRUE(found);
}

TEST(DeploymentTest, DP35_ANameThatIsTakenLeadsToAnotherHash) {
  WorkloadWorld world;
  world.AddDeployment("d", 1);
  const json pod_template = world.Deployment()["spec"]["template"];
  WorkloadWorld again;
  const std::string taken = "d-" + TemplateHash(pod_template, 0);
  again.AddSet(taken, 0);
  again.AddDeployment("d", 1);
  EXPECT_EQ(again.Status("deployment", "d")["collisionCount"], 1);
  EXPECT_THAT(again.Sets(), ElementsAre(taken, "d-" + TemplateHash(pod_template, 1)));
  EXPECT_THAT(again.Said("ScalingReplicaSet"), SizeIs(1));
}

TEST(DeploymentTest, DP38_ASetThatIsDeletedByHandComesBack) {
  WorkloadWorld world;
  world.AddDeployment("d", 2);
  const std::string set = world.Sets()[0];
  world.Delete("replicaset", "ns/" + set);
  world.Settle();
  EXPECT_THAT(world.Sets(), ElementsAre(set));
  EXPECT_THAT(world.Sizes(), ElementsAre(2));
  EXPECT_EQ(Annotation(world.Set(set), kRevision), "1");
}

TEST(DeploymentTest, DP39_TwoTemplatesInARow) {
  WorkloadWorld world;
  world.AddDeployment("d", 2);
  Finish(world);
  json containers = world.Deployment()["spec"]["template"]["spec"]["containers"];
  for (const char* image : {"v2", "v3"}) {
    containers[0]["image"] = image;
    const int generation = world.Deployment()["metadata"]["generation"].get<int>() + 1;
    world.Patch("deployment", "ns/d",
                {{"metadata", {{"generation", generation}}},
                 {"spec", {{"template", {{"spec", {{"containers", containers}}}}}}}});
  }
  world.Settle();
  EXPECT_EQ(world.Status("deployment", "d")["observedGeneration"], 3);
  EXPECT_THAT(world.Sets(), SizeIs(2)) << "the first of them was never seen";
}

TEST(DeploymentTest, DP40_ForegroundDeletionTakesEverythingAlong) {
  WorkloadWorld world;
  world.AddDeployment("d", 1);
  const std::string set = world.Sets()[0];
  const std::string pod = world.Pods(set)[0];
  world.Bind(pod, "n");
  world.Delete("deployment", "ns/d", Deletion::Propagation::kForeground);
  world.Settle();
  EXPECT_TRUE(world.Deployment()["metadata"].contains("deletionTimestamp"));
  EXPECT_TRUE(world.Set(set)["metadata"].contains("deletionTimestamp"));
  world.Kill(pod);
  EXPECT_TRUE(world.Deployment().is_null());
  EXPECT_TRUE(world.Set(set).is_null());
  EXPECT_THAT(world.Pods(), IsEmpty());
}

TEST(DeploymentTest, DP41_AnOrphaningDeploymentLosesItsCounters) {
  WorkloadWorld world;
  world.AddDeployment("d", 1);
  world.Delete("deployment", "ns/d", Deletion::Propagation::kOrphan);
  world.Settle();
  EXPECT_TRUE(world.Deployment().is_null());
  EXPECT_THAT(world.Sets(), SizeIs(1));
  EXPECT_THAT(world.Pods(), SizeIs(1));
}

TEST(DeploymentTest, DP2_ACrashAfterAnyWriteLeavesOneSetAndItsPods) {
  for (int writes = 0; writes < 14; ++writes) {
    WorkloadWorld world;
    world.writes_left = writes;
    world.AddDeployment("d", 3);
    EXPECT_THAT(world.Sizes(), ElementsAre(3)) << writes;
    EXPECT_THAT(world.Pods(), SizeIs(3)) << writes;
    Finish(world);
    world.writes_left = writes;
    world.SetImage("d", "v2");
    Finish(world);
    EXPECT_THAT(world.Sizes(), ElementsAre(0, 3)) << writes;
    EXPECT_EQ(Annotation(world.Deployment(), kRevision), "2") << writes;
  }
}

}  // namespace
}  // namespace kless::controllers
