#include "emulator/base/loop/event_loop.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>
#include <csignal>

#include "emulator/base/loop/event.h"
#include "emulator/base/system/log.h"

namespace kless {

using boost::system::error_code;

void Spawn(EventLoop& event_loop, std::string name, Task<> task) {
  auto report = [&event_loop, name = std::move(name)](std::exception_ptr failure) {
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
      if (error.code() == asio::error::operation_aborted) return;
      event_loop.CountFailedTask();
      Log(LogLevel::kError, name, error.what());
    } catch (const std::exception& error) {
      event_loop.CountFailedTask();
      Log(LogLevel::kError, name, error.what());
    }
  };
  asio::co_spawn(event_loop.executor(), std::move(task), std::move(report));
}

EventLoop::EventLoop(asio::io_context& context, std::int64_t unix_epoch_nanos)
    : context_(context), unix_epoch_nanos_(unix_epoch_nanos) {}

EventLoop::~EventLoop() { DropAll(); }

void EventLoop::Post(std::function<void()> handler) { asio::post(context_, std::move(handler)); }

EventLoop::TimerId EventLoop::CallAt(TimePoint deadline, std::function<void()> callback) {
  const TimerId id{deadline, next_sequence_++};
  const auto before = NextDeadline();
  timers_.emplace(id, std::move(callback));
  if (!before || deadline < *before) OnNextDeadlineChanged();
  return id;
}

bool EventLoop::Cancel(const TimerId& id) { return timers_.erase(id) > 0; }

std::optional<TimePoint> EventLoop::NextDeadline() const {
  std::optional<TimePoint> next;
  if (!timers_.empty()) next = timers_.begin()->first.deadline;
  if (!sleepers_.empty()) {
    const TimePoint deadline = sleepers_.begin()->first.deadline;
    next = next ? std::min(*next, deadline) : deadline;
  }
  return next;
}

void EventLoop::EnqueueSleep(TimePoint deadline, SleepHandler handler) {
  const TimerId id{deadline, next_sequence_++};
  auto slot = asio::get_associated_cancellation_slot(handler);
  if (slot.is_connected()) {
    slot.assign([this, id](asio::cancellation_type) {
      auto node = sleepers_.extract(id);
      if (node.empty()) return;
      asio::post(context_, [handler = std::move(node.mapped())]() mutable {
        std::move(handler)(asio::error::operation_aborted);
      });
    });
  }
  const auto before = NextDeadline();
  sleepers_.emplace(id, std::move(handler));
  if (!before || deadline < *before) OnNextDeadlineChanged();
}

bool EventLoop::WakeOne(TimePoint now) {
  const bool have_sleeper = !sleepers_.empty();
  const bool have_timer = !timers_.empty();
  if (!have_sleeper && !have_timer) return false;
  const bool sleeper_first =
      have_sleeper && (!have_timer || sleepers_.begin()->first < timers_.begin()->first);
  if (sleeper_first) {
    if (sleepers_.begin()->first.deadline > now) return false;
    auto node = sleepers_.extract(sleepers_.begin());
    // The slot must not look for a sleeper that has left the queue.
    auto slot = asio::get_associated_cancellation_slot(node.mapped());
    if (slot.is_connected()) slot.clear();
    asio::post(context_, [handler = std::move(node.mapped())]() mutable {
      std::move(handler)(error_code{});
    });
    return true;
  }
  if (timers_.begin()->first.deadline > now) return false;
  auto node = timers_.extract(timers_.begin());
  asio::post(context_, std::move(node.mapped()));
  return true;
}

int EventLoop::PollTurn(std::optional<std::chrono::nanoseconds> limit) {
  const auto start =
      limit ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point{};
  int handlers = 0;
  while (handlers < kTurnHandlers && context_.poll_one() != 0) {
    ++handlers;
    if (limit && handlers % 16 == 0 && std::chrono::steady_clock::now() - start > *limit) break;
  }
  return handlers;
}

void EventLoop::DropAll() {
  // A destructor that runs here may start to wait again, hence the loop.
  for (;;) {
    bool dropped = false;
    if (!sleepers_.empty()) {
      std::exchange(sleepers_, {}).clear();
      dropped = true;
    }
    if (!timers_.empty()) {
      std::exchange(timers_, {}).clear();
      dropped = true;
    }
    for (Event* event : std::set<Event*>(events_)) {
      if (!events_.contains(event) || event->waiters_.empty()) continue;
      std::exchange(event->waiters_, {}).clear();
      dropped = true;
    }
    if (!dropped) break;
  }
}

std::uint64_t VirtualEventLoop::Run(TimePoint limit) {
  std::uint64_t fired = 0;
  for (;;) {
    context_.restart();  // poll_one() marks the context stopped when it runs out of work.
    const bool busy = PollTurn(std::nullopt) != 0;
    EndTurn();
    if (busy) continue;
    context_.restart();
    if (context_.poll_one() != 0) continue;  // The end of the turn made something ready.
    const auto next = NextDeadline();
    if (!next || *next > limit) break;
    now_ = std::max(now_, *next);
    WakeOne(now_);  // One at a time: all its consequences run before the next one.
    ++fired;
  }
  if (limit != TimePoint::max()) now_ = std::max(now_, limit);
  return fired;
}

