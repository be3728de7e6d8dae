// Custom resources and the control loops, through the whole emulator in both control planes.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/test_emulator.h"

namespace kless::testing {
namespace {

using nlohmann::json;

constexpr const char* kDefinitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
constexpr const char* kWidgets = "/apis/example.com/v1/namespaces/default/widgets";
constexpr const char* kJobs = "/apis/batch/v1/namespaces/default/jobs";

class CustomResourceTest : public ::testing::TestWithParam<ControlPlane> {
 protected:
  CustomResourceTest() : emulator_(MakeConfig()) {
    emulator_.Call("POST", kDefinitions,
                   {{"metadata", {{"name", "widgets.example.com"}}},
                    {"spec",
                     {{"group", "example.com"},
                      {"scope", "Namespaced"},
                      {"names", {{"plural", "widgets"}, {"kind", "Widget"}}},
                      {"versions",
                       {{{"name", "v1"},
                         {"served", true},
                         {"storage", true},
                         {"schema", {{"openAPIV3Schema", {{"type", "object"}}}}}}}}}}});
    Settle();
  }
  static Config MakeConfig() {
    Config config = TestConfig();
    config.control_plane = GetParam();
    config.loops = {"job", "gc", "namespace"};
    return config;
  }
  void Settle() { ASSERT_TRUE(emulator_.RunUntilIdle()); }
  json Widget(const std::string& collection = kWidgets) {
    return emulator_.Call("POST", collection, {{"metadata", {{"name", "w"}}}});
  }
  void JobOf(const json& widget) {
    json job = JobManifest("j", {{"completions", 1}});
    job["metadata"]["ownerReferences"] = {{{"apiVersion", "example.com/v1"},
                                           {"kind", "Widget"},
                                           {"name", "w"},
                                           {"uid", widget["metadata"]["uid"]},
                                           {"controller", true},
                                           {"blockOwnerDeletion", true}}};
    emulator_.Call("POST", kJobs, job);
    Settle();
  }
  std::size_t Count(const std::string& collection) {
    return emulator_.Call("GET", collection)["items"].size();
  }
  TestEmulator emulator_;
};

TEST_P(CustomResourceTest, AJobGoesWithTheCustomResourceThatOwnsIt) {
  JobOf(Widget());
  EXPECT_EQ(Count(kJobs), 1u);
  emulator_.Call("DELETE", std::string(kWidgets) + "/w");
  Settle();
  EXPECT_EQ(Count(kJobs), 0u);
  EXPECT_EQ(Count("/api/v1/namespaces/default/pods"), 0u);
}

TEST_P(CustomResourceTest, AForegroundDeletionWaitsForTheJob) {
  JobOf(Widget());
  emulator_.Call("DELETE", std::string(kWidgets) + "/w?propagationPolicy=Foreground");
  Settle();
  EXPECT_EQ(Count(kJobs), 0u);
  EXPECT_EQ(Count(kWidgets), 0u);
}

TEST_P(CustomResourceTest, AJobGoesAlsoWhereTheDefinitionIsDeleted) {
  JobOf(Widget());
  emulator_.Call("DELETE", std::string(kDefinitions) + "/widgets.example.com");
  Settle();
  EXPECT_EQ(emulator_.Send("GET", kWidgets).status, 404);
  EXPECT_EQ(Count(kJobs), 0u);
}

TEST_P(CustomResourceTest, ANamespaceTakesItsCustomResourcesAlong) {
  emulator_.Call("POST", "/api/v1/namespaces", {{"metadata", {{"name", "n"}}}});
  Widget("/apis/example.com/v1/namespaces/n/widgets");
  emulator_.Call("DELETE", "/api/v1/namespaces/n");
  emulator_.RunFor(std::chrono::minutes(1));
  EXPECT_EQ(emulator_.Send("GET", "/api/v1/namespaces/n").status, 404);
  EXPECT_EQ(Count("/apis/example.com/v1/widgets"), 0u);
}

INSTANTIATE_TEST_SUITE_P(ControlPlanes, CustomResourceTest,
                         ::testing::Values(ControlPlane::kServerless, ControlPlane::kClassic),
                         [](const auto& plane) {
                           return plane.param == ControlPlane::kClassic ? "Classic" : "Serverless";
                         });

}  // namespace
}  // namespace kless::testing
