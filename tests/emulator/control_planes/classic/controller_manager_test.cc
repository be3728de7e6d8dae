// The classic control plane through the whole emulator, in virtual time with exact times.
#include "emulator/control_planes/classic/controller_manager.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/base/system/scratch_folder.h"
#include "tests/support/pod_actor.h"
#include "tests/support/test_emulator.h"

namespace kless::testing {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kJobs = "/apis/batch/v1/namespaces/default/jobs";
constexpr const char* kPods = "/api/v1/namespaces/default/pods";

Config ClassicConfig() {
  Config config = TestConfig();
  config.control_plane = ControlPlane::kClassic;
  config.latency.classic.client_qps = 0;
  return config;
}

json Pods(TestEmulator& emulator) { return emulator.Call("GET", kPods)["items"]; }
json Status(TestEmulator& emulator, const std::string& job) {
  return emulator.Call("GET", std::string(kJobs) + "/" + job)["status"];
}

// When the records of a type were written, in milliseconds since `start`.
std::vector<std::int64_t> WrittenAt(TestEmulator& emulator, const std::string& type,
                                    ChangeType change) {
  std::vector<std::int64_t> times;
  const std::int64_t epoch = VirtualEventLoop::kDefaultUnixEpochNanos;
  for (const RecordPtr& record : emulator.Records()) {
    if (emulator.store().resources().IdOf(record->key).type != type || record->type != change) {
      continue;
    }
    times.push_back((record->unix_nanos - epoch) / 1'000'000);
  }
  return times;
}

TEST(ControllerManagerTest, AJobGetsExactlyItsPodsFromTheSameReconcileCode) {
  TestEmulator emulator(ClassicConfig());
  emulator.Call("POST", kJobs, JobManifest("pi", {{"parallelism", 7}, {"completions", 7}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  const json pods = Pods(emulator);
  ASSERT_EQ(pods.size(), 7u);
  for (const json& pod : pods) {
    EXPECT_EQ(pod["metadata"]["ownerReferences"][0]["name"], "pi");
    EXPECT_EQ(pod["metadata"]["finalizers"], json::array({"batch.kubernetes.io/job-tracking"}));
  }
  EXPECT_EQ(Status(emulator, "pi")["active"], 7);
  EXPECT_TRUE(emulator.emulator().pool().Names().empty()) << "no function is involved";
}

TEST(ControllerManagerTest, NothingHappensBeforeTheStartUpStagesAreOver) {
  Config config = ClassicConfig();
  config.latency.classic.startup = {{"container", Distribution::Constant(seconds(2))},
                                    {"caches", Distribution::Constant(milliseconds(500))}};
  TestEmulator emulator(config);
  emulator.Call("POST", kJobs, JobManifest("pi", {}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_EQ(WrittenAt(emulator, "pod", ChangeType::kInsert), std::vector<std::int64_t>{2500});
}

TEST(ControllerManagerTest, PodWritesStatusWritesAndEventsShareOneTokenBucket) {
  Config config = ClassicConfig();
  config.latency.classic.client_qps = 10;
  config.latency.classic.client_burst = 1;
  config.latency.classic.api_latency = Distribution::Constant(milliseconds(10));
  TestEmulator emulator(config);
  ASSERT_TRUE(emulator.RunUntilIdle());  // the lists: 20 ms
  emulator.Call("POST", kJobs, JobManifest("pi", {{"parallelism", 3}, {"completions", 3}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  // The first pod takes the only token and is written half a round trip later; its event asks for
  // one then, before the second batch does at 30 ms.
  EXPECT_EQ(WrittenAt(emulator, "pod", ChangeType::kInsert),
            (std::vector<std::int64_t>{25, 225, 325}));
  EXPECT_EQ(WrittenAt(emulator, "event", ChangeType::kInsert),
            (std::vector<std::int64_t>{125, 425, 625}));
  EXPECT_EQ(WrittenAt(emulator, "job", ChangeType::kModify), std::vector<std::int64_t>{525})
      << "the status, behind the event that asked before it";
}

TEST(ControllerManagerTest, I2_PodsThatEndAreCountedAfterTheBatchPeriod) {
  Config config = ClassicConfig();
  TestEmulator emulator(config);
  emulator.Call("POST", kJobs, JobManifest("pi", {{"parallelism", 2}, {"completions", 2}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  const TimePoint ended = emulator.event_loop().Now();
  for (const json& pod : Pods(emulator)) {
    ASSERT_TRUE(SetPodPhase(emulator.store(),
                            "default/" + pod["metadata"]["name"].get<std::string>(),
                            PodPhase::kSucceeded));
  }
  emulator.store().EndTurn();
  emulator.event_loop().RunUntil([&] { return Status(emulator, "pi").contains("completionTime"); },
                                 ended + seconds(30));
  EXPECT_EQ(emulator.event_loop().Now() - ended, seconds(1));
  const json status = Status(emulator, "pi");
  EXPECT_EQ(status["succeeded"], 2);
  for (const json& pod : Pods(emulator)) {
    EXPECT_FALSE(pod["metadata"].contains("finalizers"));
  }
}

TEST(ControllerManagerTest, ADeletedJobTakesItsPodsAlong) {
  TestEmulator emulator(ClassicConfig());
  emulator.Call("POST", kJobs, JobManifest("gone", {{"parallelism", 5}, {"completions", 5}}));
  emulator.Call("POST", kJobs, JobManifest("stays", {{"parallelism", 2}, {"completions", 2}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  emulator.Call("DELETE", std::string(kJobs) + "/gone", json{{"propagationPolicy", "Background"}});
  ASSERT_TRUE(emulator.RunUntilIdle());
  const json pods = Pods(emulator);
  ASSERT_EQ(pods.size(), 2u);
  EXPECT_EQ(pods[0]["metadata"]["ownerReferences"][0]["name"], "stays");
}

TEST(ControllerManagerTest, ARestartCreatesNoPodTwiceAndForgetsNoDeletedJob) {
  const auto folder = std::move(ScratchFolder::Make().value());
  Config config = ClassicConfig();
  config.store.durability = Durability::kNormal;
  config.store.path = folder->path() + "/kless.db";
  config.latency.classic.api_latency = Distribution::Constant(milliseconds(20));
  config.latency.classic.watch_delivery = Distribution::Constant(milliseconds(50));
  TestEmulator emulator(config);
  ASSERT_TRUE(emulator.RunUntilIdle());
  emulator.Call("POST", kJobs, JobManifest("stays", {{"parallelism", 9}, {"completions", 9}}));
  emulator.Call("POST", kJobs, JobManifest("gone", {{"parallelism", 5}, {"completions", 5}}));
  emulator.RunFor(milliseconds(85));  // in the middle of the creations
  emulator.Restart();
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_EQ(Pods(emulator).size(), 14u);
  emulator.Call("DELETE", std::string(kJobs) + "/gone", json{{"propagationPolicy", "Background"}});
  emulator.Restart();  // before any of its effects was seen
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_EQ(Pods(emulator).size(), 9u);
  EXPECT_EQ(Status(emulator, "stays")["active"], 9);
}

TEST(ControllerManagerTest, ABatchPeriodOfZeroEnds) {
  Config config = ClassicConfig();
  config.latency.classic.sync_batch_period = Duration::zero();
  config.latency.classic.watch_delivery = Distribution::Constant(milliseconds(50));
  TestEmulator emulator(config);
  emulator.Call("POST", kJobs, JobManifest("pi", {{"parallelism", 5}, {"completions", 5}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_EQ(Pods(emulator).size(), 5u);
}

TEST(ControllerManagerTest, C7_SixHundredPodsComeInTwoSyncs) {
  TestEmulator emulator(ClassicConfig());
  emulator.Call("POST", kJobs, JobManifest("wide", {{"parallelism", 600}, {"completions", 600}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  EXPECT_EQ(Pods(emulator).size(), 600u);
  const auto written = WrittenAt(emulator, "pod", ChangeType::kInsert);
  EXPECT_EQ(written[499], written[0]);
  EXPECT_EQ(written[599] - written[0], 1000) << "the rest after the batch period";
}

TEST(ControllerManagerTest, EveryJobEndsWithExactlyItsPodsWhateverTheDelays) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed, "world");
    Config config = ClassicConfig();
    config.seed = seed;
    ClassicProfile& classic = config.latency.classic;
    const auto uniform = [&](double high) {
      return Distribution::FromJson({{"uniform_ms", {0, high}}}).value();
    };
    classic.release = random.Below(2) == 0 ? "1.27" : "1.36";
    classic.client_qps = random.Below(2) == 0 ? 0 : 50;
    classic.api_latency = uniform(20);
    classic.api_cpu = uniform(5);
    classic.watch_delivery = uniform(random.Below(2) == 0 ? 5 : 3000);
    classic.sync_cpu = uniform(3);
    TestEmulator emulator(config);
    PodActor actor(emulator.event_loop(), emulator.store(), seed, seconds(5), 20);
    int wanted = 0;
    for (int i = 0; i < 10; ++i) {
      const int pods = 1 + static_cast<int>(random.Below(8));
      wanted += pods;
      emulator.Call(
          "POST", kJobs,
          JobManifest("job" + std::to_string(i),
                      {{"parallelism", pods}, {"completions", pods}, {"backoffLimit", 1000}}));
    }
    actor.Start(600);
    emulator.RunFor(seconds(400));
    int succeeded = 0;
    for (int i = 0; i < 10; ++i) {
      const json status = Status(emulator, "job" + std::to_string(i));
      EXPECT_TRUE(status.contains("completionTime")) << "seed " << seed << " job " << i;
      succeeded += status.value("succeeded", 0);
    }
    EXPECT_EQ(succeeded, wanted) << "seed " << seed;
    EXPECT_EQ(actor.succeeded(), wanted) << "seed " << seed << ": not a pod too many";
  }
}

}  // namespace
}  // namespace kless::testing
