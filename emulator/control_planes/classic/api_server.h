// ApiServer and ApiClient: the emulated time of a request in the classic control plane.
//
// A request spends half of its latency on the way to the server, waits for one of the server's
// cores in the order of arrival, is processed, takes effect, and spends the other half on the way
// back.  Before all that, a controller's client waits for its token bucket.  The caller performs
// the effect itself, a write to the store, before the way back.
#pragma once

#include <cstdint>
#include <vector>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/random.h"
#include "emulator/control_planes/classic/token_bucket.h"
#include "functions/pool/latency_profile.h"

namespace kless::control_planes {

class ApiServer {
 public:
  // All references must outlive it.
  ApiServer(EventLoop& event_loop, const ClassicProfile& profile, std::uint64_t seed);

  // Awaits the way to the server and the processing; returns the duration of the way back.
  Task<Duration> Serve();
  std::uint64_t calls() const { return calls_; }

 private:
  EventLoop& event_loop_;
  const ClassicProfile& profile_;
  Random random_;
  std::vector<TimePoint> cores_free_at_;
  std::uint64_t calls_ = 0;
};

// The time spent on a call so far, and the duration of its way back.
struct ApiCall {
  Duration throttle{};
  Duration store{};
  Duration way_back{};
};

class ApiClient {
 public:
  // per_s 0: no limit.
  ApiClient(EventLoop& event_loop, ApiServer& server, double per_s, int burst)
      : event_loop_(event_loop), server_(server), bucket_(per_s, burst) {}

  // The caller performs the effect next, then awaits End.
  Task<ApiCall> Begin();
  Task<> End(ApiCall* call);

 private:
  EventLoop& event_loop_;
  ApiServer& server_;
  TokenBucket bucket_;
};

}  // namespace kless::control_planes
