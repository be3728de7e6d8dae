#include "emulator/control_planes/classic/api_server.h"

#include <gtest/gtest.h>

#include <vector>

namespace kless::control_planes {
namespace {

using std::chrono::milliseconds;

class ApiServerTest : public ::testing::Test {
 protected:
  ApiServerTest() {
    profile_.api_cores = 2;
    profile_.api_latency = Distribution::Constant(milliseconds(4));
    profile_.api_cpu = Distribution::Constant(milliseconds(10));
  }
  Task<> Request(ApiServer* server) {
    const Duration way_back = co_await server->Serve();
    served_.push_back(event_loop_.Now());
    ways_back_.push_back(way_back);
  }
  Task<> Call(ApiClient* client) {
    ApiCall call = co_await client->Begin();
    served_.push_back(event_loop_.Now());
    co_await client->End(&call);
    calls_.push_back(call);
  }

  asio::io_context context_{1};
  VirtualEventLoop event_loop_{context_};
  ClassicProfile profile_;
  std::vector<TimePoint> served_;
  std::vector<Duration> ways_back_;
  std::vector<ApiCall> calls_;
};

TEST_F(ApiServerTest, RequestsShareTheCoresInTheOrderOfArrival) {
  ApiServer server(event_loop_, profile_, 1);
  for (int i = 0; i < 5; ++i) Spawn(event_loop_, "request", Request(&server));
  event_loop_.Run();
  // 2 ms for the way there, then 10 ms on one of two cores.
  const std::vector<TimePoint> expected = {TimePoint(milliseconds(12)), TimePoint(milliseconds(12)),
                                           TimePoint(milliseconds(22)), TimePoint(milliseconds(22)),
                                           TimePoint(milliseconds(32))};
  EXPECT_EQ(served_, expected);
  EXPECT_EQ(ways_back_.front(), milliseconds(2));
  EXPECT_EQ(server.calls(), 5u);
}

TEST_F(ApiServerTest, ACallSaysWhatItSpentWaitingForATokenAndOnTheServer) {
  ApiServer server(event_loop_, profile_, 1);
  ApiClient client(event_loop_, server, 10, 1);
  Spawn(event_loop_, "first", Call(&client));
  Spawn(event_loop_, "second", Call(&client));
  event_loop_.Run();
  ASSERT_EQ(calls_.size(), 2u);
  EXPECT_EQ(calls_[0].throttle, Duration::zero());
  EXPECT_EQ(calls_[0].store, milliseconds(14));
  EXPECT_EQ(calls_[1].throttle, milliseconds(100));
  EXPECT_EQ(calls_[1].store, milliseconds(14));
  EXPECT_EQ(served_[1], TimePoint(milliseconds(112)));
}

}  // namespace
}  // namespace kless::control_planes
