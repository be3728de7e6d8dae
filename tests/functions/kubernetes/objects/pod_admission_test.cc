// Admission of pods, their binding and eviction.
#include "functions/kubernetes/objects/pod_admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/kubernetes/objects/pod_binding.h"
#include "functions/kubernetes/objects/pod_eviction.h"
#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

FindObject Classes(bool with_default) {
  return [with_default](const std::string& name) -> std::shared_ptr<const json> {
    if (name == "high") {
      return std::make_shared<json>(json::parse(R"({"metadata":{"name":"high"},"value":1000,
          "preemptionPolicy":"Never"})"));
    }
    if (!name.empty() || !with_default) return nullptr;
    return std::make_shared<json>(json::parse(R"({"metadata":{"name":"usual"},"value":7,
        "globalDefault":true,"preemptionPolicy":"PreemptLowerPriority"})"));
  };
}

TEST(PodAdmissionTest, SC38_PodWithoutAClassHasPriorityZero) {
  json spec = json::object();
  EXPECT_EQ(AdmitPriority(spec, Classes(false)), std::nullopt);
  EXPECT_EQ(spec, json({{"priority", 0}, {"preemptionPolicy", "PreemptLowerPriority"}}));
}

TEST(PodAdmissionTest, SC38_GlobalDefaultFillsClassAndValue) {
  json spec = json::object();
  EXPECT_EQ(AdmitPriority(spec, Classes(true)), std::nullopt);
  EXPECT_EQ(spec, json::parse(R"({"priorityClassName":"usual","priority":7,
                                  "preemptionPolicy":"PreemptLowerPriority"})"));
}

TEST(PodAdmissionTest, SC38_ClassGivesValueAndPolicy) {
  json spec = {{"priorityClassName", "high"}};
  EXPECT_EQ(AdmitPriority(spec, Classes(true)), std::nullopt);
  EXPECT_EQ(spec["priority"], 1000);
  EXPECT_EQ(spec["preemptionPolicy"], "Never");
}

TEST(PodAdmissionTest, SC38_UnknownClassAndOwnValuesAreForbidden) {
  json unknown = {{"priorityClassName", "nope"}};
  EXPECT_EQ(AdmitPriority(unknown, Classes(false)), "no PriorityClass with name nope was found");
  json given = {{"priority", 99}};
  EXPECT_EQ(AdmitPriority(given, Classes(false)),
            "the integer value of priority (99) must not be provided in pod spec; priority "
            "admission controller computed 0 from the given PriorityClass name");
  json policy = {{"priorityClassName", "high"}, {"preemptionPolicy", "PreemptLowerPriority"}};
  EXPECT_EQ(AdmitPriority(policy, Classes(false)),
            "the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in "
            "pod spec; priority admission controller computed Never from the given PriorityClass "
            "name");
}

TEST(PodAdmissionTest, SC18_CM13_PodsTolerateBadNodesForFiveMinutes) {
  json body = PodBody("p");
  body["spec"]["tolerations"] = json::parse(R"([{"key":"node.kubernetes.io/unreachable",
      "operator":"Exists","effect":"NoExecute","tolerationSeconds":10}])");
  const json tolerations = Create(KindOf("pod"), body).object["spec"]["tolerations"];
  ASSERT_EQ(tolerations.size(), 2U);
  EXPECT_EQ(tolerations[1], json::parse(R"({"key":"node.kubernetes.io/not-ready",
      "operator":"Exists","effect":"NoExecute","tolerationSeconds":300})"));
  body["spec"]["tolerations"] = json::parse(R"([{"operator":"Exists"}])");
  EXPECT_EQ(Create(KindOf("pod"), body).object["spec"]["tolerations"].size(), 1U);
}

TEST(PodAdmissionTest, SC31_GatedPodSaysSoFromTheBeginning) {
  json body = PodBody("p");
  body["spec"]["schedulingGates"] = json::parse(R"([{"name":"ex.com/a"}])");
  const json conditions = Create(KindOf("pod"), body).object["status"]["conditions"];
  ASSERT_EQ(conditions.size(), 1U);
  EXPECT_EQ(conditions[0]["type"], "PodScheduled");
  EXPECT_EQ(conditions[0]["status"], "False");
  EXPECT_EQ(conditions[0]["reason"], "SchedulingGated");
  EXPECT_EQ(conditions[0]["message"], "Scheduling is blocked due to non-empty scheduling gates");
}

TEST(PodAdmissionTest, SC31_GatesAndANodeExcludeEachOther) {
  json body = PodBody("c");
  body["spec"]["schedulingGates"] = json::parse(R"([{"name":"ex.com/a"}])");
  body["spec"]["nodeName"] = "n1";
  EXPECT_THAT(Texts(Create(KindOf("pod"), body).errors),
              ElementsAre("spec.nodeName: Forbidden: cannot be set until all schedulingGates have "
                          "been cleared"));
}

