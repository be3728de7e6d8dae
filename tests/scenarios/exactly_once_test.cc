// Every accepted Job ends with exactly its pods, and never has more at any time, whatever the
// interleaving of environments, and wherever one of them dies.  Each seed is a world of its own:
// random latencies and index lag, duplicated, late and reordered records, store errors, crashes
// before and after a chosen write, and an environment that pauses in the middle of its work while
// others overtake it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>

#include "emulator/base/strings.h"
#include "tests/support/pod_actor.h"
#include "tests/support/pod_ledger.h"
#include "tests/support/test_emulator.h"

namespace kless::testing {
namespace {

using std::chrono::seconds;

int Seeds() {
  const char* text = std::getenv("KLESS_SEEDS");
  return text == nullptr ? 500 : static_cast<int>(ParseUnsigned(text).value_or(500));
}

struct World {
  Config config;
  std::map<std::string, Expected> jobs;
  std::vector<nlohmann::json> faults;
  bool pods_end = false;
};

World DrawWorld(std::uint64_t seed, int shards, int factor, KeyLayout layout) {
  Random random(seed, "world");
  const auto chance = [&](std::uint64_t one_in) { return random.Below(one_in) == 0; };
  const auto uniform = [](double low, double high) {
    return Distribution::FromJson({{"uniform_ms", {low, high}}}).value();
  };
  World world;
  world.config = TestConfig();
  world.config.seed = seed;
  world.config.store.key_layout = layout;
  world.config.store.resource_shards = shards;
  world.config.function_default.mapping.parallelization_factor = factor;
  world.config.function_default.mapping.batch_size = static_cast<int>(1 + random.Below(10));
  world.config.account_concurrency = static_cast<int>(1 + random.Below(12));
  world.config.latency.store_read = uniform(0, 8);
  world.config.latency.store_write = uniform(1, 20);
  if (chance(2)) world.config.latency.feed_delivery = uniform(0, 100);
  if (chance(2)) world.config.latency.index_lag = uniform(0, 200);
  world.config.function_default.config.init = uniform(0, 450);
  const int jobs = static_cast<int>(1 + random.Below(2));
  for (int i = 0; i < jobs; ++i) {
    Expected expected;
    expected.completions = static_cast<int>(1 + random.Below(8));
    expected.parallelism = static_cast<int>(1 + random.Below(8));
    expected.indexed = chance(3);
    world.jobs["job" + std::to_string(i)] = expected;
  }
  world.pods_end = chance(2);
  const auto at = [&] { return 1 + random.Below(40); };
  if (chance(2)) world.faults.push_back({{"kind", "crash"}, {"at", at()}});
  if (chance(2)) world.faults.push_back({{"kind", "crash_after"}, {"at", at()}});
  if (chance(3)) world.faults.push_back({{"kind", "store_error"}, {"at", at()}});
  if (chance(2)) {
    world.faults.push_back({{"kind", "stall"}, {"at", at()}, {"delay_ms", 100'000}});
  }
  if (chance(2)) world.faults.push_back({{"kind", "duplicate"}, {"rate", 0.2}});
  if (chance(3)) world.faults.push_back({{"kind", "reorder"}, {"rate", 0.3}});
  if (chance(3)) world.faults.push_back({{"kind", "delay"}, {"rate", 0.2}, {"delay_ms", 700}});
  if (chance(4)) world.faults.push_back({{"kind", "throttle"}, {"rate", 0.2}});
  return world;
}

// Returns "" or the first violation.
std::string RunWorld(const World& world) {
  TestEmulator emulator(world.config);
  for (const nlohmann::json& fault : world.faults) {
    const auto added = emulator.emulator().faults().Add(fault);
    if (added.has_error()) return added.error().message;
  }
  for (const auto& [name, expected] : world.jobs) {
    nlohmann::json spec = {{"parallelism", expected.parallelism},
                           {"completions", expected.completions}};
    if (expected.indexed) spec["completionMode"] = "Indexed";
    emulator.Call("POST", "/apis/batch/v1/namespaces/default/jobs", JobManifest(name, spec));
  }
  PodActor actor(emulator.event_loop(), emulator.store(), *world.config.seed, seconds(2), 3);
  if (world.pods_end) {
    actor.Start(1000);
    emulator.RunFor(seconds(500));
  }
  if (!emulator.RunUntilIdle()) return "the world does not come to rest";
  PodLedger ledger(emulator.store().resources(), world.jobs);
  const std::string violation = ledger.Replay(emulator.Records());
  if (!violation.empty()) return violation;
  for (const auto& [name, expected] : world.jobs) {
    const nlohmann::json status =
        emulator.Call("GET", "/apis/batch/v1/namespaces/default/jobs/" + name)["status"];
    const int active = ledger.Active(name);
    const int succeeded = ledger.Succeeded(name);
    const int failed = ledger.Failed(name);
    const int want_active =
        world.pods_end ? 0 : std::min(expected.parallelism, expected.completions);
    const int want_succeeded = world.pods_end ? expected.completions : 0;
    const std::string found = "job " + name + " ends with " + std::to_string(active) + " active, " +
                              std::to_string(succeeded) + " succeeded, " + std::to_string(failed) +
                              " failed pods and status " + status.dump();
    if (active != want_active || succeeded != want_succeeded) return found;
    if (status.value("active", 0) != want_active || status.value("succeeded", 0) != succeeded ||
        status.value("failed", 0) != failed) {
      return found;
    }
  }
  for (const auto& [name, pod] : ledger.pods()) {
    if (!pod.active() && pod.tracked) return "pod " + name + " ended but keeps its finalizer";
  }
  if (emulator.event_loop().failed_tasks() != 0) return "a task failed";
  return "";
}

using Parameters = std::tuple<int, int, KeyLayout>;

class ExactlyOnceTest : public ::testing::TestWithParam<Parameters> {};

TEST_P(ExactlyOnceTest, EveryJobEndsWithExactlyItsPodsAndNeverHasMore) {
  const auto [shards, factor, layout] = GetParam();
  int failures = 0;
  for (int seed = 1; seed <= Seeds() && failures < 3; ++seed) {
    const World world = DrawWorld(static_cast<std::uint64_t>(seed), shards, factor, layout);
    const std::string violation = RunWorld(world);
    if (violation.empty()) continue;
    ++failures;
    ADD_FAILURE() << "seed " << seed << ": " << violation << "\nfaults "
                  << nlohmann::json(world.faults).dump();
  }
}

INSTANTIATE_TEST_SUITE_P(Worlds, ExactlyOnceTest,
                         ::testing::Combine(::testing::Values(1, 4), ::testing::Values(1, 10),
                                            ::testing::Values(KeyLayout::kTypeName,
                                                              KeyLayout::kNameType)),
                         [](const ::testing::TestParamInfo<Parameters>& info) {
                           return "Shards" + std::to_string(std::get<0>(info.param)) + "Factor" +
                                  std::to_string(std::get<1>(info.param)) +
                                  (std::get<2>(info.param) == KeyLayout::kTypeName ? "TypeName"
                                                                                   : "NameType");
                         });

// The invariants above must be able to fail: a surplus pod is found at its record.
TEST(PodLedgerTest, APodTooManyIsFoundAtItsRecord) {
  TestEmulator emulator;
  emulator.Call("POST", "/apis/batch/v1/namespaces/default/jobs",
                JobManifest("one", {{"parallelism", 1}, {"completions", 1}}));
  ASSERT_TRUE(emulator.RunUntilIdle());
  const auto pods = emulator.store().resources().List("pod", "", "", 10);
  ASSERT_EQ(pods.value().items.size(), 1u);
  ASSERT_TRUE(emulator.store()
                  .resources()
                  .Put({"pod", "default/one-extra"}, pods.value().items[0]->document,
                       Condition::NotExists())
                  .has_value());
  PodLedger ledger(emulator.store().resources(), {{"one", Expected{1, 1, false}}});
  EXPECT_NE(ledger.Replay(emulator.Records()).find("2 active pods of job one"), std::string::npos);
}

}  // namespace
}  // namespace kless::testing
