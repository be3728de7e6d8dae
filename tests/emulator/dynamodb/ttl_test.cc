#include "emulator/dynamodb/ttl.h"

#include <gtest/gtest.h>

#include "store/sqlite/file/sqlite.h"
#include "tests/emulator/dynamodb/service_fixture.h"

namespace kless::dynamodb {
namespace {

using std::chrono::seconds;

// The tests begin at 2026-01-01.
constexpr std::int64_t kStart = VirtualEventLoop::kDefaultUnixEpochNanos / 1'000'000'000;

class TimeToLiveTest : public ::testing::Test {
 protected:
  void Open(Duration delay = {}) {
    TestOptions options;
    options.ttl_delay = delay;
    service_ = std::make_unique<ServiceFixture>(options);
    service_->Create(ServiceFixture::Request("music"));
  }
  void Enable() {
    service_->catalog().SetTimeToLive(service_->scope(), "music", "until", true).value();
  }
  void Put(int c, const std::string& until) {
    service_
        ->Put(service_->Table("music"),
              R"({"p":{"S":"a"},"c":{"N":")" + std::to_string(c) + R"("},"until":)" + until + "}")
        .value();
  }
  void PutNumber(int c, std::int64_t until) { Put(c, R"({"N":")" + std::to_string(until) + "\"}"); }
  Names Left() {
    ReadRequest request;
    request.table = &service_->Table("music");
    return service_->Names(request);
  }

  std::unique_ptr<ServiceFixture> service_;
};

TEST_F(TimeToLiveTest, ItemsGoWhenTheirTimeHasComeAndTheDelayHasPassed) {
  Open(seconds(30));
  PutNumber(1, kStart + 100);
  Enable();
  service_->ttl().Start();
  PutNumber(2, kStart + 50);
  service_->Sleep(seconds(79));
  EXPECT_EQ(Left(), (Names{"a1", "a2"}));
  service_->Sleep(seconds(2));
  EXPECT_EQ(Left(), Names{"a1"});
  service_->Sleep(seconds(60));
  EXPECT_EQ(Left(), Names{});
  EXPECT_EQ(service_->ttl().deletions(), 2u);
  const auto records = service_->store()->feed().Read(2, 10).value();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_TRUE(records[0]->expired);
}

TEST_F(TimeToLiveTest, OnlyNumbersOfTheLastFiveYearsCount) {
  Open();
  Enable();
  service_->ttl().Start();
  Put(1, R"({"S":"1"})");
  PutNumber(2, kStart - 6 * 365 * 24 * 3600);
  PutNumber(3, kStart - 10);
  Put(4, R"({"N":"-5"})");
  Put(5, R"({"N":"1e100"})");
  service_->Sleep(seconds(5));
  EXPECT_EQ(Left(), (Names{"a1", "a2", "a4", "a5"}));
}

TEST_F(TimeToLiveTest, AnItemWhoseTimeWasMovedStays) {
  Open();
  Enable();
  service_->ttl().Start();
  PutNumber(1, kStart + 10);
  service_->Sleep(seconds(5));
  PutNumber(1, kStart + 1000);
  service_->Sleep(seconds(20));
  EXPECT_EQ(Left(), Names{"a1"});
  service_->catalog().SetTimeToLive(service_->scope(), "music", "until", false).value();
  service_->Sleep(seconds(2000));
  EXPECT_EQ(Left(), Names{"a1"});
}

TEST_F(TimeToLiveTest, ExpireNowDoesNotWait) {
  Open(std::chrono::hours(48));
  Enable();
  service_->ttl().Start();
  for (int i = 0; i < 300; ++i) PutNumber(i, kStart - 1);
  PutNumber(1000, kStart + 100);
  EXPECT_EQ(service_->ttl().ExpireNow(service_->Table("music")), 300u);
  EXPECT_EQ(Left(), Names{"a1000"});
  EXPECT_EQ(service_->ttl().ExpireNow(service_->Table("resources")), 0u);
}

TEST_F(TimeToLiveTest, ADeletionThatFailsIsNotRepeatedAtOnce) {
  TemporaryFolder folder;
  StoreOptions store = StoreFixture::File(folder.File("kless.db"));
  int failures = 0;
  store.on_failure = [&](const std::string&) { ++failures; };
  service_ = std::make_unique<ServiceFixture>(TestOptions{}, store);
  service_->Create(ServiceFixture::Request("music"));
  Enable();
  service_->ttl().Start();
  PutNumber(1, kStart + 10);
  service_->store()->EndTurn();
  // Another program takes the name that each deletion writes to.
  { SqliteConnection(store.path).Execute("ALTER TABLE changes RENAME TO taken"); }
  VirtualEventLoop& event_loop = service_->store().event_loop();
  int looks = 0;
  EXPECT_FALSE(event_loop.RunUntil([&] { return ++looks > 1000; }, event_loop.Now() + seconds(30)));
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(Left(), Names{"a1"});
  EXPECT_TRUE(service_->ttl().Idle());
}

TEST_F(TimeToLiveTest, ADeletedTablesUnfinishedIndexLeavesNothingToDo) {
  Open();
  for (int i = 0; i < 1500; ++i) PutNumber(i, kStart + 10);
  Enable();
  EXPECT_FALSE(service_->catalog().Idle());
  service_->catalog().Delete(service_->scope(), "music").value();
  service_->Sleep(seconds(20));
  EXPECT_TRUE(service_->catalog().Idle());
}

}  // namespace
}  // namespace kless::dynamodb
