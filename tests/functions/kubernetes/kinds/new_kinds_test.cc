// Nodes, PriorityClasses, PodDisruptionBudgets, ReplicaSets and kinds that are only stored.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

json Body(const char* text) { return json::parse(text); }
std::vector<std::string> KindErrors(const char* type, const char* text) {
  return Texts(Create(KindOf(type), Body(text)).errors);
}

TEST(NodeTest, SC13_NL1_NewNodeIsTaintedNotReady) {
  const Written created = Create(KindOf("node"), Body(R"({"metadata":{"name":"n1"},
      "status":{"capacity":{"cpu":"4"},"conditions":[{"type":"Ready","status":"True"}]}})"));
  EXPECT_THAT(Texts(created.errors), IsEmpty());
  EXPECT_EQ(created.object["spec"]["taints"],
            Body(R"([{"effect":"NoSchedule","key":"node.kubernetes.io/not-ready"}])"));
  EXPECT_EQ(created.object["status"]["allocatable"], json({{"cpu", "4"}}));
  EXPECT_EQ(created.object["status"]["conditions"].size(), 1U);
  EXPECT_EQ(created.object["status"]["daemonEndpoints"]["kubeletEndpoint"]["Port"], 0);
  EXPECT_FALSE(created.object["metadata"].contains("namespace"));
  EXPECT_FALSE(created.object["metadata"].contains("generation"));
}

TEST(NodeTest, TheTaintIsNotSetTwice) {
  const Written created =
      Create(KindOf("node"), Body(R"({"metadata":{"name":"n1"},"spec":{"taints":[
      {"key":"node.kubernetes.io/not-ready","effect":"NoSchedule","value":"x"}]}})"));
  EXPECT_EQ(created.object["spec"]["taints"].size(), 1U);
}

TEST(NodeTest, TaintsAreChecked) {
  EXPECT_THAT(
      KindErrors("node", R"({"metadata":{"name":"n"},"spec":{"taints":[
      {"key":"a","effect":"Nope"},{"key":"b"},{"key":"c","effect":"NoExecute"},
      {"key":"c","effect":"NoExecute"}]}})"),
      ElementsAre("spec.taints[0].effect: Unsupported value: \"Nope\": supported values: "
                  "\"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"",
                  "spec.taints[1].effect: Required value",
                  "spec.taints[3]: Duplicate value: {\"effect\":\"NoExecute\",\"key\":\"c\"}: "
                  "taints must be unique by key and effect pair"));
}

TEST(NodeTest, MainKeepsTheStatusAndUnschedulableIsSelectable) {
  const json old = Create(KindOf("node"), Body(R"({"metadata":{"name":"n1"},
      "status":{"phase":"x"}})"))
                       .object;
  json body = old;
  body["spec"]["unschedulable"] = true;
  body["status"]["phase"] = "y";
  const Written updated = Update(KindOf("node"), body, old);
  EXPECT_THAT(Texts(updated.errors), IsEmpty());
  EXPECT_EQ(updated.object["status"]["phase"], "x");
  EXPECT_EQ(KindOf("node").field_value(updated.object, "spec.unschedulable"), "true");
}

TEST(PriorityClassTest, ValuesOfUsersAreBoundedAndNamesOfTheSystemReserved) {
  EXPECT_THAT(KindErrors("priorityclass", R"({"metadata":{"name":"p"},"value":1000000001})"),
              ElementsAre("value: Forbidden: maximum allowed value of a user defined priority is "
                          "1000000000"));
  EXPECT_THAT(KindErrors("priorityclass", R"({"metadata":{"name":"system-x"},"value":1})"),
              ElementsAre("metadata.name: Forbidden: priority class names with 'system-' prefix "
                          "are reserved for system use only. error: system-x is not a known "
                          "system priority class"));
  const Written created =
      Create(KindOf("priorityclass"), Body(R"({"metadata":{"name":"system-node-critical"},
                                          "value":2000001000})"));
  EXPECT_THAT(Texts(created.errors), IsEmpty());
  EXPECT_EQ(created.object["preemptionPolicy"], "PreemptLowerPriority");
  EXPECT_EQ(created.object["metadata"]["generation"], 1);
  json body = created.object;
  body["value"] = 5;
  EXPECT_THAT(Texts(Update(KindOf("priorityclass"), body, created.object).errors),
              testing::Contains("value: Forbidden: may not be changed in an update."));
}

TEST(DisruptionBudgetTest, PB1_NewBudgetAllowsNothingYet) {
  const Written created = Create(KindOf("poddisruptionbudget"), Body(R"({"metadata":{"name":"b"},
      "spec":{"minAvailable":"60%","selector":{"matchLabels":{"app":"a"}}}})"));
  EXPECT_THAT(Texts(created.errors), IsEmpty());
  EXPECT_EQ(created.object["status"],
            Body(R"({"disruptionsAllowed":0,"currentHealthy":0,"desiredHealthy":0,
                     "expectedPods":0})"));
  EXPECT_EQ(created.object["metadata"]["generation"], 1);
}

TEST(DisruptionBudgetTest, TwoBoundsAreRefusedInTheRecordedWords) {
  EXPECT_THAT(
      KindErrors("poddisruptionbudget", R"({"metadata":{"name":"bad"},"spec":{"minAvailable":1,
      "maxUnavailable":1,"selector":{"matchLabels":{"app":"a"}}}})"),
      ElementsAre("spec: Invalid value: {\"MinAvailable\":1,\"Selector\":{\"matchLabels\":{\"app\":"
                  "\"a\"}},\"MaxUnavailable\":1,\"UnhealthyPodEvictionPolicy\":null}: minAvailable "
                  "and maxUnavailable cannot be both set"));
  EXPECT_THAT(
      KindErrors("poddisruptionbudget", R"({"metadata":{"name":"b"},"spec":{"minAvailable":-1}})"),
      ElementsAre("spec.minAvailable: Invalid value: -1: must be greater than or equal to "
                  "0"));
  EXPECT_THAT(KindErrors("poddisruptionbudget",
                         R"({"metadata":{"name":"b"},"spec":{"maxUnavailable":"101%"}})"),
              ElementsAre("spec.maxUnavailable: Invalid value: \"101%\": must not be greater than "
                          "100%"));
}

