#include "emulator/base/loop/event.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace kless {

using boost::system::error_code;

Event::Event(EventLoop& event_loop) : event_loop_(event_loop) { event_loop_.events_.insert(this); }

// Waiters are destroyed without being resumed: what they would look at next belongs to the owner of
// this Event, which is being destroyed with it.
Event::~Event() {
  for (auto& [ticket, waiter] : waiters_) {
    if (waiter.timer) event_loop_.Cancel(*waiter.timer);
  }
  std::exchange(waiters_, {}).clear();
  event_loop_.events_.erase(this);
}

void Event::Enqueue(std::optional<TimePoint> deadline, Handler handler) {
  // A wait can end by notification, deadline or cancellation.  All three know it by its ticket
  // only: the first takes the waiter out of the map, and the others find nothing.
  const std::uint64_t ticket = next_ticket_++;
  auto slot = asio::get_associated_cancellation_slot(handler);
  if (slot.is_connected()) {
    slot.assign([this, ticket](asio::cancellation_type) {
      Complete(ticket, asio::error::operation_aborted, false);
    });
  }
  Waiter waiter{std::move(handler), std::nullopt};
  if (deadline) {
    waiter.timer =
        event_loop_.CallAt(*deadline, [this, ticket] { Complete(ticket, error_code{}, false); });
  }
  waiters_.emplace(ticket, std::move(waiter));
}

void Event::Complete(std::uint64_t ticket, error_code error, bool notified) {
  auto node = waiters_.extract(ticket);
  if (node.empty()) return;
  Waiter waiter = std::move(node.mapped());
  if (waiter.timer) event_loop_.Cancel(*waiter.timer);
  // A cancellation calls from inside the slot, which cannot be cleared there.  Otherwise the slot
  // must forget this Event: it may be gone when the coroutine is cancelled later.
  if (error != asio::error::operation_aborted) {
    auto slot = asio::get_associated_cancellation_slot(waiter.handler);
    if (slot.is_connected()) slot.clear();
  }
  asio::post(event_loop_.context_, [handler = std::move(waiter.handler), error,
                                    notified]() mutable { std::move(handler)(error, notified); });
}

void Event::NotifyOne() {
  if (!waiters_.empty()) Complete(waiters_.begin()->first, error_code{}, true);
}

void Event::NotifyAll() {
  const std::uint64_t last = next_ticket_;
  while (!waiters_.empty() && waiters_.begin()->first < last) {
    Complete(waiters_.begin()->first, error_code{}, true);
  }
}

}  // namespace kless
