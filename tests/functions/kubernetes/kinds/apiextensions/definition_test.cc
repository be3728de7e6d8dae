// CustomResourceDefinitions themselves: their rules, and their status.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/kubernetes/custom/definition_rules.h"
#include "functions/kubernetes/custom/definition_status.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/deletion.h"
#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Kind& DefinitionKind() { return *FindKindByType("customresourcedefinition"); }

json Definition(const std::string& plural, const std::string& kind) {
  json definition = {{"metadata", {{"name", plural + ".example.com"}}},
                     {"spec",
                      {{"group", "example.com"},
                       {"scope", "Namespaced"},
                       {"names", {{"plural", plural}, {"kind", kind}}},
                       {"versions",
                        {{{"name", "v1"},
                          {"served", true},
                          {"storage", true},
                          {"schema", {{"openAPIV3Schema", {{"type", "object"}}}}}}}}}}};
  DefinitionKind().apply_defaults(definition);
  return definition;
}

std::vector<std::string> ErrorTexts(const FieldErrors& errors) {
  std::vector<std::string> texts;
  for (const FieldError& error : errors) texts.push_back(error.field + ": " + error.message);
  return texts;
}

std::vector<std::string> Conditions(const json& definition) {
  std::vector<std::string> texts;
  for (const json& condition : definition["status"]["conditions"]) {
    texts.push_back(condition["type"].get<std::string>() + "=" +
                    condition["status"].get<std::string>() + " " +
                    condition["reason"].get<std::string>());
  }
  return texts;
}

class DefinitionRulesTest : public ::testing::Test {
 protected:
  json& version() { return definition_["spec"]["versions"][0]; }
  json& schema() { return version()["schema"]["openAPIV3Schema"]; }
  std::vector<std::string> Problems() const { return ErrorTexts(ValidateDefinition(definition_)); }
  // Problems of a schema; "@" stands for its path, which is removed from the result.
  std::vector<std::string> SchemaProblems(const char* text) {
    schema() = ParseJson(text).value();
    std::vector<std::string> problems = Problems();
    const std::string field = "spec.validation.openAPIV3Schema";
    for (std::string& problem : problems) {
      if (problem.starts_with(field)) problem.erase(0, field.size());
      const std::size_t at = problem.find(field);
      if (at != std::string::npos) problem.replace(at, field.size(), "@");
    }
    return problems;
  }
  json definition_ = Definition("widgets", "Widget");
};

TEST_F(DefinitionRulesTest, ADefinitionHasDefaultNamesAndNoConversion) {
  EXPECT_EQ(definition_["spec"]["names"]["singular"], "widget");
  EXPECT_EQ(definition_["spec"]["names"]["listKind"], "WidgetList");
  EXPECT_EQ(definition_["spec"]["conversion"]["strategy"], "None");
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(DefinitionRulesTest, TheNameSaysPluralAndGroup) {
  definition_["metadata"]["name"] = "x";
  EXPECT_THAT(Problems(), ElementsAre(R"(metadata.name: Invalid value: "x": must be )"
                                      R"(spec.names.plural+"."+spec.group)"));
}

TEST_F(DefinitionRulesTest, ExactlyOneVersionIsStored) {
  version()["storage"] = false;
  EXPECT_THAT(Problems(),
              ElementsAre(HasSubstr("must have exactly one version marked as storage version")));
}

TEST_F(DefinitionRulesTest, SchemasAreStructural) {
  version().erase("schema");
  EXPECT_THAT(Problems(),
              ElementsAre("spec.versions[0].schema.openAPIV3Schema: Required value: schemas are "
                          "required"));
  EXPECT_THAT(
      SchemaProblems(R"({"type":"object","properties":{
          "a":{},"b":{"type":"array"},"c":{"type":"string","pattern":"("},
          "e":{"type":"object","oneOf":[{"type":"object"}]},
          "f":{"type":"array","items":{}},
          "metadata":{"type":"object","properties":{"labels":{"type":"object"}}}}})"),
      ElementsAre(".properties[a].type: Required value: must not be empty for specified object "
                  "fields",
                  ".properties[b].items: Required value: must be specified",
                  HasSubstr("must be a valid regular expression"),
                  ".properties[e].oneOf[0].type: Forbidden: must be empty to be structural",
                  ".properties[f].items.type: Required value: must not be empty for specified "
                  "array items",
                  ".properties[metadata]: Forbidden: must not specify anything other than name and "
                  "generateName, but metadata is implicitly specified"));
}

