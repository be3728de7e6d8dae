#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <string>
#include <vector>

#include "emulator/base/loop/event.h"
#include "emulator/base/loop/event_loop.h"
#include "emulator/base/loop/task.h"

namespace kless {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Task<> SleepAndNote(Scheduler& scheduler, Duration delay, std::string note,
                    std::vector<std::string>& notes) {
  co_await scheduler.SleepFor(delay);
  notes.push_back(note);
}

TEST(VirtualSchedulerTest, EqualDeadlinesWakeInTheOrderInWhichTheyBeganToSleep) {
  asio::io_context context(1);
  VirtualScheduler scheduler(context);
  std::vector<std::string> notes;
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    Spawn(scheduler, name, SleepAndNote(scheduler, seconds(1), name, notes));
  }
  Spawn(scheduler, "first", SleepAndNote(scheduler, milliseconds(1), "first", notes));
  scheduler.Run();
  EXPECT_EQ(notes, (std::vector<std::string>{"first", "a", "b", "c", "d", "e"}));
  EXPECT_EQ(scheduler.Now(), TimePoint(seconds(1)));
}

TEST(VirtualSchedulerTest, TimersAndSleepersShareOneOrder) {
  asio::io_context context(1);
  VirtualScheduler scheduler(context);
  std::vector<std::string> notes;
  scheduler.CallAt(TimePoint(seconds(1)), [&] { notes.push_back("timer 1"); });
  Spawn(scheduler, "s", SleepAndNote(scheduler, seconds(1), "sleeper", notes));
  scheduler.Post(
      [&] { scheduler.CallAt(TimePoint(seconds(1)), [&] { notes.push_back("timer 2"); }); });
  scheduler.Run();
  EXPECT_EQ(notes, (std::vector<std::string>{"timer 1", "sleeper", "timer 2"}));
}

TEST(VirtualSchedulerTest, ACancelledTimerDoesNotFire) {
  asio::io_context context(1);
  VirtualScheduler scheduler(context);
  bool fired = false;
  const auto id = scheduler.CallAt(TimePoint(seconds(1)), [&] { fired = true; });
  EXPECT_TRUE(scheduler.Cancel(id));
  EXPECT_FALSE(scheduler.Cancel(id));
  scheduler.Run();
  EXPECT_FALSE(fired);
}

TEST(VirtualSchedulerTest, RunStopsAtItsLimitAndLeavesTheClockThere) {
  asio::io_context context(1);
  VirtualScheduler scheduler(context);
  bool fired = false;
  scheduler.CallAt(TimePoint(seconds(10)), [&] { fired = true; });
  scheduler.Run(TimePoint(seconds(4)));
  EXPECT_FALSE(fired);
  EXPECT_EQ(scheduler.Now(), TimePoint(seconds(4)));
  scheduler.Run(TimePoint(seconds(10)));
  EXPECT_TRUE(fired);
}

TEST(VirtualSchedulerTest, ATurnEndsAfterItsLimitOfHandlersOrWhenNothingIsReady) {
  asio::io_context context(1);
  VirtualScheduler scheduler(context);
  int handlers = 0;
  std::vector<int> at_end;
  scheduler.SetTurnEnd([&] {
    if (handlers != 0) at_end.push_back(handlers);
    handlers = 0;
  });
  for (int i = 0; i < Scheduler::kTurnHandlers + 44; ++i) scheduler.Post([&] { ++handlers; });
  scheduler.Run();
  EXPECT_EQ(at_end, (std::vector<int>{Scheduler::kTurnHandlers, 44}));
}

TEST(VirtualSchedulerTest, WhatTheTurnEndMakesReadyRunsBeforeTheClockMoves) {
  asio::io_context context(1);
  VirtualScheduler scheduler(context);
  std::vector<TimePoint> seen;
  bool posted = false;
  scheduler.SetTurnEnd([&] {
    if (!posted) scheduler.Post([&] { seen.push_back(scheduler.Now()); });
    posted = true;
  });
  scheduler.CallAt(TimePoint(seconds(5)), [&] { seen.push_back(scheduler.Now()); });
  scheduler.Run();
  EXPECT_EQ(seen, (std::vector<TimePoint>{TimePoint{}, TimePoint(seconds(5))}));
}

Task<> Throw() {
  co_await boost::asio::this_coro::executor;
  throw std::runtime_error("broken");
}

