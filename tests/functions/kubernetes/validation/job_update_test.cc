// Updates of Jobs: V29 to V31, generation, and the status subresource.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/kubernetes/objects/status_object.h"
#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

json Stored(const json& spec = json::object()) {
  return Create(KindOf("job"), JobBody("up", spec)).object;
}

Written PatchedJob(const json& old, const json& patch) {
  json body = old;
  body.merge_patch(patch);
  return Update(KindOf("job"), body, old);
}

TEST(JobUpdateTest, V29_ImmutableFieldsAreRefused) {
  const json old = Stored();
  EXPECT_THAT(Texts(PatchedJob(old, json::parse(R"({"spec":{"completions":3}})")).errors),
              ElementsAre("spec.completions: Invalid value: 3: field is immutable"));
  EXPECT_THAT(
      Texts(PatchedJob(old, json::parse(R"({"spec":{"completionMode":"Indexed"}})")).errors),
      ElementsAre("spec.completionMode: Invalid value: \"Indexed\": field is immutable"));
  EXPECT_THAT(Texts(PatchedJob(old, json::parse(R"({"spec":{"managedBy":"a.b/c"}})")).errors),
              ElementsAre("spec.managedBy: Invalid value: \"a.b/c\": field is immutable"));
  const Written updated = PatchedJob(
      old, json::parse(R"({"spec":{"template":{"spec":{"restartPolicy":"OnFailure"}}}})"));
  ASSERT_EQ(updated.errors.size(), 1U);
  EXPECT_EQ(updated.errors[0].field, "spec.template");
}

TEST(JobUpdateTest, V30_IndexedCompletionsGoInTandemWithParallelism) {
  const json old = Stored({{"completionMode", "Indexed"}, {"completions", 5}, {"parallelism", 5}});
  EXPECT_THAT(Texts(PatchedJob(old, json::parse(R"({"spec":{"completions":3}})")).errors),
              ElementsAre("spec.completions: Invalid value: 3: can only be modified in tandem with "
                          "spec.parallelism"));
  EXPECT_THAT(
      Texts(PatchedJob(old, json::parse(R"({"spec":{"completions":3,"parallelism":3}})")).errors),
      IsEmpty());
}

TEST(JobUpdateTest, V31_A10_MutableFieldsBumpTheGeneration) {
  const json old = Stored();
  const Written updated = PatchedJob(
      old, json::parse(R"({"spec":{"parallelism":2,"suspend":true,"activeDeadlineSeconds":9}})"));
  EXPECT_THAT(Texts(updated.errors), IsEmpty());
  EXPECT_EQ(updated.object["metadata"]["generation"], 2);
}

TEST(JobUpdateTest, V29_PoliciesAreImmutable) {
  const json old = Stored({{"completionMode", "Indexed"}, {"completions", 2}});
  EXPECT_THAT(
      Texts(PatchedJob(
                old, json::parse(R"({"spec":{"successPolicy":{"rules":[{"succeededCount":1}]}}})"))
                .errors),
      ElementsAre("spec.successPolicy: Invalid value: "
                  "{\"Rules\":[{\"SucceededIndexes\":null,\"SucceededCount\":1}]}: field is "
                  "immutable"));
  EXPECT_THAT(Texts(PatchedJob(old, json::parse(R"({"spec":{"backoffLimitPerIndex":1}})")).errors),
              ElementsAre("spec.backoffLimitPerIndex: Invalid value: 1: field is immutable"));
  const Written policy = PatchedJob(
      old, json::parse(R"({"spec":{"podReplacementPolicy":"Failed","podFailurePolicy":{"rules":[
          {"action":"Ignore","onPodConditions":[{"type":"X","status":"True"}]}]}}})"));
  EXPECT_THAT(Texts(policy.errors),
              ElementsAre("spec.podFailurePolicy: Invalid value: "
                          "{\"Rules\":[{\"Action\":\"Ignore\",\"OnExitCodes\":null,"
                          "\"OnPodConditions\":[{\"Type\":\"X\",\"Status\":\"True\"}]}]}: field "
                          "is immutable"));
}

