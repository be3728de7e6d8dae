// CustomResourceDefinitions as kinds: schemas, versions, columns.
#include "functions/kubernetes/custom/custom_kinds.h"

#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/kubernetes/columns/columns.h"
#include "functions/kubernetes/custom/schema/formats.h"
#include "functions/kubernetes/custom/schema/go_numbers.h"
#include "functions/kubernetes/custom/schema/json_path.h"
#include "functions/kubernetes/custom/schema/pattern.h"
#include "functions/kubernetes/custom/schema/structural_schema.h"
#include "functions/kubernetes/objects/kind.h"
#include "functions/kubernetes/openapi/openapi.h"
#include "functions/kubernetes/types/field_validation.h"
#include "functions/kubernetes/types/go_text.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

json Parsed(const char* text) { return ParseJson(text).value(); }

json Version(const std::string& name, const json& spec, bool storage = true) {
  return {
      {"name", name},
      {"served", true},
      {"storage", storage},
      {"schema", {{"openAPIV3Schema", {{"type", "object"}, {"properties", {{"spec", spec}}}}}}}};
}

json Widgets(const std::vector<json>& versions) {
  return {{"metadata", {{"name", "widgets.example.com"}}},
          {"spec",
           {{"group", "example.com"},
            {"scope", "Namespaced"},
            {"names",
             {{"plural", "widgets"},
              {"singular", "widget"},
              {"kind", "Widget"},
              {"listKind", "WidgetList"}}},
            {"versions", versions}}}};
}

KindPtr Widget(const char* spec) {
  return KindsOfDefinition(Widgets({Version("v1", Parsed(spec))})).at(0);
}

json Object(const char* spec) {
  return {{"apiVersion", "example.com/v1"},
          {"kind", "Widget"},
          {"metadata", {{"name", "a"}}},
          {"spec", Parsed(spec)}};
}

std::vector<std::string> Problems(const KindPtr& kind, const char* spec) {
  std::vector<std::string> texts;
  for (const FieldError& error : kind->validate(Object(spec))) {
    texts.push_back(error.field + ": " + error.message);
  }
  return texts;
}

TEST(CustomKindsTest, AKindHasWhatItsDefinitionSays) {
  json definition = Widgets({Version("v1", {{"type", "object"}})});
  definition["spec"]["names"]["shortNames"] = {"wd"};
  definition["spec"]["versions"][0]["subresources"] = {
      {"status", json::object()},
      {"scale",
       {{"specReplicasPath", ".spec.replicas"}, {"statusReplicasPath", ".status.replicas"}}}};
  const KindPtr kind = KindsOfDefinition(definition).at(0);
  EXPECT_EQ(kind->type, "widgets.example.com");
  EXPECT_EQ(kind->QualifiedKind(), "Widget.example.com");
  EXPECT_EQ(kind->ListKind(), "WidgetList");
  EXPECT_THAT(kind->short_names, ElementsAre("wd"));
  EXPECT_TRUE(kind->has_status);
  EXPECT_THAT(kind->scale.replicas, ElementsAre("spec", "replicas"));
  EXPECT_THAT(kind->scale.selector, IsEmpty());
}

TEST(CustomKindsTest, DefaultsAreFilledInAlsoBelowListsAndMaps) {
  const KindPtr kind = Widget(R"({"type":"object","properties":{
      "color":{"type":"string","default":"blue"},
      "maybe":{"type":"string","default":"x","nullable":true},
      "none":{"type":"string"},
      "ports":{"type":"array","items":{"type":"object","properties":{
          "port":{"type":"integer","default":80}}}},
      "byName":{"type":"object","additionalProperties":{"type":"object","properties":{
          "size":{"type":"integer","default":1}}}}}})");
  json object = Object(
      R"({"color":null,"maybe":null,"none":null,"ports":[{},{"port":1}],"byName":{"a":{}}})");
  kind->apply_defaults(object);
  EXPECT_EQ(object["spec"], Parsed(R"({"color":"blue","maybe":null,"ports":[{"port":80},{"port":1}],
                       "byName":{"a":{"size":1}}})"));
}

