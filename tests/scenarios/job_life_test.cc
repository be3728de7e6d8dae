// Jobs from POST to pods through the whole emulator, in virtual time with exact times.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/support/pod_actor.h"
#include "tests/support/test_emulator.h"

namespace kless::testing {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kJobsPath = "/apis/batch/v1/namespaces/default/jobs";
constexpr const char* kPods = "/api/v1/namespaces/default/pods";

json Pods(TestEmulator& emulator) { return emulator.Call("GET", kPods)["items"]; }
json Invocations(TestEmulator& emulator) {
  return emulator.Call("GET", "/kless/v1/invocations?limit=1000")["items"];
}

TEST(JobLifeTest, C5_AJobGetsItsPodsWithOwnerLabelsAndFinalizer) {
  TestEmulator emulator;
  const json job =
      emulator.Call("POST", kJobsPath, JobManifest("pi", {{"parallelism", 3}, {"completions", 3}}));
  EXPECT_EQ(job["spec"]["backoffLimit"], 6);
  EXPECT_EQ(job["spec"]["completionMode"], "NonIndexed");
  ASSERT_TRUE(emulator.RunUntilIdle());
  const json pods = Pods(emulator);
  ASSERT_EQ(pods.size(), 3u);
  for (const json& pod : pods) {
    const json& metadata = pod["metadata"];
    const json owner = json::array({{{"apiVersion", "batch/v1"},
                                     {"blockOwnerDeletion", true},
                                     {"controller", true},
                                     {"kind", "Job"},
                                     {"name", "pi"},
                                     {"uid", job["metadata"]["uid"]}}});
    EXPECT_EQ(metadata["ownerReferences"], owner);
    EXPECT_EQ(metadata["labels"]["job-name"], "pi");
    EXPECT_EQ(metadata["finalizers"], json::array({"batch.kubernetes.io/job-tracking"}));
    EXPECT_EQ(metadata["generateName"], "pi-");
    EXPECT_EQ(pod["status"]["phase"], "Pending");
  }
  const json status = emulator.Call("GET", std::string(kJobsPath) + "/pi")["status"];
  EXPECT_EQ(status["active"], 3);
  EXPECT_EQ(status["ready"], 0);
}

TEST(JobLifeTest, TheFirstInvocationIsACold450MillisecondStartAndTheNextIsWarm) {
  TestEmulator emulator;
  emulator.Call("PATCH", "/kless/v1/functions/job-controller", json{{"init", 450}});
  emulator.Call("POST", "/kless/v1/functions/job-controller/reset");
  const TimePoint start = emulator.event_loop().Now();
  emulator.Call("POST", kJobsPath, JobManifest("a", {}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_EQ(emulator.event_loop().Now() - start, milliseconds(450));
  emulator.Call("POST", kJobsPath, JobManifest("b", {}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_EQ(emulator.event_loop().Now() - start, milliseconds(450)) << "warm starts cost nothing";
  int cold = 0;
  for (const json& invocation : Invocations(emulator)) {
    if (invocation["start"] != "cold") continue;
    ++cold;
    EXPECT_EQ(invocation["init_ms"], 450.0);
    EXPECT_FALSE(invocation["caused_by"].empty());
  }
  EXPECT_EQ(cold, 1);
  EXPECT_EQ(Pods(emulator).size(), 2u);
}

TEST(JobLifeTest, AccountConcurrencyOfOneQueuesAndLosesNoJob) {
  Config config = TestConfig();
  config.account_concurrency = 1;
  config.function_default.mapping.parallelization_factor = 10;
  config.function_default.config.init = Distribution::Constant(milliseconds(450));
  config.latency.store_write = Distribution::Constant(milliseconds(5));
  TestEmulator emulator(config);
  for (int i = 0; i < 20; ++i) {
    emulator.Call("POST", kJobsPath, JobManifest("job" + std::to_string(i), {}));
  }
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_EQ(Pods(emulator).size(), 20u);
  int cold = 0;
  bool queued = false;
  for (const json& invocation : Invocations(emulator)) {
    cold += invocation["start"] == "cold" ? 1 : 0;
    queued = queued || (invocation["queued_ms"] > 0 && invocation["throttles"] > 0);
  }
  EXPECT_EQ(cold, 1) << "one environment serves the whole account";
  EXPECT_TRUE(queued);
}

TEST(JobLifeTest, D19_ABackgroundDeletionTakesThePodsAlongAndLeavesNoIntent) {
  TestEmulator emulator;
  emulator.Call("POST", kJobsPath, JobManifest("gone", {{"parallelism", 5}, {"completions", 5}}));
  emulator.Call("POST", kJobsPath, JobManifest("stays", {{"parallelism", 2}, {"completions", 2}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  const json answer = emulator.Call("DELETE", std::string(kJobsPath) + "/gone",
                                    json{{"propagationPolicy", "Background"}});
  EXPECT_EQ(answer["kind"], "Status");
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_EQ(Pods(emulator).size(), 2u);
  EXPECT_EQ(emulator.store().resources().List("intent", "", "", 10)->items.size(), 1u);
}

TEST(JobLifeTest, A14_D20_AnOrphaningDeletionLeavesThePodsWithoutOwnerOrFinalizer) {
  TestEmulator emulator;
  emulator.Call("POST", kJobsPath, JobManifest("left", {{"parallelism", 3}, {"completions", 3}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  const json answer = emulator.Call("DELETE", std::string(kJobsPath) + "/left");
  EXPECT_EQ(answer["metadata"]["finalizers"], json::array({"orphan"}));
  EXPECT_EQ(answer["metadata"]["generation"], 2);
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_EQ(emulator.Send("GET", std::string(kJobsPath) + "/left").status, 404);
  const json pods = Pods(emulator);
  ASSERT_EQ(pods.size(), 3u);
  for (const json& pod : pods) {
    EXPECT_FALSE(pod["metadata"].contains("ownerReferences")) << pod.dump();
    EXPECT_FALSE(pod["metadata"].contains("finalizers")) << pod.dump();
  }
}

TEST(JobLifeTest, D20_AnOrphaningDeletionKeepsEveryPodUnderALaggingIndex) {
  Config config = TestConfig();
  config.function_default.mapping.parallelization_factor = 10;
  config.function_default.mapping.batch_size = 1;
  config.latency.store_write = Distribution::Constant(milliseconds(5));
  config.latency.feed_delivery = Distribution::Constant(milliseconds(300));
  config.latency.index_lag = Distribution::Constant(milliseconds(200));
  TestEmulator emulator(config);
  emulator.Call("POST", kJobsPath, JobManifest("left", {{"parallelism", 30}, {"completions", 30}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  emulator.Call("DELETE", std::string(kJobsPath) + "/left", json{{"propagationPolicy", "Orphan"}});
  ASSERT_TRUE(emulator.RunUntilIdle());
  const json pods = Pods(emulator);
  ASSERT_EQ(pods.size(), 30u);
  for (const json& pod : pods) EXPECT_FALSE(pod["metadata"].contains("ownerReferences"));
}

TEST(JobLifeTest, ARawItemThatCanBeNoJobStopsNoOther) {
  TestEmulator emulator;
  for (const char* name : {"noslash", "/", "a/b/c", "default/"}) {
    ASSERT_TRUE(emulator.store()
                    .resources()
                    .Put({"job", name}, R"({"spec":7})", Condition::None())
                    .has_value());
  }
  emulator.Call("POST", kJobsPath, JobManifest("good", {}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_EQ(Pods(emulator).size(), 1u);
}

TEST(JobLifeTest, D21_AForegroundDeletionTakesThePodsFirst) {
  Config config = TestConfig();
  config.loops = {"job", "gc"};
  TestEmulator emulator(config);
  emulator.Call("POST", kJobsPath, JobManifest("pi", {{"parallelism", 2}, {"completions", 2}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  const json answer = emulator.Call(
      "DELETE", std::string(kJobsPath) + "/pi",
      {{"kind", "DeleteOptions"}, {"apiVersion", "v1"}, {"propagationPolicy", "Foreground"}});
  EXPECT_EQ(answer["metadata"]["finalizers"], json::array({"foregroundDeletion"}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_EQ(emulator.Send("GET", std::string(kJobsPath) + "/pi").status, 404);
  EXPECT_TRUE(emulator.store().resources().List("pod", "", "", 10)->items.empty());
  EXPECT_TRUE(emulator.store().resources().List("intent", "", "", 10)->items.empty());
}

TEST(JobLifeTest, ARawItemWithoutDefaultsGetsItsPods) {
  for (const KeyLayout layout : {KeyLayout::kTypeName, KeyLayout::kNameType}) {
    Config config = TestConfig();
    config.store.key_layout = layout;
    TestEmulator emulator(config);
    const std::string raw =
        R"({"spec":{"completions":2,"parallelism":2,"template":{"spec":{"restartPolicy":"Never",)"
        R"("containers":[{"name":"c","image":"b"}]}}}})";
    ASSERT_TRUE(emulator.store()
                    .resources()
                    .Put({"job", "default/raw"}, raw, Condition::None())
                    .has_value());
    ASSERT_TRUE(emulator.RunUntilIdle());
    EXPECT_EQ(Pods(emulator).size(), 2u) << KeyLayoutName(layout);
    const json job = emulator.Call("GET", std::string(kJobsPath) + "/raw");
    EXPECT_EQ(job["spec"]["backoffLimit"], 6);
    EXPECT_EQ(job["status"]["active"], 2);
  }
}

TEST(JobLifeTest, ARawJobWrittenOverAnotherOneTakesOnlyItsOwnPods) {
  TestEmulator emulator;
  emulator.Call("POST", kJobsPath, JobManifest("x", {{"parallelism", 3}, {"completions", 3}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  const std::string raw =
      R"({"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c",)"
      R"("image":"b"}]}}}})";
  ASSERT_TRUE(
      emulator.store().resources().Put({"job", "default/x"}, raw, Condition::None()).has_value());
  ASSERT_TRUE(emulator.RunUntilIdle());
  const json pods = Pods(emulator);
  ASSERT_EQ(pods.size(), 1u);
  EXPECT_EQ(pods[0]["metadata"]["ownerReferences"][0]["uid"],
            emulator.Call("GET", std::string(kJobsPath) + "/x")["metadata"]["uid"]);
}

TEST(JobLifeTest, D3_D4_D7_AnIndexedJobRunsToCompletion) {
  TestEmulator emulator;
  emulator.Call(
      "POST", kJobsPath,
      JobManifest("idx", {{"parallelism", 2}, {"completions", 4}, {"completionMode", "Indexed"}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  for (int round = 0; round < 2; ++round) {
    const json pods = Pods(emulator);
    for (const json& pod : pods) {
      if (pod["status"]["phase"] != "Pending") continue;
      EXPECT_TRUE(SetPodPhase(emulator.store(),
                              "default/" + pod["metadata"]["name"].get<std::string>(),
                              PodPhase::kSucceeded));
    }
    ASSERT_TRUE(emulator.RunUntilIdle());
  }
  const json status = emulator.Call("GET", std::string(kJobsPath) + "/idx")["status"];
  EXPECT_EQ(status["succeeded"], 4);
  EXPECT_EQ(status["completedIndexes"], "0-3");
  ASSERT_EQ(status["conditions"].size(), 2u);
  EXPECT_EQ(status["conditions"][0]["type"], "SuccessCriteriaMet");
  EXPECT_EQ(status["conditions"][1]["type"], "Complete");
  EXPECT_EQ(status["uncountedTerminatedPods"], json::object());
  EXPECT_TRUE(status.contains("completionTime"));
  EXPECT_FALSE(status.contains("active"));
}

TEST(JobLifeTest, C14_LoweringParallelismDeletesTheSurplusWithoutCountingItAsFailed) {
  TestEmulator emulator;
  json job = emulator.Call("POST", kJobsPath,
                           JobManifest("par", {{"parallelism", 5}, {"completions", 9}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  job = emulator.Call("GET", std::string(kJobsPath) + "/par");
  job["spec"]["parallelism"] = 2;
  emulator.Call("PUT", std::string(kJobsPath) + "/par", job);
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_EQ(Pods(emulator).size(), 2u);
  const json status = emulator.Call("GET", std::string(kJobsPath) + "/par")["status"];
  EXPECT_EQ(status["active"], 2);
  EXPECT_FALSE(status.contains("failed"));
}

TEST(JobLifeTest, C7_MoreThanFiveHundredPodsTakeSeveralSyncs) {
  TestEmulator emulator;
  emulator.Call("POST", kJobsPath,
                JobManifest("big", {{"parallelism", 1200}, {"completions", 1200}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_EQ(Pods(emulator).size(), 1200u);
  EXPECT_EQ(emulator.Call("GET", std::string(kJobsPath) + "/big")["status"]["active"], 1200);
}

TEST(JobLifeTest, WhatWasNotDeliveredBeforeARestartIsDeliveredAfterIt) {
  const auto folder =
      std::filesystem::temp_directory_path() /
      ("kless-job-life-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + "-" +
       std::to_string(EntropySeed()));
  std::filesystem::create_directory(folder);
  {
    Config config = TestConfig();
    config.store.durability = Durability::kNormal;
    config.store.path = (folder / "kless.db").string();
    config.latency.feed_delivery = Distribution::Constant(seconds(10));
    TestEmulator emulator(config);
    emulator.Call("POST", kJobsPath,
                  JobManifest("later", {{"parallelism", 4}, {"completions", 4}}));
    EXPECT_EQ(Pods(emulator).size(), 0u);
    const std::string before = emulator.Call("GET", std::string(kJobsPath) + "/later").dump();
    emulator.Restart();
    EXPECT_EQ(emulator.Call("GET", std::string(kJobsPath) + "/later").dump(), before);
    ASSERT_TRUE(emulator.RunUntilIdle());
    EXPECT_EQ(Pods(emulator).size(), 4u);
    const json first = Pods(emulator);
    emulator.Restart();
    ASSERT_TRUE(emulator.RunUntilIdle());
    EXPECT_EQ(Pods(emulator), first);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace kless::testing
