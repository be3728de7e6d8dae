// The caps of the function pool: account and reserved concurrency, and the scale-up rate.
// Arithmetic only: no clock, no waiting.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "emulator/base/clock.h"

namespace kless {

// One function's part of the account's concurrency.
struct ConcurrencyShare {
  std::optional<int> reserved;  // both its guarantee and its cap
  int provisioned = 0;          // its guarantee if it has no reservation
  int in_flight = 0;            // current invocations

  int guaranteed() const { return reserved.value_or(provisioned); }
  // The invocations that use what the guarantees leave of the account's limit.
  int beyond() const { return reserved ? 0 : std::max(0, in_flight - provisioned); }
};

// The account's limit.  Guarantees are subtracted from it whether they are used or not; functions
// without a reservation share the rest, first come, first served.
class AccountConcurrency {
 public:
  explicit AccountConcurrency(int limit) : limit_(limit) {}

  int limit() const { return limit_; }
  int in_flight() const { return in_flight_; }
  int guaranteed() const { return guaranteed_; }
  void set_limit(int limit) { limit_ = limit; }

  bool MayStart(const ConcurrencyShare& share) const {
    if (share.in_flight < share.guaranteed()) return true;
    return !share.reserved && beyond_ < limit_ - guaranteed_;
  }
  // The maximum number of concurrent invocations that the function could ever have.
  int Ceiling(const ConcurrencyShare& share) const {
    return share.reserved ? *share.reserved : share.provisioned + limit_ - guaranteed_;
  }
  void Start(ConcurrencyShare& share) { Count(share, share.in_flight + 1); }
  void End(ConcurrencyShare& share) { Count(share, share.in_flight - 1); }
  // A new function has no guarantee yet: Change() gives it one.
  void Change(ConcurrencyShare& share, std::optional<int> reserved, int provisioned) {
    guaranteed_ -= share.guaranteed();
    beyond_ -= share.beyond();
    share.reserved = reserved;
    share.provisioned = provisioned;
    guaranteed_ += share.guaranteed();
    beyond_ += share.beyond();
  }

 private:
  void Count(ConcurrencyShare& share, int in_flight) {
    beyond_ -= share.beyond();
    in_flight_ += in_flight - share.in_flight;
    share.in_flight = in_flight;
    beyond_ += share.beyond();
  }

  int limit_;
  int guaranteed_ = 0;
  int beyond_ = 0;
  int in_flight_ = 0;
};

// Limits how many environments a function may start: a bucket of size `per_10s`, refilled
// continuously at that rate.  Unused credit is not accumulated beyond a full bucket.
class ScaleUpRate {
 public:
  explicit ScaleUpRate(int per_10s) : per_10s_(per_10s), credit_(per_10s * kPeriod) {}

  // The new rate applies from now on; the contents of the bucket are kept, up to the new size.
  void SetRate(int per_10s, TimePoint now) {
    Refill(now);
    per_10s_ = per_10s;
    credit_ = std::min(credit_, per_10s_ * kPeriod);
  }
  bool TryTake(TimePoint now) {
    Refill(now);
    if (credit_ < kPeriod) return false;
    credit_ -= kPeriod;
    return true;
  }

 private:
  // One environment costs kPeriod of credit; a nanosecond earns per_10s_.  Whole numbers, so that
  // the refill is exact whatever the steps.
  static constexpr std::int64_t kPeriod = 10'000'000'000;

  void Refill(TimePoint now) {
    const std::int64_t elapsed = std::min((now - refilled_).count(), kPeriod);
    refilled_ = now;
    credit_ = std::min(credit_ + elapsed * per_10s_, per_10s_ * kPeriod);
  }

  std::int64_t per_10s_;
  std::int64_t credit_;
  TimePoint refilled_{};
};

}  // namespace kless
