// ApiServer and ApiClient: what a request of the classic control plane costs in emulated time.
//
// A request spends half of its latency on the way, waits for one of the server's cores in the order
// of arrival, is worked on, takes effect, and spends the other half on the way back.  A
// controller's client waits for its token bucket before all that.  The effect itself is a write to
// the store by the caller, between Begin and the way back.
#pragma once

#include <cstdint>
#include <vector>

#include "emulator/base/random.h"
#include "emulator/base/scheduler.h"
#include "emulator/control_planes/classic/token_bucket.h"
#include "functions/latency_profile.h"

namespace kless::control_planes {

class ApiServer {
 public:
  // All references outlive it.
  ApiServer(Scheduler& scheduler, const ClassicProfile& profile, std::uint64_t seed);

  // The way there and the work; returns what the way back will take.
  Task<Duration> Serve();
  std::uint64_t calls() const { return calls_; }

 private:
  Scheduler& scheduler_;
  const ClassicProfile& profile_;
  Random random_;
  std::vector<TimePoint> cores_free_at_;
  std::uint64_t calls_ = 0;
};

// What has been spent on a call so far, and what its way back will take.
struct ApiCall {
  Duration throttle{};
  Duration store{};
  Duration way_back{};
};

class ApiClient {
 public:
  // per_s 0: no limit.
  ApiClient(Scheduler& scheduler, ApiServer& server, double per_s, int burst)
      : scheduler_(scheduler), server_(server), bucket_(per_s, burst) {}

  // The caller makes its effect next, then awaits End.
  Task<ApiCall> Begin();
  Task<> End(ApiCall* call);

 private:
  Scheduler& scheduler_;
  ApiServer& server_;
  TokenBucket bucket_;
};

}  // namespace kless::control_planes
