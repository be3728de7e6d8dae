#include "functions/pool/environment_host.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/functions/pool/function_world.h"

namespace kless {
namespace {

// Environments are ready after a fixed time, or fail.
class FakeHost final : public EnvironmentHost {
 public:
  explicit FakeHost(FunctionWorld& world, Duration takes) : world_(world), takes_(takes) {}

  void Start(const EnvironmentStart& start, InitEnded ended) override {
    starts.push_back(start);
    alive[start.environment] = true;
    std::optional<InitFailure> failure;
    if (failures > 0) {
      --failures;
      failure = InitFailure{"Error: Runtime exited with error: exit status 1", "Runtime.ExitError",
                            reported};
    }
    world_.event_loop.CallAt(world_.event_loop.Now() + takes_,
                             [this, name = start.environment, ended, failure] {
                               if (alive[name]) ended(failure);
                             });
  }
  void End(const std::string& environment) override { alive[environment] = false; }
  int living() const {
    int count = 0;
    for (const auto& [name, is_alive] : alive) count += is_alive ? 1 : 0;
    return count;
  }

  std::vector<EnvironmentStart> starts;
  std::map<std::string, bool> alive;
  int failures = 0;
  std::string reported;

 private:
  FunctionWorld& world_;
  const Duration takes_;
};

void Register(FunctionWorld& world, FakeHost& host, InitMode mode, FunctionConfig config = {}) {
  config.name = "f";
  config.init_mode = mode;
  const auto registered =
      world.pool->Register(config, FunctionWorld::Sleeper(milliseconds(20)), &host);
  ASSERT_FALSE(registered.has_error()) << registered.error().message;
}

TEST(EnvironmentHostTest, AMeasuredInitTakesWhatTheHostTakes) {
  FunctionWorld world;
  FakeHost host(world, milliseconds(70));
  Register(world, host, InitMode::kMeasured, FunctionWorld::ColdStartOf(milliseconds(450)));
  const auto first = world.InvokeAt(seconds(0), "f");
  const auto second = world.InvokeAt(seconds(1), "f");
  world.RunUntil(seconds(2));
  EXPECT_EQ(first->at, TimePoint(milliseconds(90)));
  EXPECT_EQ(second->at, TimePoint(milliseconds(1020)));
  EXPECT_EQ(world.Rows("f")[0].init, 70'000'000);
  EXPECT_EQ(host.starts.size(), 1U);
  EXPECT_EQ(host.starts[0].init_limit, kInitLimit);
}

TEST(EnvironmentHostTest, AModelledInitHidesAShorterOneAndBothFollowEachOther) {
  for (const auto& [mode, end] : {std::pair(InitMode::kModelled, 470), {InitMode::kBoth, 540}}) {
    FunctionWorld world;
    FakeHost host(world, milliseconds(70));
    Register(world, host, mode, FunctionWorld::ColdStartOf(milliseconds(450)));
    const auto only = world.InvokeAt(seconds(0), "f");
    world.RunUntil(seconds(2));
    EXPECT_EQ(only->at, TimePoint(milliseconds(end)));
  }
  FunctionWorld world;
  FakeHost host(world, milliseconds(700));
  Register(world, host, InitMode::kModelled, FunctionWorld::ColdStartOf(milliseconds(450)));
  const auto only = world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(2));
  EXPECT_EQ(only->at, TimePoint(milliseconds(720)));
}

TEST(EnvironmentHostTest, AnInitThatFailsIsRepeatedOnceForItsInvocation) {
  FunctionWorld world;
  FakeHost host(world, milliseconds(10));
  host.failures = 1;
  Register(world, host, InitMode::kMeasured);
  const auto first = world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(1));
  EXPECT_EQ(first->result.payload.value(), "done");
  EXPECT_EQ(first->at, TimePoint(milliseconds(40)));
  EXPECT_EQ(host.starts.size(), 2U);
  EXPECT_EQ(host.starts[1].init_limit, seconds(3));  // the function's timeout
  EXPECT_EQ(host.living(), 1);
}

