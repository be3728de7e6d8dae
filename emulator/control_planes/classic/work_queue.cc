#include "emulator/control_planes/classic/work_queue.h"

#include <algorithm>

namespace kless::control_planes {

WorkQueue::WorkQueue(EventLoop& event_loop, Duration retry_base, Duration retry_max)
    : event_loop_(event_loop), retry_base_(retry_base), retry_max_(retry_max), ready_(event_loop) {}

void WorkQueue::Add(const std::string& key) {
  if (!dirty_.emplace(key, event_loop_.Now()).second) return;
  if (in_hand_.contains(key)) return;
  queue_.push_back({key, event_loop_.Now()});
  ready_.NotifyOne();
}

void WorkQueue::AddAfter(const std::string& key, Duration delay) {
  if (delay <= Duration::zero()) {
    Add(key);
    return;
  }
  const TimePoint due = event_loop_.Now() + delay;
  const auto waiting = delayed_.find(key);
  if (waiting != delayed_.end()) {
    if (waiting->second.deadline <= due) return;
    event_loop_.Cancel(waiting->second);
    delayed_.erase(waiting);
  }
  delayed_.emplace(key, event_loop_.CallAt(due, [this, key] {
    delayed_.erase(key);
    Add(key);
  }));
}

void WorkQueue::AddRateLimited(const std::string& key) {
  const int failures = failures_[key]++;
  Duration delay = retry_base_;
  for (int i = 0; i < failures && delay < retry_max_; ++i) delay *= 2;
  AddAfter(key, std::min(delay, retry_max_));
}

bool WorkQueue::Quiet(Duration horizon) const {
  const TimePoint until = event_loop_.Now() + horizon;
  return queue_.empty() && in_hand_.empty() &&
         std::none_of(delayed_.begin(), delayed_.end(),
                      [&](const auto& delayed) { return delayed.second.deadline <= until; });
}

Task<WorkQueue::Taken> WorkQueue::Get() {
  while (queue_.empty()) co_await ready_.Wait();
  Taken taken = std::move(queue_.front());
  queue_.pop_front();
  dirty_.erase(taken.key);
  in_hand_.insert(taken.key);
  co_return taken;
}

void WorkQueue::Done(const std::string& key) {
  in_hand_.erase(key);
  const auto again = dirty_.find(key);
  if (again == dirty_.end()) return;
  queue_.push_back({key, again->second});
  ready_.NotifyOne();
}

}  // namespace kless::control_planes
