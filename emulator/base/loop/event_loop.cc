#include "emulator/base/loop/event_loop.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>
#include <csignal>

#include "emulator/base/loop/event.h"

namespace kless {

using boost::system::error_code;

EventLoop::EventLoop(asio::io_context& context, std::int64_t unix_epoch_nanos)
    : context_(context), unix_epoch_nanos_(unix_epoch_nanos) {}

EventLoop::~EventLoop() { DropAll(); }

void EventLoop::Post(std::function<void()> handler) { asio::post(context_, std::move(handler)); }

EventLoop::TimerId EventLoop::CallAt(TimePoint deadline, std::function<void()> callback) {
  const TimerId id{deadline, next_sequence_++};
  const auto before = NextDeadline();
  timers_.emplace(id, std::move(callback));
  // Few timers are the earliest.  In real time each call below cancels and restarts a wait of the
  // OS, so the mode hears only of a deadline that comes before all others.
  if (!before || deadline < *before) OnNextDeadlineChanged();
  return id;
}

// The OS timer stays as it is: it expires with nothing due, and is then armed for the next
// deadline, which costs less than moving it at each cancellation.
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
  // One counter numbers timers and sleepers, so that WakeOne can merge both maps into the one order
  // that event_loop.h promises.
  const TimerId id{deadline, next_sequence_++};
  auto slot = asio::get_associated_cancellation_slot(handler);
  if (slot.is_connected()) {
    // A cancellation is emitted by some other handler.  The sleeper's completion is posted, so that
    // it does not run in the middle of that one; and whichever of cancellation and deadline takes
    // the sleeper out of the map first is the only one that completes it.
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
  // A callback is posted rather than called, so that it waits behind all handlers that are ready
  // and counts as one handler of a turn.
  asio::post(context_, std::move(node.mapped()));
  return true;
}

int EventLoop::PollTurn(std::optional<std::chrono::nanoseconds> limit) {
  // Virtual time has no limit: a turn whose end depended on the speed of the machine would commit
  // at other points on each machine.  In real time only every 16th handler looks at the clock, so
  // that looking costs little next to the handlers.
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
    // The set is copied because a coroutine that is destroyed here may own an Event, whose
    // destructor removes it from events_; such an Event must not be touched afterwards.
    for (Event* event : std::set<Event*>(events_)) {
      if (!events_.contains(event) || event->waiters_.empty()) continue;
      std::exchange(event->waiters_, {}).clear();
      dropped = true;
    }
    if (!dropped) break;
  }
}

// The clock moves only when even the end of the turn makes nothing ready: whatever waits for a
// commit resumes at the instant of the write.  EndTurn runs even if no handler did, because the
// caller may have written before it called Run.
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
    // The turn's writes are published by now, so that `done` never judges a feed without them.
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
  // Without this guard the context stops whenever nothing is pending, and run_one() returns at
  // once: an idle daemon would spin.
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
// A destructor that runs in DropAll may ask for the time or set a timer.  Both need this class's
// part, which is gone by the time the base class drops what is left.
RealEventLoop::~RealEventLoop() { DropAll(); }

TimePoint RealEventLoop::Now() const {
  // During a skip the clock stands at the deadline that fired last, as in virtual time.  If it ran
  // on, handlers would see times after deadlines that have not fired yet.
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

// Speed and pause change the slope of the emulated time.  The line begins again at the present
// instant, so that Now() neither jumps nor goes back.
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

// The caller is a handler itself, so it only says how far to skip; Run() fires the deadlines once
// no handler is ready.  A second call during a skip adds to the first.
void RealEventLoop::Advance(Duration by) {
  Rebase();
  impl_->skip_to = std::max(impl_->skip_to.value_or(impl_->base_emulated), impl_->base_emulated) +
                   std::max(by, Duration::zero());
}

bool RealEventLoop::SkipAhead() {
  if (!impl_->skip_to) return false;
  const auto next = NextDeadline();
  // Each call fires one deadline, and Run() calls again only when nothing is ready: so all
  // consequences of a deadline come before the next one.
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
  // The added nanosecond makes up for the truncation, so that the timer does not expire just before
  // the deadline and find nothing due.
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

// Posting is the one thing that another thread may do to the loop; it also wakes a blocked
// run_one().
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

}  // namespace kless