// Recorded from a real API server: RS-invalid.
TEST(ReplicaSetTest, BadSetsAreRefusedInTheRecordedWords) {
  const char* const kGood = R"({"metadata":{"name":"r"},"spec":{"replicas":3,
      "selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"a"}},
      "spec":{"containers":[{"name":"c","image":"b"}]}}}})";
  const auto errors = [&](const char* patch) {
    json body = Body(kGood);
    body.merge_patch(Body(patch));
    return Texts(Create(KindOf("replicaset"), body).errors);
  };
  EXPECT_THAT(errors("{}"), IsEmpty());
  EXPECT_THAT(errors(R"({"spec":{"replicas":-1}})"),
              ElementsAre("spec.replicas: Invalid value: -1: must be greater than or equal to 0"));
  EXPECT_THAT(errors(R"({"spec":{"selector":null}})"),
              ElementsAre("spec.selector: Required value",
                          "spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: "
                          "`selector` does not match template `labels`"));
  EXPECT_THAT(errors(R"({"spec":{"template":{"spec":{"restartPolicy":"Never"}}}})"),
              ElementsAre("spec.template.spec.restartPolicy: Unsupported value: \"Never\": "
                          "supported values: \"Always\""));
  const json old = Create(KindOf("replicaset"), Body(kGood)).object;
  EXPECT_EQ(old["status"], json({{"replicas", 0}}));
  json body = old;
  body["spec"]["selector"]["matchLabels"]["q"] = "q";
  EXPECT_THAT(
      Texts(Update(KindOf("replicaset"), body, old).errors),
      ElementsAre("spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: "
                  "`selector` does not match template `labels`",
                  "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"a\",\"q\":\"q\"}}: "
                  "field is immutable"));
}

TEST(StoredKindsTest, SecretKeepsStringDataAsBase64) {
  const Written created = Create(KindOf("secret"), Body(R"({"metadata":{"name":"s"},
      "stringData":{"a":"hi"}})"));
  EXPECT_EQ(created.object["data"]["a"], "aGk=");
  EXPECT_FALSE(created.object.contains("stringData"));
  EXPECT_EQ(created.object["type"], "Opaque");
  EXPECT_THAT(KindErrors("secret", R"({"metadata":{"name":"tok"},
      "type":"kubernetes.io/service-account-token"})"),
              ElementsAre("metadata.annotations[kubernetes.io/service-account.name]: Required "
                          "value"));
}

TEST(StoredKindsTest, ImmutableConfigMapStaysAsItIs) {
  const json old = Create(KindOf("configmap"), Body(R"({"metadata":{"name":"c"},
      "data":{"a":"1"},"immutable":true})"))
                       .object;
  json body = old;
  body["data"]["a"] = "2";
  EXPECT_THAT(Texts(Update(KindOf("configmap"), body, old).errors),
              ElementsAre("data: Forbidden: field is immutable when `immutable` is set"));
  EXPECT_EQ(KindErrors("configmap", R"({"metadata":{"name":"c"},"data":{"a b":"1"}})").size(), 1U);
}

TEST(StoredKindsTest, ServiceClaimAndLeaseNeedTheirParts) {
  EXPECT_THAT(KindErrors("service", R"({"metadata":{"name":"s"}})"),
              ElementsAre("spec.ports: Required value"));
  const Written service = Create(
      KindOf("service"), Body(R"({"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}})"));
  EXPECT_EQ(service.object["spec"]["ports"][0],
            Body(R"({"port":80,"protocol":"TCP","targetPort":80})"));
  EXPECT_THAT(KindErrors("persistentvolumeclaim", R"({"metadata":{"name":"c"}})"),
              ElementsAre("spec.accessModes: Required value: at least 1 access mode is required",
                          "spec.resources[storage]: Required value"));
  EXPECT_THAT(KindErrors("lease", R"({"metadata":{"name":"l"},"spec":{"leaseDurationSeconds":0}})"),
              ElementsAre("spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"));
}

TEST(MetadataTest, GC25_OneOwnerControlsAndEveryOwnerHasAUid) {
  EXPECT_THAT(KindErrors("configmap", R"({"metadata":{"name":"bad","ownerReferences":[
      {"apiVersion":"v1","kind":"ConfigMap","name":"a","uid":""}]}})"),
              ElementsAre("metadata.ownerReferences.uid: Invalid value: \"\": must not be empty"));
  EXPECT_THAT(
      KindErrors("configmap", R"({"metadata":{"name":"bad","ownerReferences":[
      {"apiVersion":"v1","kind":"ConfigMap","name":"a","uid":"1","controller":true},
      {"apiVersion":"v1","kind":"ConfigMap","name":"b","uid":"2","controller":true}]}})"),
      ElementsAre(
          "metadata.ownerReferences: Invalid value: "
          "[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"name\":\"a\",\"uid\":\"1\","
          "\"controller\":true},{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"name\":\"b\","
          "\"uid\":\"2\",\"controller\":true}]: Only one reference can have Controller set "
          "to true. Found \"true\" in references for ConfigMap/a and ConfigMap/b"));
}

}  // namespace
}  // namespace kless::kubernetes