TEST(CustomKindsTest, DefaultsThatMultiplyEndInAnError) {
  json spec = Parsed(R"({"type":"object","properties":{"list":{"type":"array","items":{
      "type":"object","default":{},"properties":{"text":{"type":"string"}}}}}})");
  spec["properties"]["list"]["items"]["properties"]["text"]["default"] = std::string(1 << 20, 'x');
  const KindPtr kind = KindsOfDefinition(Widgets({Version("v1", spec)})).at(0);
  json object = Object("{}");
  object["spec"]["list"] = json::array({nullptr, nullptr, nullptr});
  kind->apply_defaults(object);
  EXPECT_THAT(kind->validate(object), IsEmpty());
  object["spec"]["list"] = std::vector<json>(100'000, nullptr);
  for (int i = 0; i < 3; ++i) kind->apply_defaults(object);
  EXPECT_LT(JsonBytes(object), 8u << 20);
  const auto errors = kind->validate(object);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].message, "Too long: may not be more than 4194304 bytes");
  EXPECT_EQ(kind->validate_update(object, object).size(), 1u);
}

TEST(CustomKindsTest, NamesOfDefaultsCountToo) {
  json spec = Parsed(R"({"type":"object","properties":{"list":{"type":"array","items":{
      "type":"object","properties":{}}}}})");
  spec["properties"]["list"]["items"]["properties"][std::string(20'000, 'n')] = {
      {"type", "integer"}, {"default", 0}};
  const KindPtr kind = KindsOfDefinition(Widgets({Version("v1", spec)})).at(0);
  json object = Object("{}");
  object["spec"]["list"] = std::vector<json>(30'000, json::object());
  kind->apply_defaults(object);
  EXPECT_LT(JsonBytes(object), 5u << 20);
  EXPECT_EQ(kind->validate(object).size(), 1u);
}

TEST(CustomKindsTest, SmallFactorsTakeTheirMultiples) {
  const KindPtr kind =
      Widget(R"({"type":"object","properties":{"size":{"type":"number","multipleOf":0.1}}})");
  for (const char* size : {R"({"size":0.3})", R"({"size":0.7})", R"({"size":2.5})"}) {
    EXPECT_THAT(kind->validate(Object(size)), IsEmpty()) << size;
  }
  EXPECT_EQ(kind->validate(Object(R"({"size":0.35})")).size(), 1u);
}

TEST(CustomKindsTest, WhatTheSchemaDoesNotKnowIsPruned) {
  const KindPtr kind = Widget(R"({"type":"object","properties":{
      "size":{"type":"integer"},
      "empty":{"type":"object"},
      "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{
          "strict":{"type":"object","properties":{"a":{"type":"string"}}}}},
      "pod":{"type":"object","x-kubernetes-embedded-resource":true}}})");
  json object = Object(R"({"size":1,"x":1,"empty":{"x":1},"free":{"x":1,"strict":{"a":"","b":""}},
      "pod":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","x":1},"spec":{}}})");
  object["extra"] = 1;
  EXPECT_THAT(
      DropUnknownFields(kind->schema, object),
      ElementsAre(R"(unknown field "extra")", R"(unknown field "spec.empty.x")",
                  R"(unknown field "spec.free.strict.b")", R"(unknown field "spec.pod.metadata.x")",
                  R"(unknown field "spec.pod.spec")", R"(unknown field "spec.x")"));
  EXPECT_EQ(object["spec"], Parsed(R"({"size":1,"empty":{},"free":{"x":1,"strict":{"a":""}},
      "pod":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}}})"));
}