TEST_F(DefinitionRulesTest, BelowJunctorsOnlyRulesForValuesStand) {
  EXPECT_THAT(
      SchemaProblems(R"({"type":"object","properties":{"a":{"type":"object","anyOf":[{
          "additionalProperties":{"type":"string"},"default":{},"description":"d","nullable":true,
          "title":"t","x-kubernetes-embedded-resource":true,"x-kubernetes-int-or-string":true,
          "x-kubernetes-list-map-keys":["a"],"x-kubernetes-list-type":"map",
          "x-kubernetes-map-type":"atomic","x-kubernetes-preserve-unknown-fields":true,
          "x-kubernetes-validations":[{"rule":"true"}],
          "properties":{"metadata":{},"b":{"type":"string","minLength":1}}}]}}})"),
      testing::IsSupersetOf(
          {".properties[a].anyOf[0].additionalProperties: Forbidden: must be undefined to be "
           "structural",
           ".properties[a].anyOf[0].default: Forbidden: must be undefined to be structural",
           ".properties[a].anyOf[0].description: Forbidden: must be empty to be structural",
           ".properties[a].anyOf[0].nullable: Forbidden: must be false to be structural",
           ".properties[a].anyOf[0].title: Forbidden: must be empty to be structural",
           ".properties[a].anyOf[0].x-kubernetes-embedded-resource: Forbidden: must be false to be "
           "structural",
           ".properties[a].anyOf[0].x-kubernetes-int-or-string: Forbidden: must be false to be "
           "structural",
           ".properties[a].anyOf[0].x-kubernetes-list-map-keys: Forbidden: must be empty to be "
           "structural",
           ".properties[a].anyOf[0].x-kubernetes-list-type: Forbidden: must be undefined to be "
           "structural",
           ".properties[a].anyOf[0].x-kubernetes-map-type: Forbidden: must be undefined to be "
           "structural",
           ".properties[a].anyOf[0].x-kubernetes-preserve-unknown-fields: Forbidden: must be false "
           "to be structural",
           ".properties[a].anyOf[0].x-kubernetes-validations: Forbidden: must be empty to be "
           "structural",
           ".properties[a].anyOf[0].properties[metadata]: Forbidden: must not be specified in a "
           "nested context",
           ".properties[a].anyOf[0].properties[b].type: Forbidden: must be empty to be "
           "structural"}));
  EXPECT_THAT(SchemaProblems(R"({"type":"object","properties":{"a":{"type":"string",
                  "not":{"pattern":"(","not":{"pattern":"["}}}}})"),
              ElementsAre(HasSubstr(".properties[a].not.not.pattern: Invalid value"),
                          HasSubstr(".properties[a].not.pattern: Invalid value")));
}

TEST_F(DefinitionRulesTest, WhatJunctorsOfTheRootNameStandsOutsideOfThem) {
  EXPECT_THAT(
      SchemaProblems(R"({"type":"object","properties":{"spec":{"type":"object","properties":{
          "a":{"type":"array","items":{"type":"string"}},"b":{"type":"string"}}}},
          "oneOf":[{"properties":{"spec":{"properties":{"a":{"items":{"minLength":1}},
                                                      "b":{"items":{}},"c":{}}}}}],
          "not":{"required":["x"],"properties":{"x":{}}}})"),
      ElementsAre(".properties[spec].properties[b].items: Required value: because it is defined in "
                  "@.oneOf[0].properties[spec].properties[b].items",
                  ".properties[spec].properties[c]: Required value: because it is defined in "
                  "@.oneOf[0].properties[spec].properties[c]",
                  ".properties[x]: Required value: because it is defined in @.not.properties[x]"));
}