bool VirtualEventLoop::RunUntil(const std::function<bool()>& done, TimePoint limit) {
  for (;;) {
    context_.restart();
    const bool busy = PollTurn(std::nullopt) != 0;
    EndTurn();
    if (done()) return true;
    if (busy) continue;
    context_.restart();
    if (context_.poll_one() != 0) continue;
    const auto next = NextDeadline();
    if (!next || *next > limit) return false;
    now_ = std::max(now_, *next);
    WakeOne(now_);
  }
}

struct RealEventLoop::Impl {
  using Steady = std::chrono::steady_clock;

  Impl(asio::io_context& context, double speed)
      : timer(context), signals(context), work(context.get_executor()), speed(speed) {}

  asio::steady_timer timer;
  asio::signal_set signals;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  double speed;
  bool paused = false;
  bool stopped = false;
  const Steady::time_point made = Steady::now();
  Steady::time_point base_real = Steady::now();  // the emulated time at base_real was base_emulated
  TimePoint base_emulated{};
  std::optional<TimePoint> skip_to;  // set while Advance() is running
};

RealEventLoop::RealEventLoop(asio::io_context& context, double speed)
    : EventLoop(context, MachineUnixNanos()), impl_(std::make_unique<Impl>(context, speed)) {}
RealEventLoop::~RealEventLoop() { DropAll(); }

TimePoint RealEventLoop::Now() const {
  if (impl_->paused || impl_->skip_to) return impl_->base_emulated;
  const std::chrono::duration<double, std::nano> real = Impl::Steady::now() - impl_->base_real;
  return impl_->base_emulated + Duration(static_cast<Duration::rep>(real.count() * impl_->speed));
}

std::int64_t RealEventLoop::MachineUnixNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::chrono::nanoseconds RealEventLoop::RealElapsed() const {
  return Impl::Steady::now() - impl_->made;
}

void RealEventLoop::Rebase() {
  impl_->base_emulated = Now();
  impl_->base_real = Impl::Steady::now();
}

void RealEventLoop::SetSpeed(double speed) {
  Rebase();
  impl_->speed = speed;
  OnNextDeadlineChanged();
}
double RealEventLoop::speed() const { return impl_->speed; }

void RealEventLoop::SetPaused(bool paused) {
  Rebase();
  impl_->paused = paused;
  OnNextDeadlineChanged();
}
bool RealEventLoop::paused() const { return impl_->paused; }

void RealEventLoop::Advance(Duration by) {
  Rebase();
  impl_->skip_to = std::max(impl_->skip_to.value_or(impl_->base_emulated), impl_->base_emulated) +
                   std::max(by, Duration::zero());
}

bool RealEventLoop::SkipAhead() {
  if (!impl_->skip_to) return false;
  const auto next = NextDeadline();
  if (next && *next <= *impl_->skip_to) {
    impl_->base_emulated = std::max(impl_->base_emulated, *next);
    WakeOne(impl_->base_emulated);
    return true;
  }
  impl_->base_emulated = *impl_->skip_to;
  impl_->base_real = Impl::Steady::now();
  impl_->skip_to.reset();
  OnNextDeadlineChanged();
  return true;
}

void RealEventLoop::OnNextDeadlineChanged() {
  const auto next = NextDeadline();
  if (!next || impl_->paused || impl_->skip_to) {
    impl_->timer.cancel();
    return;
  }
  Rebase();
  const double emulated = static_cast<double>((*next - impl_->base_emulated).count());
  // A far deadline is checked again after an hour, so that the conversion stays within range.
  const double real = std::clamp(emulated / impl_->speed, 0.0, 3.6e12);
  impl_->timer.expires_at(impl_->base_real +
                          std::chrono::nanoseconds(static_cast<std::int64_t>(real) + 1));
  impl_->timer.async_wait([this](error_code ec) {
    if (ec || impl_->paused || impl_->skip_to) return;
    while (WakeOne(Now())) {
    }
    OnNextDeadlineChanged();
  });
}

void RealEventLoop::Run() {
  while (!impl_->stopped) {
    if (PollTurn(kTurnTime) == 0) {
      EndTurn();  // Writes made outside a handler must not wait for the next one.
      if (context_.poll_one() == 0 && !SkipAhead() && !impl_->stopped) context_.run_one();
      continue;  // The turn continues with handlers that became ready.
    }
    EndTurn();
  }
  impl_->stopped = false;
}

void RealEventLoop::Stop() {
  asio::post(context_, [this] { impl_->stopped = true; });
}

void RealEventLoop::OnTerminationSignal(std::function<void(int)> callback) {
  error_code ignored;
  impl_->signals.add(SIGINT, ignored);
  impl_->signals.add(SIGTERM, ignored);
  // nohup has it ignored: the process is to outlive its terminal.
  struct sigaction hang_up {};
  ::sigaction(SIGHUP, nullptr, &hang_up);
  if (hang_up.sa_handler != SIG_IGN) impl_->signals.add(SIGHUP, ignored);
  impl_->signals.async_wait([this, callback = std::move(callback)](error_code ec, int signal) {
    if (ec) return;
    callback(signal);
    OnTerminationSignal(callback);
  });
}

Event::Event(EventLoop& event_loop) : event_loop_(event_loop) { event_loop_.events_.insert(this); }

Event::~Event() {
  for (auto& [ticket, waiter] : waiters_) {
    if (waiter.timer) event_loop_.Cancel(*waiter.timer);
  }
  std::exchange(waiters_, {}).clear();
  event_loop_.events_.erase(this);
}

void Event::Enqueue(std::optional<TimePoint> deadline, Handler handler) {
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
