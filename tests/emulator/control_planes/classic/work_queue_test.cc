#include "emulator/control_planes/classic/work_queue.h"

#include <gtest/gtest.h>

#include <vector>

namespace kless::control_planes {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class WorkQueueTest : public ::testing::Test {
 protected:
  struct Seen {
    std::string key;
    TimePoint at;
    TimePoint due_at;
    bool operator==(const Seen&) const = default;
  };

  Task<> Work(Duration takes) {
    for (;;) {
      const WorkQueue::Taken taken = co_await queue_.Get();
      seen_.push_back({taken.key, event_loop_.Now(), taken.due_at});
      if (takes > Duration::zero()) co_await event_loop_.SleepFor(takes);
      queue_.Done(taken.key);
    }
  }
  std::vector<std::string> Keys() const {
    std::vector<std::string> keys;
    for (const Seen& each : seen_) keys.push_back(each.key);
    return keys;
  }

  asio::io_context context_{1};
  VirtualEventLoop event_loop_{context_};
  WorkQueue queue_{event_loop_, seconds(1), seconds(60)};
  std::vector<Seen> seen_;
};

using Keys = std::vector<std::string>;

TEST_F(WorkQueueTest, KeysAreHandedOutInOrderAndOnlyOnce) {
  queue_.Add("a");
  queue_.Add("b");
  queue_.Add("a");
  Spawn(event_loop_, "worker", Work(Duration::zero()));
  event_loop_.Run();
  EXPECT_EQ(Keys(), (::kless::control_planes::Keys{"a", "b"}));
  EXPECT_TRUE(queue_.Idle());
}

TEST_F(WorkQueueTest, AKeyBeingProcessedIsQueuedAgainWhenItIsDone) {
  queue_.Add("a");
  Spawn(event_loop_, "one", Work(milliseconds(10)));
  Spawn(event_loop_, "two", Work(milliseconds(10)));
  event_loop_.CallAt(TimePoint(milliseconds(4)), [this] { queue_.Add("a"); });
  event_loop_.Run();
  ASSERT_EQ(seen_.size(), 2u) << "never two workers on one key";
  EXPECT_EQ(seen_[1].at, TimePoint(milliseconds(10)));
  EXPECT_EQ(seen_[1].due_at, TimePoint(milliseconds(4)));
}

TEST_F(WorkQueueTest, I2_OfSeveralDelaysTheEarliestCounts) {
  queue_.AddAfter("a", seconds(3));
  queue_.AddAfter("a", seconds(1));
  queue_.AddAfter("a", seconds(2));
  Spawn(event_loop_, "worker", Work(Duration::zero()));
  event_loop_.Run();
  ASSERT_EQ(seen_.size(), 1u);
  EXPECT_EQ(seen_[0].at, TimePoint(seconds(1)));
}

TEST_F(WorkQueueTest, I5_CM11_ARateLimitedKeyComesBackAfterADoublingDelayUpToTheMaximum) {
  Spawn(event_loop_, "worker", Work(Duration::zero()));
  const int expected[] = {1, 2, 4, 8, 16, 32, 60, 60};
  for (const int delay : expected) {
    const TimePoint from = event_loop_.Now();
    queue_.AddRateLimited("a");
    event_loop_.Run();
    EXPECT_EQ(seen_.back().at - from, seconds(delay));
  }
  queue_.Forget("a");
  const TimePoint from = event_loop_.Now();
  queue_.AddRateLimited("a");
  event_loop_.Run();
  EXPECT_EQ(seen_.back().at - from, seconds(1));
}

TEST_F(WorkQueueTest, ADelayedKeyIsNotIdle) {
  queue_.AddAfter("a", seconds(1));
  EXPECT_FALSE(queue_.Idle());
}

}  // namespace
}  // namespace kless::control_planes
