// Admission, binding and eviction of pods through the Kubernetes door.
#include <nlohmann/json.hpp>

#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using nlohmann::json;

constexpr const char* kClasses = "/apis/scheduling.k8s.io/v1/priorityclasses";
constexpr const char* kBudgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";

class KubernetesPodVerbsTest : public KubernetesDoorTest {
 protected:
  Reply Bind(const std::string& pod, const std::string& node) {
    return Send("POST", std::string(kPods) + "/" + pod + "/binding",
                json{{"apiVersion", "v1"},
                     {"kind", "Binding"},
                     {"metadata", {{"name", pod}}},
                     {"target", {{"kind", "Node"}, {"name", node}}}});
  }
  Reply Evict(const std::string& pod, const json& options = nullptr) {
    return Send("POST", std::string(kPods) + "/" + pod + "/eviction",
                json{{"apiVersion", "policy/v1"},
                     {"kind", "Eviction"},
                     {"metadata", {{"name", pod}}},
                     {"deleteOptions", options}});
  }
  json PodOf(const std::string& name) { return Get(std::string(kPods) + "/" + name).body(); }
  void CreateNode(const std::string& name) {
    Create("/api/v1/nodes",
           {{"metadata", {{"name", name}, {"labels", {{"topology.kubernetes.io/zone", "z1"}}}}}});
  }
  void SetPriorityDefault() {
    Create(kClasses, {{"metadata", {{"name", "usual"}}}, {"value", 7}, {"globalDefault", true}});
  }
  // A running, ready pod on a node.
  void CreateRunning(const std::string& name) {
    json pod = MakePod(name, "a");
    pod["spec"]["nodeName"] = "n1";
    json created = Create(kPods, pod);
    created["status"] = {{"phase", "Running"},
                         {"conditions", json::array({{{"type", "Ready"}, {"status", "True"}}})}};
    EXPECT_EQ(Send("PUT", std::string(kPods) + "/" + name + "/status", created).status, 200);
  }
  void CreateBudget(const std::string& name, int allowed) {
    json budget = Create(
        kBudgets,
        {{"metadata", {{"name", name}}},
         {"spec", {{"minAvailable", "60%"}, {"selector", {{"matchLabels", {{"app", "a"}}}}}}}});
    budget["status"] = {{"observedGeneration", 1},
                        {"disruptionsAllowed", allowed},
                        {"currentHealthy", 3 + allowed},
                        {"desiredHealthy", 3},
                        {"expectedPods", 4}};
    EXPECT_EQ(Send("PUT", std::string(kBudgets) + "/" + name + "/status", budget).status, 200);
  }
};

TEST_F(KubernetesPodVerbsTest, SystemPriorityClassesAreThereFromTheStart) {
  EXPECT_EQ(Get(std::string(kClasses) + "/system-cluster-critical").body()["value"], 2000000000);
  EXPECT_EQ(Get(std::string(kClasses) + "/system-node-critical").body()["value"], 2000001000);
}

TEST_F(KubernetesPodVerbsTest, SC38_PriorityComesFromTheClass) {
  EXPECT_EQ(Create(kPods, MakePod("a"))["spec"]["priority"], 0);
  SetPriorityDefault();
  const json usual = Create(kPods, MakePod("b"));
  EXPECT_EQ(usual["spec"]["priorityClassName"], "usual");
  EXPECT_EQ(usual["spec"]["priority"], 7);
  json critical = MakePod("c");
  critical["spec"]["priorityClassName"] = "system-node-critical";
  EXPECT_EQ(Create(kPods, critical)["spec"]["priority"], 2000001000);
  critical["spec"]["priorityClassName"] = "nope";
  const Reply unknown = Send("POST", kPods, critical);
  EXPECT_EQ(unknown.status, 403);
  EXPECT_EQ(unknown.message(),
            R"(pods "c" is forbidden: no PriorityClass with name nope was found)");
}

TEST_F(KubernetesPodVerbsTest, SC38_OwnPriorityIsForbidden) {
  json pod = MakePod("c");
  pod["spec"]["priority"] = 99;
  EXPECT_EQ(Send("POST", kPods, pod).message(),
            R"(pods "c" is forbidden: the integer value of priority (99) must not be provided in )"
            "pod spec; priority admission controller computed 0 from the given PriorityClass name");
}

TEST_F(KubernetesPodVerbsTest, OnlyOnePriorityClassIsTheDefault) {
  SetPriorityDefault();
  const Reply second = Send(
      "POST", kClasses, json{{"metadata", {{"name", "q"}}}, {"value", 1}, {"globalDefault", true}});
  EXPECT_EQ(second.status, 403);
  EXPECT_EQ(second.message(),
            R"(priorityclasses.scheduling.k8s.io "q" is forbidden: PriorityClass usual is already )"
            "marked as default. Only one default can exist");
}

TEST_F(KubernetesPodVerbsTest, CM12_PodCreatedOnANodeGetsItsTopologyLabels) {
  CreateNode("n1");
  json pod = MakePod("a", "x");
  pod["spec"]["nodeName"] = "n1";
  EXPECT_EQ(Create(kPods, pod)["metadata"]["labels"],
            (json{{"app", "x"}, {"topology.kubernetes.io/zone", "z1"}}));
}

