// Whatever fails, is throttled, crashes or is slow: the records of one item are delivered in order,
// and nothing is lost.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/functions/pool/mapping/mapping_world.h"

namespace kless {
namespace {

struct Case {
  std::uint64_t seed;
  int shards;
  int parallelization_factor;
};

// Drops repetitions of a batch: an item's versions must ascend between the last deliveries of each.
void ExpectOrder(const MappingWorld& world, int items, int writes) {
  std::map<std::string, std::vector<std::uint64_t>> delivered;
  for (const Call& call : *world.calls) {
    for (std::size_t i = 0; i < call.keys.size(); ++i) {
      auto& of_key = delivered[call.keys[i]];
      // A retry starts at an older record; no record may be skipped.
      while (!of_key.empty() && of_key.back() >= call.sequences[i]) of_key.pop_back();
      of_key.push_back(call.sequences[i]);
    }
  }
  ASSERT_EQ(delivered.size(), static_cast<std::size_t>(items));
  std::size_t total = 0;
  for (const auto& [key, sequences] : delivered) total += sequences.size();
  EXPECT_EQ(total, static_cast<std::size_t>(writes));
}

void RunCase(const Case& one) {
  constexpr int kItems = 12;
  constexpr int kWrites = 240;
  EventSourceMappingConfig config;
  config.batch_size = 1 + static_cast<int>(one.seed % 7);
  config.parallelization_factor = one.parallelization_factor;
  config.bisect_batch_on_function_error = one.seed % 2 == 0;
  config.maximum_batching_window = milliseconds(one.seed % 3 == 0 ? 15 : 0);
  LatencyProfile latency;
  if (one.seed % 5 == 0) {
    latency.feed_delivery = Distribution::FromJson({{"uniform_ms", {1, 30}}}).value();
  }
  MappingWorld world(config, one.shards, 3, latency, FunctionWorld::InMemory(), one.seed);
  auto random = std::make_shared<Random>(one.seed, "test");
  // An item must never be in two invocations at once.
  auto under_way = std::make_shared<std::map<std::string, TimePoint>>();
  *world.respond = [&world, random, under_way](const Call& call) {
    Answer answer;
    answer.run = milliseconds(random->Below(20));
    for (const std::string& key : std::set<std::string>(call.keys.begin(), call.keys.end())) {
      EXPECT_LE(under_way->operator[](key), call.at) << key;
      under_way->operator[](key) = call.at + answer.run;
    }
    if (random->Below(4) == 0) answer.payload = MakeError(ErrorCode::kInternal, "boom");
    return answer;
  };
  ASSERT_FALSE(world.faults.Add({{"kind", "throttle"}, {"rate", 0.1}}).has_error());
  world.Start();
  for (int i = 0; i < kWrites; ++i) {
    const auto item = random->Below(kItems);
    world.event_loop.CallAt(TimePoint(milliseconds(random->Below(300))), [&world, item, i] {
      world.Put("k" + std::to_string(item), std::to_string(i), "p" + std::to_string(item % 5));
    });
  }
  world.RunUntil(hours(2));
  EXPECT_TRUE(world.mapping->Idle());
  ExpectOrder(world, kItems, kWrites);
  EXPECT_EQ(world.mapping->Status().delivered, static_cast<std::uint64_t>(kWrites));
  EXPECT_EQ(world.mapping->Status().position, world.store->feed().Latest());
}

TEST(MappingOrderTest, g10_LanesKeepTheOrderOfEachItemForManySeeds) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    for (const int shards : {1, 4}) {
      for (const int factor : {1, 10}) {
        SCOPED_TRACE("seed " + std::to_string(seed) + " shards " + std::to_string(shards) +
                     " factor " + std::to_string(factor));
        RunCase({seed, shards, factor});
        if (::testing::Test::HasFailure()) return;
      }
    }
  }
}

}  // namespace
}  // namespace kless
