// The namespace loop: reference controllers.md NS1 to NS14.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/controllers/namespace/namespace_loop.h"
#include "functions/controllers/serviceaccount/service_account_loops.h"
#include "tests/functions/controllers/loop_world.h"

namespace kless::controllers {
namespace {

using testing::ElementsAre;

class NamespaceLoopTest : public ::testing::Test {
 protected:
  void Create(const std::string& name,
              const std::vector<std::string>& finalizers = {"kubernetes"}) {
    world_.Put("namespace", name,
               {{"spec", {{"finalizers", finalizers}}}, {"status", {{"phase", "Active"}}}});
    world_.Settle();
  }
  void Hold(const std::string& type, const std::string& name) {
    world_.Put(type, name, {{"metadata", {{"finalizers", {"x.y/hold"}}}}});
  }
  void Release(const std::string& type, const std::string& name) {
    world_.Patch(type, name, {{"metadata", {{"finalizers", nullptr}}}});
  }
  void BoundPod(const std::string& name) {
    world_.Put("pod", name,
               {{"spec", {{"nodeName", "n"}, {"terminationGracePeriodSeconds", 30}}},
                {"status", {{"phase", "Running"}}}});
  }
  json Namespace(const std::string& name) const { return world_.Get("namespace", name); }
  // "Remaining=False(ContentRemoved|All ...)" of each condition.
  std::vector<std::string> Conditions(const json& object) const {
    std::vector<std::string> found;
    for (const json& condition : object["status"]["conditions"]) {
      found.push_back(condition["type"].get<std::string>() + "=" +
                      condition["status"].get<std::string>() + "(" +
                      condition["reason"].get<std::string>() + "|" +
                      condition["message"].get<std::string>() + ")");
    }
    return found;
  }
  // When the object was removed, in seconds; -1 if it still exists.
  double GoneAt(const std::string& type, const std::string& name) const {
    for (const auto& change : world_.changes) {
      if (change.id == ResourceId{type, name} && change.gone()) {
        return static_cast<double>(change.at - kStart) / 1e9;
      }
    }
    return -1;
  }
  LoopWorld world_{{NamespaceLoop(), ServiceAccountLoop(), RootCertificateLoop()}};
};

TEST_F(NamespaceLoopTest, NS1_ANewNamespaceHasAnAccountAndARootCertificate) {
  Create("a");
  const json account = world_.Get("serviceaccount", "a/default");
  EXPECT_EQ(account["apiVersion"], "v1");
  EXPECT_EQ(account["kind"], "ServiceAccount");
  EXPECT_EQ(account["metadata"]["name"], "default");
  EXPECT_EQ(account["metadata"]["namespace"], "a");
  EXPECT_EQ(account["metadata"]["creationTimestamp"], FormatTime(kStart));
  EXPECT_EQ(account["metadata"]["uid"].get<std::string>().size(), 36U);
  const json certificate = world_.Get("configmap", "a/kube-root-ca.crt");
  EXPECT_EQ(certificate["metadata"]["annotations"]["kubernetes.io/description"],
            "Contains a CA bundle that can be used to verify the kube-apiserver when using "
            "internal endpoints such as the internal service IP or kubernetes.default.svc. No "
            "other usage is guaranteed across distributions of Kubernetes clusters.");
  EXPECT_TRUE(certificate["data"].contains("ca.crt"));
  EXPECT_EQ(world_.timers(), 0U);
}

TEST_F(NamespaceLoopTest, NS2_WhatIsDeletedComesBack) {
  Create("a");
  world_.Delete("serviceaccount", "a/default");
  world_.Delete("configmap", "a/kube-root-ca.crt");
  world_.Settle();
  EXPECT_TRUE(world_.Exists("serviceaccount", "a/default"));
  EXPECT_TRUE(world_.Exists("configmap", "a/kube-root-ca.crt"));
  world_.Put("serviceaccount", "a/own");
  world_.Delete("serviceaccount", "a/own");
  world_.Settle();
  EXPECT_FALSE(world_.Exists("serviceaccount", "a/own"));
}

TEST_F(NamespaceLoopTest, NS2_AnEditedCertificateIsPutBack) {
  Create("a");
  const json before = world_.Get("configmap", "a/kube-root-ca.crt");
  world_.Patch("configmap", "a/kube-root-ca.crt", {{"data", {{"ca.crt", "x"}, {"more", "y"}}}});
  world_.Settle();
  EXPECT_EQ(world_.Get("configmap", "a/kube-root-ca.crt"), before);
}

TEST_F(NamespaceLoopTest, NS3_NS4_AnEmptyNamespaceGoesFiveSecondsAfterItsDeletion) {
  Create("a");
  world_.RunUntil(7);
  world_.Delete("namespace", "a");
  EXPECT_EQ(Namespace("a")["status"]["phase"], "Terminating");
  EXPECT_FALSE(Namespace("a")["metadata"].contains("deletionGracePeriodSeconds"));
  world_.RunUntil(11.99);
  EXPECT_TRUE(world_.Exists("serviceaccount", "a/default"));
  world_.RunToEnd();
  EXPECT_EQ(GoneAt("namespace", "a"), 12);
  EXPECT_EQ(GoneAt("configmap", "a/kube-root-ca.crt"), 12);
  EXPECT_FALSE(world_.Exists("serviceaccount", "a/default"));
  EXPECT_EQ(world_.timers(), 0U);
}

TEST_F(NamespaceLoopTest, NS6_NS8_PodsGoFirstAndTheRestWaits) {
  Create("a");
  BoundPod("a/p");
  world_.Put("pod", "a/unbound");
  world_.Put("job", "a/j");
  world_.Delete("namespace", "a");
  world_.RunUntil(5);
  EXPECT_EQ(world_.Get("pod", "a/p")["metadata"]["deletionGracePeriodSeconds"], 30);
  EXPECT_FALSE(world_.Exists("pod", "a/unbound"));
  EXPECT_TRUE(world_.Exists("job", "a/j"));
  EXPECT_EQ(Conditions(Namespace("a"))[3],
            "NamespaceContentRemaining=False(ContentRemoved|All content successfully removed)");
}

TEST_F(NamespaceLoopTest, NS6_PodsThatNeedNoGraceDelayNothing) {
  Create("a");
  world_.Put("pod", "a/unbound");
  world_.Put("job", "a/j");
  world_.Put("event", "a/e");
  world_.Delete("namespace", "a");
  world_.RunToEnd();
  EXPECT_EQ(GoneAt("namespace", "a"), 5);
  EXPECT_FALSE(world_.Exists("job", "a/j"));
  EXPECT_FALSE(world_.Exists("event", "a/e"));
}

TEST_F(NamespaceLoopTest, NS7_AllFiveConditionsAreWrittenTogether) {
  Create("a");
  BoundPod("a/p");
  world_.Delete("namespace", "a");
  world_.RunUntil(5);
  EXPECT_THAT(
      Conditions(Namespace("a")),
      ElementsAre(
          "NamespaceDeletionDiscoveryFailure=False(ResourcesDiscovered|All resources "
          "successfully discovered)",
          "NamespaceDeletionGroupVersionParsingFailure=False(ParsedGroupVersions|All legacy kube "
          "types successfully parsed)",
          "NamespaceDeletionContentFailure=False(ContentDeleted|All content successfully deleted, "
          "may be waiting on finalization)",
          "NamespaceContentRemaining=False(ContentRemoved|All content successfully removed)",
          "NamespaceFinalizersRemaining=False(ContentHasNoFinalizers|All content-preserving "
          "finalizers finished)"));
  EXPECT_EQ(Namespace("a")["status"]["conditions"][0]["lastTransitionTime"],
            FormatTime(kStart + 5 * kSecond));
}

TEST_F(NamespaceLoopTest, NS9_WhatAFinalizerHoldsIsNamed) {
  Create("a");
  Hold("configmap", "a/held");
  Hold("job", "a/j1");
  Hold("job", "a/j2");
  world_.Delete("namespace", "a");
  world_.RunUntil(5);
  const auto conditions = Conditions(Namespace("a"));
  ASSERT_EQ(conditions.size(), 5U);
  EXPECT_EQ(conditions[3],
            "NamespaceContentRemaining=True(SomeResourcesRemain|Some resources are remaining: "
            "configmaps. has 1 resource instances, jobs.batch has 2 resource instances)");
  EXPECT_EQ(conditions[4],
            "NamespaceFinalizersRemaining=True(SomeFinalizersRemain|Some content in the namespace "
            "has finalizers remaining: x.y/hold in 3 resource instances)");
}

// Passes run at 5 (conditions written: again in 5), 10 (pods: again in 16), 26 (the rest is
// deleted, finalizers are reported: again in 5), 31 and 39 (again in 8).
TEST_F(NamespaceLoopTest, NS10_DeletedContentWakesNoKeys) {
  Create("a");
  BoundPod("a/p");
  Hold("configmap", "a/held");
  world_.Put("configmap", "a/plain");
  world_.Delete("namespace", "a");
  world_.RunUntil(21);
  world_.Delete("pod", "a/p", Deletion::Propagation::kBackground, 0);
  world_.RunUntil(40);
  EXPECT_EQ(GoneAt("configmap", "a/plain"), 26);
  Release("configmap", "a/held");
  world_.RunToEnd();
  EXPECT_EQ(GoneAt("namespace", "a"), 47);
}

TEST_F(NamespaceLoopTest, NS11_TheConditionsAreFalseBeforeTheEnd) {
  Create("a");
  Hold("configmap", "a/held");
  world_.Delete("namespace", "a");
  world_.RunUntil(6);
  Release("configmap", "a/held");
  world_.RunToEnd();
  const auto& last = world_.changes.back();
  EXPECT_EQ(last.id.type, "namespace");
  EXPECT_TRUE(last.gone());
  EXPECT_EQ(Conditions(last.Before())[3],
            "NamespaceContentRemaining=False(ContentRemoved|All content successfully removed)");
  // It is never visible without its finalizer.
  EXPECT_EQ(last.Before()["spec"]["finalizers"], json({"kubernetes"}));
  EXPECT_EQ(last.at, world_.changes[world_.changes.size() - 2].at);
}

TEST_F(NamespaceLoopTest, NS12_AForeignEntryHoldsIt) {
  Create("a", {"foo.io/custom", "kubernetes"});
  world_.Delete("namespace", "a");
  world_.RunToEnd();
  EXPECT_EQ(Namespace("a")["spec"]["finalizers"], json({"foo.io/custom"}));
  EXPECT_EQ(world_.timers(), 0U);
  world_.Patch("namespace", "a", {{"spec", {{"finalizers", json::array()}}}});
  EXPECT_FALSE(world_.Exists("namespace", "a"));
}

TEST_F(NamespaceLoopTest, NS12_FinalizersOfItsMetadataHoldIt) {
  Create("a");
  world_.Patch("namespace", "a", {{"metadata", {{"finalizers", {"x.y/z"}}}}});
  world_.Delete("namespace", "a");
  world_.RunToEnd();
  EXPECT_EQ(Namespace("a")["spec"]["finalizers"], json::array());
  world_.Patch("namespace", "a", {{"metadata", {{"finalizers", nullptr}}}});
  EXPECT_FALSE(world_.Exists("namespace", "a"));
}

TEST_F(NamespaceLoopTest, NS14_NothingIsMadeInANamespaceThatGoes) {
  Create("a");
  world_.Delete("namespace", "a");
  world_.Delete("serviceaccount", "a/default");
  world_.Settle();
  EXPECT_FALSE(world_.Exists("serviceaccount", "a/default"));
}

TEST_F(NamespaceLoopTest, NS11_ACrashAfterAnyWriteChangesNothing) {
  for (int writes = 0; writes < 7; ++writes) {
    Create("a");
    world_.Put("pod", "a/unbound");
    world_.Put("job", "a/j");
    world_.Delete("namespace", "a");
    world_.Settle();
    world_.writes_left = writes;
    world_.RunToEnd();
    EXPECT_FALSE(world_.Exists("namespace", "a")) << writes;
    EXPECT_FALSE(world_.Exists("job", "a/j")) << writes;
    world_.writes_left = -1;
  }
}

}  // namespace
}  // namespace kless::controllers
