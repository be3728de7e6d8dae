#include "functions/pool/store_client.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/pool/function_world.h"

namespace kless {
namespace {

// Writes pods "0" .. "n-1" one after the other and answers how many it wrote.
Task<Result<std::string>> WritePods(int count, std::shared_ptr<InvocationContext> context) {
  for (int i = 0; i < count; ++i) {
    const ResourceId id{"pod", "default/" + std::to_string(i)};
    const auto written = co_await context->store.Put(id, "{}", Condition::None());
    if (written.has_error()) co_return written.error();
  }
  co_return std::to_string(count);
}

Handler Writer(int count) {
  return [count](auto, auto context) { return WritePods(count, context); };
}

std::size_t Pods(FunctionWorld& world) {
  return world.store->resources().List("pod", "", "", 1000).value().items.size();
}

LatencyProfile ThesisLike() {
  LatencyProfile profile;
  profile.store_read = Distribution::Constant(milliseconds(3));
  profile.store_write = Distribution::Constant(milliseconds(5));
  profile.store_request_cpu = Distribution::Constant(milliseconds(2));
  profile.first_request_cpu = Distribution::Constant(milliseconds(100));
  return profile;
}

TEST(StoreClientTest, ACallCostsNetworkAndCpuByShareAndTheFirstOneMore) {
  FunctionWorld world(10, ThesisLike());
  FunctionConfig config;
  config.memory_mb = 3538;  // more memory than for a full vCPU has no effect
  world.Register("full", Writer(3), config);
  const auto cold = world.InvokeAt(seconds(0), "full");
  world.RunUntil(seconds(1));
  EXPECT_EQ(cold->at, TimePoint(milliseconds(100 + 3 * 7)));
  const auto warm = world.InvokeAt(seconds(1), "full");
  world.RunUntil(seconds(2));
  EXPECT_EQ(warm->at, TimePoint(milliseconds(1000 + 3 * 7)));
  EXPECT_EQ(world.Rows()[0].store, 121'000'000);
  EXPECT_EQ(world.Rows()[1].store, 21'000'000);
  EXPECT_EQ(world.Rows()[1].run, 21'000'000);
}

TEST(StoreClientTest, LessMemoryMakesTheCpuPartLonger) {
  FunctionWorld world(10, ThesisLike());
  FunctionConfig config;
  config.memory_mb = 128;
  world.Register("small", Writer(1), config);
  const auto outcome = world.InvokeAt(seconds(0), "small");
  world.RunUntil(seconds(3));
  ASSERT_TRUE(outcome->done);
  const double milliseconds_taken = ToMilliseconds(outcome->at.time_since_epoch());
  EXPECT_NEAR(milliseconds_taken, 5 + 102 * 1769.0 / 128, 0.001);
}

TEST(StoreClientTest, TheTimeoutCountsEmulatedTimeOfStoreCalls) {
  LatencyProfile profile;
  profile.store_write = Distribution::Constant(milliseconds(400));
  FunctionWorld world(10, profile);
  FunctionConfig config;
  config.timeout = seconds(1);
  world.Register("f", Writer(5), config);
  const auto outcome = world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(10));
  EXPECT_EQ(outcome->result.payload.error().code, ErrorCode::kTimedOut);
  EXPECT_EQ(outcome->at, TimePoint(seconds(1)));
  EXPECT_EQ(Pods(world), 2U) << "the third write was under way and has no effect";
}

TEST(StoreClientTest, ACrashBeforeAWriteLosesItAndTheEnvironment) {
  FunctionWorld world;
  world.Register("f", Writer(5));
  ASSERT_FALSE(world.faults.Add({{"kind", "crash"}, {"at", 3}}).has_error());
  const auto outcome = world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(1));
  EXPECT_EQ(outcome->result.payload.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(Pods(world), 2U);
  EXPECT_EQ(world.Stats("f").crashes, 1U);
  EXPECT_EQ(world.Stats("f").idle, 0);
  EXPECT_EQ(world.Rows()[0].outcome, "crash");
}

TEST(StoreClientTest, ACrashAfterAWriteKeepsIt) {
  FunctionWorld world;
  world.Register("f", Writer(5));
  ASSERT_FALSE(world.faults.Add({{"kind", "crash_after"}, {"at", 3}}).has_error());
  world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(1));
  EXPECT_EQ(Pods(world), 3U);
  EXPECT_EQ(world.Rows()[0].outcome, "crash");
}

TEST(StoreClientTest, AnInjectedStoreErrorHasNoEffectAndTheEnvironmentLives) {
  FunctionWorld world;
  world.Register("f", Writer(5));
  ASSERT_FALSE(world.faults.Add({{"kind", "store_error"}, {"at", 2}}).has_error());
  const auto outcome = world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(1));
  EXPECT_EQ(outcome->result.payload.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(Pods(world), 1U);
  EXPECT_EQ(world.Stats("f").idle, 1);
}

