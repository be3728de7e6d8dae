// Reference section A: a Job right after its creation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

json CreatedJob(const json& body) {
  const Written created = Create(KindOf("job"), body);
  EXPECT_THAT(Texts(created.errors), IsEmpty());
  return created.object;
}

TEST(JobDefaultsTest, A1_A5_A6_A8_A12_SmallestJobIsAnsweredAsARealServerDoes) {
  const json job = CreatedJob(JobBody("a"));
  const std::string uid = job["metadata"]["uid"];
  const json labels = {{"batch.kubernetes.io/controller-uid", uid},
                       {"batch.kubernetes.io/job-name", "a"},
                       {"controller-uid", uid},
                       {"job-name", "a"}};
  json expected = json::parse(R"({"apiVersion":"batch/v1","kind":"Job",
    "metadata":{"creationTimestamp":"2026-01-01T00:00:00Z","generation":1,"name":"a",
                "namespace":"default"},
    "spec":{"backoffLimit":6,"completionMode":"NonIndexed","completions":1,
            "manualSelector":false,"parallelism":1,"podReplacementPolicy":"TerminatingOrFailed",
            "selector":{"matchLabels":{}},"suspend":false,
            "template":{"metadata":{},"spec":{
              "containers":[{"image":"busybox:1.36","imagePullPolicy":"IfNotPresent","name":"c",
                "resources":{},"terminationMessagePath":"/dev/termination-log",
                "terminationMessagePolicy":"File"}],
              "dnsPolicy":"ClusterFirst","restartPolicy":"Never",
              "schedulerName":"default-scheduler","securityContext":{},
              "terminationGracePeriodSeconds":30}}},
    "status":{}})");
  expected["metadata"]["uid"] = uid;
  expected["metadata"]["labels"] = labels;
  expected["spec"]["template"]["metadata"]["labels"] = labels;
  expected["spec"]["selector"]["matchLabels"]["batch.kubernetes.io/controller-uid"] = uid;
  EXPECT_EQ(job, expected);
}

TEST(JobDefaultsTest, A2_ParallelismAloneMakesAWorkQueue) {
  const json job = CreatedJob(JobBody("b", {{"parallelism", 3}}));
  EXPECT_FALSE(job["spec"].contains("completions"));
  EXPECT_EQ(job["spec"]["parallelism"], 3);
}

TEST(JobDefaultsTest, A3_CompletionsAloneRunOneByOne) {
  const json job = CreatedJob(JobBody("c", {{"completions", 5}}));
  EXPECT_EQ(job["spec"]["parallelism"], 1);
  EXPECT_EQ(job["spec"]["completions"], 5);
}

TEST(JobDefaultsTest, A4_BackoffLimitIsUnlimitedWhereEachIndexHasOne) {
  const json job = CreatedJob(JobBody(
      "d", {{"completionMode", "Indexed"}, {"completions", 3}, {"backoffLimitPerIndex", 1}}));
  EXPECT_EQ(job["spec"]["backoffLimit"], 2147483647);
}

TEST(JobDefaultsTest, A6_A11_PodFailurePolicyReplacesOnlyFailedPods) {
  const json job = CreatedJob(JobBody("e", json::parse(R"({"podFailurePolicy":{"rules":[
      {"action":"Ignore","onPodConditions":[{"type":"DisruptionTarget"}]}]}})")));
  EXPECT_EQ(job["spec"]["podReplacementPolicy"], "Failed");
  EXPECT_EQ(job["spec"]["podFailurePolicy"]["rules"][0]["onPodConditions"][0]["status"], "True");
}

TEST(JobDefaultsTest, A7_OwnLabelsAreKeptAndTheTemplateGetsTheGeneratedOnes) {
  json body = JobBody("c");
  body["metadata"]["labels"] = {{"own", "yes"}};
  const json job = CreatedJob(body);
  EXPECT_EQ(job["metadata"]["labels"], json({{"own", "yes"}}));
  EXPECT_EQ(job["spec"]["template"]["metadata"]["labels"].size(), 4U);
}

