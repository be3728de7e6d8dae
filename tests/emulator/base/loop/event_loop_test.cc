#include "emulator/base/loop/event_loop.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <string>
#include <vector>

#include "emulator/base/loop/event.h"
#include "emulator/base/loop/task.h"

namespace kless {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Task<> SleepAndNote(EventLoop& event_loop, Duration delay, std::string note,
                    std::vector<std::string>& notes) {
  co_await event_loop.SleepFor(delay);
  notes.push_back(note);
}

TEST(VirtualSchedulerTest, EqualDeadlinesWakeInTheOrderInWhichTheyBeganToSleep) {
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  std::vector<std::string> notes;
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    Spawn(event_loop, name, SleepAndNote(event_loop, seconds(1), name, notes));
  }
  Spawn(event_loop, "first", SleepAndNote(event_loop, milliseconds(1), "first", notes));
  event_loop.Run();
  EXPECT_EQ(notes, (std::vector<std::string>{"first", "a", "b", "c", "d", "e"}));
  EXPECT_EQ(event_loop.Now(), TimePoint(seconds(1)));
}

TEST(VirtualSchedulerTest, TimersAndSleepersShareOneOrder) {
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  std::vector<std::string> notes;
  event_loop.CallAt(TimePoint(seconds(1)), [&] { notes.push_back("timer 1"); });
  Spawn(event_loop, "s", SleepAndNote(event_loop, seconds(1), "sleeper", notes));
  event_loop.Post(
      [&] { event_loop.CallAt(TimePoint(seconds(1)), [&] { notes.push_back("timer 2"); }); });
  event_loop.Run();
  EXPECT_EQ(notes, (std::vector<std::string>{"timer 1", "sleeper", "timer 2"}));
}

TEST(VirtualSchedulerTest, ACancelledTimerDoesNotFire) {
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  bool fired = false;
  const auto id = event_loop.CallAt(TimePoint(seconds(1)), [&] { fired = true; });
  EXPECT_TRUE(event_loop.Cancel(id));
  EXPECT_FALSE(event_loop.Cancel(id));
  event_loop.Run();
  EXPECT_FALSE(fired);
}

TEST(VirtualSchedulerTest, RunStopsAtItsLimitAndLeavesTheClockThere) {
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  bool fired = false;
  event_loop.CallAt(TimePoint(seconds(10)), [&] { fired = true; });
  event_loop.Run(TimePoint(seconds(4)));
  EXPECT_FALSE(fired);
  EXPECT_EQ(event_loop.Now(), TimePoint(seconds(4)));
  event_loop.Run(TimePoint(seconds(10)));
  EXPECT_TRUE(fired);
}

TEST(VirtualSchedulerTest, ATurnEndsAfterItsLimitOfHandlersOrWhenNothingIsReady) {
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  int handlers = 0;
  std::vector<int> at_end;
  event_loop.SetTurnEnd([&] {
    if (handlers != 0) at_end.push_back(handlers);
    handlers = 0;
  });
  for (int i = 0; i < EventLoop::kTurnHandlers + 44; ++i) event_loop.Post([&] { ++handlers; });
  event_loop.Run();
  EXPECT_EQ(at_end, (std::vector<int>{EventLoop::kTurnHandlers, 44}));
}

TEST(VirtualSchedulerTest, WhatTheTurnEndMakesReadyRunsBeforeTheClockMoves) {
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  std::vector<TimePoint> seen;
  bool posted = false;
  event_loop.SetTurnEnd([&] {
    if (!posted) event_loop.Post([&] { seen.push_back(event_loop.Now()); });
    posted = true;
  });
  event_loop.CallAt(TimePoint(seconds(5)), [&] { seen.push_back(event_loop.Now()); });
  event_loop.Run();
  EXPECT_EQ(seen, (std::vector<TimePoint>{TimePoint{}, TimePoint(seconds(5))}));
}

Task<> Throw() {
  co_await boost::asio::this_coro::executor;
  throw std::runtime_error("broken");
}