TEST(CustomKindsTest, ValuesAreWhatTheirSchemaSays) {
  const KindPtr kind = Widget(R"({"type":"object","required":["size"],"properties":{
      "size":{"type":"integer","minimum":1,"maximum":10},
      "ratio":{"type":"number","maximum":1.5,"exclusiveMaximum":true,"multipleOf":0.5},
      "name":{"type":"string","minLength":2,"maxLength":3,"pattern":"^[a-zé]+$"},
      "color":{"type":"string","enum":["red","blue"]},
      "when":{"type":"string","format":"date-time"},
      "port":{"x-kubernetes-int-or-string":true},
      "list":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"string"}},
      "map":{"type":"object","maxProperties":1,"additionalProperties":{"type":"boolean"}}}})");
  EXPECT_THAT(Problems(kind, R"({"size":10,"ratio":1.0,"name":"éa","port":"http","list":["a"]})"),
              IsEmpty());
  EXPECT_THAT(Problems(kind, R"({"size":3.0,"port":80})"), IsEmpty());
  EXPECT_THAT(Problems(kind, "{}"), ElementsAre("spec.size: Required value"));
  EXPECT_THAT(Problems(kind, R"({"size":11})"),
              ElementsAre("spec.size: Invalid value: 11: spec.size in body should be less than or "
                          "equal to 10"));
  EXPECT_THAT(Problems(kind, R"({"size":"1"})"),
              ElementsAre(R"(spec.size: Invalid value: "string": spec.size in body must be of )"
                          R"(type integer: "string")"));
  EXPECT_THAT(Problems(kind, R"({"size":1,"ratio":1.5})"),
              ElementsAre("spec.ratio: Invalid value: 1.5: spec.ratio in body should be less than "
                          "1.5"));
  EXPECT_THAT(Problems(kind, R"({"size":1,"ratio":0.7})"),
              ElementsAre("spec.ratio: Invalid value: 0.7: spec.ratio in body should be a multiple "
                          "of 0.5"));
  EXPECT_THAT(
      Problems(kind, R"({"size":1,"name":"A"})"),
      ElementsAre(
          R"(spec.name: Invalid value: "A": spec.name in body should be at least 2 chars long)",
          R"(spec.name: Invalid value: "A": spec.name in body should match '^[a-zé]+$')"));
  EXPECT_THAT(Problems(kind, R"({"size":1,"name":"aaaa"})"),
              ElementsAre("spec.name: Too long: may not be more than 3 bytes"));
  EXPECT_THAT(Problems(kind, R"({"size":1,"color":"green"})"),
              ElementsAre(R"(spec.color: Unsupported value: "green": supported values: "red", )"
                          R"("blue")"));
  EXPECT_THAT(Problems(kind, R"({"size":1,"when":"now"})"),
              ElementsAre(R"(spec.when: Invalid value: "now": spec.when in body must be of type )"
                          R"(date-time: "now")"));
  EXPECT_THAT(Problems(kind, R"({"size":1,"port":true})"),
              ElementsAre(R"(spec.port: Invalid value: "boolean": spec.port in body must be of )"
                          R"(type integer,string: "boolean")"));
  EXPECT_THAT(Problems(kind, R"({"size":1,"list":[]})"),
              ElementsAre("spec.list: Invalid value: 0: spec.list in body should have at least 1 "
                          "items"));
  EXPECT_THAT(Problems(kind, R"({"size":1,"list":["a","b",3]})"),
              ElementsAre(R"(spec.list[2]: Invalid value: "integer": spec.list[2] in body must be )"
                          R"(of type string: "integer")",
                          "spec.list: Too many: 3: must have at most 2 items"));
  EXPECT_THAT(Problems(kind, R"({"size":1,"map":{"a":true,"b":false}})"),
              ElementsAre("spec.map: Too many: 2: must have at most 1 items"));
}

TEST(CustomKindsTest, JunctorsHoldAsAWhole) {
  const KindPtr kind = Widget(R"({"type":"object","properties":{
      "a":{"type":"string"},"b":{"type":"string"}},
      "oneOf":[{"required":["a"]},{"required":["b"]}],
      "not":{"properties":{"a":{"enum":["no"]}},"required":["a"]}})");
  EXPECT_THAT(Problems(kind, R"({"a":"yes"})"), IsEmpty());
  EXPECT_THAT(Problems(kind, "{}"),
              ElementsAre(R"(<nil>: Invalid value: "": "spec" must validate one and only one )"
                          "schema (oneOf). Found none valid",
                          "spec.a: Required value"));
  EXPECT_THAT(Problems(kind, R"({"a":"x","b":"y"})"),
              ElementsAre(R"(<nil>: Invalid value: "": "spec" must validate one and only one )"
                          "schema (oneOf). Found 2 valid alternatives"));
  EXPECT_THAT(
      Problems(kind, R"({"a":"no"})"),
      ElementsAre(R"(<nil>: Invalid value: "": "spec" must not validate the schema (not))"));
}

TEST(CustomKindsTest, SetsAndMapsHoldNothingTwiceAndEmbeddedObjectsSayWhatTheyAre) {
  const KindPtr kind = Widget(R"({"type":"object","properties":{
      "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
      "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
          "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}},
      "pod":{"type":"object","x-kubernetes-embedded-resource":true}}})");
  EXPECT_THAT(Problems(kind, R"({"tags":["a","b","a"],"ports":[{"name":"a"},{"name":"a"}],
      "pod":{"apiVersion":"v1"}})"),
              ElementsAre("spec.pod.kind: Required value: must not be empty",
                          R"(spec.ports[1]: Duplicate value: {"name":"a"})",
                          R"(spec.tags[2]: Duplicate value: "a")"));
}

