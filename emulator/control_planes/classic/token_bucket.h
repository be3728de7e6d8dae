// TokenBucket: the client-side rate limit of a Kubernetes client (client-go's flowcontrol, which is
// golang.org/x/time/rate).  First come, first served: each caller reserves the next free token,
// even if later callers are ready earlier.  Arithmetic only: no clock, no waiting.
#pragma once

#include <algorithm>

#include "emulator/base/clock.h"

namespace kless::control_planes {

class TokenBucket {
 public:
  // per_s 0: no limit.  `burst` >= 1 is the size of the bucket.
  TokenBucket(double per_s, int burst)
      : interval_(per_s > 0 ? static_cast<Duration::rep>(1e9 / per_s) : 0), burst_(burst) {}

  // Reserves a token and returns the time from which the caller may continue, never before `now`.
  // `now` must not decrease between calls.
  TimePoint Reserve(TimePoint now) {
    if (interval_ == Duration::zero()) return now;
    full_at_ = std::max(full_at_, now) + interval_;
    return std::max(now, full_at_ - burst_ * interval_);
  }

 private:
  const Duration interval_;
  const int burst_;
  TimePoint full_at_{};  // when the bucket will be full without further calls
};

}  // namespace kless::control_planes
