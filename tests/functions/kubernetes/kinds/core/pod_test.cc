// Pods: defaults, admission, and what an update may change (goldens crud-pod, upd-immutable-pod).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(PodTest, CM13_SmallestPodIsAnsweredAsARealServerDoes) {
  const json pod = Create(KindOf("pod"), PodBody("p")).object;
  json expected = json::parse(R"({"apiVersion":"v1","kind":"Pod",
    "metadata":{"creationTimestamp":"2026-01-01T00:00:00Z","generation":1,"name":"p",
                "namespace":"default"},
    "spec":{"containers":[{"image":"busybox:1.36","imagePullPolicy":"IfNotPresent","name":"c",
        "resources":{},"terminationMessagePath":"/dev/termination-log",
        "terminationMessagePolicy":"File"}],
      "dnsPolicy":"ClusterFirst","enableServiceLinks":true,
      "preemptionPolicy":"PreemptLowerPriority","priority":0,"restartPolicy":"Always",
      "schedulerName":"default-scheduler","securityContext":{},
      "terminationGracePeriodSeconds":30,
      "tolerations":[{"effect":"NoExecute","key":"node.kubernetes.io/not-ready",
          "operator":"Exists","tolerationSeconds":300},
        {"effect":"NoExecute","key":"node.kubernetes.io/unreachable","operator":"Exists",
          "tolerationSeconds":300}]},
    "status":{"phase":"Pending","qosClass":"BestEffort"}})");
  expected["metadata"]["uid"] = pod["metadata"]["uid"];
  EXPECT_EQ(pod, expected);
}

TEST(PodTest, StatusOfACreateIsWiped) {
  json body = PodBody("s");
  body["status"] = {{"phase", "Running"}, {"podIP", "1.2.3.4"}};
  EXPECT_EQ(Create(KindOf("pod"), body).object["status"],
            json({{"phase", "Pending"}, {"qosClass", "BestEffort"}}));
}

TEST(PodTest, RichSpecGetsTheDefaultsOfItsParts) {
  json body = PodBody("a");
  body["spec"] = json::parse(R"({
    "containers":[{"name":"c","image":"x:1",
      "ports":[{"containerPort":80},{"containerPort":53,"protocol":"UDP"}],
      "env":[{"name":"B","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],
      "resources":{"limits":{"cpu":"1","memory":"1Gi"}},
      "livenessProbe":{"httpGet":{"port":80}}}],
    "initContainers":[{"name":"i","image":"x:1"}],
    "volumes":[{"name":"v2","configMap":{"name":"m"}},{"name":"v4","hostPath":{"path":"/x"}},
      {"name":"v5","downwardAPI":{"items":[{"path":"l","fieldRef":{"fieldPath":"metadata.labels"}}]}},
      {"name":"v7"}],
    "tolerations":[{"key":"k","operator":"Exists"}]})");
  const json spec = Create(KindOf("pod"), body).object["spec"];
  const json& container = spec["containers"][0];
  EXPECT_EQ(container["ports"][0]["protocol"], "TCP");
  EXPECT_EQ(container["ports"][1]["protocol"], "UDP");
  EXPECT_EQ(container["env"][0]["valueFrom"]["fieldRef"]["apiVersion"], "v1");
  EXPECT_EQ(container["resources"]["requests"], container["resources"]["limits"]);
  EXPECT_EQ(container["livenessProbe"],
            json::parse(R"({"failureThreshold":3,"periodSeconds":10,"successThreshold":1,
              "timeoutSeconds":1,"httpGet":{"path":"/","port":80,"scheme":"HTTP"}})"));
  EXPECT_EQ(spec["initContainers"][0]["terminationMessagePolicy"], "File");
  EXPECT_EQ(spec["volumes"][0]["configMap"]["defaultMode"], 420);
  EXPECT_EQ(spec["volumes"][1]["hostPath"]["type"], "");
  EXPECT_EQ(spec["volumes"][2]["downwardAPI"]["items"][0]["fieldRef"]["apiVersion"], "v1");
  EXPECT_EQ(spec["volumes"][3]["emptyDir"], json::object());
  EXPECT_EQ(spec["tolerations"].size(), 3U);
}

TEST(PodTest, QosClassFollowsRequestsAndLimits) {
  const auto qos = [](const char* resources) {
    json body = PodBody("q");
    body["spec"]["containers"][0]["resources"] = json::parse(resources);
    return Create(KindOf("pod"), body).object["status"]["qosClass"];
  };
  EXPECT_EQ(qos(R"({"limits":{"cpu":"1","memory":"1Gi"}})"), "Guaranteed");
  EXPECT_EQ(qos(R"({"limits":{"cpu":"1","memory":"1Gi"},
                    "requests":{"cpu":"1000m","memory":"1024Mi"}})"),
            "Guaranteed");
  EXPECT_EQ(qos(R"({"requests":{"cpu":"100m"}})"), "Burstable");
  EXPECT_EQ(qos(R"({"requests":{"example.com/gpu":"1"}})"), "BestEffort");
}