TEST(CustomKindsTest, WhatIsTwiceInAListIsToldOnce) {
  const KindPtr kind = Widget(R"({"type":"object","properties":{
      "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
      "ports":{"type":"array","x-kubernetes-list-type":"map",
          "x-kubernetes-list-map-keys":["name","port"],"items":{
              "type":"object","x-kubernetes-preserve-unknown-fields":true}},
      "byName":{"type":"object","additionalProperties":{
          "type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}}}}})");
  EXPECT_THAT(Problems(kind, R"({"tags":["a","b","a","a","b"]})"),
              ElementsAre(R"(spec.tags[2]: Duplicate value: "a")",
                          R"(spec.tags[4]: Duplicate value: "b")"));
  EXPECT_THAT(Problems(kind, R"({"ports":[{"name":"a"},{"name":"a","port":1},
                  {"port":1,"name":"a"},{"name":null},{"name":null}]})"),
              ElementsAre(R"(spec.ports[2]: Duplicate value: {"name":"a","port":1})",
                          R"(spec.ports[4]: Duplicate value: {"name":null})"));
  EXPECT_THAT(Problems(kind, R"({"ports":[{},{},1]})"),
              ElementsAre(R"(spec.ports[2]: Invalid value: "integer": spec.ports[2] in body must )"
                          R"(be of type object: "integer")",
                          "spec.ports[2]: Invalid value: 1: must be an object for an array of "
                          "list-type map"));
  EXPECT_THAT(Problems(kind, R"({"byName":{"x":["a","a"]}})"),
              ElementsAre(R"(spec.byName[x][1]: Duplicate value: "a")"));
}

TEST(CustomKindsTest, AnUpdateMayKeepAListThatWasWrongBefore) {
  const KindPtr kind = Widget(R"({"type":"object","properties":{
      "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}}}})");
  const json twice = Object(R"({"tags":["a","a"]})");
  EXPECT_EQ(kind->validate_update(twice, Object(R"({"tags":["a"]})")).size(), 1u);
  EXPECT_THAT(kind->validate_update(Object(R"({"tags":["b","b"]})"), twice), IsEmpty());
}

TEST(CustomKindsTest, NumbersAreWholeAsTheyAreToGo) {
  const KindPtr kind = Widget(R"({"type":"object","properties":{
      "size":{"type":"integer"},"name":{"type":"string"},
      "port":{"x-kubernetes-int-or-string":true}}})");
  EXPECT_THAT(Problems(kind, R"({"size":1.0,"port":1e3})"), IsEmpty());
  EXPECT_THAT(Problems(kind, R"({"size":9223372036854775807})"), IsEmpty());
  const auto of_type = [](const std::string& field, const char* type, const char* shown) {
    return "spec." + field + ": Invalid value: \"" + shown + "\": spec." + field +
           " in body must be of type " + type + ": \"" + shown + "\"";
  };
  for (const char* size : {"1.5", "9223372036854775808", "1e17", "1e300"}) {
    EXPECT_THAT(Problems(kind, ("{\"size\":" + std::string(size) + "}").c_str()),
                ElementsAre(of_type("size", "integer", "number")))
        << size;
  }
  EXPECT_THAT(Problems(kind, R"({"name":1.0,"port":0.5})"),
              ElementsAre(of_type("name", "string", "number"),
                          of_type("port", "integer,string", "number")));
  EXPECT_THAT(Problems(kind, R"({"name":1})"), ElementsAre(of_type("name", "string", "integer")));
}

TEST(CustomKindsTest, NumbersSettleAsGoWritesAndReadsThem) {
  json numbers = Parsed(R"({"a":[1.0,1e3,-2.0,-0.0,1e20,1e21,1.5,1e-7],"b":9223372036854775807,
      "c":9223372036854775808,"d":1234567890123456789.0,"e":18446744073709551616})");
  SettleNumbers(numbers);
  EXPECT_EQ(DumpJson(numbers),
            R"({"a":[1,1000,-2,0,1e+20,1e+21,1.5,1e-07],"b":9223372036854775807,)"
            R"("c":9223372036854776000,"d":1234567890123456800,"e":1.8446744073709552e+19})");
  EXPECT_TRUE(numbers["a"][0].is_number_integer());
}