TEST(JobDefaultsTest, A7_WithoutLabelsTheWholeTemplateLabelsAreCarried) {
  json body = JobBody("j");
  body["spec"]["template"]["metadata"]["labels"] = {{"a", "b"}};
  const json job = CreatedJob(body);
  EXPECT_EQ(job["metadata"]["labels"].size(), 5U);
  EXPECT_EQ(job["metadata"]["labels"], job["spec"]["template"]["metadata"]["labels"]);
}

TEST(JobDefaultsTest, A8_ManualSelectorIsLeftAlone) {
  json body = JobBody("f", {{"manualSelector", true}});
  body["spec"]["selector"]["matchLabels"] = {{"x", "y"}};
  body["spec"]["template"]["metadata"]["labels"] = {{"x", "y"}};
  const json job = CreatedJob(body);
  EXPECT_EQ(job["spec"]["selector"], json::parse(R"({"matchLabels":{"x":"y"}})"));
  EXPECT_EQ(job["spec"]["template"]["metadata"]["labels"], json({{"x", "y"}}));
  EXPECT_EQ(job["metadata"]["labels"], json({{"x", "y"}}));
}

TEST(JobDefaultsTest, A9_StatusOfACreateIsWiped) {
  json body = JobBody("s");
  body["status"] = {{"active", 5}};
  EXPECT_EQ(CreatedJob(body)["status"], json::object());
}

TEST(JobDefaultsTest, A10_GenerationOfTheUserIsOverwritten) {
  json body = JobBody("g");
  body["metadata"]["generation"] = 7;
  body["metadata"]["uid"] = "11111111-1111-1111-1111-111111111111";
  const json job = CreatedJob(body);
  EXPECT_EQ(job["metadata"]["generation"], 1);
  EXPECT_NE(job["metadata"]["uid"], body["metadata"]["uid"]);
}

TEST(JobDefaultsTest, A12_TagDecidesThePullPolicy) {
  const auto policy = [](const char* image) {
    json body = JobBody("i");
    body["spec"]["template"]["spec"]["containers"][0]["image"] = image;
    return CreatedJob(body)["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"];
  };
  EXPECT_EQ(policy("busybox"), "Always");
  EXPECT_EQ(policy("busybox:latest"), "Always");
  EXPECT_EQ(policy("host:5000/busybox"), "Always");
  EXPECT_EQ(policy("host:5000/busybox:1"), "IfNotPresent");
  EXPECT_EQ(policy("busybox@sha256:abc"), "IfNotPresent");
}

TEST(JobDefaultsTest, A13_NameWithDotsIsAcceptedWithAWarning) {
  const Written created = Create(KindOf("job"), JobBody("dots.in.name"));
  EXPECT_THAT(Texts(created.errors), IsEmpty());
  EXPECT_THAT(
      created.warnings,
      ElementsAre("metadata.name: this is used in Pod names and hostnames, which can result "
                  "in surprising behavior; a DNS label is recommended: [must not contain "
                  "dots]"));
}

TEST(JobDefaultsTest, FieldsThatAreActedOnHaveNoWarning) {
  const Written created = Create(KindOf("job"), JobBody("w", {{"activeDeadlineSeconds", 5},
                                                              {"backoffLimit", 2},
                                                              {"ttlSecondsAfterFinished", 9},
                                                              {"podReplacementPolicy", "Failed"}}));
  EXPECT_EQ(created.object["spec"]["activeDeadlineSeconds"], 5);
  EXPECT_THAT(created.warnings, IsEmpty());
}

TEST(JobDefaultsTest, UnknownFieldsAreKept) {
  const json job = CreatedJob(JobBody("u", json::parse(R"({"nope":{"a":[1,null]}})")));
  EXPECT_TRUE(job["spec"].contains("nope"));
}

TEST(JobDefaultsTest, DefaultsAreIdempotent) {
  const json job = CreatedJob(JobBody("a"));
  json again = job;
  KindOf("job").apply_defaults(again);
  EXPECT_EQ(again, job);
}

}  // namespace
}  // namespace kless::kubernetes
