#include "emulator/control_planes/classic/api_server.h"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace kless::control_planes {

ApiServer::ApiServer(Scheduler& scheduler, const ClassicProfile& profile, std::uint64_t seed)
    : scheduler_(scheduler),
      profile_(profile),
      random_(seed, "api server"),
      cores_free_at_(static_cast<std::size_t>(profile.api_cores)) {}

Task<Duration> ApiServer::Serve() {
  ++calls_;
  const Duration latency = profile_.api_latency.Sample(random_);
  const Duration cpu = profile_.api_cpu.Sample(random_);
  const Duration way_there = latency / 2;
  if (way_there > Duration::zero()) co_await scheduler_.SleepFor(way_there);
  const auto core = std::min_element(cores_free_at_.begin(), cores_free_at_.end());
  const TimePoint done = std::max(*core, scheduler_.Now()) + cpu;
  *core = done;
  if (done > scheduler_.Now()) {
    co_await scheduler_.SleepUntil(done);
  } else {
    co_await asio::post(scheduler_.executor(), asio::use_awaitable);
  }
  co_return latency - way_there;
}

Task<ApiCall> ApiClient::Begin() {
  ApiCall call;
  const TimePoint began = scheduler_.Now();
  const TimePoint allowed = bucket_.Reserve(began);
  if (allowed > began) co_await scheduler_.SleepUntil(allowed);
  call.throttle = scheduler_.Now() - began;
  const TimePoint sent = scheduler_.Now();
  call.way_back = co_await server_.Serve();
  call.store = scheduler_.Now() - sent;
  co_return call;
}

Task<> ApiClient::End(ApiCall* call) {
  if (call->way_back <= Duration::zero()) co_return;
  co_await scheduler_.SleepFor(call->way_back);
  call->store += call->way_back;
}

}  // namespace kless::control_planes
