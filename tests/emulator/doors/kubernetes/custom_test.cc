// Custom kinds: from the definition to its objects and back to 404.
#include <nlohmann/json.hpp>

#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kDefinitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
constexpr const char* kDefinition =
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com";
constexpr const char* kWidgets = "/apis/example.com/v1/namespaces/default/widgets";
constexpr const char* kWidget = "/apis/example.com/v1/namespaces/default/widgets/a";

json Version(const std::string& name, const char* spec, bool storage) {
  return {
      {"name", name},
      {"served", true},
      {"storage", storage},
      {"subresources",
       {{"status", json::object()},
        {"scale",
         {{"specReplicasPath", ".spec.replicas"}, {"statusReplicasPath", ".status.replicas"}}}}},
      {"schema",
       {{"openAPIV3Schema",
         {{"type", "object"},
          {"properties",
           {{"spec", ParseJson(spec).value()},
            {"status", {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}}}}}}}}}};
}

json Widgets(const std::vector<json>& versions) {
  return {{"apiVersion", "apiextensions.k8s.io/v1"},
          {"kind", "CustomResourceDefinition"},
          {"metadata", {{"name", "widgets.example.com"}}},
          {"spec",
           {{"group", "example.com"},
            {"scope", "Namespaced"},
            {"names", {{"plural", "widgets"}, {"kind", "Widget"}, {"shortNames", {"wd"}}}},
            {"versions", versions}}}};
}

constexpr const char* kSpec = R"({"type":"object","properties":{
    "size":{"type":"integer","maximum":10},
    "color":{"type":"string","default":"blue"},
    "replicas":{"type":"integer"},
    "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
        "items":{"type":"object","required":["name"],"properties":{
            "name":{"type":"string"},"port":{"type":"integer"}}}}}})";

class KubernetesCustomTest : public KubernetesDoorTest {
 protected:
  void Define(const json& definition) {
    Create(kDefinitions, definition);
    Settle();
  }
  void Define() { Define(Widgets({Version("v1", kSpec, true)})); }
  void Widget(const std::string& name, const json& spec = json::object()) {
    Create(kWidgets, {{"apiVersion", "example.com/v1"},
                      {"kind", "Widget"},
                      {"metadata", {{"name", name}}},
                      {"spec", spec}});
  }
  Reply Patch(const std::string& target, const json& patch, const char* type = "merge-patch+json") {
    HttpRequest request = MakeRequest("PATCH", target, DumpJson(patch));
    request.headers["content-type"] = std::string("application/") + type;
    return Send(std::move(request));
  }
  std::vector<std::string> Conditions() {
    std::vector<std::string> texts;
    const json definition = Get(kDefinition).body();
    for (const json& condition : definition["status"]["conditions"]) {
      texts.push_back(condition["type"].get<std::string>() + "=" +
                      condition["status"].get<std::string>());
    }
    return texts;
  }
};

TEST_F(KubernetesCustomTest, ADefinitionIsEstablishedAndServed) {
  EXPECT_EQ(Get(kWidgets).response.body, "404 page not found\n");
  Define();
  EXPECT_THAT(Conditions(), ElementsAre("NamesAccepted=True", "Established=True"));
  EXPECT_EQ(Get(kWidgets).body()["kind"], "WidgetList");
  const json resources = Get("/apis/example.com/v1").body()["resources"];
  ASSERT_EQ(resources.size(), 3u);
  EXPECT_EQ(resources[0]["shortNames"], json({"wd"}));
  EXPECT_EQ(resources[1]["name"], "widgets/status");
  EXPECT_EQ(Get("/apis/example.com").body()["preferredVersion"]["version"], "v1");
  EXPECT_EQ(Get("/openapi/v3/apis/example.com/v1").status, 200);
}

TEST_F(KubernetesCustomTest, WatchersOfADefinitionSeeItInstalledAndThenEstablished) {
  const auto watch = Watch(std::string(kDefinitions) + "?watch=true");
  Define();
  ASSERT_EQ(watch->events.size(), 3u);
  EXPECT_EQ(watch->Event(1)["object"]["status"]["conditions"][1]["reason"], "Installing");
  EXPECT_EQ(watch->Event(2)["object"]["status"]["conditions"][1]["reason"], "InitialNamesAccepted");
}

TEST_F(KubernetesCustomTest, ADefinitionThatWasPutIntoTheTableIsServed) {
  const json raw = Widgets({Version("v1", kSpec, true)});
  ASSERT_TRUE(store_->resources()
                  .Put({"customresourcedefinition", "widgets.example.com"}, DumpJson(raw),
                       Condition::None())
                  .has_value());
  store_->EndTurn();
  Settle();
  EXPECT_THAT(Conditions(), Contains("Established=True"));
  Widget("a");
  EXPECT_EQ(Get(kWidget).body()["spec"]["color"], "blue");
}

