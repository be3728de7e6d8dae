// The ReplicaSet controller: reference controllers.md RS1 to RS23, CM1 to CM3.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <random>

#include "emulator/base/strings.h"
#include "functions/controllers/replicaset/replica_pods.h"
#include "functions/controllers/replicaset/replica_set_loop.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/kind.h"
#include "store/item/resource_fields.h"
#include "tests/functions/controllers/workload_world.h"

namespace kless::controllers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

json OwnerOf(const json& pod) {
  return pod["metadata"].value("ownerReferences", json::array({json::object()}))[0];
}

TEST(ReplicaSetTest, RS1_RS2_CM1_PodsAreMadeFromTheTemplate) {
  WorkloadWorld world;
  world.AddSet("r", 3);
  EXPECT_EQ(world.Pods("r").size(), 3U);
  const std::string name = world.Pods("r")[0];
  EXPECT_THAT(name, StartsWith("r-"));
  EXPECT_EQ(name.size(), 7U);
  const json pod = world.Get("pod", "ns/" + name);
  EXPECT_EQ(pod["metadata"]["generateName"], "r-");
  EXPECT_EQ(pod["metadata"]["labels"], json({{"app", "r"}}));
  EXPECT_EQ(OwnerOf(pod), json({{"apiVersion", "apps/v1"},
                                {"kind", "ReplicaSet"},
                                {"name", "r"},
                                {"uid", "uid-r"},
                                {"controller", true},
                                {"blockOwnerDeletion", true}}));
  EXPECT_EQ(pod["spec"]["tolerations"].size(), 2U);
  EXPECT_EQ(world.Said("SuccessfulCreate").size(), 3U);
  EXPECT_EQ(world.Said("SuccessfulCreate")[0], "Created pod: " + name);
  EXPECT_EQ(world.now(), kStart);
}

TEST(ReplicaSetTest, RS2_ASetWithoutReplicasWantsOne) {
  WorkloadWorld world;
  world.AddSet("r", 1, {{"replicas", nullptr}});
  EXPECT_EQ(world.Pods("r").size(), 1U);
}

TEST(ReplicaSetTest, RS3_PodsAreMadeInGrowingBatchesAndTheRestIsLeftAfterAFailure) {
  WorkloadWorld world;
  world.writes_left = 1 + 2;  // dies in the third batch
  world.AddSet("r", 7);
  EXPECT_EQ(world.Pods("r").size(), 7U);
  EXPECT_EQ(SlowStartBatches(7), (std::vector<std::size_t>{1, 2, 4}));
}

TEST(ReplicaSetTest, RS4_RS19_CM2_StatusFollowsWhatWasSeenBefore) {
  WorkloadWorld world;
  world.AddSet("r", 3);
  std::vector<json> statuses;
  for (const auto& change : world.changes) {
    if (change.id.type == "replicaset") statuses.push_back(change.After()["status"]);
  }
  ASSERT_GE(statuses.size(), 3U);
  EXPECT_EQ(statuses[1],
            json({{"observedGeneration", 1}, {"replicas", 0}, {"terminatingReplicas", 0}}));
  EXPECT_EQ(statuses.back(), json({{"observedGeneration", 1},
                                   {"replicas", 3},
                                   {"fullyLabeledReplicas", 3},
                                   {"terminatingReplicas", 0}}));
  world.Change("replicaset", "r", {{"replicas", 5}});
  EXPECT_EQ(world.Pods("r").size(), 5U);
  EXPECT_EQ(world.Status("replicaset", "r")["observedGeneration"], 2);
  EXPECT_EQ(world.Status("replicaset", "r")["replicas"], 5);
}

TEST(ReplicaSetTest, RS5_CM3_TerminatingPodsAreCountedApart) {
  WorkloadWorld world;
  world.AddSet("r", 2);
  world.ReadyAll("r");
  EXPECT_EQ(world.Status("replicaset", "r")["availableReplicas"], 2);
  world.Change("replicaset", "r", {{"replicas", 0}});
  EXPECT_EQ(world.Said("SuccessfulDelete").size(), 2U);
  EXPECT_EQ(world.Status("replicaset", "r"),
            json({{"observedGeneration", 2}, {"replicas", 0}, {"terminatingReplicas", 2}}));
  for (const std::string& pod : world.Pods("r")) world.Kill(pod);
  EXPECT_EQ(world.Status("replicaset", "r")["terminatingReplicas"], 0);
}

