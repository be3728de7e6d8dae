// Values of the wrong type, to which the API server replies with 400.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/kubernetes/objects/decode_problem.h"
#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;

std::string Problem(const char* type, const char* text) {
  return DecodeProblem(KindOf(type), json::parse(text)).value_or("");
}

TEST(DecodeTest, WrongTypesAreNamedAsGoDoes) {
  EXPECT_EQ(Problem("job", R"({"spec":{"parallelism":"x"}})"),
            "json: cannot unmarshal string into Go struct field JobSpec.spec.parallelism of type "
            "int32");
  EXPECT_EQ(Problem("job", R"({"spec":{"template":3}})"),
            "json: cannot unmarshal number into Go struct field JobSpec.spec.template of type "
            "v1.PodTemplateSpec");
  EXPECT_EQ(Problem("job", R"({"spec":{"template":{"spec":{"containers":{}}}}})"),
            "json: cannot unmarshal object into Go struct field "
            "PodSpec.spec.template.spec.containers of type []v1.Container");
  EXPECT_EQ(Problem("job", R"({"spec":{"suspend":"true"}})"),
            "json: cannot unmarshal string into Go struct field JobSpec.spec.suspend of type bool");
  EXPECT_EQ(Problem("pod", R"({"metadata":{"labels":{"a":1}}})"),
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of "
            "type string");
  EXPECT_EQ(Problem("pod", R"({"spec":[]})"),
            "json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec");
  EXPECT_EQ(Problem("job", R"([])"), "json: cannot unmarshal array into Go value of type v1.Job");
}

TEST(DecodeTest, NumbersMustFit) {
  EXPECT_EQ(Problem("job", R"({"spec":{"parallelism":2147483648}})"),
            "json: cannot unmarshal number 2147483648 into Go struct field "
            "JobSpec.spec.parallelism of type int32");
  EXPECT_EQ(Problem("job", R"({"spec":{"parallelism":1.5}})"),
            "json: cannot unmarshal number 1.5 into Go struct field JobSpec.spec.parallelism of "
            "type int32");
  EXPECT_EQ(Problem("job", R"({"spec":{"activeDeadlineSeconds":2147483648}})"), "");
}

TEST(DecodeTest, TimesMustBeRfc3339) {
  EXPECT_EQ(Problem("job", R"({"metadata":{"creationTimestamp":"x"}})"),
            "parsing time \"x\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"x\" as \"2006\"");
  EXPECT_EQ(Problem("job", R"({"metadata":{"creationTimestamp":null}})"), "");
}

// Checks the schema as part of a whole definition, and removes the common beginning of the
// messages.
std::string SchemaProblem(const std::string& schema) {
  const std::string problem =
      Problem("customresourcedefinition",
              (R"({"spec":{"versions":[{"schema":{"openAPIV3Schema":)" + schema + "}}]}}").c_str());
  const std::string shared = "spec.versions.schema.openAPIV3Schema";
  const std::size_t at = problem.find(shared);
  return at == std::string::npos ? problem : std::string(problem).replace(at, shared.size(), "@");
}

TEST(DecodeTest, TypesThatAreOneOrTheOtherAreDecodedWhereTheyStand) {
  EXPECT_EQ(SchemaProblem(R"({"items":{"type":"array","items":{"maximum":"x"}}})"),
            "json: cannot unmarshal string into Go struct field JSONSchemaProps.@.items of type "
            "float64");
  EXPECT_EQ(SchemaProblem(R"({"properties":{"a":{"items":["x"]}}})"),
            "json: cannot unmarshal string into Go struct field JSONSchemaProps.@.properties.items "
            "of type v1.JSONSchemaProps");
  EXPECT_EQ(SchemaProblem(R"({"additionalProperties":{"maxLength":1.5}})"),
            "json: cannot unmarshal number 1.5 into Go struct field "
            "JSONSchemaProps.@.additionalProperties of type int64");
  EXPECT_EQ(SchemaProblem(R"({"additionalProperties":"x"})"), "boolean or JSON schema expected");
  EXPECT_EQ(SchemaProblem(R"({"not":{"additionalItems":[]}})"), "boolean or JSON schema expected");
  EXPECT_EQ(SchemaProblem(R"({"dependencies":{"a":["b"],"c":[1]}})"),
            "json: cannot unmarshal number into Go struct field JSONSchemaProps.@.dependencies of "
            "type string");
  EXPECT_EQ(SchemaProblem(R"({"items":true,"additionalProperties":true,"additionalItems":null,
                              "dependencies":{"a":{}}})"),
            "");
}

TEST(DecodeTest, NullsAndUnknownFieldsAreFine) {
  EXPECT_EQ(Problem("job", R"({"spec":{"parallelism":null,"template":null,"nope":{"a":1}}})"), "");
}

}  // namespace
}  // namespace kless::kubernetes
