#include "functions/kubernetes/types/field_validation.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using Strings = std::vector<std::string>;

TEST(FieldValidation, ProblemsComeInTheOrderOfTheText) {
  const Schema* job = FindSchema("batch/v1", "Job");
  EXPECT_EQ(StrictProblems(job, R"({"apiVersion":"batch/v1","spec":{"template":{"spec":{
      "containers":[{"name":"c"},{"imagee":{"deep":1}}]}},"nope":1},"metadata":{"labels":{"x":"y"}}})"),
            (Strings{R"(unknown field "spec.template.spec.containers[1].imagee")",
                     R"(unknown field "spec.nope")"}));
}

TEST(FieldValidation, AMemberThatComesAgainIsNamed) {
  const Schema* map = FindSchema("v1", "ConfigMap");
  EXPECT_EQ(StrictProblems(map, R"({"kind":"ConfigMap","data":{"k":"1","k":"2"},"kind":"x"})"),
            (Strings{R"(duplicate field "data.k")", R"(duplicate field "kind")"}));
  std::string many = R"({"data":{)";
  for (int i = 0; i < 100; ++i) many += "\"k" + std::to_string(i) + "\":\"\",";
  EXPECT_EQ(StrictProblems(map, many + R"("k7":""}})"), Strings{R"(duplicate field "data.k7")"});
}

TEST(FieldValidation, UnknownFieldsAreDropped) {
  json object = json::parse(R"({"kind":"Pod","foo":{"bar":1},
      "spec":{"nodeSelector":{"any":"key"},"containers":[{"name":"c","bar":2}]}})");
  EXPECT_EQ(DropUnknownFields(FindSchema("v1", "Pod"), object),
            (Strings{R"(unknown field "foo")", R"(unknown field "spec.containers[0].bar")"}));
  EXPECT_EQ(object, json::parse(R"({"kind":"Pod",
      "spec":{"nodeSelector":{"any":"key"},"containers":[{"name":"c"}]}})"));
}

TEST(FieldValidation, NullsAreWhatGoMakesOfThem) {
  json map = json::parse(R"({"metadata":{"labels":{"a":null},"annotations":null},
      "data":{"a":null,"b":"x"},"binaryData":{"c":null},"immutable":null})");
  DecodeNulls(FindSchema("v1", "ConfigMap"), map);
  EXPECT_EQ(map, json::parse(R"({"metadata":{"labels":{"a":""}},"data":{"a":"","b":"x"},
      "binaryData":{"c":""}})"));
  json pod = json::parse(R"({"spec":{"containers":[null,{"args":["x",null],"env":[
      {"name":"A","value":null}],"resources":{"limits":{"cpu":null}},"securityContext":null}]}})");
  DecodeNulls(FindSchema("v1", "Pod"), pod);
  EXPECT_EQ(pod, json::parse(R"({"spec":{"containers":[{},{"args":["x",""],"env":[{"name":"A"}],
      "resources":{"limits":{"cpu":"0"}}}]}})"));
}

TEST(FieldValidation, WithoutATypeEverythingIsKnown) {
  json object = json::parse(R"({"a":[{"b":1}]})");
  EXPECT_EQ(DropUnknownFields(nullptr, object), Strings());
  EXPECT_EQ(StrictProblems(nullptr, R"({"a":[{"b":1}],"c":[],"d":[1,[2]]})"), Strings());
}

TEST(FieldValidation, ValuesOfTheWrongShapeAreLeftToDecoding) {
  json object = json::parse(R"({"spec":[{"x":1}],"metadata":"text"})");
  EXPECT_EQ(DropUnknownFields(FindSchema("v1", "Pod"), object), Strings());
}

}  // namespace
}  // namespace kless::kubernetes
