// Environment: one execution environment of a function, from its init to its end.
//
// A plain state that the pool changes.  Everything that a handler may touch (store client, random
// stream, memory) lives here, and the invocation's context keeps the environment alive until the
// handler has returned, even if the pool has given it up.
#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/random.h"
#include "functions/pool/function.h"
#include "functions/pool/store_client.h"

namespace kless {

class Environment {
 public:
  enum class State { kInitializing, kIdle, kBusy, kGone };

  // `number` counts the environments of the function; together with `salt` it makes the name, such
  // as "job-controller-00007-5f0c2a91", which also names its random streams.
  Environment(EventLoop& event_loop, Store& store, const LatencyProfile& profile, Faults& faults,
              const FunctionConfig& config, std::uint64_t number, std::uint32_t salt,
              std::uint64_t seed, Telemetry* telemetry = nullptr);

  // There is one timer at a time, for the end of the init or of keep-alive.  A new one replaces the
  // old one; an old one that was already due when it was replaced does nothing.
  void SetTimer(EventLoop& event_loop, TimePoint deadline, std::function<void()> callback);
  void CancelTimer(EventLoop& event_loop);

  const std::uint64_t number;
  const std::string name;
  const int memory_mb;
  const Duration timeout;
  State state = State::kInitializing;
  bool retiring = false;  // it ends once its invocation has ended
  Random random;
  StoreClient client;
  std::any memory;
  Duration init{};  // sampled
  TimePoint
      ready_at{};  // end of init; of a hosted one TimePoint::max(), since only its host sees it
  TimePoint idle_since{};
  // for one started ahead of its use: until when, unless it is used
  std::optional<TimePoint> keep_until;

 private:
  std::optional<EventLoop::TimerId> timer_;
  std::shared_ptr<bool> timer_valid_;
};

// Makes a context that keeps its environment alive.
std::shared_ptr<InvocationContext> MakeContext(EventLoop& event_loop,
                                               std::shared_ptr<Environment> environment,
                                               std::string request_id, TimePoint deadline,
                                               bool cold_start);

}  // namespace kless
