#include "functions/pool/mapping/event_source_mapping.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/functions/pool/mapping/mapping_world.h"

namespace kless {
namespace {

using Keys = std::vector<std::vector<std::string>>;

EventSourceMappingConfig BatchesOf(int size) {
  EventSourceMappingConfig config;
  config.batch_size = size;
  return config;
}

TEST(EventSourceMappingTest, RecordsOfOneCommitComeInBatchesInOrder) {
  MappingWorld world(BatchesOf(3));
  world.Start();
  world.PutMany(7);
  world.RunUntil(seconds(1));
  EXPECT_EQ(world.Keys(), (Keys{{"0", "1", "2"}, {"3", "4", "5"}, {"6"}}));
  const auto status = world.mapping->Status();
  EXPECT_EQ(status.delivered, 7U);
  EXPECT_EQ(status.batches, 3U);
  EXPECT_EQ(status.position, world.store->feed().Latest());
  EXPECT_EQ(status.last_processing_result, "OK");
  EXPECT_TRUE(world.mapping->Idle());
  const auto rows = world.Rows();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].trigger, "mapping");
  EXPECT_EQ(rows[0].caused_by, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST(EventSourceMappingTest, ProcessedRecordsBehindABlockedOneDoNotWait) {
  EventSourceMappingConfig config = BatchesOf(1);
  config.parallelization_factor = 10;
  config.retry_initial = config.retry_maximum = seconds(100);
  MappingWorld world(config);
  *world.respond = [](const Call& call) { return call.keys[0] == "0" ? Failure() : Answer{}; };
  world.Start();
  EXPECT_EQ(world.mapping->Status().waiting, 0U);
  // One partition is one lane: the record after the failing one shares its fate, the others pass.
  for (int i = 0; i < 40; ++i) world.Put(std::to_string(i), "{}", "p" + std::to_string(i));
  world.store->EndTurn();
  world.RunUntil(seconds(1));
  const auto status = world.mapping->Status();
  EXPECT_EQ(status.position, 0U) << "the checkpoint stands before the failing record";
  EXPECT_EQ(status.waiting, 40 - status.delivered);
  EXPECT_LT(status.waiting, 20U);
}

TEST(EventSourceMappingTest, RecordsThatAFullLaneKeepsUnreadWaitToo) {
  MappingWorld world(BatchesOf(1));
  *world.respond = [](const Call&) { return Answer{seconds(1000)}; };
  world.Start();
  world.PutMany(700);  // a lane holds 256
  world.RunUntil(seconds(1));
  EXPECT_EQ(world.mapping->Status().waiting, 700U);
}

TEST(EventSourceMappingTest, RecordsThatTheFilterRefusesDoNotWait) {
  EventSourceMappingConfig config = BatchesOf(1);
  config.filter = [](const ChangeRecord& record) { return record.key.sort.size() > 1; };
  MappingWorld world(config);
  *world.respond = [](const Call&) { return Answer{seconds(1000)}; };
  world.Start();
  world.PutMany(700);  // ten of them are filtered
  world.RunUntil(seconds(1));
  EXPECT_EQ(world.mapping->Status().waiting, 690U);
}

TEST(EventSourceMappingTest, ARecordStartsItsFunctionWithoutAnyTimeWithTheInstantProfile) {
  MappingWorld world;
  world.Start();
  world.PutAt(seconds(5), "a");
  world.RunUntil(seconds(10));
  EXPECT_EQ(world.Times(), At({5000}));
}

TEST(EventSourceMappingTest, g9_ABatchingWindowCountsFromTheFirstRecordAndEndsWhenTheBatchIsFull) {
  EventSourceMappingConfig config = BatchesOf(3);
  config.maximum_batching_window = seconds(2);
  MappingWorld world(config);
  world.Start();
  world.PutAt(milliseconds(1000), "a");
  world.PutAt(milliseconds(2500), "b");
  world.PutAt(milliseconds(5000), "c");
  world.PutAt(milliseconds(5100), "d");
  world.PutAt(milliseconds(5200), "e");
  world.RunUntil(seconds(20));
  EXPECT_EQ(world.Keys(), (Keys{{"a", "b"}, {"c", "d", "e"}}));
  EXPECT_EQ(world.Times(), At({3000, 5200}));
}

TEST(EventSourceMappingTest, AccountConcurrencyOneQueuesAndLosesNothing) {
  EventSourceMappingConfig config = BatchesOf(1);
  config.parallelization_factor = 10;
  MappingWorld world(config, 4, 1);
  *world.respond = [](const Call&) { return Answer{milliseconds(30)}; };
  world.Start();
  for (int i = 0; i < 40; ++i) world.Put(std::to_string(i), "{}", "p" + std::to_string(i % 7));
  world.RunUntil(hours(1));
  EXPECT_EQ(world.DeliveriesPerKey().size(), 40U);
  for (const auto& [key, count] : world.DeliveriesPerKey()) EXPECT_EQ(count, 1) << key;
  const auto status = world.mapping->Status();
  EXPECT_GT(status.throttles, 0U);
  EXPECT_EQ(status.errors, 0U);
  EXPECT_TRUE(world.mapping->Idle());
  const auto rows = world.Rows();
  EXPECT_EQ(rows.size(), 40U) << "refused attempts of a mapping have no rows of their own";
  std::uint64_t throttles = 0;
  for (const auto& row : rows) {
    throttles += static_cast<std::uint64_t>(row.throttles);
    EXPECT_EQ(row.throttles == 0, row.queued == 0);
  }
  EXPECT_EQ(throttles, status.throttles);
}

TEST(EventSourceMappingTest, g11_ThrottlesBackOffAndUseUpNoRetry) {
  EventSourceMappingConfig config;
  config.maximum_retry_attempts = 0;
  MappingWorld world(config, 1, 1);
  world.Register("busy", FunctionWorld::Sleeper(seconds(2)));
  world.Start();
  world.InvokeAt(seconds(0), "busy");
  world.PutAt(milliseconds(100), "a");  // refused at 100, 200, 400, 800, 1600
  world.RunUntil(seconds(30));
  EXPECT_EQ(world.Times(), At({3200}));
  const auto rows = world.Rows("f");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].throttles, 5);
  EXPECT_EQ(rows[0].queued, 3'100'000'000);
  EXPECT_EQ(rows[0].requested_unix_nanos, VirtualEventLoop::kDefaultUnixEpochNanos + 100'000'000);
}

TEST(EventSourceMappingTest, g11_AnErrorRepeatsTheBatchWholeWithDoublingBackOffAndBlocksTheLane) {
  MappingWorld world(BatchesOf(2));
  *world.respond = [&](const Call&) { return world.calls->size() <= 8 ? Failure() : Answer{}; };
  world.Start();
  world.PutMany(3);
  world.RunUntil(hours(1));
  EXPECT_EQ(world.Times(), At({0, 100, 300, 700, 1500, 3100, 6300, 12700, 22700, 22700}));
  const Keys keys = world.Keys();
  for (int i = 0; i < 9; ++i) EXPECT_EQ(keys[i], (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(keys[9], (std::vector<std::string>{"2"}));
  EXPECT_EQ(world.mapping->Status().errors, 8U);
}

TEST(EventSourceMappingTest, g12_ABatchIsGivenUpAfterItsRetriesAndTheNextOneProceeds) {
  for (const int retries : {0, 1, 3}) {
    EventSourceMappingConfig config = BatchesOf(1);
    config.maximum_retry_attempts = retries;
    std::vector<std::pair<std::uint64_t, std::string>> given_up;
    config.on_failure = [&](const FailedBatch& batch) {
      EXPECT_EQ(batch.invocations, retries + 1);
      EXPECT_TRUE(batch.function_error);
      for (const auto& record : batch.records) {
        given_up.emplace_back(record->sequence, batch.condition);
      }
    };
    MappingWorld world(config);
    *world.respond = [](const Call& call) { return call.keys[0] == "0" ? Failure() : Answer{}; };
    world.Start();
    world.PutMany(2);
    world.RunUntil(hours(1));
    EXPECT_EQ(world.DeliveriesPerKey(), (std::map<std::string, int>{{"0", retries + 1}, {"1", 1}}));
    ASSERT_EQ(given_up.size(), 1U);
    EXPECT_EQ(given_up[0].first, 1U);
    EXPECT_EQ(given_up[0].second, "RetryAttemptsExhausted");
    EXPECT_EQ(world.mapping->Status().discarded, 1U);
    EXPECT_EQ(world.mapping->Status().position, 2U);
  }
}

TEST(EventSourceMappingTest, g13_BisectIsolatesAPoisonRecordWithoutUsingUpRetries) {
  EventSourceMappingConfig config = BatchesOf(8);
  config.bisect_batch_on_function_error = true;
  config.maximum_retry_attempts = 1;
  std::vector<std::uint64_t> given_up;
  config.on_failure = [&](const FailedBatch& batch) {
    for (const auto& record : batch.records) given_up.push_back(record->sequence);
  };
  MappingWorld world(config);
  *world.respond = [](const Call& call) {
    const bool poisoned = std::count(call.keys.begin(), call.keys.end(), "5") > 0;
    return poisoned ? Failure() : Answer{};
  };
  world.Start();
  world.PutMany(8);
  world.RunUntil(hours(1));
  EXPECT_EQ(world.Keys(), (Keys{{"0", "1", "2", "3", "4", "5", "6", "7"},
                                {"0", "1", "2", "3"},
                                {"4", "5", "6", "7"},
                                {"4", "5"},
                                {"4"},
                                {"5"},
                                {"5"},
                                {"6", "7"}}));
  EXPECT_EQ(given_up, (std::vector<std::uint64_t>{6}));
  EXPECT_EQ(world.mapping->Status().delivered, 7U);
}

TEST(EventSourceMappingTest, RecordsBeyondTheMaximumAgeAreGivenUp) {
  EventSourceMappingConfig config = BatchesOf(10);
  config.maximum_record_age = seconds(60);
  config.retry_initial = seconds(20);
  config.retry_maximum = seconds(20);
  std::vector<std::string> conditions;
  config.on_failure = [&](const FailedBatch& batch) {
    EXPECT_EQ(batch.invocations, conditions.empty() ? 4 : 0);
    EXPECT_EQ(batch.request_id.size(), 36u);
    for (std::size_t i = 0; i < batch.records.size(); ++i) conditions.push_back(batch.condition);
  };
  MappingWorld world(config);
  *world.respond = [](const Call& call) { return call.keys[0] == "old" ? Failure() : Answer{}; };
  world.Start();
  world.PutAt(seconds(0), "old");
  world.PutAt(seconds(0), "older");
  world.PutAt(seconds(50), "young");
  world.RunUntil(hours(1));
  EXPECT_EQ(world.Times(), At({0, 20000, 40000, 60000, 80000}));
  EXPECT_EQ(world.Keys().back(), (std::vector<std::string>{"young"}));
  EXPECT_EQ(conditions, (std::vector<std::string>(2, "RecordAgeExceeded")));
}

TEST(EventSourceMappingTest, APoisonRecordIsGivenUpOnceTheFeedHasTrimmedIt) {
  MappingWorld world(BatchesOf(1));
  *world.respond = [](const Call& call) { return call.keys[0] == "0" ? Failure() : Answer{}; };
  world.Start();
  world.PutMany(2);
  world.RunUntil(seconds(60));
  EXPECT_EQ(world.DeliveriesPerKey().count("1"), 0U);
  world.store->Trim(100, 1);
  world.RunUntil(seconds(120));
  EXPECT_EQ(world.DeliveriesPerKey().at("1"), 1);
  EXPECT_EQ(world.mapping->Status().discarded, 1U);
}

TEST(EventSourceMappingTest, g20_FilteredRecordsAdvanceTheCheckpointWithoutAnInvocation) {
  EventSourceMappingConfig config;
  config.filter = [](const ChangeRecord& record) { return record.key.sort == "wanted"; };
  MappingWorld world(config);
  world.Start();
  for (int i = 0; i < 3000; ++i) world.Put(std::to_string(i), "{}");
  world.RunUntil(seconds(1));
  EXPECT_TRUE(world.calls->empty());
  EXPECT_EQ(world.mapping->Status().filtered, 3000U);
  EXPECT_EQ(world.mapping->Status().position, 3000U);
  EXPECT_TRUE(world.mapping->Idle());
  world.Put("wanted", "{}");
  world.RunUntil(seconds(2));
  EXPECT_EQ(world.Keys(), (Keys{{"wanted"}}));
}

TEST(EventSourceMappingTest, RecordsOfOtherTablesAdvanceTheCheckpoint) {
  MappingWorld world;
  world.Start();
  for (int i = 0; i < 100; ++i) world.PutPod(std::to_string(i));
  world.RunUntil(seconds(1));
  EXPECT_TRUE(world.calls->empty());
  EXPECT_EQ(world.mapping->Status().position, world.store->feed().Latest());
  EXPECT_EQ(world.mapping->Status().filtered, 0U);
}

TEST(EventSourceMappingTest, g23_TheStartingPositionIsTheHorizonOrTheLatestRecord) {
  for (const auto position : {StartingPosition::kTrimHorizon, StartingPosition::kLatest}) {
    EventSourceMappingConfig config;
    config.starting_position = position;
    MappingWorld world(config);
    world.PutMany(3);
    world.Start();
    world.Put("later", "{}");
    world.RunUntil(seconds(1));
    EXPECT_EQ(world.DeliveriesPerKey().size(), position == StartingPosition::kLatest ? 1U : 4U);
  }
}

TEST(EventSourceMappingTest, g10_ABlockedLaneHoldsUpNoOtherLane) {
  EventSourceMappingConfig config = BatchesOf(1);
  config.parallelization_factor = 10;
  MappingWorld world(config);
  *world.respond = [](const Call& call) { return call.keys[0] == "0" ? Failure() : Answer{}; };
  world.Start();
  world.PutMany(100);
  world.RunUntil(seconds(1));
  const auto counts = world.DeliveriesPerKey();
  EXPECT_GT(counts.at("0"), 1);
  EXPECT_GT(counts.size(), 80U);
  EXPECT_LT(counts.size(), 100U) << "the others of its lane wait";
  EXPECT_EQ(world.mapping->Status().position, 0U);
}

TEST(EventSourceMappingTest, ABlockedShardHoldsUpNoOtherShardHoweverLong) {
  EventSourceMappingConfig config = BatchesOf(10);
  config.retry_maximum = seconds(1);
  MappingWorld world(config, 4);
  bool blocked = true;
  const int poisoned_shard = ShardOf("p0", 4);
  *world.respond = [&](const Call& call) {
    return blocked && call.keys[0].starts_with("p0-") ? Failure() : Answer{};
  };
  world.Start();
  for (int i = 0; i < 20'000; ++i) {
    const std::string partition = "p" + std::to_string(i % 16);
    world.Put(partition + "-" + std::to_string(i), "{}", partition);
    if (i % 1000 == 0) world.store->EndTurn();
  }
  world.RunUntil(seconds(60));
  std::uint64_t others = 0;
  for (int i = 0; i < 20'000; ++i) {
    if (ShardOf("p" + std::to_string(i % 16), 4) != poisoned_shard) ++others;
  }
  EXPECT_GE(world.mapping->Status().delivered, others);
  EXPECT_FALSE(world.mapping->Idle());
  blocked = false;
  world.RunUntil(seconds(120));
  EXPECT_EQ(world.mapping->Status().delivered, 20'000U);
  EXPECT_TRUE(world.mapping->Idle());
  EXPECT_EQ(world.mapping->Status().position, 20'000U);
}

TEST(EventSourceMappingTest, StopLetsTheBatchInFlightEndAndTakesNoMore) {
  MappingWorld world(BatchesOf(1));
  *world.respond = [](const Call&) { return Answer{seconds(1)}; };
  world.Start();
  world.PutMany(3);
  world.RunUntil(milliseconds(1500));
  world.mapping->Stop(StopReason::kDisable);
  EXPECT_FALSE(world.mapping->Idle());
  EXPECT_EQ(world.mapping->Status().state, "Disabling");
  world.RunUntil(seconds(60));
  EXPECT_TRUE(world.mapping->Idle());
  EXPECT_EQ(world.calls->size(), 2U);
  EXPECT_EQ(world.mapping->Status().state, "Disabled");
  EXPECT_EQ(world.mapping->Status().position, 2U);
  EXPECT_EQ(world.mapping->Status().iterator_age, seconds(60));
}

TEST(EventSourceMappingTest, ADisabledMappingReadsNothing) {
  EventSourceMappingConfig config;
  config.enabled = false;
  MappingWorld world(config);
  world.Start();
  world.PutMany(3);
  world.RunUntil(seconds(10));
  EXPECT_TRUE(world.calls->empty());
  EXPECT_TRUE(world.mapping->Idle());
  EXPECT_EQ(world.mapping->Status().iterator_age, seconds(10));
}

TEST(EventSourceMappingTest, ADestroyedMappingLeavesRunningInvocationsAlone) {
  MappingWorld world(BatchesOf(1));
  *world.respond = [](const Call&) { return Answer{seconds(1)}; };
  world.Start();
  world.PutMany(3);
  world.RunUntil(milliseconds(500));
  world.mapping.reset();
  world.PutMany(3);
  world.RunUntil(seconds(60));
  EXPECT_EQ(world.calls->size(), 1U);
  EXPECT_TRUE(world.pool->Idle());
  EXPECT_EQ(world.event_loop.failed_tasks(), 0U);
}

TEST(EventSourceMappingTest, AnEmulatedPollDelaysItsFirstRecordAndBringsWhatFollowed) {
  LatencyProfile latency;
  latency.feed_delivery = Distribution::Constant(milliseconds(200));
  MappingWorld world({}, 1, 1000, latency);
  world.Start();
  world.PutAt(milliseconds(1000), "a");
  world.PutAt(milliseconds(1150), "b");
  world.PutAt(milliseconds(1300), "c");
  world.RunUntil(seconds(5));
  EXPECT_EQ(world.Keys(), (Keys{{"a", "b"}, {"c"}}));
  EXPECT_EQ(world.Times(), At({1200, 1500}));
}

TEST(EventSourceMappingTest, RecordsTrimmedUnderAStoppedReaderAreSkippedAndCounted) {
  MappingWorld world;
  world.Create();
  world.PutMany(10);
  world.store->Trim(100, 6);
  world.mapping->Start();
  world.RunUntil(seconds(1));
  EXPECT_EQ(world.Keys(), (Keys{{"6", "7", "8", "9"}}));
  EXPECT_EQ(world.mapping->Status().gaps, 1U);
}

TEST(EventSourceMappingTest, WrongConfigurationsAreRefusedByName) {
  MappingWorld world;
  const auto error_of = [&](const std::function<void(EventSourceMappingConfig&)>& change) {
    EventSourceMappingConfig config = world.mapping_config;
    change(config);
    const auto made = EventSourceMapping::Create(world.event_loop, *world.store, *world.pool,
                                                 world.faults, world.profile, config, 1);
    return made.has_error() ? made.error().message : std::string();
  };
  EXPECT_EQ(error_of([](auto&) {}), "");
  EXPECT_NE(error_of([](auto& c) { c.batch_size = 0; }).find("batch_size"), std::string::npos);
  EXPECT_NE(error_of([](auto& c) { c.parallelization_factor = 11; }).find("parallelization"),
            std::string::npos);
  EXPECT_NE(error_of([](auto& c) { c.maximum_record_age = seconds(59); }).find("record_age"),
            std::string::npos);
  EXPECT_NE(error_of([](auto& c) { c.table = "nope"; }).find("'nope'"), std::string::npos);
  EXPECT_NE(error_of([](auto& c) { c.function = "nope"; }).find("'nope'"), std::string::npos);
  EXPECT_NE(error_of([](auto& c) { c.maximum_retry_attempts = -2; }).find("retry_attempts"),
            std::string::npos);
}

TEST(EventSourceMappingTest, TheStatusShowsWhatTheMappingWaitsFor) {
  MappingWorld world(BatchesOf(2));
  *world.respond = [](const Call&) { return Failure(); };
  world.Start();
  world.PutMany(3);
  world.RunUntil(milliseconds(500));
  const auto json = MappingStatusToJson(world.mapping->config(), world.mapping->Status());
  EXPECT_EQ(json["last_processing_result"], "PROBLEM: Function call failed");
  EXPECT_EQ(json["last_error"], "boom");
  EXPECT_EQ(json["iterator_age_ms"], 500.0);
  EXPECT_EQ(json["position"], 0);
  EXPECT_EQ(json["latest"], 3);
  EXPECT_EQ(json["state"], "Enabled");
  EXPECT_EQ(json["config"]["batch_size"], 2);
}

}  // namespace
}  // namespace kless
