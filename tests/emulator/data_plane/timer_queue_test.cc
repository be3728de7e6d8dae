#include "emulator/data_plane/timer_queue.h"

#include <gtest/gtest.h>

#include <vector>

namespace kless::data_plane {
namespace {

using std::chrono::seconds;

TEST(TimerQueueTest, TimersFireInOrderAndRemovedOnesDoNot) {
  asio::io_context context;
  VirtualEventLoop event_loop(context);
  std::vector<int> fired;
  TimerQueue<int> queue(event_loop, [&](int number) { fired.push_back(number); });
  queue.Add(TimePoint(seconds(2)), 3);
  queue.Add(TimePoint(seconds(1)), 1);
  const TimerId removed = queue.Add(TimePoint(seconds(1)), 9);
  queue.Add(TimePoint(seconds(1)), 2);
  queue.Remove(removed);
  queue.Remove({});
  event_loop.Run();
  EXPECT_EQ(fired, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(queue.size(), 0u);
}

TEST(TimerQueueTest, ReplacingATimerThatIsDueLeavesOneTimerOfTheScheduler) {
  asio::io_context context;
  VirtualEventLoop event_loop(context);
  int fired = 0;
  TimerQueue<int> queue(event_loop, [&](int) { ++fired; });
  TimerId id = queue.Add(TimePoint(seconds(1)), 0);
  // The event loop has taken out and posted the queue's timer when this one, posted after it in the
  // same turn, replaces its deadline.
  for (int round = 0; round < 100; ++round) {
    event_loop.Run(event_loop.Now() + seconds(1) - Duration(1));
    event_loop.Post([&] {
      queue.Remove(id);
      id = queue.Add(event_loop.Now() + Duration(1) + seconds(1), 0);
    });
    event_loop.Run(event_loop.Now() + Duration(1));
  }
  const std::uint64_t timers = event_loop.Run();
  EXPECT_EQ(timers, 1u) << "no stray ones";
  EXPECT_EQ(fired, 1);
}

TEST(TimerQueueTest, MoreThanAStepFullIsDueAtTheSameTime) {
  asio::io_context context;
  VirtualEventLoop event_loop(context);
  int fired = 0;
  TimerQueue<int> queue(event_loop, [&](int) { ++fired; });
  for (int i = 0; i < 1000; ++i) queue.Add(TimePoint(seconds(1)), i);
  event_loop.Run(TimePoint(seconds(1)));
  EXPECT_EQ(fired, 1000);
  EXPECT_FALSE(queue.AnyDue());
}

}  // namespace
}  // namespace kless::data_plane