TEST(ReplicaSetTest, RS5_PodsWithoutANodeGoAtOnce) {
  WorkloadWorld world;
  world.AddSet("r", 3);
  world.Change("replicaset", "r", {{"replicas", 1}});
  EXPECT_EQ(world.Pods("r").size(), 1U);
}

// One pod for each rule, in the order in which they go.
TEST(ReplicaSetTest, RS6_VictimsGoInTheOrderOfTheRules) {
  constexpr std::int64_t kNow = 1000 * kSecond;
  std::vector<ReplicaPod> pods;
  const auto add = [&pods](const std::string& uid) -> ReplicaPod& {
    ReplicaPod pod;
    pod.uid = uid;
    pod.node = "n";
    pod.phase = 2;
    pod.ready = true;
    pod.ready_at = kNow - 10 * kSecond;
    pod.created_at = kNow - 100 * kSecond;
    pods.push_back(pod);
    return pods.back();
  };
  add("a unassigned").node = "";
  add("b pending").phase = 0;
  add("c unknown").phase = 1;
  add("d unready").ready = false;
  add("e cheap").deletion_cost = -5;
  add("f crowded").node = "full";
  add("g restarted").restarts = 3;
  add("h young").ready_at = kNow - kSecond;
  add("i usual");
  add("j old").ready_at = kNow - 100 * kSecond;
  add("k dear").deletion_cost = 10;
  // Readiness goes before restarts.
  const std::vector<std::string> expected = {
      "a unassigned", "b pending",   "c unknown", "d unready", "e cheap", "f crowded",
      "h young",      "g restarted", "i usual",   "j old",     "k dear"};
  std::mt19937 shuffle(7);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(pods.begin(), pods.end(), shuffle);
    SortByVictims({{"full", 2}, {"n", 1}}, kNow, pods);
    std::vector<std::string> order;
    for (const ReplicaPod& pod : pods) order.push_back(pod.uid);
    EXPECT_EQ(order, expected);
  }
}

TEST(ReplicaSetTest, RS6_AgesInTheSamePowerOfTwoAreATie) {
  constexpr std::int64_t kNow = 1000 * kSecond;
  std::vector<ReplicaPod> pods(2);
  pods[0].uid = "b";
  pods[1].uid = "a";
  for (ReplicaPod& pod : pods) pod.created_at = kNow - 10 * kSecond;
  pods[0].created_at += kSecond / 10;  // younger, and yet
  SortByVictims({}, kNow, pods);
  EXPECT_EQ(pods[0].uid, "a");
}

TEST(ReplicaSetTest, RS7_ABareSetDoesNotCountNeighbours) {
  WorkloadWorld world;
  world.AddSet("r", 3);
  const auto pods = world.Pods("r");
  world.Bind(pods[0], "w3");
  world.Bind(pods[1], "w3");
  world.Bind(pods[2], "w2");
  // At the same age the smallest uid is deleted first, whatever its node.
  std::string smallest;
  for (const std::string& name : pods) {
    const std::string uid = world.Get("pod", "ns/" + name)["metadata"]["uid"];
    if (smallest.empty() ||
        uid < world.Get("pod", "ns/" + smallest)["metadata"]["uid"].get<std::string>()) {
      smallest = name;
    }
  }
  world.Change("replicaset", "r", {{"replicas", 2}});
  const auto left = world.ActivePods("r");
  EXPECT_EQ(std::count(left.begin(), left.end(), smallest), 0);
}

TEST(ReplicaSetTest, RS7_TheSetOfADeploymentSpreadsItsVictims) {
  WorkloadWorld world;
  world.AddDeployment("d", 3);
  const std::string set = world.Sets()[0];
  const auto pods = world.Pods(set);
  world.Bind(pods[0], "w1");
  world.Bind(pods[1], "w1");
  world.Bind(pods[2], "w2");
  world.Change("deployment", "d", {{"replicas", 2}});
  const auto left = world.ActivePods(set);
  ASSERT_EQ(left.size(), 2U);
  EXPECT_EQ(std::count(left.begin(), left.end(), pods[2]), 1) << "w1 had one too many";
}