TEST(JobUpdateTest, V31_EveryMutableFieldMayChange) {
  const json old = Stored({{"completionMode", "Indexed"},
                           {"completions", 3},
                           {"backoffLimitPerIndex", 1},
                           {"maxFailedIndexes", 1}});
  const Written updated =
      PatchedJob(old, json::parse(R"({"spec":{"backoffLimit":1,"ttlSecondsAfterFinished":5,
          "maxFailedIndexes":2,"podReplacementPolicy":"Failed","suspend":true,"parallelism":3,
          "activeDeadlineSeconds":1}})"));
  EXPECT_THAT(Texts(updated.errors), IsEmpty());
}

constexpr const char* kScheduling = R"({"spec":{"template":{"metadata":{"labels":{"x":"y"}},
    "spec":{"nodeSelector":{"a":"b"},"tolerations":[{"key":"k","operator":"Exists"}],
      "affinity":{"nodeAffinity":{}},"schedulingGates":[{"name":"a.com/g"}],
      "containers":[{"name":"c","image":"busybox:1.36","imagePullPolicy":"IfNotPresent",
        "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File",
        "resources":{"requests":{"cpu":"1"}}}]}}}})";

TEST(JobUpdateTest, E17_TemplateOfASuspendedJobMayBeScheduledElsewhere) {
  const json old = Stored({{"suspend", true}});
  EXPECT_THAT(Texts(PatchedJob(old, json::parse(kScheduling)).errors), IsEmpty());
  // An affinity without anything else may be removed again.
  json placed = old;
  placed["spec"]["template"]["spec"]["affinity"] = {{"nodeAffinity", json::object()}};
  EXPECT_THAT(
      Texts(PatchedJob(placed, json::parse(R"({"spec":{"template":{"spec":{"affinity":null}}}})"))
                .errors),
      IsEmpty());
  const Written other = PatchedJob(
      old, json::parse(R"({"spec":{"template":{"spec":{"terminationGracePeriodSeconds":1}}}})"));
  ASSERT_EQ(other.errors.size(), 1U);
  EXPECT_EQ(other.errors[0].field, "spec.template");
}

TEST(JobUpdateTest, E17_TemplateIsClosedWhilePodsOfItMayRun) {
  json old = Stored({{"suspend", true}});
  const auto fields = [&old] {
    std::vector<std::string> found;
    for (const FieldError& error : PatchedJob(old, json::parse(kScheduling)).errors) {
      found.push_back(error.field);
    }
    return found;
  };
  old["status"] = {{"active", 1}};
  EXPECT_THAT(fields(), ElementsAre("spec.template"));
  old["status"] = {{"startTime", "2026-01-01T00:00:00Z"}};
  EXPECT_THAT(fields(), ElementsAre("spec.template"));
  old["status"]["conditions"] = json::parse(R"([{"type":"Suspended","status":"True"}])");
  EXPECT_THAT(fields(), IsEmpty());
  old["spec"]["suspend"] = false;
  EXPECT_THAT(fields(), ElementsAre("spec.template"));
}

TEST(JobUpdateTest, A10_LabelsDoNotBumpTheGeneration) {
  const json old = Stored();
  const Written updated = PatchedJob(old, json::parse(R"({"metadata":{"labels":{"x":"y"}}})"));
  EXPECT_EQ(updated.object["metadata"]["generation"], 1);
  EXPECT_EQ(updated.object["metadata"]["labels"]["x"], "y");
}

TEST(JobUpdateTest, SelectorErrorsComeInTheOrderOfARealServer) {
  const json old = Stored();
  const std::string uid = old["metadata"]["uid"];
  const Written updated =
      PatchedJob(old, json::parse(R"({"spec":{"selector":{"matchLabels":{"z":"z"}}}})"));
  EXPECT_EQ(InvalidStatus(KindOf("job"), "up", updated.errors)["message"],
            "Job.batch \"up\" is invalid: [spec.selector: Invalid value: "
            "{\"matchLabels\":{\"batch.kubernetes.io/controller-uid\":\"" +
                uid +
                "\",\"z\":\"z\"}}: `selector` not auto-generated, spec.template.metadata.labels: "
                "Invalid value: {\"batch.kubernetes.io/controller-uid\":\"" +
                uid + "\",\"batch.kubernetes.io/job-name\":\"up\",\"controller-uid\":\"" + uid +
                "\",\"job-name\":\"up\"}: `selector` does not match template `labels`, "
                "spec.selector: Invalid value: "
                "{\"matchLabels\":{\"batch.kubernetes.io/controller-uid\":\"" +
                uid + "\",\"z\":\"z\"}}: field is immutable]");
}

