#include "functions/pool/pool.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "tests/functions/pool/function_world.h"

namespace kless {
namespace {

FunctionConfig Cold450() { return FunctionWorld::ColdStartOf(milliseconds(450)); }

TEST(PoolTest, AColdStartTakesTheInitAndTheNextInvocationIsWarm) {
  FunctionWorld world;
  world.Register("f", FunctionWorld::Sleeper(milliseconds(20)), Cold450());
  const auto first = world.InvokeAt(seconds(0), "f");
  const auto second = world.InvokeAt(seconds(1), "f");
  world.RunUntil(seconds(2));
  ASSERT_TRUE(first->done && second->done);
  EXPECT_EQ(first->at, TimePoint(milliseconds(470)));
  EXPECT_EQ(second->at, TimePoint(milliseconds(1020)));
  EXPECT_EQ(first->result.payload.value(), "done");

  const auto rows = world.Rows("f");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].start, StartKind::kCold);
  EXPECT_EQ(rows[0].init, 450'000'000);
  EXPECT_EQ(rows[0].run, 20'000'000);
  EXPECT_EQ(rows[0].billed, 470'000'000);
  EXPECT_EQ(rows[0].queued, 0);
  EXPECT_EQ(rows[0].outcome, "ok");
  EXPECT_EQ(rows[0].trigger, "sync");
  EXPECT_EQ(rows[0].memory_mb, 128);
  EXPECT_EQ(rows[0].request_id, first->result.request_id);
  EXPECT_EQ(rows[0].requested_unix_nanos, VirtualEventLoop::kDefaultUnixEpochNanos);
  EXPECT_EQ(rows[1].start, StartKind::kWarm);
  EXPECT_EQ(rows[1].init, 0);
  EXPECT_EQ(rows[1].billed, 20'000'000);
  EXPECT_EQ(rows[1].environment, rows[0].environment);
}

TEST(PoolTest, f23_BilledTimeIsRoundedUpToAMillisecond) {
  FunctionWorld world;
  world.Register("f", FunctionWorld::Sleeper(std::chrono::microseconds(1200)),
                 FunctionWorld::ColdStartOf(std::chrono::microseconds(300)));
  world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(1));
  EXPECT_EQ(world.Rows()[0].billed, 2'000'000);
}

TEST(PoolTest, InvocationAboveTheAccountConcurrencyIsThrottled) {
  FunctionWorld world(2);
  world.Register("f", FunctionWorld::Sleeper(seconds(1)));
  const auto one = world.InvokeAt(seconds(0), "f");
  const auto two = world.InvokeAt(seconds(0), "f");
  const auto three = world.InvokeAt(seconds(0), "f");
  world.RunUntil(milliseconds(1));
  EXPECT_EQ(world.pool->concurrency(), 2);
  ASSERT_TRUE(three->done);
  EXPECT_FALSE(three->result.ran);
  EXPECT_EQ(three->result.payload.error().code, ErrorCode::kThrottled);
  EXPECT_EQ(three->result.throttle_reason, "ConcurrentInvocationLimitExceeded");
  world.RunUntil(seconds(2));
  EXPECT_TRUE(one->done && two->done);
  EXPECT_EQ(world.Stats("f").throttles, 1U);
  EXPECT_EQ(world.pool->concurrency(), 0);
  EXPECT_TRUE(world.pool->Idle());

  const auto rows = world.Rows();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].outcome, "throttled");
  EXPECT_EQ(rows[0].throttles, 1);
  EXPECT_EQ(rows[0].billed, 0);
}

TEST(PoolTest, ReservedConcurrencyIsCarvedOutOfTheAccount) {
  FunctionWorld world(5);
  FunctionConfig reserved;
  reserved.reserved_concurrency = 2;
  world.Register("reserved", FunctionWorld::Sleeper(seconds(1)), reserved);
  world.Register("other", FunctionWorld::Sleeper(seconds(1)));
  std::vector<std::shared_ptr<Outcome>> others, mine;
  for (int i = 0; i < 4; ++i) others.push_back(world.InvokeAt(seconds(0), "other"));
  for (int i = 0; i < 3; ++i) mine.push_back(world.InvokeAt(seconds(0), "reserved"));
  world.RunUntil(seconds(2));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(others[i]->result.ran) << i;
  EXPECT_EQ(others[3]->result.throttle_reason, "ConcurrentInvocationLimitExceeded");
  EXPECT_TRUE(mine[0]->result.ran);
  EXPECT_TRUE(mine[1]->result.ran);
  EXPECT_EQ(mine[2]->result.throttle_reason, "ReservedFunctionConcurrentInvocationLimitExceeded");
}

