#include "functions/kubernetes/openapi/openapi.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "functions/kubernetes/kinds/registry.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;

void CollectRefs(const json& value, std::set<std::string>& refs) {
  // A schema may also have a member of that name.
  const bool refers = value.is_object() && value.contains("$ref") && value["$ref"].is_string();
  if (refers) refs.insert(value["$ref"].get<std::string>());
  if (!value.is_structured()) return;
  for (const json& member : value) CollectRefs(member, refs);
}

std::vector<const Kind*> AllKinds() {
  std::vector<const Kind*> kinds;
  for (const Kind& kind : Kinds()) kinds.push_back(&kind);
  return kinds;
}

TEST(OpenApi, EveryReferenceLeadsToADefinition) {
  for (const json& document : {OpenApiV3(AllKinds()), OpenApiV2(AllKinds())}) {
    std::set<std::string> refs;
    CollectRefs(document, refs);
    EXPECT_GT(refs.size(), 200u);
    for (const std::string& ref : refs) {
      EXPECT_TRUE(document.contains(json::json_pointer(ref.substr(1)))) << ref;
    }
  }
}

TEST(OpenApi, AJobSaysHowItIsMergedAndWhichKindItIs) {
  const json document = OpenApiV3({FindKindByType("job")});
  const json& schemas = document["components"]["schemas"];
  EXPECT_EQ(schemas["io.k8s.api.batch.v1.Job"]["x-kubernetes-group-version-kind"],
            json::parse(R"([{"group":"batch","version":"v1","kind":"Job"}])"));
  const json& spec = schemas["io.k8s.api.batch.v1.JobSpec"];
  EXPECT_EQ(spec["required"], json({"template"}));
  EXPECT_EQ(spec["properties"]["backoffLimit"]["type"], "integer");
  EXPECT_TRUE(spec["properties"]["backoffLimit"].contains("description"));
  const json& pod = schemas["io.k8s.api.core.v1.PodSpec"]["properties"];
  EXPECT_EQ(pod["containers"]["x-kubernetes-patch-merge-key"], "name");
  EXPECT_EQ(pod["containers"]["x-kubernetes-list-map-keys"], json({"name"}));
  EXPECT_EQ(pod["volumes"]["x-kubernetes-patch-strategy"], "merge,retainKeys");
  EXPECT_EQ(pod["tolerations"]["x-kubernetes-list-type"], "atomic");
}

TEST(OpenApi, ThePatchOfAKindTakesFieldValidation) {
  const json document = OpenApiV3({FindKindByType("job")});
  const json& patch =
      document["paths"]["/apis/batch/v1/namespaces/{namespace}/jobs/{name}"]["patch"];
  EXPECT_EQ(patch["x-kubernetes-group-version-kind"]["kind"], "Job");
  bool found = false;
  for (const json& parameter : patch["parameters"]) {
    found = found || parameter["name"] == "fieldValidation";
  }
  EXPECT_TRUE(found);
  EXPECT_TRUE(
      document["paths"].contains("/apis/batch/v1/namespaces/{namespace}/jobs/{name}/status"));
}

}  // namespace
}  // namespace kless::kubernetes
