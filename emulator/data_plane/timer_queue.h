// TimerQueue: manages very many timers with one timer of the EventLoop.  Equal deadlines are due in
// the order in which they were added.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "emulator/base/loop/event_loop.h"

namespace kless::data_plane {

struct TimerId {
  TimePoint at{};
  std::uint64_t sequence = 0;  // 0: none
  auto operator<=>(const TimerId&) const = default;
};

template <class Payload>
class TimerQueue {
 public:
  // `due` is called with one payload after another, at most kPerStep per step of the run.
  TimerQueue(EventLoop& event_loop, std::function<void(Payload)> due)
      : event_loop_(event_loop), due_(std::move(due)) {}
  ~TimerQueue() { Clear(); }
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;

  TimerId Add(TimePoint at, Payload payload) {
    const TimerId id{at, next_++};
    timers_.emplace(id, std::move(payload));
    Arm();
    return id;
  }
  // Has no effect on timers that have fired, or on {}.
  void Remove(const TimerId& id) {
    if (timers_.erase(id) > 0) Arm();
  }
  void Clear() {
    timers_.clear();
    Arm();
  }
  bool AnyDue() const { return !timers_.empty() && timers_.begin()->first.at <= event_loop_.Now(); }
  std::size_t size() const { return timers_.size(); }

 private:
  static constexpr int kPerStep = 32;

  void Arm() {
    const std::optional<TimePoint> next =
        timers_.empty() ? std::nullopt : std::optional(timers_.begin()->first.at);
    if (next == armed_at_) return;
    if (armed_at_) event_loop_.Cancel(armed_);
    armed_at_ = next;
    // A timer that was due when it was cancelled still arrives; its ticket identifies it.
    const std::uint64_t ticket = ++ticket_;
    if (!next) return;
    armed_ = event_loop_.CallAt(*next, [this, ticket] {
      if (ticket == ticket_) Fire();
    });
  }

  void Fire() {
    armed_at_.reset();
    for (int i = 0; i < kPerStep && AnyDue(); ++i) {
      auto node = timers_.extract(timers_.begin());
      due_(std::move(node.mapped()));
    }
    Arm();
  }

  EventLoop& event_loop_;
  const std::function<void(Payload)> due_;
  std::map<TimerId, Payload> timers_;
  std::uint64_t next_ = 1;
  std::optional<TimePoint> armed_at_;
  std::uint64_t ticket_ = 0;  // of the last arming
  EventLoop::TimerId armed_;
};

}  // namespace kless::data_plane