TEST(ReplicaSetTest, RS9_APodThatIsDeletedByHandIsReplacedAtOnce) {
  WorkloadWorld world;
  world.AddSet("r", 2);
  const std::string pod = world.Pods("r")[0];
  world.Bind(pod, "n");
  world.Delete("pod", "ns/" + pod);
  world.Settle();
  EXPECT_EQ(world.Pods("r").size(), 3U);
  EXPECT_EQ(world.Status("replicaset", "r")["terminatingReplicas"], 1);
  EXPECT_EQ(world.Status("replicaset", "r")["replicas"], 2);
}

TEST(ReplicaSetTest, RS10_APodThatEndsIsReplacedAndKept) {
  WorkloadWorld world;
  world.AddSet("r", 2);
  const auto pods = world.Pods("r");
  world.End(pods[0], "Failed");
  world.End(pods[1], "Succeeded");
  EXPECT_EQ(world.ActivePods("r").size(), 2U);
  EXPECT_EQ(world.Pods("r").size(), 4U);
  EXPECT_EQ(world.Status("replicaset", "r"), json({{"observedGeneration", 1},
                                                   {"replicas", 2},
                                                   {"fullyLabeledReplicas", 2},
                                                   {"terminatingReplicas", 0}}));
}

TEST(ReplicaSetTest, RS11_APodIsAvailableAfterMinReadySeconds) {
  WorkloadWorld world;
  world.AddSet("r", 1, {{"minReadySeconds", 5}});
  world.RunUntil(2.5);
  const std::string pod = world.Pods("r")[0];
  world.Ready(pod);  // its timestamp says 2
  EXPECT_EQ(world.Status("replicaset", "r")["readyReplicas"], 1);
  EXPECT_FALSE(world.Status("replicaset", "r").contains("availableReplicas"));
  world.RunUntil(6.9);
  EXPECT_FALSE(world.Status("replicaset", "r").contains("availableReplicas"));
  world.RunUntil(7);
  EXPECT_EQ(world.Status("replicaset", "r")["availableReplicas"], 1);
  world.Unready(pod);
  EXPECT_FALSE(world.Status("replicaset", "r").contains("availableReplicas"));
  EXPECT_EQ(world.timers(), 0U);
}

TEST(ReplicaSetTest, RS12_OrphansThatMatchAreAdopted) {
  WorkloadWorld world;
  const json labels = {{"metadata", {{"labels", {{"app", "r"}}}}}};
  world.Put("pod", "ns/before", labels);
  world.AddSet("r", 2);
  EXPECT_EQ(OwnerOf(world.Get("pod", "ns/before"))["uid"], "uid-r");
  EXPECT_EQ(world.Pods("r").size(), 2U);
  for (const std::string& pod : world.Pods("r")) world.Bind(pod, "n");
  // A later orphan is adopted and, as a surplus without a node, deleted.
  world.Put("pod", "ns/later", labels);
  world.Settle();
  EXPECT_FALSE(world.Exists("pod", "ns/later"));
  EXPECT_EQ(world.Pods("r").size(), 2U);
  EXPECT_EQ(world.Said("SuccessfulDelete").back(), "Deleted pod: later");
}

TEST(ReplicaSetTest, RS13_APodThatStopsMatchingIsReleased) {
  WorkloadWorld world;
  world.AddSet("r", 1);
  const std::string pod = world.Pods("r")[0];
  world.Bind(pod, "n");
  world.Patch("pod", "ns/" + pod, {{"metadata", {{"labels", {{"app", "other"}}}}}});
  world.Settle();
  EXPECT_FALSE(world.Get("pod", "ns/" + pod)["metadata"].contains("ownerReferences"));
  EXPECT_EQ(world.Pods("r").size(), 1U);
  world.Patch("pod", "ns/" + pod, {{"metadata", {{"labels", {{"app", "r"}}}}}});
  world.Settle();
  EXPECT_THAT(world.ActivePods("r"), ElementsAre(pod)) << "the one without a node goes";
}

