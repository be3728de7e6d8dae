// Reference section B, with the messages of the real API server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/kubernetes/objects/status_object.h"
#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Errors(const json& body) {
  return Texts(Create(KindOf("job"), body).errors);
}
std::vector<std::string> SpecErrors(const json& spec) { return Errors(JobBody("a", spec)); }
std::vector<std::string> PolicyErrors(const char* policy) {
  json body = JobBody("a");
  body["spec"]["template"]["spec"]["restartPolicy"] = policy;
  return Errors(body);
}

TEST(JobValidationTest, V1_AlwaysIsNotARestartPolicyForAJob) {
  EXPECT_THAT(PolicyErrors("Always"),
              ElementsAre("spec.template.spec.restartPolicy: Required value: valid values: "
                          "\"OnFailure\", \"Never\""));
  json body = JobBody("a");
  body["spec"]["template"]["spec"].erase("restartPolicy");
  EXPECT_THAT(Errors(body), ElementsAre("spec.template.spec.restartPolicy: Required value: valid "
                                        "values: \"OnFailure\", \"Never\""));
}

TEST(JobValidationTest, V2_UnknownRestartPolicyIsRefusedTwice) {
  EXPECT_THAT(PolicyErrors("Foo"),
              ElementsAre("spec.template.spec.restartPolicy: Unsupported value: \"Foo\": supported "
                          "values: \"Always\", \"OnFailure\", \"Never\"",
                          "spec.template.spec.restartPolicy: Unsupported value: \"Foo\": supported "
                          "values: \"OnFailure\", \"Never\""));
}

TEST(JobValidationTest, V3_NegativeNumbersAreRefused) {
  EXPECT_THAT(
      SpecErrors({{"parallelism", -1}, {"completions", -1}}),
      ElementsAre("spec.parallelism: Invalid value: -1: must be greater than or equal to 0",
                  "spec.completions: Invalid value: -1: must be greater than or equal to 0"));
  for (const char* field : {"activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"}) {
    EXPECT_THAT(SpecErrors({{field, -1}}),
                ElementsAre("spec." + std::string(field) +
                            ": Invalid value: -1: must be greater than or equal to 0"));
  }
}

TEST(JobValidationTest, V4_IndexedNeedsCompletionsWhereParallelismIsGiven) {
  EXPECT_THAT(SpecErrors({{"completionMode", "Indexed"}, {"parallelism", 2}}),
              ElementsAre("spec.completions: Required value: when completion mode is Indexed"));
  EXPECT_THAT(SpecErrors({{"completionMode", "Indexed"}}), IsEmpty());
}

TEST(JobValidationTest, V5_IndexedParallelismIsBounded) {
  EXPECT_THAT(
      SpecErrors({{"completionMode", "Indexed"}, {"completions", 2}, {"parallelism", 100001}}),
      ElementsAre("spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 "
                  "when completion mode is Indexed"));
}

TEST(JobValidationTest, V6_UnknownCompletionMode) {
  EXPECT_THAT(SpecErrors({{"completionMode", "X"}, {"completions", 1}}),
              ElementsAre("spec.completionMode: Unsupported value: \"X\": supported values: "
                          "\"NonIndexed\", \"Indexed\""));
}

TEST(JobValidationTest, V7_V8_V9_PerIndexFieldsNeedIndexedMode) {
  EXPECT_THAT(
      SpecErrors({{"backoffLimitPerIndex", 1}}),
      ElementsAre("spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"));
  EXPECT_THAT(
      SpecErrors({{"maxFailedIndexes", 1}}),
      ElementsAre("spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
                  "spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode"));
}

TEST(JobValidationTest, V10_MaxFailedIndexesIsAtMostCompletions) {
  EXPECT_THAT(SpecErrors({{"completionMode", "Indexed"},
                          {"completions", 3},
                          {"backoffLimitPerIndex", 1},
                          {"maxFailedIndexes", 9}}),
              ElementsAre("spec.maxFailedIndexes: Invalid value: 9: must be less than or equal to "
                          "completions"));
}

TEST(JobValidationTest, V12_ManualSelectorMustBeGiven) {
  EXPECT_THAT(SpecErrors({{"manualSelector", true}}),
              ElementsAre("spec.selector: Required value",
                          "spec.template.metadata.labels: Invalid value: null: `selector` does not "
                          "match template `labels`"));
}