TEST(CustomKindsTest, WhatTheScaleShowsAreNumbersOfReplicasAndASelector) {
  json definition = Widgets(
      {Version("v1", {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}})});
  definition["spec"]["versions"][0]["subresources"]["scale"] = {
      {"specReplicasPath", ".spec.replicas"},
      {"statusReplicasPath", ".spec.status.replicas"},
      {"labelSelectorPath", ".spec.status.selector"}};
  const KindPtr kind = KindsOfDefinition(definition).at(0);
  EXPECT_THAT(Problems(kind, R"({"replicas":2,"status":{"replicas":0,"selector":"a=b"}})"),
              IsEmpty());
  EXPECT_THAT(Problems(kind, R"({"status":null})"), IsEmpty());
  EXPECT_THAT(
      Problems(kind, R"({"replicas":-1,"status":{"replicas":2147483648,"selector":1}})"),
      ElementsAre(".spec.replicas: Invalid value: -1: should be a non-negative integer",
                  ".spec.status.replicas: Invalid value: 2147483648: should be less than or equal "
                  "to 2147483647",
                  R"(.spec.status.selector: Invalid value: "": .spec.status.selector accessor )"
                  "error: 1 is of the type int64, expected string"));
  EXPECT_THAT(Problems(kind, R"({"replicas":2.0,"status":"x"})"),
              ElementsAre(".spec.replicas: Invalid value: 0: .spec.replicas accessor error: 2 is "
                          "of the type float64, expected int64",
                          ".spec.status.replicas: Invalid value: 0: .spec.status.replicas accessor "
                          "error: x is of the type string, expected map[string]interface{}",
                          R"(.spec.status.selector: Invalid value: "": .spec.status.selector )"
                          "accessor error: x is of the type string, expected "
                          "map[string]interface{}"));
}

TEST(CustomKindsTest, AnUpdateMayKeepWhatWasWrongBefore) {
  const KindPtr kind =
      Widget(R"({"type":"object","properties":{"size":{"type":"integer","maximum":10}}})");
  EXPECT_THAT(kind->validate_update(Object(R"({"size":20})"), Object(R"({"size":20})")), IsEmpty());
  EXPECT_EQ(kind->validate_update(Object(R"({"size":21})"), Object(R"({"size":20})")).size(), 1u);
}

TEST(CustomKindsTest, OnlyPartsThatAreTheSameAreLetThrough) {
  const KindPtr kind = Widget(R"({"type":"object","required":["needed"],"properties":{
      "needed":{"type":"string"},"other":{"type":"string"},"text":{"type":"string","maxLength":3},
      "map":{"type":"object","additionalProperties":{"type":"string","maxLength":3}},
      "plain":{"type":"array","items":{"type":"string","maxLength":3}},
      "keyed":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],
               "items":{"type":"object","required":["k"],"properties":{
                   "k":{"type":"string"},"v":{"type":"string","maxLength":3}}}}}})");
  const auto problems = [&](const char* before, const char* after) {
    std::vector<std::string> fields;
    for (const FieldError& error : kind->validate_update(Object(after), Object(before))) {
      fields.push_back(error.field);
    }
    return fields;
  };
  // A missing member is reported for its object, which has changed.
  EXPECT_THAT(problems(R"({"text":"long"})", R"({"text":"long","other":"x"})"),
              ElementsAre("spec.needed"));
  EXPECT_THAT(problems(R"({"text":"long"})", R"({"text":"long"})"), IsEmpty());
  EXPECT_THAT(problems(R"({"needed":"","text":"long"})", R"({"needed":"x","text":"long"})"),
              IsEmpty());
  EXPECT_THAT(problems(R"({"needed":"","text":"long"})", R"({"needed":"","text":"lona"})"),
              ElementsAre("spec.text"));
  EXPECT_THAT(problems(R"({"needed":"","map":{"a":"long"}})",
                       R"({"needed":"","map":{"a":"long","b":"longer"}})"),
              ElementsAre("spec.map.b"));
  EXPECT_THAT(
      problems(R"({"needed":"","plain":["long"]})", R"({"needed":"","plain":["long","x"]})"),
      ElementsAre("spec.plain[0]"));
  EXPECT_THAT(problems(R"({"needed":"","keyed":[{"k":"a","v":"long"}]})",
                       R"({"needed":"","keyed":[{"k":"b","v":"x"},{"k":"a","v":"long"}]})"),
              IsEmpty());
}

