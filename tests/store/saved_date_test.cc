// The date of a world in the store: what the next process makes of it.
#include "store/saved_date.h"

#include <gtest/gtest.h>

#include "tests/store/store_fixture.h"

namespace kless {
namespace {

using std::chrono::hours;

constexpr std::int64_t kHour = std::chrono::nanoseconds(hours(1)).count();

// A process in real time on the file at `path`.
struct RealTimeEmulator {
  explicit RealTimeEmulator(const std::string& path, double speed = 1)
      : event_loop(context, speed),
        store(std::move(Store::Open(event_loop, StoreFixture::File(path)).value())) {
    RestoreDate(event_loop, *store);
  }
  // Later than the machine's date; below zero: earlier.
  std::int64_t Ahead() const { return event_loop.UnixNanos() - RealEventLoop::MachineUnixNanos(); }
  void Write() {
    store->resources().Put({"pod", "d/a"}, "{}", Condition::None()).value();
    store->EndTurn();
  }

  asio::io_context context{1};
  RealEventLoop event_loop;
  std::unique_ptr<Store> store;
};

// Real time passes between two readings of the machine's clock.
void ExpectAhead(const RealTimeEmulator& world, std::int64_t expected) {
  EXPECT_GT(world.Ahead(), expected - kHour / 2);
  EXPECT_LT(world.Ahead(), expected + kHour / 2);
}

TEST(SavedDateTest, AWorldOfWhichNoDateWasSavedHasTheMachinesDate) {
  const TemporaryFolder folder;
  {
    RealTimeEmulator world(folder.File("kless.db"));
    world.Write();
    UpdateSavedDate(*world.store, world.event_loop);
    world.store->EndTurn();
  }
  const RealTimeEmulator again(folder.File("kless.db"));
  ExpectAhead(again, 0);
  EXPECT_FALSE(again.store->LoadValue("date"));
}

TEST(SavedDateTest, TheDistanceFromTheMachinesDateIsKeptInBothDirections) {
  for (const std::int64_t ahead : {5 * kHour, -5 * kHour}) {
    const TemporaryFolder folder;
    {
      RealTimeEmulator world(folder.File("kless.db"));
      world.event_loop.SetUnixNanos(RealEventLoop::MachineUnixNanos() + ahead);
      SaveDate(*world.store, world.event_loop);
      world.store->EndTurn();
    }
    for (int start = 0; start < 2; ++start) {
      RealTimeEmulator again(folder.File("kless.db"));
      ExpectAhead(again, ahead);
      UpdateSavedDate(*again.store, again.event_loop);
      again.store->EndTurn();
    }
  }
}

TEST(SavedDateTest, RealTimeBetweenTwoProcessesPassesForTheWorld) {
  const TemporaryFolder folder;
  {
    RealTimeEmulator world(folder.File("kless.db"));
    const std::int64_t machine = RealEventLoop::MachineUnixNanos() - 7 * kHour;
    world.store->SaveValue("date", std::to_string(1000 * kHour) + " " + std::to_string(machine));
    world.store->EndTurn();
  }
  const RealTimeEmulator again(folder.File("kless.db"));
  EXPECT_EQ(again.event_loop.UnixNanos() / kHour, 1007);
}

TEST(SavedDateTest, AMachineWhoseClockWasSetBackTakesNoTimeAway) {
  const TemporaryFolder folder;
  {
    RealTimeEmulator world(folder.File("kless.db"));
    const std::int64_t machine = RealEventLoop::MachineUnixNanos() + 7 * kHour;
    world.store->SaveValue("date", std::to_string(1000 * kHour) + " " + std::to_string(machine));
    world.store->EndTurn();
  }
  const RealTimeEmulator again(folder.File("kless.db"));
  EXPECT_EQ(again.event_loop.UnixNanos() / kHour, 1000);
}

// A crash at a high speed: the record is newer than the date that was saved last.
TEST(SavedDateTest, NoDateIsBeforeTheLastRecordAlsoNotAfterTwoStarts) {
  const TemporaryFolder folder;
  {
    RealTimeEmulator world(folder.File("kless.db"));
    SaveDate(*world.store, world.event_loop);
    world.event_loop.SetUnixNanos(RealEventLoop::MachineUnixNanos() + 9 * kHour);
    world.Write();
  }
  for (int start = 0; start < 2; ++start) {
    RealTimeEmulator again(folder.File("kless.db"));
    ExpectAhead(again, 9 * kHour);
    again.store->EndTurn();
  }
}

TEST(SavedDateTest, AWorldAtAnotherSpeedIsSaved) {
  const TemporaryFolder folder;
  RealTimeEmulator world(folder.File("kless.db"), 100);
  UpdateSavedDate(*world.store, world.event_loop);
  EXPECT_TRUE(world.store->LoadValue("date"));
}

TEST(SavedDateTest, VirtualTimeStartsAtTheSavedDate) {
  StoreFixture fixture;
  const std::int64_t date = VirtualEventLoop::kDefaultUnixEpochNanos + 5 * kHour;
  fixture->SaveValue("date", std::to_string(date) + " 1");
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  RestoreDate(event_loop, *fixture.operator->());
  EXPECT_EQ(event_loop.UnixNanos(), date);
}

}  // namespace
}  // namespace kless
