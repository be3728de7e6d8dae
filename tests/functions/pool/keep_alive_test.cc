#include "functions/pool/keep_alive.h"

#include <gtest/gtest.h>

#include "tests/functions/pool/function_world.h"

namespace kless {
namespace {

IdleTimes Idle(const std::vector<std::pair<int, int>>& counts_of_minutes) {
  IdleTimes times;
  for (const auto& [count, minute] : counts_of_minutes) {
    for (int i = 0; i < count; ++i) times.Add(minutes(minute) + seconds(30));
  }
  return times;
}

TEST(IdleTimesTest, TheWindowRunsFromTheFifthToTheNinetyNinthPercentile) {
  // 4 of minute 2, 1 of 10, 94 of 20, 1 of 100: p5 is in bin 10, p99 in bin 20.
  const auto window = Idle({{4, 2}, {1, 10}, {94, 20}, {1, 100}}).Predict();
  ASSERT_TRUE(window.has_value());
  EXPECT_EQ(window->prewarm, minutes(9));
  EXPECT_EQ(window->keep_alive, seconds(21 * 66));
  const auto head = Idle({{5, 2}, {95, 20}}).Predict();
  EXPECT_EQ(head->prewarm, seconds(108));
  const auto tail = Idle({{98, 0}, {2, 239}}).Predict();
  EXPECT_EQ(tail->prewarm, Duration::zero());
  EXPECT_EQ(tail->keep_alive, minutes(264));
}

TEST(IdleTimesTest, FewSamplesOrAPatternOutOfRangePredictNothing) {
  EXPECT_FALSE(Idle({{9, 5}}).Predict().has_value());
  EXPECT_TRUE(Idle({{10, 5}}).Predict().has_value());
  EXPECT_FALSE(Idle({{10, 5}, {11, 240}}).Predict().has_value());
  EXPECT_TRUE(Idle({{10, 5}, {10, 240}}).Predict().has_value());
}

class KeepAliveWorld : public FunctionWorld {
 public:
  KeepAliveWorld(KeepAlivePolicy policy, std::int64_t memory_mb)
      : FunctionWorld(1000, {}, 1, InMemory(), nullptr, Options(policy, memory_mb)) {}
  static PoolOptions Options(KeepAlivePolicy policy, std::int64_t memory_mb) {
    PoolOptions options;
    options.keep_alive_policy = policy;
    options.keep_alive_memory_mb = memory_mb;
    return options;
  }
  // Idle environments of f, g and h.
  std::vector<int> IdleOf(const std::vector<std::string>& names) {
    std::vector<int> idle;
    for (const std::string& name : names) idle.push_back(Stats(name).idle);
    return idle;
  }
};

TEST(KeepAliveTest, UnderLruTheEnvironmentIdleLongestMakesRoomForANewOne) {
  KeepAliveWorld world(KeepAlivePolicy::kLru, 256);
  for (const char* name : {"f", "g", "h"}) world.Register(name, FunctionWorld::Sleeper(seconds(1)));
  world.InvokeAt(seconds(0), "g");
  world.InvokeAt(seconds(10), "f");
  world.InvokeAt(hours(20), "g");  // warm: it was never reclaimed by time
  world.RunUntil(hours(30));
  EXPECT_EQ(world.IdleOf({"f", "g", "h"}), (std::vector<int>{1, 1, 0}));
  EXPECT_EQ(world.Stats("g").warm_starts, 1U);
  EXPECT_EQ(world.pool->memory_mb(), 256);
  world.InvokeAt(hours(30), "h");
  world.RunUntil(hours(31));
  EXPECT_EQ(world.IdleOf({"f", "g", "h"}), (std::vector<int>{0, 1, 1}));
  world.InvokeAt(hours(31), "f");
  world.RunUntil(hours(32));
  EXPECT_EQ(world.IdleOf({"f", "g", "h"}), (std::vector<int>{1, 0, 1}));
  EXPECT_EQ(world.pool->memory_mb(), 256);
}

TEST(KeepAliveTest, UnderLruTheCapHoldsUpNothingThatRuns) {
  KeepAliveWorld world(KeepAlivePolicy::kLru, 300);
  FunctionConfig config;
  config.memory_mb = 200;
  world.Register("f", FunctionWorld::Sleeper(seconds(1)), config);
  config.memory_mb = 128;
  world.Register("g", FunctionWorld::Sleeper(seconds(1)), config);
  const auto one = world.InvokeAt(seconds(0), "f");
  const auto two = world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(5));
  EXPECT_EQ(two->at, TimePoint(seconds(1)));
  EXPECT_EQ(world.pool->memory_mb(), 400);
  world.InvokeAt(seconds(5), "g");  // both must be reclaimed for it
  world.RunUntil(seconds(10));
  EXPECT_EQ(world.IdleOf({"f", "g"}), (std::vector<int>{0, 1}));
  EXPECT_EQ(world.pool->memory_mb(), 128);
}

TEST(KeepAliveTest, UnderLruWarmingStaysWithinTheCapAndProvisionedEnvironmentsStay) {
  KeepAliveWorld world(KeepAlivePolicy::kLru, 512);
  FunctionConfig config;
  config.provisioned_concurrency = 2;
  world.Register("f", FunctionWorld::Sleeper(seconds(1)), config);
  world.Register("g", FunctionWorld::Sleeper(seconds(1)));
  EXPECT_EQ(world.pool->Warm("g", 50).value(), 2);
  for (int i = 0; i < 6; ++i) world.InvokeAt(seconds(1), "g");
  world.RunUntil(seconds(5));
  EXPECT_EQ(world.IdleOf({"f", "g"}), (std::vector<int>{2, 6}));
  world.InvokeAt(seconds(5), "f");
  world.InvokeAt(seconds(5), "f");
  world.InvokeAt(seconds(5), "f");  // on demand: room is made for this one
  world.RunUntil(seconds(9));
  EXPECT_EQ(world.IdleOf({"f", "g"}), (std::vector<int>{3, 1}));
  EXPECT_EQ(world.pool->memory_mb(), 512);
}

// One-second invocations every ten minutes of a function that is kept for five.
class EveryTenMinutes : public KeepAliveWorld {
 public:
  explicit EveryTenMinutes(int invocations) : KeepAliveWorld(KeepAlivePolicy::kHistogram, 0) {
    FunctionConfig config = ColdStartOf(milliseconds(500));
    config.keep_alive = minutes(5);
    Register("f", Sleeper(seconds(1)), config);
    for (int i = 0; i < invocations; ++i) InvokeAt(minutes(10 * i), "f");
  }
  int EnvironmentsAt(Duration time) {
    RunUntil(time);
    const FunctionStats stats = Stats("f");
    return stats.initializing + stats.busy + stats.idle;
  }
};

TEST(KeepAliveTest, TheHistogramReplacesAFixedTimeOnceItHasSeenEnough) {
  EveryTenMinutes world(13);
  // Ten idle times are known once the eleventh invocation has ended: until then the fixed time
  // applies.
  EXPECT_EQ(world.EnvironmentsAt(minutes(94)), 1);
  EXPECT_EQ(world.EnvironmentsAt(minutes(96)), 0);
  EXPECT_EQ(world.Stats("f").cold_starts, 10U);
  // Then idle times of 9 min 58.5 s are in bin 9: the window opens after 8.1 min and closes after
  // 11 min.
  EXPECT_EQ(world.EnvironmentsAt(minutes(100) + seconds(1)), 1);
  EXPECT_EQ(world.EnvironmentsAt(minutes(100) + seconds(2)), 0);
  EXPECT_EQ(world.EnvironmentsAt(minutes(108) + seconds(7)), 0);
  EXPECT_EQ(world.EnvironmentsAt(minutes(108) + seconds(8)), 1);
  EXPECT_EQ(world.EnvironmentsAt(minutes(121)), 0);
  EXPECT_EQ(world.Stats("f").cold_starts, 11U);
  EXPECT_EQ(world.Stats("f").warm_starts, 2U);
  // There are no more invocations: one environment is started once, and kept until the window
  // closes.
  EXPECT_EQ(world.EnvironmentsAt(minutes(129)), 1);
  EXPECT_EQ(world.EnvironmentsAt(minutes(131) + seconds(2)), 0);
  EXPECT_EQ(world.EnvironmentsAt(hours(100)), 0);
  EXPECT_EQ(world.Stats("f").environments_started, 14U);
  EXPECT_FALSE(world.event_loop.NextDeadline().has_value());
}

TEST(KeepAliveTest, AResetCallsOffThePrewarming) {
  EveryTenMinutes world(11);
  EXPECT_EQ(world.EnvironmentsAt(minutes(105)), 0);
  ASSERT_TRUE(world.pool->Reset("f").has_value());
  EXPECT_EQ(world.EnvironmentsAt(minutes(110)), 0);
}

TEST(KeepAliveTest, AnInvocationAheadOfTheWindowIsColdAndRestartsIt) {
  EveryTenMinutes world(11);
  world.InvokeAt(minutes(104), "f");
  world.RunUntil(minutes(106));
  EXPECT_EQ(world.Stats("f").cold_starts, 12U);
  // The 5th percentile is now the shortest of eleven, in bin 3: the window opens after 2.7 min.
  EXPECT_EQ(world.EnvironmentsAt(minutes(106) + seconds(42)), 0);
  EXPECT_EQ(world.EnvironmentsAt(minutes(106) + seconds(44)), 1);
}

TEST(KeepAliveTest, PrewarmingDrawsFromTheScaleUpRate) {
  EveryTenMinutes world(11);
  world.RunUntil(minutes(105));
  FunctionConfig config = world.pool->Config("f").value();
  config.scale_up_per_10s = 1;
  ASSERT_TRUE(world.pool->Configure("f", config).has_value());
  // Just before the window opens, the rest of the rate is spent on an environment that a change of
  // memory then retires.
  world.event_loop.CallAt(TimePoint(minutes(108) + seconds(6)), [&] {
    EXPECT_EQ(world.pool->Warm("f", 1).value(), 1);
    FunctionConfig changed = config;
    changed.memory_mb = 256;
    EXPECT_TRUE(world.pool->Configure("f", changed).has_value());
  });
  EXPECT_EQ(world.EnvironmentsAt(minutes(109)), 0);
}

}  // namespace
}  // namespace kless