TEST(ReplicaSetTest, RS14_RS15_ASetThatOrphansItsPodsLeavesThemToAnother) {
  WorkloadWorld world;
  const json same = json::parse(R"({"selector":{"matchLabels":{"app":"x"}},
                                    "template":{"metadata":{"labels":{"app":"x"}}}})");
  world.AddSet("a", 2, same);
  world.AddSet("b", 1, same);
  EXPECT_EQ(world.Pods("a").size(), 2U);
  EXPECT_EQ(world.Pods("b").size(), 1U);
  world.Delete("replicaset", "ns/a", Deletion::Propagation::kOrphan);
  world.Settle();
  EXPECT_FALSE(world.Exists("replicaset", "ns/a"));
  EXPECT_EQ(world.Pods("b").size(), 1U) << "three less the surplus";
  EXPECT_EQ(world.Pods().size(), 1U);
}

TEST(ReplicaSetTest, RS15_ASetInDeletionCreatesNothing) {
  WorkloadWorld world({ReplicaSetLoop()});
  world.AddSet("r", 2);
  world.Delete("replicaset", "ns/r", Deletion::Propagation::kOrphan);
  world.Settle();
  const auto pods = world.Pods("r");
  world.Kill(pods[0]);
  EXPECT_EQ(world.Pods("r").size(), 1U);
  EXPECT_EQ(world.Status("replicaset", "r")["replicas"], 1);
}

TEST(ReplicaSetTest, RS16_AFailureToCreateIsACondition) {
  WorkloadWorld world;
  world.refusal = "pods \"r-x\" is forbidden: exceeded quota: q";
  world.AddSet("r", 2);
  EXPECT_EQ(world.Condition("replicaset", "r", "ReplicaFailure"),
            "True=FailedCreate: " + world.refusal);
  EXPECT_EQ(world.Said("FailedCreate").front(), "Error creating: " + world.refusal);
  const std::string first = world.refusal;
  world.refusal = "something else";
  world.RunUntil(0.006);
  EXPECT_EQ(world.Condition("replicaset", "r", "ReplicaFailure"), "True=FailedCreate: " + first);
  world.refusal.clear();
  world.RunToEnd(1);
  EXPECT_EQ(world.Condition("replicaset", "r", "ReplicaFailure"), "");
  EXPECT_EQ(world.Pods("r").size(), 2U);
}

TEST(ReplicaSetTest, RS17_AFailureToDeleteIsACondition) {
  WorkloadWorld world;
  world.AddSet("r", 2);
  world.Change("replicaset", "r", {{"replicas", 2}});
  json object = world.Set("r");
  object["spec"]["replicas"] = 1;
  auto item = std::make_shared<Item>();
  item->key = {"replicaset", "ns/r"};
  item->document = object.dump();
  item->version = 1;
  item->fields = ExtractResourceFields(item->document, "ns/r");
  Random random(1, "test");
  World asked(kStart, random);
  std::vector<std::pair<ResourceId, ItemPtr>> pods;
  for (const std::string& name : world.Pods("r")) {
    auto pod = std::make_shared<Item>();
    pod->document = world.Get("pod", "ns/" + name).dump();
    pod->fields = ExtractResourceFields(pod->document, "ns/" + name);
    pods.emplace_back(ResourceId{"pod", "ns/" + name}, pod);
  }
  const ControlLoop loop = ReplicaSetLoop();
  Reconciliation result = loop.reconcile("ns/r", "", asked);
  for (auto questions = asked.TakeQuestions(); !questions.empty();
       questions = asked.TakeQuestions()) {
    for (const auto& question : questions) {
      if (question.kind == World::Question::Kind::kGet) {
        asked.Answer(question, item);
      } else {
        asked.Answer(question, pods);
      }
    }
    result = loop.reconcile("ns/r", "", asked);
  }
  ASSERT_TRUE(result.plan.on_failure);
  FailureReport report;
  const Write deletion{.id = {"pod", "ns/p"}, .change = Deletion{}};
  report.write = &deletion;
  report.message = "no";
  const Plan rest = result.plan.on_failure(report);
  ASSERT_EQ(rest.events.size(), 1U);
  EXPECT_EQ(rest.events[0].reason, "FailedDelete");
  EXPECT_EQ(rest.events[0].message, "Error deleting: no");
  ASSERT_EQ(rest.batches.size(), 1U);
  const json written = json::parse(std::get<Update>(rest.batches[0].writes[0].change).document);
  EXPECT_EQ(written["status"]["conditions"][0]["reason"], "FailedDelete");
}