TEST(PoolTest, ReservedConcurrencyZeroRefusesEverything) {
  FunctionWorld world;
  FunctionConfig config;
  config.reserved_concurrency = 0;
  world.Register("f", FunctionWorld::Sleeper(seconds(1)), config);
  const auto refused = world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(1));
  EXPECT_EQ(refused->result.throttle_reason, "ReservedFunctionConcurrentInvocationLimitExceeded");
}

TEST(PoolTest, ReservedConcurrenciesAboveTheAccountsAreRefused) {
  FunctionWorld world(10);
  FunctionConfig config;
  config.reserved_concurrency = 8;
  world.Register("a", FunctionWorld::Sleeper(seconds(1)), config);
  config.name = "b";
  config.reserved_concurrency = 3;
  EXPECT_EQ(world.pool->Register(config, FunctionWorld::Sleeper(seconds(1))).error().code,
            ErrorCode::kInvalidArgument);
  config.name = "a";
  config.reserved_concurrency = 11;
  EXPECT_EQ(world.pool->Configure("a", config).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(world.pool->SetAccountConcurrency(7).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(world.pool->SetAccountConcurrency(8).has_error());
  EXPECT_EQ(world.pool->account_concurrency(), 8);
}

TEST(PoolTest, AnInvocationTakesAFreedEnvironmentAndLeavesTheInitToTheNextOne) {
  FunctionWorld world;
  world.Register("f", FunctionWorld::Sleeper(milliseconds(100)), Cold450());
  const auto first = world.InvokeAt(milliseconds(0), "f");     // cold, runs 450 to 550
  const auto second = world.InvokeAt(milliseconds(500), "f");  // init to 950; freed one at 550
  const auto third = world.InvokeAt(milliseconds(600), "f");  // waits for the init or the freed one
  world.RunUntil(seconds(3));
  EXPECT_EQ(first->at, TimePoint(milliseconds(550)));
  EXPECT_EQ(second->at, TimePoint(milliseconds(650)));
  EXPECT_EQ(third->at, TimePoint(milliseconds(750)));
  const auto rows = world.Rows();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1].start, StartKind::kWaited);
  EXPECT_EQ(rows[1].init, 50'000'000);
  EXPECT_EQ(rows[1].environment, rows[0].environment);
  EXPECT_EQ(rows[2].start, StartKind::kWaited);
  EXPECT_EQ(rows[2].init, 50'000'000);
  const FunctionStats stats = world.Stats("f");
  EXPECT_EQ(stats.environments_started, 2U);
  EXPECT_EQ(stats.idle, 2);
  EXPECT_EQ(stats.cold_starts, 1U);
  EXPECT_EQ(stats.waited_starts, 2U);
}

TEST(PoolTest, AnInvocationWaitsForAnEnvironmentThatIsBeingWarmed) {
  FunctionWorld world;
  world.Register("f", FunctionWorld::Sleeper(milliseconds(100)), Cold450());
  EXPECT_EQ(world.pool->Warm("f", 1).value(), 1);
  EXPECT_EQ(world.pool->Warm("f", 1).value(), 0);
  const auto outcome = world.InvokeAt(milliseconds(200), "f");
  world.RunUntil(seconds(1));
  EXPECT_EQ(outcome->at, TimePoint(milliseconds(550)));
  const auto rows = world.Rows();
  EXPECT_EQ(rows[0].start, StartKind::kWaited);
  EXPECT_EQ(rows[0].init, 250'000'000);
  EXPECT_EQ(world.Stats("f").cold_starts, 0U);
}

