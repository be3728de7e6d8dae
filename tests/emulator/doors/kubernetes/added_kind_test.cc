// A kind is one function that describes it: this file adds one to the registry, and every path,
// rule and form of the door has it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "functions/kubernetes/columns/cells.h"
#include "functions/kubernetes/columns/columns.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/kind.h"
#include "functions/kubernetes/objects/kind_builders.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"
#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using kubernetes::FieldErrors;
using kubernetes::Kind;
using kubernetes::StringAt;
using kubernetes::WriteContext;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kLamps = "/apis/example.com/v1/namespaces/default/lamps";
constexpr const char* kNamespaceLamps = "/apis/example.com/v1/namespaces/other/lamps";

json Lamp(const std::string& name, const json& spec) {
  return {{"apiVersion", "example.com/v1"},
          {"kind", "Lamp"},
          {"metadata", {{"name", name}}},
          {"spec", spec}};
}

void DefaultLamp(json& object) {
  if (json* spec = kubernetes::ObjectAt(object, "spec")) {
    kubernetes::SetDefault(*spec, "brightness", 50);
  }
}

std::vector<std::string> HeldByLamp(const json& object) {
  return {"socket " + StringAt(object, {"spec", "socket"})};
}

std::optional<std::string> AdmitLamp(json& object, const WriteContext& context) {
  const std::string socket = StringAt(object, {"spec", "socket"});
  const auto holders = context.stored->Holders("lamp", "socket " + socket);
  if (holders.empty()) return std::nullopt;
  return "socket " + socket + " has the lamp " + holders[0];
}

void PrepareLamp(json& object, const WriteContext&) {
  kubernetes::Set(object, "status", {{"on", false}});
}

FieldErrors ValidateLamp(const json& object) {
  const auto brightness = kubernetes::IntegerAt(object, {"spec", "brightness"});
  if (brightness && *brightness >= 0 && *brightness <= 100) return {};
  return {kubernetes::Invalid("spec.brightness", brightness.value_or(0),
                              "must be between 0 and 100, inclusive")};
}

Kind LampKind() {
  Kind kind = kubernetes::NamespacedKind("example.com", "v1", "Lamp", "lamps", "lamp");
  kind.short_names = {"lp"};
  kind.has_status = true;
  kind.has_generation = true;
  kind.deletion.protected_names = {"night"};
  kind.deletion.orphans_by_default = true;
  kind.apply_defaults = DefaultLamp;
  kind.held_values = HeldByLamp;
  kind.admit = AdmitLamp;
  kind.prepare_create = PrepareLamp;
  kubernetes::SetRules(kind, ValidateLamp, nullptr);
  kubernetes::SetColumns(
      kind, {kubernetes::NameColumn(),
             kubernetes::NumberColumn("Brightness", "In percent.", {"spec", "brightness"}),
             kubernetes::AgeColumn()});
  return kind;
}

const bool kAdded = kubernetes::AddKind(LampKind);

class AddedKindTest : public KubernetesDoorTest {};

TEST_F(AddedKindTest, ItsDefaultsRulesAndPreparationAreThoseOfItsDescription) {
  const json lamp = Create(kLamps, Lamp("a", {{"socket", "hall"}}));
  EXPECT_EQ(lamp["spec"]["brightness"], 50);
  EXPECT_EQ(lamp["status"]["on"], false);
  EXPECT_EQ(lamp["metadata"]["generation"], 1);
  const Reply invalid = Send("POST", kLamps, Lamp("b", {{"socket", "attic"}, {"brightness", 101}}));
  EXPECT_EQ(invalid.status, 422);
  EXPECT_EQ(
      invalid.message(),
      "Lamp.example.com \"b\" is invalid: spec.brightness: Invalid value: 101: must be between "
      "0 and 100, inclusive");
  json brighter = lamp;
  brighter["spec"]["brightness"] = 60;
  const Reply updated = Send("PUT", std::string(kLamps) + "/a", brighter);
  EXPECT_EQ(updated.body()["metadata"]["generation"], 2);
  EXPECT_THAT(Names(kLamps), ElementsAre("a"));
}

TEST_F(AddedKindTest, ItsAdmissionKnowsWhatStoredObjectsHoldAsTheyChange) {
  Create(kLamps, Lamp("a", {{"socket", "hall"}}));
  const Reply refused = Send("POST", kLamps, Lamp("b", {{"socket", "hall"}}));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.message(),
            "lamps.example.com \"b\" is forbidden: socket hall has the lamp default/a");
  Create(kLamps, Lamp("c", {{"socket", "attic"}}));
  json moved = Get(std::string(kLamps) + "/a").body();
  moved["spec"]["socket"] = "cellar";
  EXPECT_EQ(Send("PUT", std::string(kLamps) + "/a", moved).status, 200);
  EXPECT_EQ(Send("POST", kLamps, Lamp("d", {{"socket", "cellar"}})).status, 403);
  Create(kLamps, Lamp("b", {{"socket", "hall"}}));
  EXPECT_EQ(Send("DELETE", std::string(kLamps) + "/c?propagationPolicy=Background").status, 200);
  Create(kLamps, Lamp("d", {{"socket", "attic"}}));
}

TEST_F(AddedKindTest, ItsDeletionPolicyIsKept) {
  Create(kLamps, Lamp("night", {{"socket", "bed"}}));
  Create(kLamps, Lamp("a", {{"socket", "hall"}}));
  const Reply refused = Send("DELETE", std::string(kLamps) + "/night");
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.message(), HasSubstr("this lamp may not be deleted"));
  const Reply deleted = Send("DELETE", std::string(kLamps) + "/a");
  EXPECT_EQ(deleted.status, 200);
  EXPECT_THAT(deleted.warnings(), ElementsAre(HasSubstr("preserved by default when lamps are")));
}

TEST_F(AddedKindTest, DiscoveryColumnsAndOpenApiShowIt) {
  EXPECT_EQ(Get("/apis/example.com/v1").body()["resources"][0]["shortNames"], json({"lp"}));
  EXPECT_EQ(Get("/openapi/v3/apis/example.com/v1").status, 200);
  Create(kLamps, Lamp("a", {{"socket", "hall"}, {"brightness", 7}}));
  HttpRequest request = MakeRequest("GET", kLamps);
  request.headers["accept"] = "application/json;as=Table;v=v1;g=meta.k8s.io";
  const json table = Send(std::move(request)).body();
  EXPECT_EQ(table["columnDefinitions"][1]["name"], "Brightness");
  EXPECT_EQ(table["rows"][0]["cells"][1], 7);
  EXPECT_EQ(Send("POST", kNamespaceLamps, Lamp("a", {{"socket", "x"}})).status, 404);
}

}  // namespace
}  // namespace kless::doors
