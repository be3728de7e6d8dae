// TimerService: invokes functions when their timer items are due, like EventBridge EventLoop on
// AWS.
//
// It follows the feed for timer items (all of them are in the table, so a restart loses none).  A
// due timer invokes its function `timer_delivery` of the latency profile later; a failed or
// throttled invocation is repeated with a back-off from 1 s to 1 min for as long as the item
// exists.  After a successful one the item is removed, or only its time if it holds a memo; an item
// that was rewritten meanwhile stays.  Delivery is at least once, as on AWS.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "emulator/base/loop/event.h"
#include "emulator/base/loop/event_loop.h"
#include "emulator/base/random.h"
#include "emulator/control_planes/feed_follower.h"
#include "emulator/control_planes/timer_item.h"
#include "functions/pool/pool.h"
#include "store/store.h"

namespace kless::control_planes {

class TimerService {
 public:
  // All references must outlive it.
  TimerService(EventLoop& event_loop, Store& store, FunctionPool& pool,
               const LatencyProfile& profile, std::uint64_t seed);

  void Start();  // call it once
  // Fires no more timers; running invocations finish.
  void Stop() { stopping_ = true; }

  // Whether every committed timer item has been seen, and none is due or being fired.
  bool Idle() const;
  std::size_t pending() const { return timers_.size(); }
  // Idle, and no timer waits except those of housekeeping, which never end: the flush of the
  // scheduler's unschedulable pods, and the supervision of heartbeats.
  bool AtRest() const;
  std::optional<TimePoint> next() const;
  std::uint64_t fired() const { return fired_; }

 private:
  struct Pending {
    TimerItem item;
    EventLoop::TimerId call{};
    bool waiting = false;  // `call` is set
    bool firing = false;
  };

  FeedFollower::Handlers MakeHandlers();
  Task<bool> List(std::uint64_t* position);
  void Keep(const ResourceId& id, const ItemPtr& item);
  void Arm(const std::string& name, Pending& pending);
  Task<> Fire(std::string name);
  // Called after a successful invocation.
  void Settle(const std::string& name, std::uint64_t version);

  EventLoop& event_loop_;
  Store& store_;
  FunctionPool& pool_;
  const LatencyProfile& profile_;
  Random random_;
  bool stopping_ = false;
  int firing_ = 0;
  std::uint64_t fired_ = 0;
  std::map<std::string, Pending> timers_;  // by resource name
  FeedFollower follower_;
};

}  // namespace kless::control_planes