// golden upd-status-separation-job: a PUT that omits the fields that the server generated.
TEST(JobUpdateTest, ReplaceWithoutSelectorNamesEveryCause) {
  const json old = Stored();
  const Written updated = Update(KindOf("job"), JobBody("up", {{"parallelism", 2}}), old);
  const std::vector<std::string> texts = Texts(updated.errors);
  EXPECT_EQ(std::count(texts.begin(), texts.end(), "spec.selector: Required value"), 2);
  EXPECT_THAT(texts, Contains("spec.completions: Invalid value: null: field is immutable"));
  EXPECT_THAT(texts, Contains("spec.selector: Invalid value: null: field is immutable"));
  EXPECT_EQ(updated.errors.size(), 7U);
}

TEST(JobUpdateTest, A9_MainResourceKeepsTheStatus) {
  json old = Stored();
  old["status"] = {{"active", 1}};
  const Written updated =
      PatchedJob(old, json::parse(R"({"status":{"active":9},"spec":{"parallelism":2}})"));
  EXPECT_EQ(updated.object["status"], json({{"active", 1}}));
}

TEST(JobUpdateTest, A9_StatusSubresourceKeepsTheSpecAndTakesLabels) {
  const json old = Stored();
  json body = old;
  body.merge_patch(json::parse(
      R"({"status":{"active":1},"spec":{"parallelism":7},"metadata":{"labels":{"via":"status"}}})"));
  const Written updated = Update(KindOf("job"), body, old, false);
  EXPECT_EQ(updated.object["spec"], old["spec"]);
  EXPECT_EQ(updated.object["status"], json({{"active", 1}}));
  EXPECT_EQ(updated.object["metadata"]["labels"]["via"], "status");
  EXPECT_EQ(updated.object["metadata"]["generation"], 1);
}

TEST(JobUpdateTest, IdentityIsKept) {
  const json old = Stored();
  json body = JobBody("up");
  body["metadata"]["creationTimestamp"] = "2001-01-01T00:00:00Z";
  body["metadata"]["resourceVersion"] = "5";
  body["metadata"]["managedFields"] = json::array();
  const Written updated = Update(KindOf("job"), body, old);
  EXPECT_EQ(updated.object["metadata"]["uid"], old["metadata"]["uid"]);
  EXPECT_EQ(updated.object["metadata"]["creationTimestamp"], "2026-01-01T00:00:00Z");
  EXPECT_FALSE(updated.object["metadata"].contains("resourceVersion"));
  EXPECT_FALSE(updated.object["metadata"].contains("managedFields"));
}

TEST(JobUpdateTest, UidIsImmutable) {
  const json old = Stored();
  const Written updated = PatchedJob(old, json::parse(R"({"metadata":{"uid":"1"}})"));
  ASSERT_FALSE(updated.errors.empty());
  EXPECT_EQ(Texts(updated.errors)[0], "metadata.uid: Invalid value: \"1\": field is immutable");
}

TEST(JobUpdateTest, NoFinalizerIsAddedToAnObjectThatIsBeingDeleted) {
  json old = Stored();
  old["metadata"]["finalizers"] = {"a.com/x"};
  old["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  const Written updated =
      PatchedJob(old, json::parse(R"({"metadata":{"finalizers":["a.com/x","a.com/y"]}})"));
  EXPECT_THAT(Texts(updated.errors),
              Contains("metadata.finalizers: Forbidden: no new finalizers can be added if the "
                       "object is being deleted, found new finalizers []string{\"a.com/y\"}"));
}

}  // namespace
}  // namespace kless::kubernetes
