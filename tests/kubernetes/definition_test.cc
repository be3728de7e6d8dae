// CustomResourceDefinitions themselves: their rules, and what becomes of them.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/kubernetes/custom/definition_rules.h"
#include "functions/kubernetes/custom/definition_status.h"
#include "functions/kubernetes/kind.h"
#include "functions/kubernetes/object.h"

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

std::vector<std::string> Texts(const FieldErrors& errors) {
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
  std::vector<std::string> Problems() const { return Texts(ValidateDefinition(definition_)); }
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
  const std::string at = "spec.versions[0].schema.openAPIV3Schema";
  schema() = ParseJson(R"({"type":"object","properties":{
      "a":{},"b":{"type":"array"},"c":{"type":"string","pattern":"("},
      "d":{"type":"integer","default":"x"},
      "e":{"type":"object","oneOf":[{"type":"object"}]},
      "f":{"type":"array","x-kubernetes-list-type":"map","items":{"type":"string"}},
      "metadata":{"type":"object","properties":{"labels":{"type":"object"}}}}})")
                 .value();
  EXPECT_THAT(
      Problems(),
      ElementsAre(at + ".properties[a].type: Required value: must not be empty for specified "
                       "object fields",
                  at + ".properties[b].items: Required value: must be specified",
                  HasSubstr("must be a valid regular expression"),
                  HasSubstr("properties[d].default in body must be of type integer"),
                  at + ".properties[e].oneOf[0].type: Forbidden: must be empty to be structural",
                  at + ".properties[f].x-kubernetes-list-map-keys: Required value: must not be "
                       "empty if x-kubernetes-list-type is map",
                  HasSubstr("must not specify anything other than name and generateName")));
}

TEST_F(DefinitionRulesTest, AnIntOrStringMayHaveTheUsualAnyOf) {
  schema()["properties"]["port"] = ParseJson(R"({"x-kubernetes-int-or-string":true,
                    "anyOf":[{"type":"integer"},{"type":"string"}],"pattern":"^[0-9]+$"})")
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
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("protected groups must have approval annotation")));
  definition_["metadata"]["annotations"]["api-approved.kubernetes.io"] = "unapproved, testing";
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(DefinitionRulesTest, AnEstablishedDefinitionKeepsItsScopeAndKind) {
  json changed = definition_;
  changed["spec"]["scope"] = "Cluster";
  EXPECT_THAT(ValidateDefinitionUpdate(changed, definition_), IsEmpty());
  SetDefinitionCondition(definition_, "Established", true, "", "", 0);
  EXPECT_THAT(Texts(ValidateDefinitionUpdate(changed, definition_)),
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
