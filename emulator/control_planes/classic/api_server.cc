#include "emulator/control_planes/classic/api_server.h"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace kless::control_planes {

ApiServer::ApiServer(EventLoop& event_loop, const ClassicProfile& profile, std::uint64_t seed)
    : event_loop_(event_loop),
      profile_(profile),
      random_(seed, "api server"),
      cores_free_at_(static_cast<std::size_t>(profile.api_cores)) {}

Task<Duration> ApiServer::Serve() {
  ++calls_;
  const Duration latency = profile_.api_latency.Sample(random_);
  const Duration cpu = profile_.api_cpu.Sample(random_);
  const Duration way_there = latency / 2;
  if (way_there > Duration::zero()) co_await event_loop_.SleepFor(way_there);
  const auto core = std::min_element(cores_free_at_.begin(), cores_free_at_.end());
  const TimePoint done = std::max(*core, event_loop_.Now()) + cpu;
  *core = done;
  if (done > event_loop_.Now()) {
    co_await event_loop_.SleepUntil(done);
  } else {
    co_await asio::post(event_loop_.executor(), asio::use_awaitable);
  }
  co_return latency - way_there;
}

Task<ApiCall> ApiClient::Begin() {
  ApiCall call;
  const TimePoint began = event_loop_.Now();
  const TimePoint allowed = bucket_.Reserve(began);
  if (allowed > began) co_await event_loop_.SleepUntil(allowed);
  call.throttle = event_loop_.Now() - began;
  const TimePoint sent = event_loop_.Now();
  call.way_back = co_await server_.Serve();
  call.store = event_loop_.Now() - sent;
  co_return call;
}

Task<> ApiClient::End(ApiCall* call) {
  if (call->way_back <= Duration::zero()) co_return;
  co_await event_loop_.SleepFor(call->way_back);
  call->store += call->way_back;
}

}  // namespace kless::control_planes