TEST(SpawnTest, AnExceptionThatLeavesATaskIsCounted) {
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  Spawn(event_loop, "thrower", Throw());
  event_loop.Run();
  EXPECT_EQ(event_loop.failed_tasks(), 1u);
}

Task<> WaitAndNote(Event& event, std::optional<TimePoint> deadline, std::string note,
                   std::vector<std::string>& notes) {
  const bool notified = co_await event.Wait(deadline);
  notes.push_back(note + (notified ? " notified" : " timed out"));
}

TEST(EventTest, WaitersWakeInOrderAndADeadlineWakesTheOthersAlone) {
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  Event event(event_loop);
  std::vector<std::string> notes;
  Spawn(event_loop, "a", WaitAndNote(event, std::nullopt, "a", notes));
  Spawn(event_loop, "b", WaitAndNote(event, TimePoint(seconds(1)), "b", notes));
  Spawn(event_loop, "c", WaitAndNote(event, TimePoint(seconds(9)), "c", notes));
  event_loop.CallAt(TimePoint(seconds(2)), [&] { event.NotifyAll(); });
  event_loop.Run();
  EXPECT_EQ(notes, (std::vector<std::string>{"b timed out", "a notified", "c notified"}));
  EXPECT_EQ(event_loop.Now(), TimePoint(seconds(2))) << "a fired wait leaves no timer behind";
}

TEST(EventTest, NotifyOneWakesTheOneThatWaitedLongest) {
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  Event event(event_loop);
  std::vector<std::string> notes;
  Spawn(event_loop, "a", WaitAndNote(event, std::nullopt, "a", notes));
  Spawn(event_loop, "b", WaitAndNote(event, std::nullopt, "b", notes));
  event_loop.CallAt(TimePoint(seconds(1)), [&] { event.NotifyOne(); });
  event_loop.Run();
  EXPECT_EQ(notes, (std::vector<std::string>{"a notified"}));
  EXPECT_EQ(event.waiters(), 1u);
}

TEST(EventTest, ACancelledWaitEndsWithOperationAborted) {
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  Event event(event_loop);
  std::vector<std::string> notes;
  asio::cancellation_signal signal;
  bool aborted = false;
  asio::co_spawn(event_loop.executor(), WaitAndNote(event, TimePoint(seconds(9)), "a", notes),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr failure) {
                   aborted = failure != nullptr;
                 }));
  event_loop.CallAt(TimePoint(seconds(1)), [&] { signal.emit(asio::cancellation_type::terminal); });
  event_loop.Run();
  EXPECT_TRUE(aborted);
  EXPECT_TRUE(notes.empty());
  EXPECT_EQ(event_loop.Now(), TimePoint(seconds(1)));
}

TEST(RealSchedulerTest, AdvanceFiresEveryDeadlineInOrderWithoutWaitingForIt) {
  asio::io_context context(1);
  RealEventLoop event_loop(context);
  std::vector<std::string> notes;
  event_loop.SetPaused(true);
  Spawn(event_loop, "late", SleepAndNote(event_loop, seconds(600), "ten minutes", notes));
  event_loop.CallAt(event_loop.Now() + seconds(60), [&] {
    notes.push_back("one minute");
    event_loop.CallAt(event_loop.Now() + seconds(60), [&] { notes.push_back("two minutes"); });
  });
  event_loop.CallAt(event_loop.Now() + seconds(700), [&] { event_loop.Stop(); });
  event_loop.Post([&] { event_loop.Advance(seconds(700)); });
  event_loop.Run();
  EXPECT_EQ(notes, (std::vector<std::string>{"one minute", "two minutes", "ten minutes"}));
  EXPECT_GE(event_loop.Now(), TimePoint(seconds(700)));
}

TEST(RealSchedulerTest, SpeedMakesEmulatedTimePassFaster) {
  asio::io_context context(1);
  RealEventLoop event_loop(context, 1000.0);
  const TimePoint start = event_loop.Now();
  event_loop.CallAt(start + seconds(5), [&] { event_loop.Stop(); });
  event_loop.Run();
  EXPECT_GE(event_loop.Now() - start, seconds(5));
}

}  // namespace
}  // namespace kless