TEST_F(KubernetesPodVerbsTest, CM12_BindingAssignsTheNode) {
  CreateNode("n1");
  Create(kPods, MakePod("a"));
  const Reply reply = Bind("a", "n1");
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.body(), (json{{"kind", "Status"},
                                {"apiVersion", "v1"},
                                {"metadata", json::object()},
                                {"status", "Success"},
                                {"code", 201}}));
  const json pod = PodOf("a");
  EXPECT_EQ(pod["spec"]["nodeName"], "n1");
  EXPECT_EQ(pod["status"]["conditions"][0]["type"], "PodScheduled");
  EXPECT_EQ(pod["status"]["conditions"][0]["status"], "True");
  EXPECT_EQ(pod["metadata"]["labels"]["topology.kubernetes.io/zone"], "z1");
}

TEST_F(KubernetesPodVerbsTest, SC31_SC33_BindingOfAGatedOrBoundPodIsAConflict) {
  Create(kPods, MakePod("a"));
  EXPECT_EQ(Bind("a", "n1").status, 201);
  const Reply again = Bind("a", "n2");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.reason(), "Conflict");
  EXPECT_EQ(again.message(),
            R"(Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to )"
            R"(node "n1")");
  json gated = MakePod("b");
  gated["spec"]["schedulingGates"] = json::array({{{"name", "ex.com/a"}}});
  EXPECT_EQ(Create(kPods, gated)["status"]["conditions"][0]["reason"], "SchedulingGated");
  EXPECT_EQ(Bind("b", "n1").message(),
            R"(Operation cannot be fulfilled on pods/binding "b": pod b has non-empty )"
            ".spec.schedulingGates");
  EXPECT_EQ(Bind("none", "n1").status, 404);
  EXPECT_EQ(
      Send("POST", std::string(kPods) + "/a/binding", json{{"target", {{"name", ""}}}}).status,
      500);
}

TEST_F(KubernetesPodVerbsTest, SC31_GatesWithANodeAreInvalid) {
  json pod = MakePod("c");
  pod["spec"]["schedulingGates"] = json::array({{{"name", "ex.com/a"}}});
  pod["spec"]["nodeName"] = "n1";
  EXPECT_EQ(Send("POST", kPods, pod).message(),
            R"(Pod "c" is invalid: spec.nodeName: Forbidden: cannot be set until all )"
            "schedulingGates have been cleared");
}

TEST_F(KubernetesPodVerbsTest, PB5_EvictionTakesFromTheBudgetAndDeletesGracefully) {
  CreateRunning("p1");
  CreateRunning("p2");
  CreateBudget("pct", 1);
  const Reply evicted = Evict("p1");
  EXPECT_EQ(evicted.status, 201) << evicted.response.body;
  EXPECT_EQ(evicted.body()["status"], "Success");
  const json pod = PodOf("p1");
  EXPECT_EQ(pod["metadata"]["deletionGracePeriodSeconds"], 30);
  const json condition = pod["status"]["conditions"][1];
  EXPECT_EQ(condition["type"], "DisruptionTarget");
  EXPECT_EQ(condition["reason"], "EvictionByEvictionAPI");
  EXPECT_EQ(condition["message"], "Eviction API: evicting");
  const json budget = Get(std::string(kBudgets) + "/pct").body();
  EXPECT_EQ(budget["status"]["disruptionsAllowed"], 0);
  EXPECT_TRUE(budget["status"]["disruptedPods"].contains("p1"));

  const Reply refused = Evict("p2");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.reason(), "TooManyRequests");
  EXPECT_EQ(refused.message(), "Cannot evict pod as it would violate the pod's disruption budget.");
  EXPECT_EQ(
      refused.body()["details"]["causes"],
      json::array(
          {{{"reason", "DisruptionBudget"},
            {"message", "The disruption budget pct needs 3 healthy pods and has 4 currently"}}}));
  EXPECT_FALSE(PodOf("p2")["metadata"].contains("deletionTimestamp"));
}

TEST_F(KubernetesPodVerbsTest, EvictionWithTwoBudgetsIsNotSupported) {
  CreateRunning("p1");
  CreateBudget("one", 1);
  CreateBudget("two", 1);
  const Reply reply = Evict("p1");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.message(),
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does "
            "not support.");
}

TEST_F(KubernetesPodVerbsTest, EvictionOfAPendingPodAsksNoBudget) {
  Create(kPods, MakePod("p", "a"));
  CreateBudget("none", 0);
  EXPECT_EQ(Evict("p", {{"preconditions", {{"uid", "other"}}}}).status, 409);
  EXPECT_EQ(Evict("p", {{"dryRun", {"All"}}}).status, 201);
  EXPECT_EQ(PodOf("p")["kind"], "Pod");
  EXPECT_EQ(Evict("p").status, 201);
  EXPECT_EQ(Get(std::string(kPods) + "/p").status, 404);
  EXPECT_EQ(Evict("p").status, 404);
}

}  // namespace
}  // namespace kless::doors
