#include "emulator/sqs/queues.h"

#include <gtest/gtest.h>

#include "emulator/sqs/queue.h"
#include "tests/store/store_fixture.h"

namespace kless::sqs {
namespace {

class QueuesTest : public testing::Test {
 protected:
  QueuesTest() { Open(); }
  ~QueuesTest() override { store_.event_loop().DropAll(); }

  void Open() { queues_ = std::make_unique<Queues>(store_.event_loop(), store_.store(), 1); }
  void Restart() {
    queues_.reset();
    store_->EndTurn();
    store_.Reopen();
    Open();
  }
  std::string Create(const std::string& name, const QueueAttributes::Values& attributes = {}) {
    EXPECT_TRUE(queues_->Create(scope_, name, attributes, {}).has_value());
    return QueueArn(scope_, name);
  }
  SentMessage Send(const std::string& arn, const std::string& body, const std::string& group = "") {
    SendRequest request;
    request.body = body;
    if (!group.empty()) request.group = group;
    return queues_->Send(arn, request).value();
  }
  std::vector<Receipt> Receive(const std::string& arn, int count = 10) {
    ReceiveRequest request;
    request.count = count;
    return queues_->ReceiveNow(arn, request).value();
  }
  static std::vector<std::string> Bodies(const std::vector<Receipt>& receipts) {
    std::vector<std::string> bodies;
    for (const Receipt& receipt : receipts) bodies.push_back(receipt.message.body);
    return bodies;
  }
  void Sleep(int seconds) { store_.Sleep(std::chrono::seconds(seconds)); }