TEST(PodAdmissionTest, SC31_GatesMayOnlyBeRemoved) {
  json body = PodBody("c");
  body["spec"]["schedulingGates"] = json::parse(R"([{"name":"ex.com/a"},{"name":"ex.com/b"}])");
  const json old = Create(KindOf("pod"), body).object;
  json fewer = old;
  fewer["spec"]["schedulingGates"].erase(0);
  fewer["spec"]["nodeSelector"] = {{"disk", "ssd"}};
  EXPECT_THAT(Texts(Update(KindOf("pod"), fewer, old).errors), IsEmpty());
  json none = old;
  none["spec"].erase("schedulingGates");
  EXPECT_THAT(Texts(Update(KindOf("pod"), none, old).errors), IsEmpty());
  json more = old;
  more["spec"]["schedulingGates"].push_back({{"name", "ex.com/c"}});
  EXPECT_THAT(Texts(Update(KindOf("pod"), more, old).errors),
              ElementsAre("spec.schedulingGates[2].name: Forbidden: only deletion is allowed, but "
                          "found new scheduling gate 'ex.com/c'"));
}

json Node() {
  return json::parse(R"({"metadata":{"name":"n1","labels":{"topology.kubernetes.io/zone":"z",
      "topology.kubernetes.io/region":"r","other":"x"}}})");
}

TEST(PodAdmissionTest, CM12_PodOnANodeCarriesItsTopology) {
  json pod = PodBody("p");
  pod["spec"]["nodeName"] = "n1";
  const FindObject nodes = [](const std::string&) { return std::make_shared<const json>(Node()); };
  EXPECT_EQ(AdmitPod(pod, Classes(false), nodes), std::nullopt);
  EXPECT_EQ(pod["metadata"]["labels"], json::parse(R"({"topology.kubernetes.io/zone":"z",
      "topology.kubernetes.io/region":"r"})"));
}

TEST(PodBindingTest, CM12_BindingSetsNodeConditionAndTopology) {
  json pod = Create(KindOf("pod"), PodBody("p")).object;
  const json node = Node();
  EXPECT_EQ(BindPod(pod, "n1", &node, kNow), std::nullopt);
  EXPECT_EQ(pod["spec"]["nodeName"], "n1");
  EXPECT_EQ(pod["metadata"]["labels"]["topology.kubernetes.io/zone"], "z");
  EXPECT_EQ(pod["metadata"]["generation"], 1);
  EXPECT_EQ(pod["status"]["conditions"], json::parse(R"([{"type":"PodScheduled","status":"True",
      "lastProbeTime":null,"lastTransitionTime":"2026-01-01T00:00:00Z"}])"));
}

TEST(PodBindingTest, SC31_SC33_GatedBoundAndGoingPodsAreNotBound) {
  json gated = PodBody("b");
  gated["spec"]["schedulingGates"] = json::parse(R"([{"name":"x"}])");
  EXPECT_EQ(BindPod(gated, "n1", nullptr, kNow), "pod b has non-empty .spec.schedulingGates");
  json bound = PodBody("a");
  bound["spec"]["nodeName"] = "n1";
  EXPECT_EQ(BindPod(bound, "n2", nullptr, kNow), "pod a is already assigned to node \"n1\"");
  json going = PodBody("a");
  going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  EXPECT_EQ(BindPod(going, "n2", nullptr, kNow),
            "pod a is being deleted, cannot be assigned to a host");
}

TEST(PodEvictionTest, PB5_DisruptionsAreTakenUntilNoneIsLeft) {
  json budget = json::parse(R"({"metadata":{"name":"pct","generation":1},"status":{
      "observedGeneration":1,"disruptionsAllowed":1,"currentHealthy":4,"desiredHealthy":3,
      "conditions":[{"type":"DisruptionAllowed","status":"True"}]}})");
  EXPECT_EQ(TakeDisruption(budget, "a", kNow), std::nullopt);
  EXPECT_EQ(budget["status"]["disruptionsAllowed"], 0);
  EXPECT_EQ(budget["status"]["disruptedPods"]["a"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(budget["status"]["conditions"][0]["status"], "False");
  EXPECT_EQ(budget["status"]["conditions"][0]["reason"], "InsufficientPods");
  budget["status"]["currentHealthy"] = 3;
  EXPECT_EQ(TakeDisruption(budget, "b", kNow),
            "The disruption budget pct needs 3 healthy pods and has 3 currently");
  budget["metadata"]["generation"] = 2;
  EXPECT_EQ(TakeDisruption(budget, "b", kNow),
            "The disruption budget pct is still being processed by the server.");
}

TEST(PodEvictionTest, BudgetsHaveNoSayAboutPodsThatDoNotServe) {
  EXPECT_TRUE(EvictionIgnoresBudgets(json::parse(R"({"status":{"phase":"Pending"}})")));
  EXPECT_TRUE(EvictionIgnoresBudgets(json::parse(R"({"status":{"phase":"Failed"}})")));
  EXPECT_FALSE(EvictionIgnoresBudgets(json::parse(R"({"status":{"phase":"Running"}})")));
  const json healthy = json::parse(R"({"status":{"currentHealthy":3,"desiredHealthy":3}})");
  const json unready = json::parse(R"({"status":{"phase":"Running"}})");
  EXPECT_TRUE(BudgetIgnoresPod(healthy, unready));
  EXPECT_FALSE(BudgetIgnoresPod(
      json::parse(R"({"status":{"currentHealthy":2,"desiredHealthy":3}})"), unready));
  EXPECT_TRUE(BudgetIgnoresPod(
      json::parse(R"({"spec":{"unhealthyPodEvictionPolicy":"AlwaysAllow"}})"), unready));
}

}  // namespace
}  // namespace kless::kubernetes