TEST(PoolTest, ThoseWhoWaitAreServedInTheOrderInWhichTheyCame) {
  FunctionWorld world;
  world.Register("f", FunctionWorld::Sleeper(milliseconds(10)), Cold450());
  world.pool->Warm("f", 1).value();
  std::vector<std::shared_ptr<Outcome>> outcomes;
  for (int i = 0; i < 4; ++i) outcomes.push_back(world.InvokeAt(milliseconds(400 + i), "f"));
  world.RunUntil(seconds(2));
  EXPECT_EQ(outcomes[0]->at, TimePoint(milliseconds(460)));
  EXPECT_EQ(outcomes[1]->at, TimePoint(milliseconds(470)));
  EXPECT_EQ(outcomes[2]->at, TimePoint(milliseconds(480)));
  EXPECT_EQ(outcomes[3]->at, TimePoint(milliseconds(490)));
}

TEST(PoolTest, TheMostRecentlyUsedEnvironmentIsTakenFirst) {
  FunctionWorld world;
  world.Register("f", FunctionWorld::Sleeper(milliseconds(10)));
  world.InvokeAt(milliseconds(0), "f");
  world.InvokeAt(milliseconds(5), "f");   // second environment, free at 15
  world.InvokeAt(milliseconds(20), "f");  // the second one
  world.RunUntil(seconds(1));
  const auto rows = world.Rows();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_NE(rows[0].environment, rows[1].environment);
  EXPECT_EQ(rows[2].environment, rows[1].environment);
}

TEST(PoolTest, AnIdleEnvironmentIsReclaimedAfterItsKeepAlive) {
  FunctionWorld world;
  FunctionConfig config = Cold450();
  config.keep_alive = seconds(60);
  world.Register("f", FunctionWorld::Sleeper(milliseconds(50)), config);
  world.InvokeAt(milliseconds(0), "f");  // idle from 500 ms
  world.RunUntil(seconds(60));
  EXPECT_EQ(world.Stats("f").idle, 1);
  world.RunUntil(milliseconds(60'500));
  EXPECT_EQ(world.Stats("f").idle, 0);
  world.InvokeAt(seconds(61), "f");
  world.RunUntil(seconds(63));
  EXPECT_EQ(world.Stats("f").cold_starts, 2U);
}

TEST(PoolTest, AUseRestartsTheKeepAlive) {
  FunctionWorld world;
  FunctionConfig config;
  config.keep_alive = seconds(60);
  world.Register("f", FunctionWorld::Sleeper(seconds(1)), config);
  for (int i = 0; i < 5; ++i) world.InvokeAt(seconds(59 * i), "f");
  world.RunUntil(seconds(296));
  EXPECT_EQ(world.Stats("f").cold_starts, 1U);
  EXPECT_EQ(world.Stats("f").idle, 1);
  world.RunUntil(seconds(297));
  EXPECT_EQ(world.Stats("f").idle, 0);
}

TEST(PoolTest, ScaleUpIsLimitedAndRefillsContinuously) {
  FunctionWorld world;
  FunctionConfig config;
  config.scale_up_per_10s = 10;
  world.Register("f", FunctionWorld::Sleeper(seconds(100)), [&] {
    config.timeout = seconds(900);
    return config;
  }());
  std::vector<std::shared_ptr<Outcome>> burst;
  for (int i = 0; i < 11; ++i) burst.push_back(world.InvokeAt(seconds(0), "f"));
  const auto too_early = world.InvokeAt(milliseconds(999), "f");
  const auto refilled = world.InvokeAt(milliseconds(1000), "f");
  world.RunUntil(seconds(2));
  EXPECT_EQ(world.Stats("f").busy, 11);
  EXPECT_EQ(burst[10]->result.throttle_reason, "FunctionInvocationRateLimitExceeded");
  EXPECT_TRUE(too_early->done);
  EXPECT_FALSE(too_early->result.ran);
  EXPECT_FALSE(refilled->done);
}

TEST(PoolTest, ARunBeyondTheTimeoutIsCutOffAndItsEnvironmentLost) {
  FunctionWorld world;
  FunctionConfig config;
  config.timeout = seconds(3);
  world.Register("f", FunctionWorld::Sleeper(seconds(10)), config);
  const auto outcome = world.InvokeAt(seconds(1), "f");
  world.RunUntil(seconds(30));
  ASSERT_TRUE(outcome->done);
  EXPECT_EQ(outcome->at, TimePoint(seconds(4)));
  EXPECT_EQ(outcome->result.payload.error().code, ErrorCode::kTimedOut);
  EXPECT_EQ(
      outcome->result.payload.error().message,
      "RequestId: " + outcome->result.request_id + " Error: Task timed out after 3.00 seconds");
  const auto rows = world.Rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].outcome, "timeout");
  EXPECT_EQ(rows[0].run, 3'000'000'000);
  EXPECT_EQ(world.Stats("f").timeouts, 1U);
  EXPECT_EQ(world.Stats("f").errors, 1U);  // as Lambda's Errors
  EXPECT_EQ(world.Stats("f").idle, 0);
}

Task<Result<std::string>> WriteTwiceSlowly(std::shared_ptr<InvocationContext> context) {
  const ResourceId first{"pod", "default/first"};
  const auto written = co_await context->store.Put(first, "{}", Condition::None());
  co_await context->event_loop.SleepFor(seconds(5));
  const ResourceId second{"pod", "default/second"};
  const auto late = co_await context->store.Put(second, "{}", Condition::None());
  if (late.has_error()) co_return late.error();
  co_return std::string("done");
}

TEST(PoolTest, ATimedOutHandlerWritesNothingMore) {
  FunctionWorld world;
  world.Register("f", [](auto, auto context) { return WriteTwiceSlowly(context); });
  world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(20));
  EXPECT_TRUE(world.store->resources().Get({"pod", "default/first"}).has_value());
  EXPECT_TRUE(world.store->resources().Get({"pod", "default/second"}).has_error());
  EXPECT_EQ(world.Rows().size(), 1U);
}