TEST(SpawnTest, AnExceptionThatLeavesATaskIsCounted) {
  asio::io_context context(1);
  VirtualScheduler scheduler(context);
  Spawn(scheduler, "thrower", Throw());
  scheduler.Run();
  EXPECT_EQ(scheduler.failed_tasks(), 1u);
}

Task<> WaitAndNote(Event& event, std::optional<TimePoint> deadline, std::string note,
                   std::vector<std::string>& notes) {
  const bool notified = co_await event.Wait(deadline);
  notes.push_back(note + (notified ? " notified" : " timed out"));
}

TEST(EventTest, WaitersWakeInOrderAndADeadlineWakesTheOthersAlone) {
  asio::io_context context(1);
  VirtualScheduler scheduler(context);
  Event event(scheduler);
  std::vector<std::string> notes;
  Spawn(scheduler, "a", WaitAndNote(event, std::nullopt, "a", notes));
  Spawn(scheduler, "b", WaitAndNote(event, TimePoint(seconds(1)), "b", notes));
  Spawn(scheduler, "c", WaitAndNote(event, TimePoint(seconds(9)), "c", notes));
  scheduler.CallAt(TimePoint(seconds(2)), [&] { event.NotifyAll(); });
  scheduler.Run();
  EXPECT_EQ(notes, (std::vector<std::string>{"b timed out", "a notified", "c notified"}));
  EXPECT_EQ(scheduler.Now(), TimePoint(seconds(2))) << "a fired wait leaves no timer behind";
}

TEST(EventTest, NotifyOneWakesTheOneThatWaitedLongest) {
  asio::io_context context(1);
  VirtualScheduler scheduler(context);
  Event event(scheduler);
  std::vector<std::string> notes;
  Spawn(scheduler, "a", WaitAndNote(event, std::nullopt, "a", notes));
  Spawn(scheduler, "b", WaitAndNote(event, std::nullopt, "b", notes));
  scheduler.CallAt(TimePoint(seconds(1)), [&] { event.NotifyOne(); });
  scheduler.Run();
  EXPECT_EQ(notes, (std::vector<std::string>{"a notified"}));
  EXPECT_EQ(event.waiters(), 1u);
}

TEST(EventTest, ACancelledWaitEndsWithOperationAborted) {
  asio::io_context context(1);
  VirtualScheduler scheduler(context);
  Event event(scheduler);
  std::vector<std::string> notes;
  asio::cancellation_signal signal;
  bool aborted = false;
  asio::co_spawn(scheduler.executor(), WaitAndNote(event, TimePoint(seconds(9)), "a", notes),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr failure) {
                   aborted = failure != nullptr;
                 }));
  scheduler.CallAt(TimePoint(seconds(1)), [&] { signal.emit(asio::cancellation_type::terminal); });
  scheduler.Run();
  EXPECT_TRUE(aborted);
  EXPECT_TRUE(notes.empty());
  EXPECT_EQ(scheduler.Now(), TimePoint(seconds(1)));
}

TEST(RealSchedulerTest, AdvanceFiresEveryDeadlineInOrderWithoutWaitingForIt) {
  asio::io_context context(1);
  RealScheduler scheduler(context);
  std::vector<std::string> notes;
  scheduler.SetPaused(true);
  Spawn(scheduler, "late", SleepAndNote(scheduler, seconds(600), "ten minutes", notes));
  scheduler.CallAt(scheduler.Now() + seconds(60), [&] {
    notes.push_back("one minute");
    scheduler.CallAt(scheduler.Now() + seconds(60), [&] { notes.push_back("two minutes"); });
  });
  scheduler.CallAt(scheduler.Now() + seconds(700), [&] { scheduler.Stop(); });
  scheduler.Post([&] { scheduler.Advance(seconds(700)); });
  scheduler.Run();
  EXPECT_EQ(notes, (std::vector<std::string>{"one minute", "two minutes", "ten minutes"}));
  EXPECT_GE(scheduler.Now(), TimePoint(seconds(700)));
}

TEST(RealSchedulerTest, SpeedMakesEmulatedTimePassFaster) {
  asio::io_context context(1);
  RealScheduler scheduler(context, 1000.0);
  const TimePoint start = scheduler.Now();
  scheduler.CallAt(start + seconds(5), [&] { scheduler.Stop(); });
  scheduler.Run();
  EXPECT_GE(scheduler.Now() - start, seconds(5));
}

}  // namespace
}  // namespace kless