TEST_F(KubernetesCustomTest, ARawDefinitionThatCannotBeServedSaysWhy) {
  json raw = Widgets({Version("v1", kSpec, true)});
  raw["spec"]["versions"][0]["schema"]["openAPIV3Schema"].erase("type");
  ASSERT_TRUE(store_->resources()
                  .Put({"customresourcedefinition", "widgets.example.com"}, DumpJson(raw),
                       Condition::None())
                  .has_value());
  store_->EndTurn();
  Settle();
  EXPECT_THAT(Conditions(), ElementsAre("NonStructuralSchema=True"));
  EXPECT_EQ(Get(kWidgets).status, 404);
}

TEST_F(KubernetesCustomTest, ObjectsAreDefaultedPrunedAndValidated) {
  Define();
  const json widget = {{"metadata", {{"name", "a"}}}, {"spec", {{"size", 1}, {"nope", 1}}}};
  const Reply created = Send("POST", kWidgets, widget);
  EXPECT_EQ(created.status, 201);
  EXPECT_THAT(created.warnings(), ElementsAre(R"(299 - "unknown field \"spec.nope\"")"));
  EXPECT_EQ(created.body()["spec"], json({{"size", 1}, {"color", "blue"}}));
  EXPECT_EQ(created.body()["metadata"]["generation"], 1);
  EXPECT_EQ(Send("POST", std::string(kWidgets) + "?fieldValidation=Strict", widget).message(),
            R"(Widget in version "v1" cannot be handled as a Widget: strict decoding error: )"
            R"(unknown field "spec.nope")");
  EXPECT_EQ(Patch(kWidget, {{"spec", {{"size", 11}}}}).message(),
            R"(Widget.example.com "a" is invalid: spec.size: Invalid value: 11: spec.size in body )"
            "should be less than or equal to 10");
}

TEST_F(KubernetesCustomTest, WholeNumbersAreStoredAndServedWithoutAFraction) {
  Define();
  const std::string widget = R"({"metadata":{"name":"a"},"spec":{"size":1.0,"replicas":2}})";
  const auto post = [&](const std::string& query) {
    return Send(MakeRequest("POST", kWidgets + query, widget));
  };
  EXPECT_THAT(post("?dryRun=All").response.body, testing::HasSubstr(R"("size":1})"));
  EXPECT_THAT(post("").response.body, testing::HasSubstr(R"("size":1})"));
  Patch(kWidget, ParseJson(R"({"spec":{"size":1e0,"ports":[{"name":"x","port":8e1}]}})").value());
  EXPECT_THAT(Get(kWidget).response.body, testing::HasSubstr(R"("port":80})"));
}

TEST_F(KubernetesCustomTest, AReplaceSaysWhichVersionItReplaces) {
  Define();
  Widget("a");
  const json widget = {{"metadata", {{"name", "a"}}}};
  EXPECT_EQ(Send("PUT", kWidget, widget).message(),
            R"(widgets.example.com "a" is invalid: metadata.resourceVersion: Invalid value: 0: )"
            "must be specified for an update");
}

TEST_F(KubernetesCustomTest, StatusAndSpecAreWrittenApart) {
  Define();
  Widget("a", {{"size", 1}});
  json updated = Patch(std::string(kWidget) + "/status", {{"status", {{"phase", "Up"}}},
                                                          {"spec", {{"size", 2}}},
                                                          {"metadata", {{"labels", {{"a", "b"}}}}}})
                     .body();
  EXPECT_EQ(updated["status"]["phase"], "Up");
  EXPECT_EQ(updated["spec"]["size"], 1);
  EXPECT_FALSE(updated["metadata"].contains("labels"));
  EXPECT_EQ(updated["metadata"]["generation"], 1);
  updated = Patch(kWidget, {{"spec", {{"size", 3}}}, {"status", {{"phase", "no"}}}}).body();
  EXPECT_EQ(updated["status"]["phase"], "Up");
  EXPECT_EQ(updated["metadata"]["generation"], 2);
  updated = Patch(kWidget, {{"metadata", {{"labels", {{"a", "b"}}}}}}).body();
  EXPECT_EQ(updated["metadata"]["generation"], 2);
}

TEST_F(KubernetesCustomTest, TheScaleOfAnObject) {
  Define();
  Widget("a");
  const std::string scale = std::string(kWidget) + "/scale";
  EXPECT_EQ(Get(scale).message(),
            R"(Internal error occurred: the spec replicas field ".spec.replicas" does not exist)");
  Patch(kWidget, {{"spec", {{"replicas", 2}}}});
  EXPECT_EQ(Get(scale).body()["spec"]["replicas"], 2);
  EXPECT_EQ(Patch(scale, {{"spec", {{"replicas", 5}}}}).body()["spec"]["replicas"], 5);
  EXPECT_EQ(Get(kWidget).body()["spec"]["replicas"], 5);
}

TEST_F(KubernetesCustomTest, StrategicPatchesAreNotUnderstoodAndJsonPatchesAre) {
  Define();
  Widget("a", {{"size", 1}});
  EXPECT_EQ(Patch(kWidget, {{"spec", {{"size", 2}}}}, "strategic-merge-patch+json").status, 415);
  const json patch = {{{"op", "replace"}, {"path", "/spec/size"}, {"value", 3}}};
  EXPECT_EQ(Patch(kWidget, patch, "json-patch+json").body()["spec"]["size"], 3);
}

TEST_F(KubernetesCustomTest, ServerSideApplyMergesListsByTheKeysOfTheSchema) {
  Define();
  const auto apply = [&](const char* manager, const json& ports) {
    const json configuration = {{"apiVersion", "example.com/v1"},
                                {"kind", "Widget"},
                                {"metadata", {{"name", "a"}}},
                                {"spec", {{"ports", ports}}}};
    return Patch(std::string(kWidget) + "?fieldManager=" + manager, configuration,
                 "apply-patch+yaml");
  };
  EXPECT_EQ(apply("one", {{{"name", "http"}, {"port", 80}}}).status, 201);
  const Reply both = apply("two", {{{"name", "dns"}, {"port", 53}}});
  EXPECT_EQ(both.body()["spec"]["ports"].size(), 2u);
  EXPECT_EQ(apply("two", {{{"name", "http"}, {"port", 81}}}).message(),
            R"(Apply failed with 1 conflict: conflict with "one": .spec.ports[name="http"].port)");
}

TEST_F(KubernetesCustomTest, EachVersionIsServedAndOneIsStored) {
  const char* const smaller = R"({"type":"object","properties":{"size":{"type":"integer"}}})";
  Define(Widgets({Version("v1beta1", smaller, false), Version("v1", kSpec, true)}));
  Widget("a", {{"size", 1}});
  const std::string beta = "/apis/example.com/v1beta1/namespaces/default/widgets";
  const json served = Get(beta + "/a").body();
  EXPECT_EQ(served["apiVersion"], "example.com/v1beta1");
  EXPECT_EQ(served["spec"], json({{"size", 1}})) << "v1beta1 has no color";
  const auto watch = Watch(beta + "?watch=true");
  Create(beta, {{"metadata", {{"name", "b"}}}, {"spec", {{"size", 2}}}});
  Settle();
  EXPECT_THAT(watch->Summary(), ElementsAre("ADDED a", "ADDED b"));
  EXPECT_EQ(watch->Event(1)["object"]["apiVersion"], "example.com/v1beta1");
  const auto item = store_->resources().Get({"widgets.example.com", "default/b"});
  EXPECT_EQ(ParseJson(item.value()->document).value()["apiVersion"], "example.com/v1");
  EXPECT_EQ(Get("/apis/example.com/v2/namespaces/default/widgets").response.body,
            "404 page not found\n");
}

TEST_F(KubernetesCustomTest, AChangedDefinitionCountsAtOnceAndEndsWatches) {
  Define();
  Widget("a", {{"size", 10}});
  const auto watch = Watch(std::string(kWidgets) + "?watch=true");
  Settle();
  json definition = Get(kDefinition).body();
  json& spec = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
  spec["properties"]["size"]["maximum"] = 5;
  spec["properties"]["shape"] = {{"type", "string"}, {"default", "round"}};
  ASSERT_EQ(Send("PUT", kDefinition, definition).status, 200);
  Settle();
  EXPECT_TRUE(watch->ended);
  EXPECT_EQ(Get(kWidget).body()["spec"]["shape"], "round");
  EXPECT_EQ(Patch(kWidget, {{"spec", {{"color", "red"}}}}).status, 200)
      << "a size that was too large before may stay";
  EXPECT_EQ(Patch(kWidget, {{"spec", {{"size", 9}}}}).status, 422);
}

TEST_F(KubernetesCustomTest, ADeletedDefinitionTakesItsObjectsAlong) {
  Define();
  Widget("a");
  Widget("b");
  const auto watch = Watch(std::string(kWidgets) + "?watch=true");
  Settle();
  const json deleted = Send("DELETE", kDefinition).body();
  EXPECT_EQ(deleted["metadata"]["finalizers"],
            json({"customresourcecleanup.apiextensions.k8s.io"}));
  Settle();
  EXPECT_EQ(Get(kDefinition).status, 404);
  EXPECT_EQ(Get(kWidgets).response.body, "404 page not found\n");
  EXPECT_EQ(Get("/apis/example.com").status, 404);
  EXPECT_THAT(watch->Summary(), ElementsAre("ADDED a", "ADDED b", "DELETED a", "DELETED b"));
  EXPECT_TRUE(watch->ended);
}

TEST_F(KubernetesCustomTest, AHeldObjectHoldsItsDefinition) {
  Define();
  Widget("a");
  Patch(kWidget, {{"metadata", {{"finalizers", {"x.y/hold"}}}}});
  Send("DELETE", kDefinition);
  Settle();
  EXPECT_THAT(Conditions(), Contains("Terminating=True"));
  EXPECT_EQ(Send("POST", kWidgets, json{{"metadata", {{"name", "new"}}}}).message(),
            "create not allowed while custom resource definition is terminating");
  EXPECT_TRUE(Get(kWidget).body()["metadata"].contains("deletionTimestamp"));
  Patch(kWidget, {{"metadata", {{"finalizers", nullptr}}}});
  Settle();
  EXPECT_EQ(Get(kDefinition).status, 404);
}

TEST_F(KubernetesCustomTest, ADeletedDefinitionMayBeMadeAgain) {
  Define();
  Widget("a");
  Send("DELETE", kDefinition);
  Settle();
  Define();
  EXPECT_THAT(Names(kWidgets), IsEmpty());
}

TEST_F(KubernetesCustomTest, ObjectsWithoutANamespaceHaveNoNamespacePath) {
  json definition = Widgets({Version("v1", kSpec, true)});
  definition["spec"]["scope"] = "Cluster";
  Define(definition);
  Create("/apis/example.com/v1/widgets", {{"metadata", {{"name", "a"}}}});
  EXPECT_EQ(Get("/apis/example.com/v1/widgets/a").status, 200);
  EXPECT_EQ(Get(kWidget).response.body, "404 page not found\n");
}

TEST_F(KubernetesCustomTest, SelectableFieldsAndTablesFollowTheDefinition) {
  json version = Version("v1", kSpec, true);
  version["selectableFields"] = {{{"jsonPath", ".spec.color"}}};
  version["additionalPrinterColumns"] = {
      {{"name", "Size"}, {"type", "integer"}, {"jsonPath", ".spec.size"}}};
  Define(Widgets({version}));
  Widget("a", {{"color", "red"}, {"size", 1}});
  Widget("b");
  EXPECT_THAT(Names(std::string(kWidgets) + "?fieldSelector=spec.color%3Dred"), ElementsAre("a"));
  EXPECT_EQ(Get(std::string(kWidgets) + "?fieldSelector=spec.size%3D1").message(),
            "field label not supported: spec.size");
  HttpRequest request = MakeRequest("GET", kWidgets);
  request.headers["accept"] = "application/json;as=Table;g=meta.k8s.io;v=v1";
  EXPECT_EQ(Send(request).body()["rows"][0]["cells"], json({"a", 1}));
}

TEST_F(KubernetesCustomTest, ADeprecatedVersionWarns) {
  json version = Version("v1", kSpec, true);
  version["deprecated"] = true;
  Define(Widgets({version}));
  EXPECT_THAT(Get(kWidgets).warnings(),
              ElementsAre(R"(299 - "example.com/v1 Widget is deprecated")"));
}

TEST_F(KubernetesCustomTest, FinalizersWithoutAPathAreWarnedOfWhenTheyAreAdded) {
  Define();
  const auto warning = [](const std::string& name, const std::string& more) {
    return R"(299 - "metadata.finalizers: \")" + name +
           R"(\": prefer a domain-qualified finalizer name )" + more +
           R"(to avoid accidental conflicts with other finalizer writers")";
  };
  const json finalizers = {"kubernetes", "x.y", "x.y/hold", "hold"};
  const json widget = {{"metadata", {{"name", "a"}, {"finalizers", finalizers}}}};
  const Reply created = Send("POST", kWidgets, widget);
  EXPECT_THAT(created.warnings(),
              ElementsAre(warning("hold", ""), warning("x.y", "including a path (/) ")));
  EXPECT_THAT(Patch(kWidget, {{"metadata", {{"finalizers", {"hold", "more"}}}}}).warnings(),
              ElementsAre(warning("more", "")));
  EXPECT_THAT(Patch(kWidget, {{"spec", {{"size", 2}}}}).warnings(), IsEmpty());
}

TEST_F(KubernetesCustomTest, CollectionsAndFinalizersWorkAsForEveryKind) {
  Define();
  Widget("a");
  Widget("b");
  Patch(kWidget, {{"metadata", {{"finalizers", {"x.y/hold"}}}}});
  EXPECT_EQ(Send("DELETE", kWidgets).status, 200);
  EXPECT_THAT(Names(kWidgets), ElementsAre("a"));
  EXPECT_EQ(Send("POST", kWidget).status, 405);
  EXPECT_EQ(Get(std::string(kWidget) + "/nope").message(), R"(widgets.example.com "a" not found)");
}

}  // namespace
}  // namespace kless::doors
