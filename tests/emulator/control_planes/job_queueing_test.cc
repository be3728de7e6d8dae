// When a Job is queued in the classic control plane (reference kubernetes.md, section I).
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/test_emulator.h"

namespace kless {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using testing::JobManifest;
using testing::TestConfig;
using testing::TestEmulator;

constexpr const char* kQueueJobs = "/apis/batch/v1/namespaces/default/jobs";

Config Classic() {
  Config config = TestConfig();
  config.control_plane = ControlPlane::kClassic;
  config.latency.classic.client_qps = 0;
  return config;
}

std::vector<ItemPtr> All(TestEmulator& emulator, const std::string& type) {
  return emulator.store().resources().List(type, "", "", 1000).value().items;
}

std::size_t Count(TestEmulator& emulator, const std::string& type) {
  return All(emulator, type).size();
}

json Job(TestEmulator& emulator, const std::string& name) {
  return emulator.Call("GET", std::string(kQueueJobs) + "/" + name);
}

void Replace(TestEmulator& emulator, const json& job) {
  emulator.Call("PUT", std::string(kQueueJobs) + "/" + job["metadata"]["name"].get<std::string>(),
                job);
}

TEST(JobQueueingTest, I1_ANewJobAndANewGenerationAreActedOnAtOnce) {
  TestEmulator emulator(Classic());
  emulator.RunFor(milliseconds(1));
  emulator.Call("POST", kQueueJobs, JobManifest("pi", {{"parallelism", 1}, {"completions", 4}}));
  emulator.RunFor(milliseconds(1));
  EXPECT_EQ(Count(emulator, "pod"), 1u);
  emulator.RunFor(std::chrono::seconds(5));
  json job = Job(emulator, "pi");
  job["spec"]["parallelism"] = 3;
  Replace(emulator, job);
  emulator.RunFor(milliseconds(1));
  EXPECT_EQ(Count(emulator, "pod"), 3u);
}

TEST(JobQueueingTest, I4_AFinishedJobIsNotSyncedAgain) {
  TestEmulator emulator(Classic());
  emulator.Call("POST", kQueueJobs, JobManifest("none", {{"completions", 0}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  json job = Job(emulator, "none");
  ASSERT_EQ(job["status"]["conditions"][1]["type"], "Complete");
  job["spec"]["parallelism"] = 3;
  Replace(emulator, job);
  const std::size_t records = emulator.Records().size();
  emulator.RunFor(std::chrono::minutes(1));
  EXPECT_EQ(emulator.Records().size(), records);
  EXPECT_EQ(Count(emulator, "pod"), 0u);
}

TEST(JobQueueingTest, I6_NoSyncRunsOnACacheThatIsBehindItsOwnWrites) {
  Config config = Classic();
  config.latency.classic.watch_delivery = Distribution::Constant(milliseconds(300));
  TestEmulator emulator(config);
  emulator.Call("POST", kQueueJobs, JobManifest("pi", {{"parallelism", 2}, {"completions", 2}}));
  emulator.RunFor(std::chrono::seconds(1));
  json job = Job(emulator, "pi");
  job["spec"]["parallelism"] = 1;  // two syncs close together
  Replace(emulator, job);
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_EQ(Job(emulator, "pi")["status"]["active"], 1);
  EXPECT_EQ(emulator.store().Stats().failed_conditions, 0u);
}

TEST(JobQueueingTest, E19_AConflictOnTheStatusIsRetriedAfterASecond) {
  Config config = Classic();
  config.latency.classic.api_latency = Distribution::Constant(milliseconds(100));
  TestEmulator emulator(config);
  emulator.RunFor(milliseconds(500));
  emulator.Call("POST", kQueueJobs, JobManifest("pi", {}));
  emulator.RunFor(milliseconds(120));  // its pod is created, its status is on the way
  ASSERT_EQ(Count(emulator, "pod"), 1u);
  json job = Job(emulator, "pi");
  ASSERT_FALSE(job["status"].contains("startTime"));
  job["metadata"]["labels"]["a"] = "b";
  Replace(emulator, job);
  emulator.RunFor(milliseconds(700));
  EXPECT_FALSE(Job(emulator, "pi")["status"].contains("startTime"));
  emulator.RunFor(milliseconds(800));
  EXPECT_EQ(Job(emulator, "pi")["status"]["active"], 1);
  EXPECT_EQ(Count(emulator, "pod"), 1u);
}

TEST(JobQueueingTest, CM1_LoopsActWithoutABatchPeriod) {
  Config config = Classic();
  config.loops = {"job", "gc"};
  TestEmulator emulator(config);
  emulator.RunFor(milliseconds(1));
  emulator.Call("POST", kQueueJobs, JobManifest("pi", {{"parallelism", 3}, {"completions", 3}}));
  emulator.RunFor(std::chrono::seconds(3));
  ASSERT_EQ(Count(emulator, "pod"), 3u);
  emulator.Call("DELETE", std::string(kQueueJobs) + "/pi", {{"propagationPolicy", "Background"}});
  emulator.RunFor(milliseconds(1));
  for (const ItemPtr& pod : All(emulator, "pod")) {
    EXPECT_TRUE(pod->fields->deleting);
  }
}

TEST(JobQueueingTest, CM10_ATerminatingNamespaceTakesNoPodsAndNoEventIsEmitted) {
  for (const ControlPlane plane : {ControlPlane::kServerless, ControlPlane::kClassic}) {
    Config config = Classic();
    config.control_plane = plane;
    TestEmulator emulator(config);
    emulator.Call("POST", "/api/v1/namespaces", {{"metadata", {{"name", "going"}}}});
    const std::string jobs = "/apis/batch/v1/namespaces/going/jobs";
    json manifest = JobManifest("pi", {{"suspend", true}});
    manifest["metadata"].erase("namespace");
    emulator.Call("POST", jobs, manifest);
    ASSERT_TRUE(emulator.RunUntilIdle());
    json job = emulator.Call("GET", jobs + "/pi");
    emulator.Call("DELETE", "/api/v1/namespaces/going");
    job["spec"]["suspend"] = false;
    job["metadata"].erase("resourceVersion");
    emulator.Call("PUT", jobs + "/pi", job);
    ASSERT_TRUE(emulator.RunUntilIdle());
    EXPECT_EQ(Count(emulator, "pod"), 0u);
    for (const ItemPtr& event : All(emulator, "event")) {
      EXPECT_EQ(event->document.find("FailedCreate"), std::string::npos) << event->document;
    }
  }
}

}  // namespace
}  // namespace kless
