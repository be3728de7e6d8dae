// Namespaces, events and the registry (goldens crud-namespace, crud-event,
// lst-field-selectors-others).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/kubernetes/kinds/registry.h"
#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(RegistryTest, KindsAreFoundByEveryName) {
  EXPECT_EQ(FindKindByPlural("batch", "v1", "jobs"), FindKindByType("job"));
  EXPECT_EQ(FindKind("batch/v1", "Job"), FindKindByType("job"));
  EXPECT_EQ(FindKind("v1", "Pod"), FindKindByPlural("", "v1", "pods"));
  EXPECT_EQ(FindKindByPlural("", "v1", "jobs"), nullptr);
  EXPECT_EQ(FindKindByType("nope"), nullptr);
  EXPECT_EQ(KindOf("job").QualifiedResource(), "jobs.batch");
  EXPECT_EQ(KindOf("job").QualifiedKind(), "Job.batch");
  EXPECT_EQ(ResourceName(KindOf("job"), "default", "j"), "default/j");
  EXPECT_EQ(ResourceName(KindOf("namespace"), "", "n"), "n");
}

TEST(NamespaceTest, CreatedNamespaceIsActive) {
  const Written created =
      Create(KindOf("namespace"), {{"metadata", {{"name", "n-1"}, {"labels", {{"kt", "1"}}}}}});
  EXPECT_THAT(Texts(created.errors), IsEmpty());
  json expected = json::parse(R"({"apiVersion":"v1","kind":"Namespace","metadata":{
      "creationTimestamp":"2026-01-01T00:00:00Z","name":"n-1",
      "labels":{"kt":"1","kubernetes.io/metadata.name":"n-1"}},
      "spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}})");
  expected["metadata"]["uid"] = created.object["metadata"]["uid"];
  EXPECT_EQ(created.object, expected);
}

TEST(NamespaceTest, UpdateKeepsItsFinalizers) {
  const json old = Create(KindOf("namespace"), {{"metadata", {{"name", "n"}}}}).object;
  json body = json::parse(R"({"metadata":{"name":"n","annotations":{"a":"b"}}})");
  const Written updated = Update(KindOf("namespace"), body, old);
  EXPECT_THAT(Texts(updated.errors), IsEmpty());
  EXPECT_EQ(updated.object["spec"], old["spec"]);
  EXPECT_EQ(updated.object["status"], old["status"]);
  EXPECT_EQ(updated.object["metadata"]["annotations"]["a"], "b");
}

TEST(EventTest, ReportingFieldsAreAlwaysThere) {
  const Written created = Create(
      KindOf("event"), json::parse(R"({"metadata":{"name":"e"},"involvedObject":{"kind":"Pod",
        "name":"p","namespace":"default"},"reason":"Tested","type":"Normal"})"));
  EXPECT_THAT(Texts(created.errors), IsEmpty());
  EXPECT_EQ(created.object["reportingComponent"], "");
  EXPECT_EQ(created.object["reportingInstance"], "");
  EXPECT_EQ(created.object["source"], json::object());
  EXPECT_FALSE(created.object["metadata"].contains("generation"));
}

TEST(EventTest, EventLivesBesideItsObject) {
  const Written created =
      Create(KindOf("event"),
             json::parse(R"({"metadata":{"name":"e"},"involvedObject":{"namespace":"other"}})"));
  EXPECT_THAT(Texts(created.errors),
              ElementsAre("involvedObject.namespace: Invalid value: \"other\": does not match "
                          "event.namespace"));
}

TEST(EventTest, FieldsCanBeSelected) {
  const json event = json::parse(R"({"involvedObject":{"kind":"Job","uid":"u"},"reason":"R1",
      "source":{"component":"c"},"type":"Warning"})");
  const Kind& kind = KindOf("event");
  EXPECT_EQ(kind.field_value(event, "involvedObject.kind"), "Job");
  EXPECT_EQ(kind.field_value(event, "involvedObject.name"), "");
  EXPECT_EQ(kind.field_value(event, "reason"), "R1");
  EXPECT_EQ(kind.field_value(event, "source"), "c");
}

TEST(JobFieldTest, SuccessfulIsTheNumberOfSuccesses) {
  const Kind& kind = KindOf("job");
  EXPECT_EQ(kind.field_value(json::object(), "status.successful"), "0");
  EXPECT_EQ(kind.field_value({{"status", {{"succeeded", 3}}}}, "status.successful"), "3");
  EXPECT_EQ(FieldLabelProblem(kind, "spec.x"), "field label \"spec.x\" not supported for Job");
}

}  // namespace
}  // namespace kless::kubernetes