TEST_F(DefinitionRulesTest, UnsupportedKeywordsAreRefusedEverywhere) {
  EXPECT_THAT(
      SchemaProblems(R"({"type":"object","properties":{
          "a":{"type":"array","uniqueItems":true,"items":{"type":"string"},"additionalItems":true},
          "b":{"type":"object","not":{"$ref":"#/x","definitions":{"x":{}},"dependencies":{},
               "patternProperties":{"x":{}},"id":"x"}},
          "c":{"type":"object","properties":{"x":{"type":"string"}},
               "additionalProperties":{"type":"string"}},
          "d":{"type":"array","items":[{"type":"string"}]},
          "e":{"type":"null"}}})"),
      ElementsAre(
          ".properties[a].additionalItems: Forbidden: additionalItems is not supported",
          ".properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the "
          "runtime complexity becomes quadratic",
          ".properties[b].not.id: Forbidden: id is not supported",
          ".properties[b].not.patternProperties: Forbidden: patternProperties is not supported",
          ".properties[b].not.definitions: Forbidden: definitions is not supported",
          ".properties[b].not.dependencies: Forbidden: dependencies is not supported",
          ".properties[b].not.$ref: Forbidden: $ref is not supported",
          ".properties[c].additionalProperties: Forbidden: additionalProperties and properties are "
          "mutual exclusive",
          ".properties[d].items: Forbidden: items must be a schema object and not an array",
          R"(.properties[e].type: Unsupported value: "null": supported values: "array", )"
          R"("boolean", "integer", "number", "object", "string")",
          ".properties[e].type: Forbidden: type cannot be set to null, use nullable as an "
          "alternative"));
  EXPECT_THAT(SchemaProblems(R"({"type":"object","$schema":"x"})"),
              ElementsAre(R"(: Invalid value: "": OpenAPIV3Schema 'schema' is not supported)"));
}

TEST_F(DefinitionRulesTest, DefaultsAreValuesOfTheirSchemaAndArePruned) {
  EXPECT_THAT(
      SchemaProblems(R"({"type":"object","properties":{
          "a":{"type":"integer","default":"x"},
          "b":{"type":"object","default":{"c":1,"d":2},"properties":{"c":{"type":"string"}}},
          "e":{"type":"object","default":{},"required":["f"],
               "properties":{"f":{"type":"string","default":"x"}}},
          "g":{"type":"array","default":[{"x":1}],"items":{"type":"object"}},
          "h":{"type":"object","default":{"x":{"y":1}},"x-kubernetes-preserve-unknown-fields":true},
          "i":{"type":"object","default":{"x":{"y":1}},"additionalProperties":{"type":"object"}},
          "pod":{"type":"object","x-kubernetes-embedded-resource":true,
                 "x-kubernetes-preserve-unknown-fields":true,"default":{"kind":"Pod"}}}})"),
      ElementsAre(
          R"(.properties[a].default: Invalid value: "string":  in body must be of type integer: )"
          R"("string")",
          R"(.properties[b].default: Invalid value: {"c":1,"d":2}: must not have unknown fields)",
          R"(.properties[b].default.c: Invalid value: "integer": c in body must be of type )"
          R"(string: "integer")",
          ".properties[e].default.f: Required value",
          R"(.properties[g].default: Invalid value: [{"x":1}]: must not have unknown fields)",
          R"(.properties[i].default: Invalid value: {"x":{"y":1}}: must not have unknown fields)",
          ".properties[pod].default.apiVersion: Required value: must not be empty"));
  EXPECT_THAT(SchemaProblems(R"({"type":"object","properties":{
                  "metadata":{"type":"object","default":{}}}})"),
              ElementsAre(".properties[metadata].default: Forbidden: must not be set in top-level "
                          "metadata"));
}

TEST_F(DefinitionRulesTest, AWarningOfDeprecationIsShortAndSaysSomething) {
  const auto problem = [&](const std::string& warning) {
    version()["deprecationWarning"] = warning;
    const auto problems = Problems();
    return problems.empty() ? "" : problems[0].substr(problems[0].rfind(": ") + 2);
  };
  EXPECT_EQ(problem("old"), "can only be set for deprecated versions");
  version()["deprecated"] = true;
  EXPECT_EQ(problem("old"), "");
  EXPECT_EQ(problem(""), "must not be an empty string");
  EXPECT_EQ(problem(std::string(256, 'w')), "");
  EXPECT_EQ(problem(std::string(257, 'w')), "must be <= 256 characters long");
}