TEST(PodTest, ImageAndDeadlineMayBeUpdated) {
  const json old = Create(KindOf("pod"), PodBody("p")).object;
  json body = old;
  body["spec"]["containers"][0]["image"] = "other:1";
  body["spec"]["activeDeadlineSeconds"] = 50;
  const Written updated = Update(KindOf("pod"), body, old);
  EXPECT_THAT(Texts(updated.errors), IsEmpty());
  EXPECT_EQ(updated.object["metadata"]["generation"], 2);
  body = updated.object;
  body["spec"]["activeDeadlineSeconds"] = 60;
  EXPECT_THAT(
      Texts(Update(KindOf("pod"), body, updated.object).errors),
      ElementsAre("spec.activeDeadlineSeconds: Invalid value: 60: must be less than or equal "
                  "to previous value"));
}

TEST(PodTest, OtherChangesAreForbidden) {
  const json old = Create(KindOf("pod"), PodBody("p")).object;
  for (const char* patch :
       {R"({"spec":{"restartPolicy":"Never"}})", R"({"spec":{"nodeName":"n"}})"}) {
    json body = old;
    body.merge_patch(json::parse(patch));
    const Written updated = Update(KindOf("pod"), body, old);
    ASSERT_EQ(updated.errors.size(), 1U);
    EXPECT_EQ(updated.errors[0].field, "spec");
    EXPECT_EQ(updated.errors[0].reason, "FieldValueForbidden");
  }
  json body = old;
  body["spec"]["containers"].push_back({{"name", "extra"}, {"image", "x"}});
  EXPECT_THAT(
      Texts(Update(KindOf("pod"), body, old).errors),
      ElementsAre("spec.containers: Forbidden: pod updates may not add or remove containers"));
}

TEST(PodTest, ReplaceMayLeaveOutWhatAdmissionSet) {
  const json old = Create(KindOf("pod"), PodBody("p")).object;
  const Written updated = Update(KindOf("pod"), PodBody("p"), old);
  EXPECT_THAT(Texts(updated.errors), IsEmpty());
  EXPECT_EQ(updated.object, old);
}

TEST(PodTest, FieldsCanBeSelected) {
  json pod = Create(KindOf("pod"), PodBody("p")).object;
  pod["spec"]["nodeName"] = "n1";
  const Kind& kind = KindOf("pod");
  EXPECT_EQ(kind.field_value(pod, "spec.nodeName"), "n1");
  EXPECT_EQ(kind.field_value(pod, "status.phase"), "Pending");
  EXPECT_EQ(kind.field_value(pod, "status.podIP"), "");
  EXPECT_EQ(kind.field_value(pod, "spec.hostNetwork"), "false");
  EXPECT_EQ(FieldLabelProblem(kind, "foo"), "field label not supported: foo");
  EXPECT_EQ(FieldLabelProblem(kind, "spec.nodeName"), std::nullopt);
}

}  // namespace
}  // namespace kless::kubernetes
