#include "emulator/logs/log_store.h"

#include <gtest/gtest.h>

#include "tests/store/store_fixture.h"

namespace kless::logs {
namespace {

class LogStoreTest : public testing::Test {
 protected:
  LogStoreTest() { Open(); }
  void Open() { logs_ = std::make_unique<LogStore>(store_.event_loop(), store_.store(), 1); }
  void Restart() {
    logs_.reset();
    store_->EndTurn();
    store_.Reopen();
    Open();
  }
  std::int64_t NowMs() { return store_.event_loop().UnixNanos() / 1'000'000; }
  std::vector<std::string> Messages(const EventQuery& query = {}) {
    std::vector<std::string> messages;
    for (const StoredEvent& event : logs_->Find(scope_, "g", query).events) {
      messages.push_back(event.stream + ":" + event.message);
    }
    return messages;
  }

  using Texts = std::vector<std::string>;
  TemporaryFolder folder_;
  StoreFixture store_{StoreFixture::File(folder_.File("kless.db"))};
  std::unique_ptr<LogStore> logs_;
  const Scope scope_{"000000000000", "us-east-1"};
};

TEST_F(LogStoreTest, AppendCreatesWhatIsMissingAndKeepsTheOrderOfTimeAcrossRestarts) {
  logs_->Append(scope_, "g", "a", {{2000, "second"}, {3000, "fourth"}});
  logs_->Append(scope_, "g", "b", {{1000, "first"}, {2000, "third"}});
  const Texts expected = {"b:first", "a:second", "b:third", "a:fourth"};
  EXPECT_EQ(Messages(), expected);
  Restart();
  EXPECT_EQ(Messages(), expected);
  logs_->Append(scope_, "g", "a", {{3000, "fifth"}});
  EXPECT_EQ(Messages().back(), "a:fifth");
  EXPECT_EQ(logs_->GetStream(scope_, "g", "b").value()->last_event_ms, 2000);
}

TEST_F(LogStoreTest, APageEndsAtItsNumberOfEventsOrBytes) {
  logs_->Append(scope_, "g", "a", {{1, "one"}, {2, "two"}, {3, "three"}});
  EventQuery query;
  query.limit = 2;
  EXPECT_TRUE(logs_->Find(scope_, "g", query).more);
  EXPECT_EQ(Messages(query), (Texts{"a:one", "a:two"}));
  query.limit = 3;
  EXPECT_FALSE(logs_->Find(scope_, "g", query).more);
  query.bytes_max = 40;
  EXPECT_EQ(Messages(query), (Texts{"a:one"}));
  query.newest_first = true;
  EXPECT_EQ(Messages(query), (Texts{"a:three"}));
}

TEST_F(LogStoreTest, AScanEndsAtItsLimitAndIsContinuedWhereItEnded) {
  for (int i = 0; i < 10; ++i) logs_->Append(scope_, "g", "a", {{i, "message"}});
  const auto nothing = FilterPattern::Parse("other");
  EventQuery query;
  query.filter = &nothing.value();
  query.scanned_bytes_max = 100;  // three events
  EventPage page = logs_->Find(scope_, "g", query);
  EXPECT_TRUE(page.events.empty());
  ASSERT_TRUE(page.more);
  EXPECT_EQ(page.next.unix_ms, 3);
  query.begin = page.next;
  EXPECT_EQ(logs_->Find(scope_, "g", query).next.unix_ms, 6);
  query.begin = {};
  query.newest_first = true;
  page = logs_->Find(scope_, "g", query);
  query.end = page.next;
  query.filter = nullptr;
  EXPECT_EQ(logs_->Find(scope_, "g", query).events.front().position.unix_ms, 6);
}

TEST_F(LogStoreTest, TheOldestArrivalsGoWhenAllEventsAreTooLarge) {
  const std::string large(1u << 20, 'x');
  for (int i = 0; i < 70; ++i) logs_->Append(scope_, "g", "a", {{100 - i, large}});
  const LogGroup* const group = logs_->FindGroup(scope_, "g");
  EXPECT_LE(group->bytes, kBytesMax);
  EXPECT_GT(group->bytes, kBytesMax - 2 * large.size());
  EXPECT_EQ(group->events.begin()->first.unix_ms, 31);
  EXPECT_EQ(store_->LoadValues("logs/batch/").size(), group->events.size());
}

TEST_F(LogStoreTest, SmallEventsCountWithTheMemoryThatTheyTake) {
  for (int i = 0; i < 400; ++i) {
    logs_->Append(scope_, "g", "a", std::vector<LogEvent>(1000, LogEvent{i, "x"}));
  }
  const std::size_t each = 2 + kEventMemoryBytes;
  EXPECT_LE(logs_->FindGroup(scope_, "g")->events.size(), kBytesMax / each);
  EXPECT_GT(logs_->FindGroup(scope_, "g")->events.size(), kBytesMax / each - 1000);
}

TEST_F(LogStoreTest, NothingOfADeletedGroupStaysInTheStore) {
  logs_->Append(scope_, "g", "a", {{1, "one"}});
  EXPECT_TRUE(logs_->DeleteGroup(scope_, "g").has_value());
  EXPECT_TRUE(store_->LoadValues("logs/").empty());
  EXPECT_EQ(Messages(), Texts());
}

TEST_F(LogStoreTest, EventsBeyondTheRetentionAreGone) {
  logs_->Append(scope_, "g", "a", {{NowMs(), "one"}});
  EXPECT_TRUE(logs_->SetRetention(scope_, "g", 1).has_value());
  store_->EndTurn();
  store_.Sleep(std::chrono::hours(23));
  logs_->Append(scope_, "g", "a", {{NowMs(), "two"}});
  store_->EndTurn();
  store_.Sleep(std::chrono::hours(2));
  EXPECT_EQ(Messages(), (Texts{"a:two"}));
  EXPECT_EQ(store_->LoadValues("logs/batch/").size(), 1u);
}

TEST_F(LogStoreTest, AccountsAndRegionsHaveGroupsOfTheirOwn) {
  logs_->Append(scope_, "g", "a", {{1, "one"}});
  const Scope other{"000000000000", "eu-west-1"};
  EXPECT_EQ(logs_->FindGroup(other, "g"), nullptr);
  EXPECT_TRUE(logs_->Groups(other).empty());
  EXPECT_TRUE(logs_->CreateGroup(other, "g", {}, "", false).has_value());
}

}  // namespace
}  // namespace kless::logs