TEST_F(DefinitionRulesTest, AListOfTypeMapHasKeys) {
  EXPECT_THAT(SchemaProblems(R"({"type":"object","properties":{"a":{"type":"array",
          "x-kubernetes-list-type":"map","items":{"type":"object"}}}})"),
              ElementsAre(".properties[a].x-kubernetes-list-map-keys: Required value: must not be "
                          "empty if x-kubernetes-list-type is map"));
}

TEST_F(DefinitionRulesTest, ManyErrorsAreNotAllTold) {
  json keys = std::vector<json>(5'000, "k");
  schema() = ParseJson(R"({"type":"object","properties":{"a":{"type":"array",
      "x-kubernetes-list-type":"map","items":{"type":"object"}}}})")
                 .value();
  schema()["properties"]["a"]["x-kubernetes-list-map-keys"] = keys;
  EXPECT_LE(Problems().size(), 3u);
  json properties;
  for (int i = 0; i < 5'000; ++i) properties["p" + std::to_string(i)] = json::object();
  schema() = {{"type", "object"}, {"properties", properties}};
  EXPECT_LT(Problems().size(), 1'000u);
}

TEST_F(DefinitionRulesTest, KeysOfListsAreScalarAndAlwaysThere) {
  EXPECT_THAT(
      SchemaProblems(R"({"type":"object","properties":{
          "a":{"type":"array","x-kubernetes-list-type":"map","items":{"type":"string"}},
          "b":{"type":"array","x-kubernetes-list-type":"map",
               "x-kubernetes-list-map-keys":["k","k","l","m","n","o"],
               "items":{"type":"object","nullable":true,"required":["k","m"],"properties":{
                   "k":{"type":"object"},"l":{"type":"string"},
                   "m":{"type":"string","nullable":true},"n":{"type":"string","default":"x"}}}},
          "c":{"type":"array","x-kubernetes-list-map-keys":["k"],"items":{"type":"string"}},
          "d":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"object"}},
          "e":{"type":"array","x-kubernetes-list-type":"bag","items":{"type":"string"}},
          "f":{"type":"string","x-kubernetes-list-type":"set","x-kubernetes-map-type":"x"}}})"),
      ElementsAre(
          ".properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if "
          "x-kubernetes-list-type is map",
          R"(.properties[a].items.type: Invalid value: "string": must be object if parent array's )"
          "x-kubernetes-list-type is map",
          R"(.properties[b].items.properties[k].type: Invalid value: "object": must be a scalar )"
          "type if parent array's x-kubernetes-list-type is map",
          R"(.properties[b].x-kubernetes-list-map-keys: Invalid value: ["k","k","l","m","n","o"]: )"
          "entries must all be names of item properties",
          R"(.properties[b].x-kubernetes-list-map-keys: Invalid value: ["k","k","l","m","n","o"]: )"
          "must not contain duplicate entries",
          ".properties[b].items.nullable: Forbidden: cannot be nullable when "
          "x-kubernetes-list-type is map",
          ".properties[b].items.properties[l].default: Required value: this property is in "
          "x-kubernetes-list-map-keys, so it must have a default or be a required property",
          ".properties[b].items.properties[m].nullable: Forbidden: this property is in "
          "x-kubernetes-list-map-keys, so it cannot be nullable",
          ".properties[c].x-kubernetes-list-type: Required value: must be map if "
          "x-kubernetes-list-map-keys is non-empty",
          R"(.properties[d].items.x-kubernetes-map-type: Invalid value: "null": must be atomic as )"
          "item of a list with x-kubernetes-list-type=set",
          R"(.properties[e].x-kubernetes-list-type: Unsupported value: "bag": supported values: )"
          R"("atomic", "set", "map")",
          R"(.properties[f].type: Invalid value: "string": must be object if )"
          "x-kubernetes-map-type is specified",
          R"(.properties[f].x-kubernetes-map-type: Unsupported value: "x": supported values: )"
          R"("atomic", "granular")",
          R"(.properties[f].type: Invalid value: "string": must be array if )"
          "x-kubernetes-list-type is specified"));
}

