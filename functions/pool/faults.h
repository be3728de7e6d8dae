// Faults on demand, which POST /kless/v1/faults and the fault plans of experiments switch on.
//
//   {"kind": "duplicate", "rate": 0.1}             a delivered batch is delivered again
//   {"kind": "delay", "rate": 1, "delay_ms": 500}  a batch is delivered late
//   {"kind": "reorder", "rate": 0.2}               the records of a batch are shuffled
//   {"kind": "throttle", "at": 3}                  the 3rd invocation from now is refused
//   {"kind": "store_error", "rate": 0.01}          a store call fails before it has any effect
//   {"kind": "crash", "at": 7}                     the environment dies before its 7th next write
//   {"kind": "crash_after", "at": 7}               ... right after that write took effect
//   {"kind": "stall", "at": 7, "delay_ms": 900000} the environment pauses before that write
//   {"kind": "slow_init", "at": 2, "delay_ms": 3000}
//                                                  the 2nd next init takes 3 s longer
//   {"kind": "lose_write", "at": 1}                a write to a pod is reported as done but is not
//                                                  made; no real store does so: it tests tests
//   {"kind": "clear"}                              all faults are disarmed
// "rate" (0..1) or "at" (n-th opportunity from now, 1-based, fires once) is required; "function"
// restricts a fault to one function (default: all); "count" limits how often a rate fires.
// "delay_ms" is required for delay, stall and slow_init; for duplicate it is how much later the
// batch is delivered again (default 0: at once, concurrently with the batches that follow it).
// Unknown fields, and fields that the kind does not use, are errors.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/clock.h"
#include "emulator/base/error.h"
#include "emulator/base/random.h"

namespace kless {

enum class FaultKind {
  kDuplicate,
  kDelay,
  kReorder,
  kThrottle,
  kStoreError,
  kCrash,
  kCrashAfter,
  kStall,
  kSlowInit,
  kLoseWrite
};
const char* FaultKindName(FaultKind kind);  // "duplicate", ...

class Faults {
 public:
  explicit Faults(std::uint64_t seed);

  // kInvalidArgument names the field at fault.
  Result<void> Add(const nlohmann::json& json);
  void Clear();
  // The armed faults and how often each has fired, as a JSON array.
  nlohmann::json ToJson() const;

  // Counts one opportunity of `kind` in `function` for every fault that it concerns.  If any of
  // them fire now, returns the longest of their delays (zero for kinds without one).
  std::optional<Duration> Fires(FaultKind kind, const std::string& function);
  bool any() const { return !faults_.empty(); }
  std::uint64_t fired() const;  // by all armed faults
  Random& random() { return random_; }

 private:
  struct Fault {
    FaultKind kind{};
    std::string function;
    double rate = 0;
    std::uint64_t at = 0;  // 0: by rate
    std::uint64_t seen = 0;
    std::uint64_t fired = 0;
    std::uint64_t count = 0;  // 0: no limit
    Duration delay{};
  };
  bool FiresNow(Fault& fault);

  std::vector<Fault> faults_;
  Random random_;
};

}  // namespace kless