TEST(ReplicaSetTest, RS18_RS19_AChangedTemplateTouchesNoPod) {
  WorkloadWorld world;
  world.AddSet("r", 2);
  const auto pods = world.Pods("r");
  world.Change("replicaset", "r",
               {{"template", {{"spec", {{"terminationGracePeriodSeconds", 5}}}}}});
  EXPECT_EQ(world.Pods("r"), pods);
  EXPECT_EQ(world.Status("replicaset", "r")["observedGeneration"], 2);
}

TEST(ReplicaSetTest, RS20_TheRulesOfTheKind) {
  const kubernetes::Kind& kind = *kubernetes::FindKindByType("replicaset");
  const auto problems = [&kind](const std::string& spec) {
    json object = {{"metadata", {{"name", "bad"}}}, {"spec", json::parse(spec)}};
    kind.apply_defaults(object);
    std::vector<std::string> found;
    for (const auto& error : kind.validate(object)) {
      found.push_back(error.field + ": " + error.message);
    }
    return found;
  };
  const std::string pod =
      R"("template":{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"c","image":"i"}])";
  EXPECT_THAT(problems(R"({"replicas":-1,"selector":{"matchLabels":{"app":"a"}},)" + pod + "}}}"),
              ElementsAre("spec.replicas: Invalid value: -1: must be greater than or equal to 0"));
  EXPECT_THAT(problems(R"({"selector":{"matchLabels":{"app":"b"}},)" + pod + "}}}"),
              ElementsAre("spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: "
                          "`selector` does not match template `labels`"));
  EXPECT_EQ(problems("{" + pod + "}}}").size(), 2U);
  EXPECT_THAT(problems(R"({"selector":{"matchLabels":{"app":"a"}},)" + pod +
                       R"(,"restartPolicy":"Never"}}})"),
              ElementsAre("spec.template.spec.restartPolicy: Unsupported value: \"Never\": "
                          "supported values: \"Always\""));
}

TEST(ReplicaSetTest, RS21_ABackgroundDeletionLeavesThePodsToTheCollector) {
  WorkloadWorld world;
  world.AddSet("r", 2);
  const auto said = world.events.size();
  world.Delete("replicaset", "ns/r");
  world.Settle();
  EXPECT_THAT(world.Pods(), IsEmpty());
  EXPECT_EQ(world.events.size(), said);
}

TEST(ReplicaSetTest, RS22_AtMostFiveHundredPodsInOneSync) {
  WorkloadWorld world;
  world.writes_left = 501;  // 500 pods and the status, then this driver dies
  world.AddSet("r", 600);
  std::size_t pods = 0;
  for (const auto& change : world.changes) {
    if (change.id.type == "replicaset" && !change.created()) break;
    pods += change.id.type == "pod" ? 1 : 0;
  }
  EXPECT_EQ(pods, 500U);
  EXPECT_EQ(world.ActivePods("r").size(), 600U);
}

TEST(ReplicaSetTest, RS22_ACrashAfterAnyWriteLeavesNoPodTooMany) {
  for (int writes = 0; writes < 12; ++writes) {
    WorkloadWorld world;
    world.writes_left = writes;
    world.AddSet("r", 5);
    EXPECT_EQ(world.Pods("r").size(), 5U) << writes;
    world.writes_left = writes;
    world.Change("replicaset", "r", {{"replicas", 2}});
    EXPECT_EQ(world.Pods("r").size(), 2U) << writes;
    EXPECT_EQ(world.Status("replicaset", "r")["replicas"], 2);
  }
}

}  // namespace
}  // namespace kless::controllers