TEST(JobValidationTest, V13_OwnSelectorNeedsManualSelector) {
  const Written created =
      Create(KindOf("job"), JobBody("j", json::parse(R"({"selector":{"matchLabels":{"a":"b"}}})")));
  const std::string uid = created.object["metadata"]["uid"];
  EXPECT_THAT(
      Texts(created.errors),
      ElementsAre("spec.selector: Invalid value: "
                  "{\"matchLabels\":{\"a\":\"b\",\"batch.kubernetes.io/controller-uid\":\"" +
                      uid + "\"}}: `selector` not auto-generated",
                  "spec.template.metadata.labels: Invalid value: "
                  "{\"batch.kubernetes.io/controller-uid\":\"" +
                      uid + "\",\"batch.kubernetes.io/job-name\":\"j\",\"controller-uid\":\"" +
                      uid + "\",\"job-name\":\"j\"}: `selector` does not match template `labels`"));
}

TEST(JobValidationTest, V14_GeneratedLabelsMustNotBeTaken) {
  json body = JobBody("j");
  body["spec"]["template"]["metadata"]["labels"] = {{"job-name", "other"}};
  const Written created = Create(KindOf("job"), body);
  const std::string uid = created.object["metadata"]["uid"];
  EXPECT_THAT(Texts(created.errors),
              ElementsAre("spec.template.metadata.labels[job-name]: Invalid value: "
                          "{\"batch.kubernetes.io/controller-uid\":\"" +
                          uid + "\",\"batch.kubernetes.io/job-name\":\"j\",\"controller-uid\":\"" +
                          uid + "\",\"job-name\":\"other\"}: must be 'j'"));
}

TEST(JobValidationTest, V27_HostnamesOfIndexedPodsMustBeDnsLabels) {
  const std::string name(61, 'a');
  json body = JobBody(name, {{"completionMode", "Indexed"}, {"completions", 100}});
  EXPECT_THAT(Errors(body), ElementsAre("metadata.name: Invalid value: \"" + name +
                                        "\": will not able to create pod with invalid DNS label: " +
                                        name + "-99"));
}

TEST(JobValidationTest, V28_ManagedByIsADomainPrefixedPath) {
  EXPECT_THAT(SpecErrors({{"managedBy", "x"}}),
              ElementsAre("spec.managedBy: Invalid value: \"x\": must be a domain-prefixed path "
                          "(such as \"acme.io/foo\")"));
}

TEST(JobValidationTest, TemplateNeedsContainersWithNamesAndImages) {
  json body = JobBody("j");
  body["spec"]["template"]["spec"]["containers"] = json::array();
  EXPECT_THAT(Errors(body), ElementsAre("spec.template.spec.containers: Required value"));
  body["spec"]["template"]["spec"]["containers"] = json::parse(
      R"([{"name":"C_","image":""},{"name":"d","image":"b"},{"name":"d","image":"b"}])");
  EXPECT_THAT(
      Errors(body),
      ElementsAre("spec.template.spec.containers[0].name: Invalid value: \"C_\": a lowercase RFC "
                  "1123 label must consist of lower case alphanumeric characters or '-', and must "
                  "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', "
                  "regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
                  "spec.template.spec.containers[0].image: Required value",
                  "spec.template.spec.containers[2].name: Duplicate value: \"d\""));
}

TEST(JobValidationTest, NameMustBeADnsSubdomain) {
  EXPECT_THAT(
      Errors(JobBody("A_b")),
      ElementsAre("metadata.name: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain "
                  "must consist of lower case alphanumeric characters, '-' or '.', and must "
                  "start and end with an alphanumeric character (e.g. 'example.com', regex "
                  "used for validation is "
                  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"));
}

TEST(JobValidationTest, StatusOfSeveralErrorsListsEachOnce) {
  const std::vector<FieldError> errors = {{"a", "FieldValueInvalid", "m"},
                                          {"b", "FieldValueRequired", "n"},
                                          {"a", "FieldValueInvalid", "m"}};
  const json status = InvalidStatus(KindOf("job"), "x", errors);
  EXPECT_EQ(status["message"], "Job.batch \"x\" is invalid: [a: m, b: n]");
  EXPECT_EQ(status["details"]["causes"].size(), 3U);
  EXPECT_EQ(status["details"]["group"], "batch");
  EXPECT_EQ(status["details"]["kind"], "Job");
  EXPECT_EQ(status["code"], 422);
  EXPECT_EQ(InvalidStatus(KindOf("pod"), "p", {errors[0]})["message"],
            "Pod \"p\" is invalid: a: m");
}

}  // namespace
}  // namespace kless::kubernetes