TEST(CustomKindsTest, ConversionChangesTheVersionAndPrunes) {
  const json with_a = Parsed(R"({"type":"object","properties":{"a":{"type":"string"}}})");
  const json with_both = Parsed(R"({"type":"object","properties":{
      "a":{"type":"string"},"b":{"type":"string"},"c":{"type":"integer","default":3}}})");
  const auto kinds = KindsOfDefinition(
      Widgets({Version("v1beta1", with_a, false), Version("v1", with_both, true)}));
  ASSERT_EQ(kinds.size(), 2u);
  EXPECT_EQ(kinds[0]->version, "v1") << "the preferred version comes first";
  json object = Object(R"({"a":"1","b":"2"})");
  kinds[1]->from_stored(object);
  EXPECT_EQ(object["apiVersion"], "example.com/v1beta1");
  EXPECT_EQ(object["spec"], Parsed(R"({"a":"1"})"));
  kinds[1]->to_stored(object);
  EXPECT_EQ(object["apiVersion"], "example.com/v1");
  kinds[0]->from_stored(object);
  EXPECT_EQ(object["spec"], Parsed(R"({"a":"1","c":3})"))
      << "read with the defaults of the storage";
}

TEST(CustomKindsTest, VersionsGoFromStableToAlpha) {
  std::vector<std::string> versions = {"v1alpha1", "foo", "v1", "v2beta1", "v10", "v2", "v1beta2"};
  std::sort(versions.begin(), versions.end(), VersionBefore);
  EXPECT_THAT(versions, ElementsAre("v10", "v2", "v1", "v2beta1", "v1beta2", "v1alpha1", "foo"));
}