Task<Result<std::string>> Throw() {
  throw std::runtime_error("boom");
  co_return std::string();
}

TEST(PoolTest, AnExceptionOfAHandlerIsAnErrorOfTheInvocation) {
  FunctionWorld world;
  world.Register("f", [](auto, auto) { return Throw(); });
  const auto outcome = world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(1));
  EXPECT_EQ(outcome->result.payload.error().message, "boom");
  EXPECT_TRUE(outcome->result.ran);
  EXPECT_EQ(world.Stats("f").errors, 1U);
  EXPECT_EQ(world.Stats("f").idle, 1);
  EXPECT_EQ(world.Rows()[0].outcome, "error");
  EXPECT_EQ(world.Rows()[0].error, "boom");
  EXPECT_EQ(world.event_loop.failed_tasks(), 0U);
}

TEST(PoolTest, ResetReclaimsIdleEnvironmentsNowAndBusyOnesAfterTheirInvocation) {
  FunctionWorld world;
  world.Register("f", FunctionWorld::Sleeper(seconds(1)), Cold450());
  world.InvokeAt(milliseconds(0), "f");
  world.InvokeAt(milliseconds(0), "f");
  world.InvokeAt(seconds(2), "f");
  world.RunUntil(milliseconds(2500));
  EXPECT_EQ(world.pool->Reset("f").value(), 2);
  EXPECT_EQ(world.Stats("f").idle, 0);
  EXPECT_EQ(world.Stats("f").busy, 1);
  EXPECT_EQ(world.pool->Reset("f").value(), 0);
  world.InvokeAt(seconds(4), "f");
  world.RunUntil(seconds(6));
  EXPECT_EQ(world.Stats("f").cold_starts, 3U);
  EXPECT_EQ(world.Stats("f").idle, 1);
  EXPECT_EQ(world.pool->Reset("g").error().code, ErrorCode::kNotFound);
}