  using Texts = std::vector<std::string>;
  TemporaryFolder folder_;
  StoreFixture store_{StoreFixture::File(folder_.File("kless.db"))};
  std::unique_ptr<Queues> queues_;
  const Scope scope_{"000000000000", "us-east-1"};
};

Task<> Poll(Queues& queues, std::string arn, TimePoint deadline, std::vector<std::string>* bodies,
            EventLoop& event_loop, TimePoint* ended) {
  const auto receipts = co_await queues.Receive(arn, ReceiveRequest(), deadline);
  *ended = event_loop.Now();
  if (receipts.has_error()) bodies->push_back(receipts.error().type);
  if (receipts.has_error()) co_return;
  for (const Receipt& receipt : receipts.value()) bodies->push_back(receipt.message.body);
}

TEST_F(QueuesTest, MessagesKeepTheirOrderAcrossRestartsAndVisibilityTimeouts) {
  const std::string arn = Create("q");
  for (const char* const body : {"a", "b", "c"}) Send(arn, body);
  EXPECT_EQ(Bodies(Receive(arn, 2)), (Texts{"a", "b"}));
  Restart();
  Send(arn, "d");
  EXPECT_EQ(Bodies(Receive(arn)), (Texts{"c", "d"}));
  Sleep(31);
  EXPECT_EQ(Bodies(Receive(arn)), (Texts{"a", "b", "c", "d"}));
}

TEST_F(QueuesTest, ALongPollEndsWhenADelayEnds) {
  const std::string arn = Create("q", {{"DelaySeconds", "5"}});
  Send(arn, "late");
  Texts bodies;
  TimePoint ended;
  EventLoop& loop = store_.event_loop();
  const TimePoint start = loop.Now();
  Spawn(loop, "poll", Poll(*queues_, arn, start + std::chrono::seconds(20), &bodies, loop, &ended));
  Sleep(30);
  EXPECT_EQ(bodies, (Texts{"late"}));
  EXPECT_EQ(ended - start, std::chrono::seconds(5));
}

TEST_F(QueuesTest, ALongPollOfAQueueWithoutMessagesEndsAtItsDeadline) {
  const std::string arn = Create("q");
  Texts bodies;
  TimePoint ended;
  EventLoop& loop = store_.event_loop();
  const TimePoint start = loop.Now();
  Spawn(loop, "poll", Poll(*queues_, arn, start + std::chrono::seconds(20), &bodies, loop, &ended));
  Sleep(30);
  EXPECT_EQ(bodies, Texts());
  EXPECT_EQ(ended - start, std::chrono::seconds(20));
}

TEST_F(QueuesTest, ALongPollOfAQueueThatIsDeletedEndsAtOnce) {
  const std::string arn = Create("q");
  Texts bodies;
  TimePoint ended;
  EventLoop& loop = store_.event_loop();
  const TimePoint start = loop.Now();
  Spawn(loop, "poll", Poll(*queues_, arn, start + std::chrono::seconds(20), &bodies, loop, &ended));
  Sleep(1);
  EXPECT_TRUE(queues_->Delete(arn).has_value());
  Sleep(30);
  EXPECT_EQ(bodies, (Texts{"QueueDoesNotExist"}));
  EXPECT_EQ(ended - start, std::chrono::seconds(1));
}

TEST_F(QueuesTest, AGroupWithAMessageInFlightGivesNoOther) {
  const std::string arn =
      Create("q.fifo", {{"FifoQueue", "true"}, {"ContentBasedDeduplication", "true"}});
  Send(arn, "a1", "a");
  Send(arn, "a2", "a");
  Send(arn, "b1", "b");
  const auto first = Receive(arn, 1);
  EXPECT_EQ(Bodies(first), (Texts{"a1"}));
  EXPECT_EQ(Bodies(Receive(arn)), (Texts{"b1"}));
  Restart();
  EXPECT_EQ(Bodies(Receive(arn)), Texts());
  EXPECT_TRUE(queues_->DeleteMessage(arn, first[0].handle).has_value());
  EXPECT_EQ(Bodies(Receive(arn)), (Texts{"a2"}));
  Sleep(31);
  EXPECT_EQ(Bodies(Receive(arn)), (Texts{"a2", "b1"}));
}

TEST_F(QueuesTest, ADeadLetterKeepsItsIdAndItsTime) {
  const std::string dead = Create("dead");
  const std::string arn = Create(
      "q", {{"VisibilityTimeout", "1"},
            {"RedrivePolicy", R"({"deadLetterTargetArn":")" + dead + R"(","maxReceiveCount":2})"}});
  const SentMessage sent = Send(arn, "poison");
  const std::int64_t sent_nanos = Receive(arn)[0].message.sent_nanos;
  Sleep(2);
  EXPECT_EQ(Receive(arn)[0].receives, 2);
  Sleep(2);
  EXPECT_EQ(Bodies(Receive(arn)), Texts());
  const auto moved = Receive(dead);
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0].message.id, sent.id);
  EXPECT_EQ(moved[0].message.source_arn, arn);
  EXPECT_EQ(moved[0].message.sent_nanos, sent_nanos);
}

TEST_F(QueuesTest, NothingOfADeletedQueueStaysInTheStore) {
  const std::string arn =
      Create("q.fifo", {{"FifoQueue", "true"}, {"ContentBasedDeduplication", "true"}});
  Send(arn, "a", "g");
  Receive(arn);
  EXPECT_FALSE(store_->LoadValues("sqs/").empty());
  EXPECT_TRUE(queues_->Delete(arn).has_value());
  EXPECT_TRUE(store_->LoadValues("sqs/").empty());
  EXPECT_EQ(queues_->Delete(arn).error().type, "QueueDoesNotExist");
}

TEST_F(QueuesTest, NothingOfAnExpiredMessageStaysInTheStore) {
  const std::string arn = Create("q", {{"MessageRetentionPeriod", "60"}});
  Send(arn, "a");
  Receive(arn);
  Sleep(61);
  EXPECT_EQ(queues_->Find(arn)->Counts().in_flight, 0u);
  EXPECT_TRUE(store_->LoadValues("sqs/message/").empty());
  EXPECT_TRUE(store_->LoadValues("sqs/state/").empty());
}

}  // namespace
}  // namespace kless::sqs
