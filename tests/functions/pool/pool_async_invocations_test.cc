#include <gtest/gtest.h>

#include <memory>

#include "tests/functions/pool/function_world.h"

namespace kless {
namespace {

struct Calls {
  std::vector<TimePoint> at;
  int fail_first = 0;  // that many calls fail
};

Task<Result<std::string>> Note(std::shared_ptr<Calls> calls,
                               std::shared_ptr<InvocationContext> context) {
  calls->at.push_back(context->event_loop.Now());
  if (static_cast<int>(calls->at.size()) <= calls->fail_first) {
    co_return MakeError(ErrorCode::kInternal, "not yet");
  }
  co_return std::string("{}");
}

Handler Noting(std::shared_ptr<Calls> calls) {
  return [calls](auto, auto context) { return Note(calls, context); };
}

TEST(InvokeQueueTest, f17_ErrorsAreRetriedAfterOneAndTwoMinutesUnderOneRequestId) {
  FunctionWorld world;
  auto calls = std::make_shared<Calls>();
  calls->fail_first = 3;
  world.Register("f", Noting(calls));
  const std::string id = world.pool->InvokeAsync("f", "{}").value();
  EXPECT_FALSE(world.pool->Idle());
  world.RunUntil(minutes(10));
  EXPECT_EQ(calls->at, (std::vector<TimePoint>{TimePoint(minutes(0)), TimePoint(minutes(1)),
                                               TimePoint(minutes(3))}));
  EXPECT_TRUE(world.pool->Idle());
  const auto rows = world.Rows();
  ASSERT_EQ(rows.size(), 3U);
  for (const auto& row : rows) {
    EXPECT_EQ(row.request_id, id);
    EXPECT_EQ(row.trigger, "async");
    EXPECT_EQ(row.outcome, "error");
    EXPECT_EQ(row.queued, 0);
  }
}

TEST(InvokeQueueTest, ASuccessEndsTheRetries) {
  FunctionWorld world;
  auto calls = std::make_shared<Calls>();
  calls->fail_first = 1;
  world.Register("f", Noting(calls));
  world.pool->InvokeAsync("f", "{}").value();
  world.RunUntil(minutes(10));
  EXPECT_EQ(calls->at.size(), 2U);
}

TEST(InvokeQueueTest, TheNumberOfRetriesIsConfigured) {
  FunctionWorld world;
  auto calls = std::make_shared<Calls>();
  calls->fail_first = 9;
  FunctionConfig config;
  config.async_maximum_retry_attempts = 0;
  world.Register("f", Noting(calls), config);
  world.pool->InvokeAsync("f", "{}").value();
  world.RunUntil(minutes(10));
  EXPECT_EQ(calls->at.size(), 1U);
}

TEST(InvokeQueueTest, f18_ThrottlesBackOffFromOneSecondAndUseUpNoRetry) {
  FunctionWorld world(1);
  auto calls = std::make_shared<Calls>();
  world.Register("busy", FunctionWorld::Sleeper(seconds(10)), [] {
    FunctionConfig config;
    config.timeout = seconds(60);
    return config;
  }());
  world.Register("f", Noting(calls));
  world.InvokeAt(seconds(0), "busy");
  world.RunUntil(milliseconds(1));
  world.pool->InvokeAsync("f", "{}").value();  // refused at 0, 1, 3 and 7 s after now
  world.RunUntil(minutes(1));
  ASSERT_EQ(calls->at.size(), 1U);
  EXPECT_EQ(calls->at[0], TimePoint(milliseconds(15'001)));
  const auto rows = world.Rows("f");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].throttles, 4);
  EXPECT_EQ(rows[0].queued, 15'000'000'000);
}

TEST(InvokeQueueTest, AnEventBeyondItsMaximumAgeIsGivenUpWithARow) {
  FunctionWorld world(1);
  auto calls = std::make_shared<Calls>();
  FunctionConfig config;
  config.timeout = seconds(900);
  world.Register("busy", FunctionWorld::Sleeper(seconds(800)), config);
  config.async_maximum_event_age = seconds(60);
  world.Register("f", Noting(calls), config);
  world.InvokeAt(seconds(0), "busy");
  world.RunUntil(milliseconds(1));
  world.pool->InvokeAsync("f", "{}").value();  // refused at 0, 1, 3, 7, 15, 31 s; the next is 63 s
  world.RunUntil(minutes(20));
  EXPECT_TRUE(calls->at.empty());
  const auto rows = world.Rows("f");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].outcome, "throttled");
  EXPECT_EQ(rows[0].error, "EventAgeExceeded");
  EXPECT_EQ(rows[0].throttles, 6);
  EXPECT_TRUE(world.pool->Idle());
}

TEST(InvokeQueueTest, f16_ReservedConcurrencyZeroGivesTheEventUpAtOnce) {
  FunctionWorld world;
  FunctionConfig config;
  config.reserved_concurrency = 0;
  world.Register("f", FunctionWorld::Sleeper(seconds(1)), config);
  world.pool->InvokeAsync("f", "{}").value();
  world.RunUntil(seconds(1));
  EXPECT_TRUE(world.pool->Idle());
  ASSERT_EQ(world.Rows().size(), 1U);
  EXPECT_EQ(world.Rows()[0].error, "ZeroReservedConcurrency");
}

}  // namespace
}  // namespace kless
