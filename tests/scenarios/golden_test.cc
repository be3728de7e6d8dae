// One scenario, one hash: the rows of the feed and of the invocation log are the same in every
// build and on every machine.  A change of behaviour changes the hash; give the reason in the
// commit.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "tests/support/pod_actor.h"
#include "tests/support/test_emulator.h"

namespace kless::testing {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

Distribution Lognormal(double p50, double p99) {
  return Distribution::FromJson({{"lognormal_ms", {{"p50", p50}, {"p99", p99}}}}).value();
}

std::string RunAndHash(std::uint64_t seed) {
  Config config = TestConfig();
  config.seed = seed;
  config.account_concurrency = 10;
  config.function_default.mapping.parallelization_factor = 10;
  config.function_default.config.init = Lognormal(50.6, 76.1);
  config.latency.store_read = Lognormal(3, 10);
  config.latency.store_write = Lognormal(5, 15);
  config.latency.store_request_cpu = Distribution::Constant(milliseconds(1));
  config.latency.first_request_cpu = Distribution::Constant(milliseconds(54));
  config.latency.feed_delivery = Lognormal(213, 552);
  TestEmulator emulator(config);
  for (int i = 0; i < 20; ++i) {
    emulator.Call("POST", "/apis/batch/v1/namespaces/default/jobs",
                  JobManifest("job" + std::to_string(i),
                              {{"parallelism", 1 + i % 3}, {"completions", 1 + i % 4}}));
  }
  PodActor actor(emulator.event_loop(), emulator.store(), seed, seconds(3), 5);
  actor.Start(60);
  emulator.RunFor(seconds(60));
  EXPECT_TRUE(emulator.RunUntilIdle());
  std::string rows;
  for (const RecordPtr& record : emulator.Records()) {
    rows += std::to_string(record->sequence) + ' ' + std::to_string(record->unix_nanos) + ' ' +
            ChangeTypeName(record->type) + ' ' + record->key.partition + ' ' + record->key.sort +
            ' ' + (record->new_image ? record->new_image->document : "") + '\n';
  }
  std::uint64_t after = 0;
  for (;;) {
    const auto page = emulator.store().invocations().Read("", after, 1000);
    if (page.empty()) break;
    for (const InvocationRecord& row : page) {
      after = row.id;
      rows += std::to_string(row.id) + ' ' + row.function + ' ' + row.request_id + ' ' +
              row.environment + ' ' + StartKindName(row.start) + ' ' +
              std::to_string(row.requested_unix_nanos) + ' ' + std::to_string(row.queued) + ' ' +
              std::to_string(row.init) + ' ' + std::to_string(row.run) + ' ' +
              std::to_string(row.billed) + ' ' + row.outcome + ' ' + json(row.caused_by).dump() +
              '\n';
    }
  }
  return Sha256Hex(rows);
}

constexpr const char* kGolden = "97910a2cf15aab7df495a16603ecd05be14708e948cea88d36f2d9a321eb3262";

TEST(GoldenTest, FeedAndInvocationsHashToTheSameValueInEveryBuild) {
  EXPECT_EQ(RunAndHash(1), kGolden);
}

TEST(GoldenTest, AnotherSeedGivesAnotherRunAndTheSameSeedTheSame) {
  const std::string second = RunAndHash(2);
  EXPECT_EQ(RunAndHash(2), second);
  EXPECT_NE(second, kGolden);
}

}  // namespace
}  // namespace kless::testing