TEST(StoreClientTest, AStallDelaysTheWriteWhichThenContinues) {
  FunctionWorld world;
  world.Register("f", Writer(2));
  ASSERT_FALSE(world.faults.Add({{"kind", "stall"}, {"at", 2}, {"delay_ms", 2000}}).has_error());
  const auto outcome = world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(1));
  EXPECT_EQ(Pods(world), 1U);
  world.RunUntil(seconds(10));
  EXPECT_EQ(Pods(world), 2U);
  EXPECT_EQ(outcome->at, TimePoint(seconds(2)));
  EXPECT_TRUE(outcome->result.payload.has_value());
}

TEST(StoreClientTest, AStallBeyondTheTimeoutLosesTheWrite) {
  FunctionWorld world;
  world.Register("f", Writer(2));
  ASSERT_FALSE(world.faults.Add({{"kind", "stall"}, {"at", 2}, {"delay_ms", 9000}}).has_error());
  world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(20));
  EXPECT_EQ(Pods(world), 1U);
  EXPECT_EQ(world.Rows()[0].outcome, "timeout");
}

Task<Result<std::string>> TransactTwo(std::shared_ptr<InvocationContext> context) {
  std::vector<StoreClient::Action> actions(2);
  actions[0].id = {"pod", "default/a"};
  actions[0].document = "{}";
  actions[0].condition = Condition::NotExists();
  actions[1].id = {"pod", "default/b"};
  actions[1].document = "{}";
  actions[1].condition = Condition::Exists();
  const auto failed = co_await context->store.Transact(actions);
  if (failed.has_value()) co_return MakeError(ErrorCode::kInternal, "it must fail");
  actions[1].condition = Condition::NotExists();
  const auto written = co_await context->store.Transact(actions);
  if (written.has_error()) co_return written.error();
  co_return std::to_string(written.value().size());
}

TEST(StoreClientTest, ATransactionIsOneWriteAllOrNothing) {
  LatencyProfile profile;
  profile.store_write = Distribution::Constant(milliseconds(5));
  FunctionWorld world(10, profile);
  world.Register("f", [](auto, auto context) { return TransactTwo(context); });
  const auto outcome = world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(1));
  ASSERT_TRUE(outcome->result.payload.has_value()) << outcome->result.payload.error().message;
  EXPECT_EQ(outcome->result.payload.value(), "2");
  EXPECT_EQ(outcome->at, TimePoint(milliseconds(10)));
  EXPECT_EQ(Pods(world), 2U);
}

constexpr const char* kOwnedPod =
    R"({"metadata":{"uid":"u1","ownerReferences":[{"uid":"owner","controller":true}]}})";

// Writes an owned pod, then reads the owner index at once and 200 ms later.
Task<Result<std::string>> WriteAndAsk(std::shared_ptr<InvocationContext> context) {
  const ResourceId id{"pod", "default/a"};
  const auto written = co_await context->store.Put(id, kOwnedPod, Condition::None());
  if (written.has_error()) co_return written.error();
  std::uint64_t as_of = 0;
  const auto first = co_await context->store.OwnedBy("pod", "owner", &as_of);
  if (first.has_error()) co_return first.error();
  std::string answer = std::to_string(first.value().size()) + "@" + std::to_string(as_of);
  co_await context->event_loop.SleepFor(milliseconds(200));
  const auto second = co_await context->store.OwnedBy("pod", "owner", &as_of);
  if (second.has_error()) co_return second.error();
  answer += " " + std::to_string(second.value().size()) + "@" + std::to_string(as_of);
  co_return answer;
}

TEST(StoreClientTest, TheOwnerIndexLagsAsTheProfileSays) {
  for (const int lag_ms : {0, 100}) {
    LatencyProfile profile;
    profile.index_lag = Distribution::Constant(milliseconds(lag_ms));
    FunctionWorld world(10, profile);
    world.Register("f", [](auto, auto context) { return WriteAndAsk(context); });
    const auto outcome = world.InvokeAt(seconds(1), "f");
    world.RunUntil(seconds(3));
    ASSERT_TRUE(outcome->result.payload.has_value()) << outcome->result.payload.error().message;
    const std::string now = "1@" + std::to_string(UINT64_MAX);
    EXPECT_EQ(outcome->result.payload.value(), lag_ms == 0 ? now + " " + now : "0@0 1@1");
  }
}

Task<Result<std::string>> ComputeFor(Duration full_vcpu,
                                     std::shared_ptr<InvocationContext> context) {
  const auto done = co_await context->store.Compute(full_vcpu);
  if (done.has_error()) co_return done.error();
  co_return std::string();
}

TEST(StoreClientTest, ComputeSpendsCpuByShare) {
  FunctionWorld world;
  FunctionConfig config;
  config.memory_mb = 1769;
  world.Register(
      "f", [](auto, auto context) { return ComputeFor(milliseconds(250), context); }, config);
  const auto outcome = world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(3));
  EXPECT_EQ(outcome->at, TimePoint(milliseconds(250)));
  EXPECT_EQ(world.Rows()[0].store, 0);
}

}  // namespace
}  // namespace kless
