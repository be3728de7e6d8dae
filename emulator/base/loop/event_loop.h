// EventLoop: the only source of time and of ordering.
//
// There is one queue of timers, ordered by (deadline, sequence number), and a FIFO ready queue. The
// modes differ only in how the clock advances:
//   * VirtualEventLoop jumps to the next deadline once no handler is ready;
//   * RealEventLoop arms one OS timer at the next deadline; it can pause, run faster or skip ahead.
// Handlers run in turns.  A turn ends when no handler is ready, or after kTurnHandlers handlers, or
// (real time only) after kTurnTime; then the turn-end hook runs: the store commits there, and makes
// coroutines that waited for the commit ready for the next turn.
// Single-threaded: every member except Stop() is called from the thread inside Run().
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "emulator/base/clock.h"
#include "emulator/base/loop/task.h"

namespace kless {

namespace asio = boost::asio;

class Event;

class EventLoop {
 public:
  using SleepHandler = asio::any_completion_handler<void(boost::system::error_code)>;
  static constexpr int kTurnHandlers = 256;
  static constexpr std::chrono::milliseconds kTurnTime{2};

  // Identifies a timer made by CallAt.
  struct TimerId {
    TimePoint deadline;
    std::uint64_t sequence = 0;
    auto operator<=>(const TimerId&) const = default;
  };

  // `unix_epoch_nanos` is the wall-clock date of TimePoint 0.
  EventLoop(asio::io_context& context, std::int64_t unix_epoch_nanos);
  virtual ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // In virtual time it is constant while a handler runs.  It never decreases.
  virtual TimePoint Now() const = 0;
  // The wall-clock date of the emulated world, in nanoseconds since 1970.
  std::int64_t UnixNanos() const { return unix_epoch_nanos_ + Now().time_since_epoch().count(); }
  // Sets the date, not Now().  For a world that is being opened: nothing in it has a date yet.
  void SetUnixNanos(std::int64_t unix_nanos) { unix_epoch_nanos_ += unix_nanos - UnixNanos(); }

  asio::any_io_executor executor() { return context_.get_executor(); }
  asio::io_context& context() { return context_; }

  // Makes `handler` ready, after all that are ready now.
  void Post(std::function<void()> handler);

  // Runs `callback` once Now() >= deadline; equal deadlines fire in the order of their CallAt.
  TimerId CallAt(TimePoint deadline, std::function<void()> callback);
  // Returns false if it has fired or was cancelled already.
  bool Cancel(const TimerId& id);
  // The deadline of the earliest timer.
  std::optional<TimePoint> NextDeadline() const;

  // Completes once Now() >= deadline; FIFO among equal deadlines.  If cancelled, throws
  // operation_aborted.
  template <typename Token = asio::use_awaitable_t<>>
  auto SleepUntil(TimePoint deadline, Token&& token = {}) {
    return asio::async_initiate<Token, void(boost::system::error_code)>(
        [this](auto handler, TimePoint at) { EnqueueSleep(at, SleepHandler(std::move(handler))); },
        token, deadline);
  }
  template <typename Token = asio::use_awaitable_t<>>
  auto SleepFor(Duration delay, Token&& token = {}) {
    return SleepUntil(Now() + delay, std::forward<Token>(token));
  }

  // Sets the only hook that runs at the end of each turn; an empty function removes it.
  void SetTurnEnd(std::function<void()> hook) { turn_end_ = std::move(hook); }

  // Number of tasks that ended with an exception since the start.
  std::uint64_t failed_tasks() const { return failed_tasks_; }
  void CountFailedTask() { ++failed_tasks_; }

  // Destroys every suspended coroutine and pending timer while everything that they refer to still
  // exists.  The owner of the world calls it first when it destroys the world.
  void DropAll();

 protected:
  // Called when NextDeadline() may have changed.
  virtual void OnNextDeadlineChanged() {}
  // Fires the earliest timer if it is due at `now`; returns false if none is.
  bool WakeOne(TimePoint now);
  // Runs one turn's handlers without blocking, for at most `limit` of real time; returns their
  // count.
  int PollTurn(std::optional<std::chrono::nanoseconds> limit);
  void EndTurn() {
    if (turn_end_) turn_end_();
  }

  asio::io_context& context_;

 private:
  friend class Event;
  void EnqueueSleep(TimePoint deadline, SleepHandler handler);

  std::int64_t unix_epoch_nanos_;
  std::map<TimerId, std::function<void()>> timers_;
  std::map<TimerId, SleepHandler> sleepers_;  // ordered together with timers_
  std::set<Event*> events_;
  std::uint64_t next_sequence_ = 1;
  std::uint64_t failed_tasks_ = 0;
  std::function<void()> turn_end_;
};

// Deterministic: the order of events is a function of the program and its seed.
class VirtualEventLoop final : public EventLoop {
 public:
  // 2026-01-01T00:00:00Z, the start date of virtual runs unless a scenario sets another.
  static constexpr std::int64_t kDefaultUnixEpochNanos = 1767225600LL * 1'000'000'000;

  explicit VirtualEventLoop(asio::io_context& context,
                            std::int64_t unix_epoch_nanos = kDefaultUnixEpochNanos)
      : EventLoop(context, unix_epoch_nanos) {}
  TimePoint Now() const override { return now_; }

  // Runs handlers and advances the clock until no timer is left or the next deadline is after
  // `limit`; the clock then stands at `limit` (unless that is TimePoint::max()).  Returns the
  // number of timers that fired.
  std::uint64_t Run(TimePoint limit = TimePoint::max());
  // The same, but stops as soon as `done` holds at the end of a turn; returns whether it held.
  bool RunUntil(const std::function<bool()>& done, TimePoint limit);

 private:
  TimePoint now_{};
};

// Wall-clock time, optionally faster: speed 10 passes 10 s of emulated time in 1 s of real time.
class RealEventLoop final : public EventLoop {
 public:
  // speed > 0.
  explicit RealEventLoop(asio::io_context& context, double speed = 1.0);
  ~RealEventLoop() override;
  TimePoint Now() const override;

  // Runs until Stop(); may be called again afterwards.
  void Run();
  // May be called from any thread and from the completion of a signal handler.
  void Stop();

  void SetSpeed(double speed);
  double speed() const;
  // While the clock is paused, no timer fires; requests are still served.
  void SetPaused(bool paused);
  bool paused() const;
  // Skips ahead: every deadline up to Now() + by fires in order, each with all its consequences
  // before the next one, as fast as the handlers run.  Works while paused.
  void Advance(Duration by);
  // The machine's date, in nanoseconds since 1970: the emulated date at the start of a new world.
  static std::int64_t MachineUnixNanos();
  // Returns the real time since this event loop was created, whatever the emulated clock did.
  std::chrono::nanoseconds RealElapsed() const;
  // Calls `callback` on the loop for each SIGINT, SIGTERM or SIGHUP; a SIGHUP that is ignored when
  // this is called first stays so.
  void OnTerminationSignal(std::function<void(int)> callback);

 private:
  void OnNextDeadlineChanged() override;
  void Rebase();
  bool SkipAhead();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kless