TEST(PoolTest, AnotherInitMakesNewEnvironmentsAndAnotherKeepAliveDoesNot) {
  FunctionWorld world;
  world.Register("f", FunctionWorld::Sleeper(milliseconds(10)), Cold450());
  world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(1));
  FunctionConfig config = world.pool->Config("f").value();
  config.keep_alive = seconds(20);
  ASSERT_FALSE(world.pool->Configure("f", config).has_error());
  EXPECT_EQ(world.Stats("f").idle, 1);
  config.init = Distribution::Constant(milliseconds(100));
  ASSERT_FALSE(world.pool->Configure("f", config).has_error());
  EXPECT_EQ(world.Stats("f").idle, 0);
  const auto outcome = world.InvokeAt(seconds(2), "f");
  world.RunUntil(seconds(21));
  EXPECT_EQ(outcome->at, TimePoint(milliseconds(2110)));
  EXPECT_EQ(world.Stats("f").idle, 1);
  world.RunUntil(milliseconds(22'110));
  EXPECT_EQ(world.Stats("f").idle, 0);
}

TEST(PoolTest, ProvisionedEnvironmentsAreReadyStayAndAreReplaced) {
  FunctionWorld world(10);
  FunctionConfig config = Cold450();
  config.provisioned_concurrency = 2;
  config.keep_alive = seconds(10);
  world.Register("f", FunctionWorld::Sleeper(milliseconds(100)), config);
  world.Register("other", FunctionWorld::Sleeper(seconds(1)));
  world.RunUntil(seconds(60));
  EXPECT_EQ(world.Stats("f").idle, 2);
  const auto warm = world.InvokeAt(seconds(60), "f");
  std::vector<std::shared_ptr<Outcome>> others;
  for (int i = 0; i < 9; ++i) others.push_back(world.InvokeAt(seconds(60), "other"));
  world.RunUntil(seconds(62));
  EXPECT_EQ(warm->at, TimePoint(milliseconds(60'100)));
  EXPECT_TRUE(others[7]->result.ran);
  EXPECT_FALSE(others[8]->result.ran) << "two of ten are kept for f";
  EXPECT_EQ(world.pool->Reset("f").value(), 2);
  world.RunUntil(seconds(63));
  EXPECT_EQ(world.Stats("f").idle, 2);
  EXPECT_EQ(world.Stats("f").environments_started, 4U);
}

TEST(PoolTest, WarmStaysWithinTheCaps) {
  FunctionWorld world(3);
  world.Register("f", FunctionWorld::Sleeper(milliseconds(10)), Cold450());
  EXPECT_EQ(world.pool->Warm("f", 5).value(), 3);
  world.RunUntil(seconds(1));
  EXPECT_EQ(world.Stats("f").idle, 3);
  EXPECT_EQ(world.pool->Warm("f", -1).error().code, ErrorCode::kInvalidArgument);
}

TEST(PoolTest, NamesOfEnvironmentsAndRequestsAreTheSamePerSeedAndDifferBetweenSeeds) {
  std::vector<std::set<std::string>> names;
  for (const std::uint64_t seed : {7, 7, 8}) {
    FunctionWorld world(1000, {}, seed);
    world.Register("f", FunctionWorld::Sleeper(milliseconds(10)));
    for (int i = 0; i < 5; ++i) world.InvokeAt(seconds(0), "f");
    world.RunUntil(seconds(1));
    std::set<std::string> of_seed;
    for (const auto& row : world.Rows()) {
      EXPECT_EQ(row.environment.rfind("f-0000", 0), 0U);
      of_seed.insert(row.environment);
      of_seed.insert(row.request_id);
    }
    EXPECT_EQ(of_seed.size(), 10U);
    names.push_back(of_seed);
  }
  EXPECT_EQ(names[0], names[1]);
  std::vector<std::string> common;
  std::set_intersection(names[0].begin(), names[0].end(), names[2].begin(), names[2].end(),
                        std::back_inserter(common));
  EXPECT_TRUE(common.empty());
}

TEST(PoolTest, UnknownFunctionsAndOversizedPayloadsAreRefused) {
  FunctionWorld world;
  const auto unknown = world.InvokeAt(seconds(0), "unknown");
  world.RunUntil(seconds(1));
  EXPECT_EQ(unknown->result.payload.error().code, ErrorCode::kNotFound);
  world.Register("f", FunctionWorld::Sleeper(seconds(1)));
  EXPECT_EQ(world.pool->InvokeAsync("f", std::string(kMaxPayloadBytes + 1, 'x')).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(world.pool->InvokeAsync("unknown", "{}").error().code, ErrorCode::kNotFound);
}

TEST(PoolTest, TheThrottleFaultRefusesTheChosenInvocation) {
  FunctionWorld world;
  world.Register("f", FunctionWorld::Sleeper(milliseconds(1)));
  ASSERT_FALSE(world.faults.Add({{"kind", "throttle"}, {"at", 2}}).has_error());
  std::vector<std::shared_ptr<Outcome>> outcomes;
  for (int i = 0; i < 3; ++i) outcomes.push_back(world.InvokeAt(seconds(i), "f"));
  world.RunUntil(seconds(5));
  EXPECT_TRUE(outcomes[0]->result.ran);
  EXPECT_FALSE(outcomes[1]->result.ran);
  EXPECT_TRUE(outcomes[2]->result.ran);
}

TEST(PoolTest, AFunctionThatNamesItsRuntimeStartsAsTheProfileSays) {
  LatencyProfile profile;
  profile.init["go"] = Distribution::Constant(milliseconds(50));
  FunctionWorld world(10, profile);
  FunctionConfig config;
  config.runtime = "go";
  world.Register("f", FunctionWorld::Sleeper(milliseconds(1)), config);
  const auto cold = world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(1));
  EXPECT_EQ(cold->at, TimePoint(milliseconds(51)));

  FunctionConfig unknown = world.pool->Config("f").value();
  unknown.runtime = "gp";
  EXPECT_EQ(world.pool->Configure("f", unknown).error().code, ErrorCode::kInvalidArgument);
  unknown.name = "g";
  EXPECT_TRUE(world.pool->Register(unknown, FunctionWorld::Sleeper(seconds(1))).has_error());
  FunctionConfig own = world.pool->Config("f").value();
  own.init = Distribution::Constant(milliseconds(200));
  ASSERT_TRUE(world.pool->Configure("f", own).has_value());
  const auto slower = world.InvokeAt(seconds(1), "f");
  world.RunUntil(seconds(2));
  EXPECT_EQ(slower->at, TimePoint(milliseconds(1201)));
}

TEST(PoolTest, ASlowInitHoldsUpTheInvocationsOfThatEnvironment) {
  FunctionWorld world;
  world.Register("f", FunctionWorld::Sleeper(milliseconds(10)), Cold450());
  ASSERT_TRUE(world.faults.Add({{"kind", "slow_init"}, {"at", 2}, {"delay_ms", 3000}}).has_value());
  const auto first = world.InvokeAt(seconds(0), "f");
  const auto slow = world.InvokeAt(milliseconds(455), "f");
  const auto third = world.InvokeAt(milliseconds(456), "f");
  world.RunUntil(seconds(10));
  EXPECT_EQ(first->at, TimePoint(milliseconds(460)));
  // The freed environment serves the longest-waiting invocation; the slow one serves the remaining
  // one.
  EXPECT_EQ(slow->at, TimePoint(milliseconds(470)));
  EXPECT_EQ(third->at, TimePoint(milliseconds(480)));
  ASSERT_TRUE(world.pool->Reset("f").has_value());
  ASSERT_TRUE(world.faults.Add({{"kind", "clear"}}).has_value());
  ASSERT_TRUE(
      world.faults.Add({{"kind", "slow_init"}, {"rate", 1}, {"delay_ms", 100}}).has_value());
  const auto alone = world.InvokeAt(seconds(10), "f");
  world.RunUntil(seconds(20));
  EXPECT_EQ(alone->at, TimePoint(milliseconds(10'560)));
}

TEST(PoolTest, AnUnregisteredFunctionRunsToItsEndAndIsGone) {
  FunctionWorld world(2);
  FunctionConfig config;
  config.reserved_concurrency = 2;
  world.Register("f", FunctionWorld::Sleeper(seconds(1)), config);
  const auto running = world.InvokeAt(seconds(0), "f");
  const auto later = world.InvokeAt(seconds(2), "f");
  world.RunUntil(milliseconds(500));
  const auto queued = world.pool->InvokeAsync("f", "{}");
  ASSERT_TRUE(queued.has_value());
  ASSERT_TRUE(world.pool->Unregister("f").has_value());
  EXPECT_TRUE(world.pool->Names().empty());
  EXPECT_FALSE(world.pool->Idle());
  // Reserved concurrency becomes free for others.
  world.Register("g", FunctionWorld::Sleeper(seconds(1)), config);
  world.RunUntil(seconds(10));
  EXPECT_TRUE(running->done && running->result.payload.has_value());
  EXPECT_EQ(later->result.payload.error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(world.pool->Idle());
  EXPECT_EQ(world.pool->concurrency(), 0);
  EXPECT_EQ(world.pool->memory_mb(), 0);
  EXPECT_EQ(world.Rows("f").size(), 1u);  // the queued event is dropped with its function
  EXPECT_EQ(world.pool->Unregister("f").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace kless
