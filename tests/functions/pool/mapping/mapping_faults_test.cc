#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/pool/mapping/mapping_world.h"

namespace kless {
namespace {

using Keys = std::vector<std::vector<std::string>>;

TEST(MappingFaultsTest, ADuplicateComesAgainLaterByAFurtherInvocation) {
  EventSourceMappingConfig config;
  config.batch_size = 1;
  MappingWorld world(config);
  ASSERT_FALSE(
      world.faults.Add({{"kind", "duplicate"}, {"at", 1}, {"delay_ms", 5000}}).has_error());
  world.Start();
  world.PutMany(2);
  world.RunUntil(seconds(1));
  EXPECT_FALSE(world.mapping->Idle());
  world.RunUntil(seconds(10));
  EXPECT_EQ(world.Keys(), (Keys{{"0"}, {"1"}, {"0"}}));
  EXPECT_EQ(world.Times(), At({0, 0, 5000}));
  EXPECT_TRUE(world.mapping->Idle());
  EXPECT_EQ(world.mapping->Status().delivered, 2U);
}

TEST(MappingFaultsTest, ADelayedBatchHoldsUpItsLane) {
  EventSourceMappingConfig config;
  config.batch_size = 1;
  MappingWorld world(config);
  ASSERT_FALSE(world.faults.Add({{"kind", "delay"}, {"at", 1}, {"delay_ms", 700}}).has_error());
  world.Start();
  world.PutMany(2);
  world.RunUntil(seconds(10));
  EXPECT_EQ(world.Times(), At({700, 700}));
  EXPECT_EQ(world.Keys(), (Keys{{"0"}, {"1"}}));
}

TEST(MappingFaultsTest, AReorderedBatchHasTheSameRecords) {
  MappingWorld world;
  ASSERT_FALSE(world.faults.Add({{"kind", "reorder"}, {"rate", 1}}).has_error());
  world.Start();
  world.PutMany(20);
  world.RunUntil(seconds(1));
  ASSERT_EQ(world.calls->size(), 1U);
  auto sequences = world.calls->at(0).sequences;
  EXPECT_FALSE(std::is_sorted(sequences.begin(), sequences.end()));
  std::sort(sequences.begin(), sequences.end());
  for (std::uint64_t i = 0; i < 20; ++i) EXPECT_EQ(sequences[i], i + 1);
}

TEST(MappingFaultsTest, AReorderedBatchIsTakenUpAgainAtTheLowestRecordReported) {
  EventSourceMappingConfig config;
  config.report_batch_item_failures = true;
  MappingWorld world(config);
  ASSERT_FALSE(world.faults.Add({{"kind", "reorder"}, {"at", 1}}).has_error());
  *world.respond = [&](const Call&) {
    if (world.calls->size() > 1) return Answer{};
    return Answer{Duration::zero(),
                  std::string(R"({"batchItemFailures":[{"itemIdentifier":"15"}]})")};
  };
  world.Start();
  world.PutMany(20);
  world.RunUntil(seconds(1));
  ASSERT_EQ(world.calls->size(), 2U);
  EXPECT_EQ(world.calls->at(1).sequences, (std::vector<std::uint64_t>{15, 16, 17, 18, 19, 20}));
}

TEST(MappingFaultsTest, AFaultOfAnotherFunctionDoesNotConcernTheMapping) {
  MappingWorld world;
  ASSERT_FALSE(
      world.faults.Add({{"kind", "throttle"}, {"rate", 1}, {"function", "g"}}).has_error());
  world.Start();
  world.PutMany(1);
  world.RunUntil(seconds(1));
  EXPECT_EQ(world.calls->size(), 1U);
  EXPECT_EQ(world.mapping->Status().throttles, 0U);
}

}  // namespace
}  // namespace kless
