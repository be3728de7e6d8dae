// Event: lets coroutines wait for a notification; they are woken in the order in which they began
// to wait.  It has no state: a notification wakes only current waiters.  Wait in a loop over the
// condition.
#pragma once

#include <optional>

#include "emulator/base/loop/event_loop.h"

namespace kless {

class Event {
 public:
  explicit Event(EventLoop& event_loop);
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // Returns true if notified, false at the deadline.  If cancelled, throws operation_aborted.
  template <typename Token = asio::use_awaitable_t<>>
  auto Wait(std::optional<TimePoint> deadline = std::nullopt, Token&& token = {}) {
    return asio::async_initiate<Token, void(boost::system::error_code, bool)>(
        [this](auto handler, std::optional<TimePoint> until) {
          Enqueue(until, Handler(std::move(handler)));
        },
        token, deadline);
  }
  // Both make the woken coroutines ready, without running them.
  void NotifyOne();
  void NotifyAll();
  std::size_t waiters() const { return waiters_.size(); }

 private:
  friend class EventLoop;
  using Handler = asio::any_completion_handler<void(boost::system::error_code, bool)>;
  struct Waiter {
    Handler handler;
    std::optional<EventLoop::TimerId> timer;
  };
  void Enqueue(std::optional<TimePoint> deadline, Handler handler);
  void Complete(std::uint64_t ticket, boost::system::error_code error, bool notified);

  EventLoop& event_loop_;
  std::map<std::uint64_t, Waiter> waiters_;
  std::uint64_t next_ticket_ = 1;
};

}  // namespace kless