TEST_F(DefinitionRulesTest, AnEmbeddedResourceSaysWhatItHolds) {
  EXPECT_THAT(
      SchemaProblems(R"({"type":"object","properties":{
          "a":{"type":"object","x-kubernetes-embedded-resource":true},
          "b":{"type":"object","x-kubernetes-embedded-resource":true,
               "x-kubernetes-preserve-unknown-fields":true},
          "c":{"type":"object","x-kubernetes-embedded-resource":true,
               "properties":{"kind":{"type":"integer"},"metadata":{"type":"string"}}},
          "d":{"x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true},
          "e":{"x-kubernetes-int-or-string":true,"x-kubernetes-preserve-unknown-fields":true}}})"),
      ElementsAre(
          ".properties[a].properties: Required value: must not be empty if "
          "x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
          R"(.properties[c].properties[kind].type: Invalid value: "integer": must be string)",
          R"(.properties[c].properties[metadata].type: Invalid value: "string": must be object)",
          ".properties[d].type: Required value: must be object if x-kubernetes-embedded-resource "
          "is true",
          ".properties[e].x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false "
          "if x-kubernetes-int-or-string is true"));
}

TEST_F(DefinitionRulesTest, SelectableFieldsStandInTheSchema) {
  schema() = ParseJson(R"({"type":"object","properties":{"spec":{"type":"object","properties":{
      "color":{"type":"string"},"size":{"type":"integer"},"on":{"type":"boolean"},
      "list":{"type":"array","items":{"type":"string"}},
      "tags":{"type":"object","additionalProperties":{"type":"string"}}}}}})")
                 .value();
  version()["selectableFields"] = ParseJson(R"([{"jsonPath":".spec.color"},
      {"jsonPath":".spec.size"},{"jsonPath":".spec.on"},{"jsonPath":".spec.tags.a"}])")
                                      .value();
  EXPECT_THAT(Problems(), IsEmpty());
  version()["selectableFields"] = ParseJson(R"([{"jsonPath":".spec.nope"},
      {"jsonPath":".spec.list"},{"jsonPath":".metadata.name"},{"jsonPath":"spec"},
      {"jsonPath":".spec."},{"jsonPath":".spec['color']"},{"jsonPath":""},
      {"jsonPath":".spec.color"},{"jsonPath":".spec.color"}])")
                                      .value();
  EXPECT_THAT(
      Problems(),
      ElementsAre(
          R"(spec.selectableFields[0].jsonPath: Invalid value: ".spec.nope": is an invalid path: )"
          "does not refer to a valid field",
          R"(spec.selectableFields[1].jsonPath: Invalid value: ".spec.list": must point to a )"
          "field of type string, boolean or integer. Enum string fields and strings with formats "
          "are allowed.",
          R"(spec.selectableFields[2].jsonPath: Invalid value: ".metadata.name": is an invalid )"
          "path: does not refer to a valid field",
          R"(spec.selectableFields[3].jsonPath: Invalid value: "spec": is an invalid path: )"
          "expected [ or . but got: spec",
          R"(spec.selectableFields[4].jsonPath: Invalid value: ".spec.": is an invalid path: )"
          "unexpected end of JSON path",
          R"(spec.selectableFields[5].jsonPath: Invalid value: ".spec['color']": is an invalid )"
          "path: array notation is not allowed",
          "spec.selectableFields[6].jsonPath: Required value",
          R"(spec.selectableFields[8].jsonPath: Duplicate value: ".spec.color")"));
}

TEST_F(DefinitionRulesTest, WhatTheVersionsDoNotShareIsToldOfEach) {
  json other = version();
  other["name"] = "v2";
  other["storage"] = false;
  other["schema"]["openAPIV3Schema"]["properties"]["a"] = json::object();
  version()["selectableFields"] = {{{"jsonPath", ".x"}}};
  other["selectableFields"] = {{{"jsonPath", ".x"}}};
  definition_["spec"]["versions"].push_back(other);
  EXPECT_THAT(Problems(),
              ElementsAre(HasSubstr("spec.versions[0].selectableFields[0].jsonPath"),
                          HasSubstr("spec.versions[1].schema.openAPIV3Schema.properties[a].type"),
                          HasSubstr("spec.versions[1].selectableFields[0].jsonPath")));
}