TEST(EnvironmentHostTest, AnInitThatFailsTwiceFailsItsInvocation) {
  for (const char* const reported : {"", R"({"errorType":"E","errorMessage":"m"})"}) {
    FunctionWorld world;
    FakeHost host(world, milliseconds(10));
    host.failures = 2;
    host.reported = reported;
    Register(world, host, InitMode::kMeasured);
    const auto first = world.InvokeAt(seconds(0), "f");
    const auto second = world.InvokeAt(seconds(1), "f");
    world.RunUntil(seconds(2));
    ASSERT_TRUE(first->result.payload.has_error());
    const std::string message = "RequestId: " + first->result.request_id +
                                " Error: Runtime exited with error: exit status 1";
    EXPECT_EQ(first->result.payload.error().message, message);
    const std::string made =
        R"({"errorType":"Runtime.ExitError","errorMessage":")" + message + R"("})";
    EXPECT_EQ(first->result.error_body, *reported == '\0' ? made : reported);
    EXPECT_EQ(second->result.payload.value(), "done");
    const auto rows = world.Rows("f");
    EXPECT_EQ(rows[0].outcome, "crash");
    EXPECT_EQ(rows[0].init, 20'000'000);
    EXPECT_EQ(rows[0].run, 0);
    EXPECT_EQ(world.Stats("f").busy, 0);
    EXPECT_EQ(world.Stats("f").initializing, 0);
    EXPECT_EQ(host.living(), 1);
    EXPECT_TRUE(world.pool->Idle());
  }
}

TEST(EnvironmentHostTest, EveryEnvironmentIsEndedOnce) {
  FunctionWorld world;
  FakeHost host(world, milliseconds(10));
  FunctionConfig config;
  config.keep_alive = minutes(1);
  Register(world, host, InitMode::kMeasured, config);
  for (int i = 0; i < 5; ++i) world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(10));
  EXPECT_EQ(host.living(), 5);
  world.RunUntil(seconds(100));
  EXPECT_EQ(host.living(), 0);  // by keep-alive
  world.InvokeAt(seconds(101), "f");
  world.RunUntil(seconds(102));
  EXPECT_EQ(host.living(), 1);
  EXPECT_EQ(world.pool->Reset("f").value(), 1);
  EXPECT_EQ(host.living(), 0);
  world.InvokeAt(seconds(103), "f");
  world.RunUntil(seconds(103) + milliseconds(5));  // within the init
  ASSERT_FALSE(world.pool->Unregister("f").has_error());
  world.RunUntil(seconds(104));
  EXPECT_EQ(host.living(), 0);
}

TEST(EnvironmentHostTest, ProvisionedEnvironmentsAreStartedAtOnceAndSaySo) {
  FunctionWorld world;
  FakeHost host(world, milliseconds(10));
  FunctionConfig config;
  config.provisioned_concurrency = 2;
  Register(world, host, InitMode::kMeasured, config);
  world.RunUntil(seconds(1));
  ASSERT_EQ(host.starts.size(), 2U);
  EXPECT_TRUE(host.starts[0].provisioned);
  EXPECT_EQ(host.starts[0].init_limit, kProvisionedInitLimit);
  for (int i = 0; i < 3; ++i) world.InvokeAt(seconds(1), "f");
  world.RunUntil(seconds(2));
  ASSERT_EQ(host.starts.size(), 3U);
  EXPECT_FALSE(host.starts[2].provisioned);
}

TEST(EnvironmentHostTest, AMeasuredInitNeedsAHost) {
  FunctionWorld world;
  FunctionConfig config;
  config.name = "f";
  config.init_mode = InitMode::kMeasured;
  const auto registered = world.pool->Register(config, FunctionWorld::Sleeper(milliseconds(20)));
  ASSERT_TRUE(registered.has_error());
  EXPECT_EQ(registered.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace kless