TEST(CustomKindsTest, ColumnsComeFromJsonPaths) {
  json definition = Widgets({Version("v1", {{"type", "object"}})});
  EXPECT_EQ(ColumnsOf(*KindsOfDefinition(definition).at(0)).size(), 2u) << "Name and Age";
  definition["spec"]["versions"][0]["additionalPrinterColumns"] = Parsed(R"([
      {"name":"Size","type":"integer","jsonPath":".spec.size"},
      {"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"},
      {"name":"Hosts","type":"string","jsonPath":".spec.hosts","priority":1},
      {"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}])");
  const KindPtr kind = KindsOfDefinition(definition).at(0);
  json object = Object(R"({"size":3,"hosts":["a","b"]})");
  object["status"] =
      Parsed(R"({"conditions":[{"type":"Other","status":"?"},{"type":"Ready","status":"True"}]})");
  object["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z";
  std::vector<std::string> cells;
  for (const Column& column : ColumnsOf(*kind)) {
    cells.push_back(DumpJson(column.cell(object, 1767225605'000000000)));
  }
  EXPECT_THAT(cells, ElementsAre(R"("a")", "3", R"("True")", R"("[\"a\",\"b\"]")", R"("5s")"));
}

TEST(CustomKindsTest, CellsOfIntegersAreWhatGoMakesOfTheNumber) {
  json definition = Widgets({Version("v1", {{"type", "object"}})});
  definition["spec"]["versions"][0]["additionalPrinterColumns"] = Parsed(R"([
      {"name":"A","type":"integer","jsonPath":".spec.a","priority":9000000000},
      {"name":"B","type":"string","jsonPath":".spec.a"}])");
  const auto columns = ColumnsOf(*KindsOfDefinition(definition).at(0));
  EXPECT_EQ(columns[1].priority, std::numeric_limits<int>::max());
  const auto cells = [&](const char* value) {
    const json object = Object((R"({"a":)" + std::string(value) + "}").c_str());
    return DumpJson(columns[1].cell(object, 0)) + " " + DumpJson(columns[2].cell(object, 0));
  };
  EXPECT_EQ(cells("9223372036854775807"), R"(9223372036854775807 "9223372036854775807")");
  EXPECT_EQ(cells("-2.7"), R"(-2 "-2.7")");
  for (const char* beyond : {"1e300", "-1e300", "9223372036854775808"}) {
    EXPECT_TRUE(cells(beyond).starts_with("-9223372036854775808 ")) << beyond;
  }
  EXPECT_EQ(cells("1e300"), R"(-9223372036854775808 "1e+300")");
  EXPECT_EQ(cells("\"x\""), R"(null "x")");
}

TEST(CustomKindsTest, JsonPathsFindTheFirstValue) {
  const json object = Parsed(R"({"a":{"b.c":1,"list":[{"n":"x","v":1},{"n":"y","v":2}]}})");
  const auto find = [&](const char* path) {
    const auto parsed = JsonPath::Parse(path);
    const json* found = parsed ? parsed->Find(object) : nullptr;
    return found == nullptr ? std::string("none") : DumpJson(*found);
  };
  EXPECT_EQ(find(".a.b\\.c"), "1");
  EXPECT_EQ(find(".a['b\\.c']"), "1") << "what stands in single quotes is a path again";
  EXPECT_EQ(find(".a['b.c']"), "none");
  EXPECT_EQ(find(".a.list[-1:].n"), R"("y")");
  EXPECT_EQ(find(".a.list[0:1].n"), R"("x")");
  EXPECT_EQ(find(".a.list[2:].n"), "none");
  EXPECT_EQ(find(".a.list[1:0:1].n"), "none");
  EXPECT_EQ(find(".a.list[5,1].n"), R"("y")");
  EXPECT_EQ(find("..n"), R"("x")");
  EXPECT_EQ(find(".a..v"), "1");
  EXPECT_EQ(find(".a.list[?(@.v)].n"), R"("x")");
  EXPECT_EQ(find(".a.list[?(@.w)].n"), "none");
  EXPECT_EQ(find("{.a.list[1].n}"), R"("y")");
  EXPECT_EQ(find(".a.list[-1].v"), "2");
  EXPECT_EQ(find(".a.list[*].v"), "1");
  EXPECT_EQ(find(R"(.a.list[?(@.n=="y")].v)"), "2");
  EXPECT_EQ(find(".a.list[?(@.v>1)].n"), R"("y")");
  EXPECT_EQ(find(".a.nothing"), "none");
  for (const char* wrong : {"", "spec", ".", ".a..", ".a[", ".a[::0]", ".a[,]", ".a[?(x)]"}) {
    EXPECT_FALSE(JsonPath::Parse(wrong)) << wrong;
  }
}

TEST(CustomKindsTest, FormatsAndPatterns) {
  const auto is = [](const char* format, const char* value) { return HasFormat(value, format); };
  EXPECT_TRUE(is("ipv4", "10.0.0.1"));
  EXPECT_FALSE(is("ipv4", "10.0.0.256"));
  EXPECT_TRUE(is("ipv6", "fe80::1"));
  EXPECT_TRUE(is("ipv6", "::"));
  EXPECT_TRUE(is("ipv6", "1:2:3:4:5:6:7:8"));
  EXPECT_FALSE(is("ipv6", "1:2:3"));
  EXPECT_FALSE(is("ipv6", "1::2::3"));
  EXPECT_TRUE(is("cidr", "10.0.0.0/8"));
  EXPECT_FALSE(is("cidr", "10.0.0.0/40"));
  EXPECT_TRUE(is("uuid", "123e4567-e89b-12d3-a456-426614174000"));
  EXPECT_TRUE(is("date", "2026-02-28"));
  EXPECT_TRUE(is("duration", "1h30m"));
  EXPECT_FALSE(is("duration", "soon"));
  EXPECT_TRUE(is("hostname", "a.example.com"));
  EXPECT_TRUE(is("unknown", "anything"));
  EXPECT_FALSE(Pattern("^a$").Matches("a\n"));
  EXPECT_FALSE(Pattern("^b$").Matches("a\nb"));
  EXPECT_TRUE(Pattern("^.$").Matches("é"));
  EXPECT_FALSE(Pattern("(").valid());
}

TEST(CustomKindsTest, PatternsHaveTheSyntaxOfGo) {
  const auto matches = [](const char* pattern, const char* value) {
    const Pattern read(pattern);
    EXPECT_TRUE(read.valid()) << pattern;
    return read.Matches(value);
  };
  for (const char* value : {"a", "-", "_", "5"}) {
    EXPECT_TRUE(matches("^[a-z0-9-_]$", value)) << value;
    EXPECT_TRUE(matches(R"(^[\w-.]$)", value)) << value;
    EXPECT_TRUE(matches(R"(^[\w-]$)", value)) << value;
  }
  EXPECT_FALSE(matches("^[a-z0-9-_]$", "."));
  EXPECT_TRUE(matches(R"(^[\w-.]$)", "."));
  EXPECT_TRUE(matches(R"(^[\w-\.]+@([\w-]+\.)+[\w-]{2,4}$)", "a.b@c-d.org"));
  EXPECT_TRUE(matches("^[]a]$", "]"));
  EXPECT_TRUE(matches("^[^]a]$", "b"));
  EXPECT_TRUE(matches("^[[:alpha:]-9]$", "-"));
  EXPECT_TRUE(matches("^[+--]$", ","));
  EXPECT_TRUE(matches("^(?P<year>\\d{4})-(?i:X)$", "2026-x"));
  EXPECT_TRUE(matches(R"(^\x{41}\QB.C\E$)", "AB.C"));
  EXPECT_TRUE(matches("^a{,2}$", "a{,2}"));
  EXPECT_TRUE(matches("^a{1,1000}?$", "aa"));
  EXPECT_TRUE(matches(R"(^\p{Greek}\pN$)", "λ7"));
  EXPECT_TRUE(matches("(?U)^a+$", "aa"));
  EXPECT_TRUE(matches("^(?<year>\\d{4})-(?<month>\\d\\d)$", "2026-11"));
  EXPECT_TRUE(matches(R"(^[](?<a>]\(?<\Q(?<\E$)", "a(<(?<"));
  EXPECT_FALSE(matches("^[(?<a>]$", "P"));
  for (const char* other :
       {"(?=a)",    "(?!a)",  "(?<=a)b", "(?<!a)b", "(?>a)", "a++",   "a*+",
        R"((a)\1)", R"(a\Z)", R"(\h)",   R"(\e)",   R"(\G)", R"(\K)", R"(\R)",
        "a{1001}",  "(?#c)a", "(?x) a",  "(?(1)a)", "a**",   "\\",    R"(\C)"}) {
    EXPECT_FALSE(Pattern(other).valid()) << other;
  }
}

TEST(CustomKindsTest, ProblemsOfPatternsHaveTheWordsOfGo) {
  const auto problem = [](const char* pattern) { return Pattern(pattern).problem(); };
  EXPECT_EQ(problem("a"), "");
  EXPECT_EQ(problem("(a"), "error parsing regexp: missing closing ): `(a`");
  EXPECT_EQ(problem("(?<n>a"), "error parsing regexp: missing closing ): `(?<n>a`");
  EXPECT_EQ(problem("(?<1-2>a)"), "error parsing regexp: invalid named capture: `(?<1-2>`");
  EXPECT_EQ(problem("(?P<1-2>a)"), "error parsing regexp: invalid named capture: `(?P<1-2>`");
  EXPECT_EQ(problem("a)"), "error parsing regexp: unexpected ): `a)`");
  EXPECT_EQ(problem("[a"), "error parsing regexp: missing closing ]: `[a`");
  EXPECT_EQ(problem("[b-a]"), "error parsing regexp: invalid character class range: `b-a`");
  EXPECT_EQ(problem("*"), "error parsing regexp: missing argument to repetition operator: `*`");
  EXPECT_EQ(problem("a**"), "error parsing regexp: invalid nested repetition operator: `**`");
  EXPECT_EQ(problem("a{1001}"), "error parsing regexp: invalid repeat count: `{1001}`");
  EXPECT_EQ(problem("(?=a)"), "error parsing regexp: invalid or unsupported Perl syntax: `(?=`");
  EXPECT_EQ(problem("\\C"), "error parsing regexp: invalid escape sequence: `\\C`");
  EXPECT_EQ(problem("\\"), "error parsing regexp: trailing backslash at end of expression: ``");
}

// A Perl-style engine needs exponential time for these.
TEST(CustomKindsTest, PatternsTakeLinearTime) {
  const std::string text = std::string(100'000, 'a') + "!";
  EXPECT_FALSE(Pattern("^(a+)+$").Matches(text));
  EXPECT_FALSE(Pattern("^(a|a)*$").Matches(text));
}

TEST(CustomKindsTest, BoundsArePrintedAsGoPrintsThem) {
  EXPECT_EQ(GoFloat(10), "10");
  EXPECT_EQ(GoFloat(0.5), "0.5");
  EXPECT_EQ(GoFloat(100000), "100000");
  EXPECT_EQ(GoFloat(1e6), "1e+06");
  EXPECT_EQ(GoFloat(0.00001), "1e-05");
}

TEST(CustomKindsTest, OpenApiHasTheSchemaOfTheDefinition) {
  const KindPtr kind = Widget(
      R"({"type":"object","description":"What is wanted.","properties":{"size":{"type":"integer"}}})");
  const json schemas = OpenApiV3({kind.get()})["components"]["schemas"];
  const json& schema = schemas["com.example.v1.Widget"];
  EXPECT_EQ(schema["properties"]["spec"]["description"], "What is wanted.");
  EXPECT_EQ(schema["x-kubernetes-group-version-kind"][0]["kind"], "Widget");
  EXPECT_TRUE(schemas.contains("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"));
  EXPECT_TRUE(schemas.contains("com.example.v1.WidgetList"));
}

}  // namespace
}  // namespace kless::kubernetes