TEST_F(DefinitionRulesTest, WithAStatusTheRootHasFewKeywords) {
  schema()["properties"]["a"]["type"] = "string";
  schema()["anyOf"] = {{{"required", {"a"}}}};
  EXPECT_THAT(Problems(), IsEmpty());
  version()["subresources"]["status"] = json::object();
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("fields are allowed at the root of the schema")));
}

TEST_F(DefinitionRulesTest, AnIntOrStringMayHaveTheUsualAnyOf) {
  schema()["properties"]["port"] = ParseJson(R"({"x-kubernetes-int-or-string":true,
                    "anyOf":[{"type":"integer"},{"type":"string"}],"pattern":"^[0-9]+$"})")
                                       .value();
  schema()["properties"]["host"] = ParseJson(R"({"x-kubernetes-int-or-string":true,
                    "allOf":[{"anyOf":[{"type":"integer"},{"type":"string"}]},{"maximum":9}]})")
                                       .value();
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(DefinitionRulesTest, RulesInCelAreTakenAndNotRead) {
  schema()["x-kubernetes-validations"] = {{{"rule", "self.a > 1"}, {"message", "no"}}};
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(DefinitionRulesTest, ConversionByWebhookIsRefused) {
  definition_["spec"]["conversion"] = {{"strategy", "Webhook"}};
  EXPECT_THAT(Problems(), ElementsAre(R"(spec.conversion.strategy: Unsupported value: "Webhook": )"
                                      R"(supported values: "None")"));
}

TEST_F(DefinitionRulesTest, GroupsOfTheProjectNeedAnApproval) {
  definition_["spec"]["group"] = "batch.k8s.io";
  definition_["metadata"]["name"] = "widgets.batch.k8s.io";
  json& annotation = definition_["metadata"]["annotations"]["api-approved.kubernetes.io"];
  const std::string at = "metadata.annotations[api-approved.kubernetes.io]: ";
  EXPECT_THAT(Problems(),
              ElementsAre(at + "Required value: protected groups must have approval annotation "
                               "\"api-approved.kubernetes.io\", see "
                               "https://github.com/kubernetes/enhancements/pull/1111"));
  EXPECT_THAT(ValidateServedDefinition(definition_), IsEmpty());
  EXPECT_THAT(ValidateDefinitionUpdate(definition_, definition_), IsEmpty());
  const json missing = definition_;
  annotation = "because";
  EXPECT_THAT(Problems(),
              ElementsAre(at + "Invalid value: \"because\": protected groups must have approval "
                               "annotation \"api-approved.kubernetes.io\" with either a URL or a "
                               "reason starting with \"unapproved\", see "
                               "https://github.com/kubernetes/enhancements/pull/1111"));
  EXPECT_EQ(ValidateDefinitionUpdate(definition_, missing).size(), 1u);
  for (const char* right : {"unapproved, testing", "https://github.com/kubernetes/x/pull/1"}) {
    annotation = right;
    EXPECT_THAT(Problems(), IsEmpty());
  }
}

TEST_F(DefinitionRulesTest, AnEstablishedDefinitionKeepsItsScopeAndKind) {
  json changed = definition_;
  changed["spec"]["scope"] = "Cluster";
  EXPECT_THAT(ValidateDefinitionUpdate(changed, definition_), IsEmpty());
  SetDefinitionCondition(definition_, "Established", true, "", "", 0);
  EXPECT_THAT(ErrorTexts(ValidateDefinitionUpdate(changed, definition_)),
              ElementsAre(R"(spec.scope: Invalid value: "Cluster": field is immutable)"));
}

TEST_F(DefinitionRulesTest, AVersionThatWasStoredStays) {
  definition_["status"]["storedVersions"] = {"v1beta1", "v1"};
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("status.storedVersions[0]")));
}

