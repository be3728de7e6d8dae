#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/kubernetes/columns/columns.h"
#include "functions/kubernetes/objects/decode_problem.h"
#include "functions/kubernetes/openapi/openapi.h"
#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

json TemplateBody() {
  return json::parse(R"({"metadata":{"name":"t"},"template":{"metadata":{"labels":{"app":"x"}},
      "spec":{"containers":[{"name":"c","image":"busybox:1.36"},{"name":"d","image":"nginx"}]}}})");
}

TEST(PodTemplateKindTest, TheTemplateGetsTheDefaultsOfPods) {
  const Written written = Create(KindOf("podtemplate"), TemplateBody());
  EXPECT_THAT(Texts(written.errors), IsEmpty());
  const json& spec = written.object["template"]["spec"];
  EXPECT_EQ(spec["restartPolicy"], "Always");
  EXPECT_EQ(spec["terminationGracePeriodSeconds"], 30);
  EXPECT_EQ(spec["containers"][0]["imagePullPolicy"], "IfNotPresent");
  EXPECT_EQ(spec["containers"][1]["imagePullPolicy"], "Always");
}

TEST(PodTemplateKindTest, TheGenerationCountsChangesOfTheTemplate) {
  const Kind& kind = KindOf("podtemplate");
  const json old = Create(kind, TemplateBody()).object;
  EXPECT_EQ(old["metadata"]["generation"], 1);
  json labelled = old;
  labelled["metadata"]["labels"]["a"] = "b";
  labelled["metadata"]["generation"] = 7;
  EXPECT_EQ(Update(kind, labelled, old).object["metadata"]["generation"], 1);
  json changed = old;
  changed["template"]["spec"]["containers"][0]["image"] = "busybox:1.37";
  const Written written = Update(kind, changed, old);
  EXPECT_THAT(Texts(written.errors), IsEmpty());
  EXPECT_EQ(written.object["metadata"]["generation"], 2);
}

TEST(PodTemplateKindTest, TheTemplateIsValidatedInCreatesAndUpdates) {
  const Kind& kind = KindOf("podtemplate");
  json body = TemplateBody();
  body["template"]["spec"]["containers"] = json::array();
  body["template"]["spec"]["restartPolicy"] = "Sometimes";
  const auto problems = ElementsAre(
      "template.spec.containers: Required value",
      "template.spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: "
      "\"Always\", \"OnFailure\", \"Never\"");
  EXPECT_THAT(Texts(Create(kind, body).errors), problems);
  const json old = Create(kind, TemplateBody()).object;
  json changed = old;
  changed["template"] = body["template"];
  EXPECT_THAT(Texts(Update(kind, changed, old).errors), problems);
  EXPECT_EQ(
      DecodeProblem(kind, json::parse(R"({"template":{"spec":{"containers":5}}})")),
      "json: cannot unmarshal number into Go struct field PodSpec.template.spec.containers of "
      "type []v1.Container");
}

TEST(PodTemplateKindTest, TheColumnsShowContainersImagesAndLabels) {
  const Kind& kind = KindOf("podtemplate");
  json cells = json::array();
  json names = json::array();
  for (const Column& column : ColumnsOf(kind)) {
    EXPECT_EQ(column.priority, 0);
    names.push_back(column.name);
    cells.push_back(column.cell(TemplateBody(), kNow));
  }
  EXPECT_EQ(names, json({"Name", "Containers", "Images", "Pod Labels"}));
  EXPECT_EQ(cells, json({"t", "c,d", "busybox:1.36,nginx", "app=x"}));
}

TEST(PodTemplateKindTest, OpenApiHasItsTypeAndPaths) {
  const json document = OpenApiV3({&KindOf("podtemplate")});
  EXPECT_TRUE(document["components"]["schemas"].contains("io.k8s.api.core.v1.PodTemplate"));
  EXPECT_TRUE(document["paths"].contains("/api/v1/namespaces/{namespace}/podtemplates/{name}"));
}

}  // namespace
}  // namespace kless::kubernetes
