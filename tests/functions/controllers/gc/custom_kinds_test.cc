// Custom kinds in the garbage collector and the namespace loop.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "functions/controllers/gc/gc_loop.h"
#include "functions/controllers/loop/custom_types.h"
#include "functions/controllers/namespace/namespace_loop.h"
#include "tests/functions/controllers/loop_world.h"

namespace kless::controllers {
namespace {

using testing::Contains;
using testing::ElementsAre;
using Propagation = Deletion::Propagation;

constexpr const char* kWidgets = "widgets.example.com";
constexpr const char* kClusters = "clusters.example.com";

class CustomKindsTest : public ::testing::Test {
 protected:
  CustomKindsTest() {
    Define("widgets", "Widget", "Namespaced");
    Define("clusters", "Cluster", "Cluster");
  }
  void Define(const std::string& plural, const std::string& kind, const std::string& scope) {
    world_.Put("customresourcedefinition", plural + ".example.com",
               {{"spec",
                 {{"group", "example.com"},
                  {"scope", scope},
                  {"names", {{"plural", plural}, {"kind", kind}}}}}});
  }
  static json By(const std::string& kind, const std::string& name, bool blocks = true) {
    json reference = OwnedBy(kind, name, "uid-" + name, blocks);
    reference["apiVersion"] = kind == "ConfigMap" ? "v1" : "example.com/v1";
    return reference;
  }
  void Widget(const std::string& name, const std::vector<json>& owners = {}) {
    json object = owners.empty() ? json::object() : Owners(owners);
    object["apiVersion"] = "example.com/v1";
    object["kind"] = "Widget";
    world_.Put(kWidgets, "a/" + name, std::move(object));
  }
  void ConfigMap(const std::string& name, const std::vector<json>& owners) {
    world_.Put("configmap", "a/" + name, Owners(owners));
  }
  // "gone x" and "changed x", in order.
  std::vector<std::string> Story() const {
    std::vector<std::string> story;
    for (const auto& change : world_.changes) {
      if (change.created()) continue;
      const std::size_t slash = change.id.name.find('/');
      story.push_back((change.gone() ? "gone " : "changed ") + change.id.name.substr(slash + 1));
    }
    return story;
  }
  LoopWorld world_{{GarbageCollectorLoop(), NamespaceLoop()}};
};

TEST_F(CustomKindsTest, WhatACustomObjectOwnsGoesWithIt) {
  Widget("w");
  ConfigMap("c", {By("Widget", "w")});
  world_.Settle();
  world_.Delete(kWidgets, "a/w");
  world_.Settle();
  EXPECT_THAT(Story(), ElementsAre("gone w", "gone c"));
}

TEST_F(CustomKindsTest, ACustomObjectGoesWithItsOwner) {
  world_.Put("configmap", "a/c");
  Widget("w", {By("ConfigMap", "c")});
  Widget("v", {By("Widget", "w")});
  world_.Settle();
  world_.Delete("configmap", "a/c");
  world_.Settle();
  EXPECT_THAT(Story(), ElementsAre("gone c", "gone w", "gone v"));
}

TEST_F(CustomKindsTest, AForegroundDeletionOfACustomObjectWaitsForItsDependents) {
  Widget("w");
  ConfigMap("c", {By("Widget", "w")});
  world_.Settle();
  world_.Delete(kWidgets, "a/w", Propagation::kForeground);
  world_.Settle();
  EXPECT_THAT(Story(), ElementsAre("changed w", "gone c", "gone w"));
}

TEST_F(CustomKindsTest, AnOrphaningDeletionOfACustomObjectLeavesItsDependents) {
  Widget("w");
  ConfigMap("c", {By("Widget", "w")});
  world_.Settle();
  world_.Delete(kWidgets, "a/w", Propagation::kOrphan);
  world_.Settle();
  EXPECT_FALSE(world_.Exists(kWidgets, "a/w"));
  EXPECT_FALSE(world_.Get("configmap", "a/c")["metadata"].contains("ownerReferences"));
}

TEST_F(CustomKindsTest, AnOwnerWithoutANamespaceIsFoundThere) {
  world_.Put(kClusters, "k", {{"apiVersion", "example.com/v1"}, {"kind", "Cluster"}});
  ConfigMap("c", {By("Cluster", "k")});
  ConfigMap("dangling", {By("Cluster", "unknown")});
  world_.Settle();
  EXPECT_THAT(Story(), ElementsAre("gone dangling"));
  world_.Delete(kClusters, "k");
  world_.Settle();
  EXPECT_FALSE(world_.Exists("configmap", "a/c"));
}

TEST_F(CustomKindsTest, AnOwnerOfAnUndefinedKindIsLeftAlone) {
  ConfigMap("c", {By("Gadget", "g")});
  world_.Settle();
  EXPECT_TRUE(world_.Exists("configmap", "a/c"));
}

TEST_F(CustomKindsTest, DependentsGoAlsoWhereTheKindGoesWithItsLastObject) {
  Widget("w");
  ConfigMap("c", {By("Widget", "w")});
  world_.Settle();
  world_.Delete(kWidgets, "a/w");
  world_.Patch("customresourcedefinition", kWidgets,
               {{"metadata", {{"deletionTimestamp", "2026-01-01T00:00:00Z"}}}});
  world_.Settle();
  EXPECT_FALSE(world_.Exists("customresourcedefinition", kWidgets));
  EXPECT_FALSE(world_.Exists("configmap", "a/c"));
}

TEST_F(CustomKindsTest, ANamespaceTakesItsCustomObjectsAlong) {
  world_.Put("namespace", "a",
             {{"spec", {{"finalizers", {"kubernetes"}}}}, {"status", {{"phase", "Active"}}}});
  Widget("w");
  Widget("held");
  world_.Patch(kWidgets, "a/held", {{"metadata", {{"finalizers", {"x.y/hold"}}}}});
  world_.Delete("namespace", "a");
  world_.RunUntil(6);
  EXPECT_FALSE(world_.Exists(kWidgets, "a/w"));
  EXPECT_TRUE(world_.Exists(kWidgets, "a/held"));
  std::vector<std::string> messages;
  const json space = world_.Get("namespace", "a");
  for (const json& condition : space["status"]["conditions"]) {
    messages.push_back(condition["message"]);
  }
  EXPECT_THAT(
      messages,
      Contains("Some resources are remaining: widgets.example.com has 1 resource instances"));
  world_.Patch(kWidgets, "a/held", {{"metadata", {{"finalizers", nullptr}}}});
  world_.RunUntil(60);
  EXPECT_FALSE(world_.Exists("namespace", "a"));
}

}  // namespace
}  // namespace kless::controllers