class DefinitionStatusTest : public ::testing::Test {
 protected:
  bool Advance(json& definition, const std::vector<const json*>& others = {}) {
    return AdvanceDefinition(definition, others, 0);
  }
  json widgets_ = Definition("widgets", "Widget");
};

TEST_F(DefinitionStatusTest, NamesAreAcceptedAndThenItIsEstablished) {
  EXPECT_TRUE(Advance(widgets_));
  EXPECT_THAT(Conditions(widgets_),
              ElementsAre("NamesAccepted=True NoConflicts", "Established=False Installing"));
  EXPECT_EQ(widgets_["status"]["acceptedNames"], widgets_["spec"]["names"]);
  EXPECT_EQ(widgets_["status"]["storedVersions"], json({"v1"}));
  EXPECT_TRUE(Advance(widgets_));
  EXPECT_THAT(Conditions(widgets_), ElementsAre("NamesAccepted=True NoConflicts",
                                                "Established=True InitialNamesAccepted"));
  EXPECT_FALSE(Advance(widgets_));
}

TEST_F(DefinitionStatusTest, ANameThatAnotherHasIsNotAccepted) {
  Advance(widgets_);
  json gadgets = Definition("gadgets", "Widget");
  EXPECT_TRUE(Advance(gadgets, {&widgets_, &gadgets}));
  EXPECT_THAT(Conditions(gadgets),
              ElementsAre("NamesAccepted=False ListKindConflict", "Established=False NotAccepted"));
  EXPECT_EQ(gadgets["status"]["conditions"][0]["message"], R"("WidgetList" is already in use)");
  EXPECT_FALSE(Advance(gadgets, {&widgets_, &gadgets}));
  EXPECT_TRUE(Advance(gadgets, {&gadgets})) << "the other one has gone";
  EXPECT_THAT(Conditions(gadgets), Contains("NamesAccepted=True NoConflicts"));
}

TEST_F(DefinitionStatusTest, ADefinitionInAGroupOfTheProjectSaysWhetherItIsApproved) {
  widgets_["spec"]["group"] = "batch.k8s.io";
  Advance(widgets_);
  EXPECT_THAT(Conditions(widgets_),
              Contains("KubernetesAPIApprovalPolicyConformant=False MissingAnnotation"));
  json& annotation = widgets_["metadata"]["annotations"]["api-approved.kubernetes.io"];
  annotation = "unapproved, testing";
  EXPECT_TRUE(Advance(widgets_));
  EXPECT_THAT(Conditions(widgets_),
              Contains("KubernetesAPIApprovalPolicyConformant=False UnapprovedAnnotation"));
  EXPECT_EQ(widgets_["status"]["conditions"][2]["message"],
            R"(not approved: "unapproved, testing")");
  annotation = "https://github.com/kubernetes/x/pull/1";
  EXPECT_TRUE(Advance(widgets_));
  EXPECT_THAT(Conditions(widgets_),
              Contains("KubernetesAPIApprovalPolicyConformant=True ApprovedAnnotation"));
  EXPECT_EQ(widgets_["status"]["conditions"][2]["message"],
            "approved in https://github.com/kubernetes/x/pull/1");
  EXPECT_FALSE(Advance(widgets_));
}

TEST_F(DefinitionStatusTest, ADeletionKeepsItUntilItsObjectsAreGone) {
  Advance(widgets_);
  widgets_["metadata"]["uid"] = "u";
  const auto marked = DeleteObject(DefinitionKind(), widgets_, {}, 0);
  ASSERT_TRUE(marked);
  EXPECT_EQ((*marked)["metadata"]["finalizers"], json({kCleanupFinalizer}));
  EXPECT_THAT(Conditions(*marked), Contains("Terminating=True InstanceDeletionPending"));
  json object = *marked;
  EXPECT_TRUE(BeginCleanup(object, 0));
  EXPECT_FALSE(BeginCleanup(object, 0));
  EXPECT_FALSE(ReadyToVanish(DefinitionKind(), object));
  EndCleanup(object, 0);
  EXPECT_TRUE(ReadyToVanish(DefinitionKind(), object));
  EXPECT_THAT(Conditions(object), Contains("Terminating=False InstanceDeletionCompleted"));
}

}  // namespace
}  // namespace kless::kubernetes
