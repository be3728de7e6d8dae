// WorkQueue: client-go's rate-limited, delaying work queue of keys.
//
// A queued key is not queued twice.  A key that a worker is processing is queued again when it is
// done.  Of several delayed additions of a key the earliest counts.  Keys are delivered in the
// order in which they became due.  Rules: client-go util/workqueue, as in reference kubernetes.md,
// I and (b).
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "emulator/base/loop/event.h"
#include "emulator/base/loop/event_loop.h"

namespace kless::control_planes {

class WorkQueue {
 public:
  // The back-off of AddRateLimited is retry_base, doubled with each failure of the key up to
  // retry_max.
  WorkQueue(EventLoop& event_loop, Duration retry_base, Duration retry_max);

  void Add(const std::string& key);
  void AddAfter(const std::string& key, Duration delay);
  void AddRateLimited(const std::string& key);
  // Resets the failures of the key.
  void Forget(const std::string& key) { failures_.erase(key); }

  struct Taken {
    std::string key;
    TimePoint due_at{};  // when it entered the queue
  };
  // Waits for a key; callers are served in order.
  Task<Taken> Get();
  void Done(const std::string& key);

  std::size_t depth() const { return queue_.size(); }
  // Whether no key is queued, being processed, or delayed and due within `horizon`.
  bool Quiet(Duration horizon) const;
  // Whether no key is queued, being processed, or delayed.
  bool Idle() const { return queue_.empty() && in_hand_.empty() && delayed_.empty(); }

 private:
  EventLoop& event_loop_;
  const Duration retry_base_;
  const Duration retry_max_;
  Event ready_;
  std::deque<Taken> queue_;
  std::map<std::string, TimePoint> dirty_;  // queued, or to be queued when it is done
  std::set<std::string> in_hand_;
  std::map<std::string, EventLoop::TimerId> delayed_;
  std::map<std::string, int> failures_;
};

}  // namespace kless::control_planes
