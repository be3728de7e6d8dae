// Simulated kubelets under both control planes, through the whole emulator, in virtual time.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "tests/support/test_emulator.h"

namespace kless::testing {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr const char* kJobsPath = "/apis/batch/v1/namespaces/default/jobs";
constexpr const char* kPodsPath = "/api/v1/namespaces/default/pods";

// Binds every pod that is not bound, as a scheduler would.
void BindAll(TestEmulator& emulator) {
  const json list = emulator.Call("GET", kPodsPath);
  int node = 0;
  for (json pod : list["items"]) {
    if (pod["spec"].contains("nodeName")) continue;
    pod["metadata"].erase("resourceVersion");
    pod["spec"]["nodeName"] = "node-" + std::to_string(node++ % 3);
    const std::string name = "default/" + pod["metadata"]["name"].get<std::string>();
    ASSERT_TRUE(emulator.store()
                    .resources()
                    .Put({"pod", name}, DumpJson(pod), Condition::None())
                    .has_value());
  }
  emulator.store().EndTurn();
}

TEST(DataPlaneTest, AJobRunsToItsEndOnSimulatedNodes) {
  for (const ControlPlane plane : {ControlPlane::kServerless, ControlPlane::kClassic}) {
    Config config = TestConfig();
    config.control_plane = plane;
    config.data_plane.nodes = 3;
    TestEmulator emulator(config);
    ASSERT_NE(emulator.emulator().data_plane(), nullptr);
    json job = JobManifest("pi", {{"parallelism", 6}, {"completions", 6}});
    job["spec"]["template"]["metadata"]["annotations"]["kless.dev/run-time"] = "20s";
    emulator.Call("POST", kJobsPath, job);
    ASSERT_TRUE(emulator.RunUntilIdle());
    BindAll(emulator);
    ASSERT_TRUE(emulator.RunUntilIdle()) << "pods that keep running do not delay idleness";
    EXPECT_EQ(emulator.Call("GET", std::string(kJobsPath) + "/pi")["status"]["ready"], 6);
    emulator.RunFor(seconds(30));
    const json status = emulator.Call("GET", std::string(kJobsPath) + "/pi")["status"];
    EXPECT_EQ(status["succeeded"], 6) << ControlPlaneName(plane);
    EXPECT_TRUE(status.contains("completionTime"));
    EXPECT_EQ(emulator.emulator().data_plane()->Stats().status_writes, 12u);
  }
}

TEST(DataPlaneTest, D19_PodsOfADeletedJobAreStoppedAndGo) {
  Config config = TestConfig();
  config.data_plane.nodes = 3;
  TestEmulator emulator(config);
  json job = JobManifest("pi", {{"parallelism", 3}, {"completions", 3}});
  job["spec"]["template"]["metadata"]["annotations"]["kless.dev/run-time"] = "forever";
  emulator.Call("POST", kJobsPath, job);
  ASSERT_TRUE(emulator.RunUntilIdle());
  BindAll(emulator);
  ASSERT_TRUE(emulator.RunUntilIdle());
  emulator.Call("DELETE", std::string(kJobsPath) + "/pi",
                json{{"propagationPolicy", "Background"}});
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_TRUE(emulator.Call("GET", kPodsPath)["items"].empty());
}

TEST(DataPlaneTest, WithoutNodesThereIsNoDataPlane) {
  TestEmulator emulator;
  EXPECT_EQ(emulator.emulator().data_plane(), nullptr);
}

}  // namespace
}  // namespace kless::testing
