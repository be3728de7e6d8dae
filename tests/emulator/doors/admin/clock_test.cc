#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>

#include "emulator/doors/admin/door.h"

namespace kless::doors {
namespace {

using nlohmann::json;

// The admin door with a real clock.  The clock is paused, so that emulated times are exact.
class AdminClockTest : public testing::Test {
 protected:
  AdminClockTest() {
    StoreOptions options;
    options.durability = Durability::kMemory;
    store = std::move(Store::Open(event_loop, options).value());
    pool = std::make_unique<FunctionPool>(event_loop, *store, profile, faults, PoolOptions{});
    door = std::make_unique<AdminDoor>(event_loop, &event_loop, *store, *pool, mappings, faults);
    door->Register(router);
  }
  ~AdminClockTest() override { event_loop.DropAll(); }

  // Sends the request and runs the loop until there is a reply.
  json Send(std::string method, const std::string& target, const json& body, int status = 200) {
    HttpRequest request;
    EXPECT_TRUE(ParseTarget(target, &request).has_value());
    request.method = std::move(method);
    if (!body.is_null()) request.body = body.dump();
    HttpResponse answer;
    asio::co_spawn(event_loop.executor(), router.Dispatch(std::move(request)),
                   [&](std::exception_ptr, HttpResponse response) {
                     answer = std::move(response);
                     event_loop.Stop();
                   });
    event_loop.Run();
    EXPECT_EQ(answer.status, status) << answer.body;
    return json::parse(answer.body);
  }

  asio::io_context context{1};
  RealEventLoop event_loop{context};
  LatencyProfile profile;
  Faults faults{1};
  std::unique_ptr<Store> store;
  std::unique_ptr<FunctionPool> pool;
  EventSourceMappings mappings;
  std::unique_ptr<AdminDoor> door;
  Router router;
};

TEST_F(AdminClockTest, AnAdvanceSkipsTenMinutesAndEveryTimerInThemFires) {
  Send("POST", "/kless/v1/clock", {{"paused", true}});
  const TimePoint start = event_loop.Now();
  int fired = 0;
  for (const int minute : {1, 5, 10, 11}) {
    event_loop.CallAt(start + std::chrono::minutes(minute), [&fired] { ++fired; });
  }
  const json clock = Send("POST", "/kless/v1/clock", {{"advance_ms", 600'000}});
  EXPECT_EQ(fired, 3);
  EXPECT_EQ(event_loop.Now() - start, std::chrono::minutes(10));
  EXPECT_EQ(clock["mode"], "real");
  EXPECT_EQ(clock["paused"], true);
  EXPECT_EQ(clock["next_timer_ms"], 60'000.0);
}

TEST_F(AdminClockTest, SpeedAndPauseAreSetAndShown) {
  EXPECT_EQ(Send("POST", "/kless/v1/clock", {{"speed", 10}, {"paused", true}})["speed"], 10.0);
  EXPECT_EQ(Send("GET", "/kless/v1/clock", nullptr)["paused"], true);
  EXPECT_EQ(Send("POST", "/kless/v1/clock", {{"paused", false}})["paused"], false);
  Send("POST", "/kless/v1/clock", {{"speed", 0}}, 400);
  EXPECT_EQ(event_loop.speed(), 10.0);
}

TEST_F(AdminClockTest, WithThePausedClockIdleDoesNotWaitForTimers) {
  FunctionConfig config;
  config.name = "slow";
  config.init = Distribution::Constant(std::chrono::seconds(60));
  const auto registered =
      pool->Register(config,
                     [](std::shared_ptr<const FunctionEvent>, std::shared_ptr<InvocationContext>)
                         -> Task<Result<std::string>> { co_return std::string("{}"); });
  ASSERT_TRUE(registered.has_value());
  Send("POST", "/kless/v1/clock", {{"paused", true}});
  ASSERT_TRUE(pool->InvokeAsync("slow", "{}").has_value());
  const json waiting = Send("GET", "/kless/v1/idle?timeout=30s", nullptr, 408);
  EXPECT_EQ(waiting["idle"], false);
  EXPECT_EQ(waiting["error"]["message"].get<std::string>().find("the clock is paused: "), 0u);
  Send("POST", "/kless/v1/clock", {{"advance_ms", 120'000}});
  EXPECT_EQ(Send("GET", "/kless/v1/idle", nullptr)["idle"], true);
}

}  // namespace
}  // namespace kless::doors
