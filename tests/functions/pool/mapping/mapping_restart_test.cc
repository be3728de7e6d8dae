// The checkpoint survives a restart: nothing is delivered zero times.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/functions/pool/mapping/mapping_world.h"

namespace kless {
namespace {

StoreOptions FileOptions(const std::string& path) {
  StoreOptions options;
  options.path = path;
  options.durability = Durability::kNormal;
  return options;
}

class MappingRestartTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              (std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) +
               std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  StoreOptions options() const { return FileOptions((folder_ / "kless.db").string()); }

  std::filesystem::path folder_;
};

TEST_F(MappingRestartTest, DeliveryContinuesAtTheCheckpoint) {
  EventSourceMappingConfig config;
  config.batch_size = 10;
  {
    MappingWorld world(config, 4, 1000, {}, options());
    world.Start();
    world.PutMany(50);
    world.RunUntil(seconds(1));
    EXPECT_EQ(world.DeliveriesPerKey().size(), 50U);
    world.store->EndTurn();
  }
  MappingWorld world(config, 4, 1000, {}, options());
  world.Start();
  world.Put("new", "{}");
  world.RunUntil(seconds(1));
  EXPECT_EQ(world.Keys(), (std::vector<std::vector<std::string>>{{"new"}}));
}

TEST_F(MappingRestartTest, WhatWasInFlightOrWaitingIsDeliveredAfterARestart) {
  EventSourceMappingConfig config;
  config.batch_size = 3;
  config.parallelization_factor = 2;
  std::map<std::string, int> deliveries;
  bool drained = false;
  for (int restart = 0; restart < 40 && !drained; ++restart) {
    MappingWorld world(config, 4, 1000, {}, options(), static_cast<std::uint64_t>(restart));
    *world.respond = [](const Call& call) {
      return Answer{milliseconds(5 + static_cast<int>(call.sequences[0] % 7))};
    };
    if (restart == 0) {
      for (int i = 0; i < 200; ++i) world.Put(std::to_string(i), "{}", std::to_string(i % 9));
    }
    world.Start();
    world.RunUntil(milliseconds(20));
    // The process dies here: only committed turns are left.
    for (const auto& [key, count] : world.DeliveriesPerKey()) deliveries[key] += count;
    drained = world.mapping->Idle();
  }
  EXPECT_TRUE(drained);
  EXPECT_EQ(deliveries.size(), 200U);
}

TEST_F(MappingRestartTest, TheLastResultIsThatOfBefore) {
  {
    MappingWorld world({}, 1, 1000, {}, options());
    world.Create();
    EXPECT_EQ(world.mapping->Status().last_processing_result, "No records processed");
    world.mapping->Start();
    *world.respond = [](const Call&) { return Failure(); };
    world.PutMany(1);
    world.RunUntil(milliseconds(50));
    world.store->EndTurn();
  }
  MappingWorld world({}, 1, 1000, {}, options());
  world.Create();
  EXPECT_EQ(world.mapping->Status().last_processing_result, "PROBLEM: Function call failed");
  world.mapping.reset();
  ForgetMapping(*world.store, "m");
  world.Create();
  EXPECT_EQ(world.mapping->Status().last_processing_result, "No records processed");
}

TEST_F(MappingRestartTest, AMappingThatStartedAtTheLatestRecordMissesNothingWrittenWhileDown) {
  EventSourceMappingConfig config;
  config.starting_position = StartingPosition::kLatest;
  {
    MappingWorld world(config, 1, 1000, {}, options());
    world.PutMany(5);
    world.Create();
    world.store->EndTurn();
    world.Put("while down", "{}");
    world.store->EndTurn();
  }
  MappingWorld world(config, 1, 1000, {}, options());
  world.Start();
  world.RunUntil(seconds(1));
  EXPECT_EQ(world.Keys(), (std::vector<std::vector<std::string>>{{"while down"}}));
}

}  // namespace
}  // namespace kless
