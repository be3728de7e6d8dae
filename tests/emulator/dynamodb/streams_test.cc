#include "emulator/dynamodb/streams.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "emulator/base/random.h"
#include "emulator/base/strings.h"
#include "tests/emulator/dynamodb/service_fixture.h"

namespace kless::dynamodb {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class StreamsTest : public ::testing::Test {
 protected:
  void CreateStreaming(const std::string& name = "music") {
    TableRequest request = ServiceFixture::Request(name);
    request.stream_enabled = true;
    request.view = ViewType::kNewAndOldImages;
    const TableState& table = service_.Create(request);
    arn_ = table.StreamArn(*table.stream());
  }
  void Write(int from, int count) {
    for (int i = from; i < from + count; ++i) {
      const std::string n = std::to_string(i);
      service_.Put(service_.Table("music"), R"({"p":{"S":"p)" + n + R"("},"c":{"N":")" + n + "\"}}")
          .value();
    }
    service_.store()->EndTurn();
  }
  StreamDescription Describe(const std::string& children_of = "") {
    return service_.streams().Describe(service_.scope(), arn_, "", children_of, 1000).value();
  }
  std::string Iterator(const std::string& shard, IteratorType type = IteratorType::kTrimHorizon,
                       const std::string& sequence = "") {
    return service_.streams().Iterator(service_.scope(), arn_, shard, type, sequence).value();
  }
  // All records from an iterator to the end of the shard, or to the newest record.
  std::vector<std::uint64_t> ReadOn(std::string iterator, bool* closed = nullptr, int limit = 7) {
    std::vector<std::uint64_t> sequences;
    for (int empty = 0; empty < 2;) {
      const StreamRecords page = service_.streams().Records(iterator, limit).value();
      for (const RecordPtr& record : page.records) sequences.push_back(record->sequence);
      if (!page.next_iterator) {
        if (closed != nullptr) *closed = true;
        return sequences;
      }
      iterator = *page.next_iterator;
      empty += page.records.empty() ? 1 : 0;
    }
    return sequences;
  }
  // Every record of the stream by shard, parents before children; each must occur once.
  std::set<std::uint64_t> ReadAll() {
    std::set<std::uint64_t> seen;
    for (const ShardState& shard : Describe().shards) {
      for (const std::uint64_t sequence : ReadOn(Iterator(shard.id))) {
        EXPECT_TRUE(seen.insert(sequence).second) << sequence;
      }
    }
    return seen;
  }

  TemporaryFolder folder_;
  ServiceFixture service_{{}, StoreFixture::File(folder_.File("kless.db"))};
  std::string arn_;
};

TEST_F(StreamsTest, ANewStreamHasAShardForEachPartitionAndNoOlderRecords) {
  service_.Create(ServiceFixture::Request("music"));
  Write(0, 10);
  TableUpdate update;
  update.stream_enabled = true;
  update.view = ViewType::kKeysOnly;
  const TableState table = service_.catalog().Update(service_.scope(), "music", update).value();
  arn_ = table.StreamArn(*table.stream());
  EXPECT_EQ(Describe().shards.size(), 4u);
  EXPECT_TRUE(ReadAll().empty());
  Write(10, 50);
  EXPECT_EQ(ReadAll().size(), 50u);
}

TEST_F(StreamsTest, RecordsOfOtherTablesAreNotInTheStream) {
  CreateStreaming();
  service_.Create(ServiceFixture::Request("other"));
  for (int i = 0; i < 30; ++i) {
    Write(i, 1);
    service_
        .Put(service_.Table("other"),
             R"({"p":{"S":"x"},"c":{"N":"1"},"n":{"N":")" + std::to_string(i) + "\"}}")
        .value();
  }
  service_.store()->EndTurn();
  EXPECT_EQ(ReadAll().size(), 30u);
}

TEST_F(StreamsTest, ASplitClosesShardsWhoseChildrenGoOn) {
  CreateStreaming();
  Write(0, 40);
  EXPECT_EQ(service_.streams().Split(service_.Table("music")).value(), 8u);
  Write(40, 40);
  const StreamDescription description = Describe();
  ASSERT_EQ(description.shards.size(), 12u);
  EXPECT_TRUE(std::is_sorted(description.shards.begin(), description.shards.end(),
                             [](const auto& a, const auto& b) { return a.id < b.id; }));
  const ShardState& parent = description.shards[0];
  ASSERT_TRUE(parent.until.has_value());
  const auto children = Describe(parent.id).shards;
  ASSERT_EQ(children.size(), 2u);
  EXPECT_EQ(children[0].parent, parent.id);
  EXPECT_EQ(ReadAll().size(), 80u);
  bool closed = false;
  for (const std::uint64_t sequence : ReadOn(Iterator(parent.id), &closed)) {
    EXPECT_LE(sequence, *parent.until);
  }
  EXPECT_TRUE(closed);
  EXPECT_LE(parent.StartingSequenceNumber(), parent.EndingSequenceNumber());
}

TEST_F(StreamsTest, AShardClosesAfterFourHoursAndNothingIsReadTwice) {
  CreateStreaming();
  std::set<std::uint64_t> seen;
  std::map<std::string, std::string> iterators;
  // A reader that follows the lineage by what it learns, every half hour.
  for (int step = 0; step < 30; ++step) {
    Write(step * 3, 3);
    service_.Sleep(minutes(10));
    for (const ShardState& shard : Describe().shards) {
      if (!iterators.contains(shard.id)) iterators[shard.id] = Iterator(shard.id);
      if (iterators[shard.id].empty()) continue;
      const StreamRecords page = service_.streams().Records(iterators[shard.id], 1000).value();
      for (const RecordPtr& record : page.records) {
        EXPECT_TRUE(seen.insert(record->sequence).second);
      }
      iterators[shard.id] = page.next_iterator.value_or("");
    }
  }
  EXPECT_EQ(seen.size(), 90u);
  EXPECT_EQ(Describe().shards.size(), 8u);
}

TEST_F(StreamsTest, IteratorsBeginWhereTheyWereAskedTo) {
  CreateStreaming();
  Write(0, 40);
  const ShardState shard = Describe().shards[0];
  const std::vector<std::uint64_t> all = ReadOn(Iterator(shard.id));
  ASSERT_GT(all.size(), 3u);
  EXPECT_EQ(
      ReadOn(Iterator(shard.id, IteratorType::kAtSequenceNumber, SequenceNumber(all[2]))).front(),
      all[2]);
  EXPECT_EQ(ReadOn(Iterator(shard.id, IteratorType::kAfterSequenceNumber, SequenceNumber(all[2])))
                .front(),
            all[3]);
  EXPECT_EQ(
      ReadOn(Iterator(shard.id, IteratorType::kAtSequenceNumber, shard.StartingSequenceNumber())),
      all);
  const std::string latest = Iterator(shard.id, IteratorType::kLatest);
  EXPECT_TRUE(ReadOn(latest).empty());
  Write(40, 40);
  EXPECT_FALSE(ReadOn(latest).empty());
  const auto failure = [&](IteratorType type, const std::string& sequence) {
    return service_.streams()
        .Iterator(service_.scope(), arn_, shard.id, type, sequence)
        .error()
        .kind;
  };
  EXPECT_EQ(failure(IteratorType::kAtSequenceNumber, ""), FailureKind::kValidation);
  EXPECT_EQ(failure(IteratorType::kTrimHorizon, "000000000000000000001"), FailureKind::kValidation);
  EXPECT_EQ(service_.streams()
                .Iterator(service_.scope(), arn_, "shardId-00000000000000000000-abcdef01",
                          IteratorType::kLatest, "")
                .error()
                .kind,
            FailureKind::kResourceNotFound);
}

TEST_F(StreamsTest, IteratorsExpireAndSurviveARestart) {
  CreateStreaming();
  Write(0, 40);
  const std::string shard = Describe().shards[0].id;
  const std::string iterator = Iterator(shard);
  const std::vector<std::uint64_t> before = ReadOn(iterator);
  service_.Restart();
  EXPECT_EQ(ReadOn(iterator), before);
  service_.Sleep(minutes(15));
  EXPECT_EQ(ReadOn(iterator), before);
  service_.Sleep(seconds(1));
  EXPECT_EQ(service_.streams().Records(iterator, 10).error().kind, FailureKind::kExpiredIterator);
  EXPECT_EQ(service_.streams().Records("nonsense", 10).error().kind, FailureKind::kValidation);
  std::string forged = iterator;
  forged[forged.size() - 6] = forged[forged.size() - 6] == 'A' ? 'B' : 'A';
  EXPECT_EQ(service_.streams().Records(forged, 10).error().kind, FailureKind::kValidation);
}

TEST_F(StreamsTest, ForgedIteratorsWithExtremeNumbersAreRefused) {
  CreateStreaming();
  Write(0, 40);
  ASSERT_EQ(service_.streams().Split(service_.Table("music")).value(), 8u);
  Write(40, 40);
  const ShardState child = Describe().shards.back();
  const auto kind = [&](const std::string& position, const std::string& issued) {
    const std::string text = child.id + " " + position + " " + issued;
    const std::string hash = std::to_string(HashBytes(arn_, HashBytes(text)));
    const auto page =
        service_.streams().Records(arn_ + "|1|" + Base64Encode(text + " " + hash), 1000);
    return page.has_error() ? std::optional(page.error().kind) : std::nullopt;
  };
  const std::string now = std::to_string(service_.store()->UnixNanos());
  const std::string start = std::to_string(child.after);
  EXPECT_EQ(kind(start, now), std::nullopt);
  EXPECT_EQ(kind(start, "9223372036854775807"), std::nullopt);
  EXPECT_EQ(kind(start, "-9223372036854775808"), FailureKind::kExpiredIterator);
  EXPECT_EQ(kind(start, "9223372036854775808"), FailureKind::kValidation);
  EXPECT_EQ(kind(start, ""), FailureKind::kValidation);
  EXPECT_EQ(kind("18446744073709551615", now), FailureKind::kValidation);
  EXPECT_EQ(kind("18446744073709551616", now), FailureKind::kValidation);
  EXPECT_EQ(kind("82", now), FailureKind::kValidation);
  EXPECT_EQ(kind("0", now), FailureKind::kValidation);
}

TEST_F(StreamsTest, AJumpOfTwentyHoursLosesNothingAndOneOfTwentyFiveTrims) {
  CreateStreaming();
  Write(0, 40);
  const ShardState shard = Describe().shards[0];
  const std::vector<std::uint64_t> all = ReadOn(Iterator(shard.id));
  const std::string last = SequenceNumber(all[1]);
  service_.Sleep(hours(20));
  service_.Restart();
  const std::vector<std::uint64_t> rest =
      ReadOn(Iterator(shard.id, IteratorType::kAfterSequenceNumber, last));
  EXPECT_EQ(rest, std::vector<std::uint64_t>(all.begin() + 2, all.end()));
  service_.Sleep(hours(5));
  EXPECT_EQ(
      service_.streams()
          .Iterator(service_.scope(), arn_, shard.id, IteratorType::kAfterSequenceNumber, last)
          .error()
          .kind,
      FailureKind::kTrimmedDataAccess);
  EXPECT_TRUE(ReadAll().empty());
  Write(40, 20);
  EXPECT_EQ(ReadAll().size(), 20u);
}

TEST_F(StreamsTest, MoreThroughputSplitsShards) {
  TableRequest request = ServiceFixture::Request("music");
  request.billing.reset();
  request.throughput = Throughput{10, 10};
  request.stream_enabled = true;
  request.view = ViewType::kNewImage;
  const TableState& table = service_.Create(request);
  arn_ = table.StreamArn(*table.stream());
  EXPECT_EQ(Describe().shards.size(), 1u);
  Write(0, 20);
  TableUpdate update;
  update.throughput = Throughput{10, 2500};
  service_.catalog().Update(service_.scope(), "music", update).value();
  Write(20, 20);
  EXPECT_EQ(Describe().shards.size(), 5u);
  EXPECT_EQ(ReadAll().size(), 40u);
}

TEST_F(StreamsTest, EnormousThroughputMakesABoundedNumberOfShards) {
  TableRequest request = ServiceFixture::Request("music");
  request.billing.reset();
  request.throughput = Throughput{10, 10};
  request.stream_enabled = true;
  request.view = ViewType::kNewImage;
  const TableState& table = service_.Create(request);
  TableUpdate update;
  update.throughput = Throughput{1'000'000'000'000, 1'000'000'000'000};
  service_.catalog().Update(service_.scope(), "music", update).value();
  const auto shards = service_.streams().ShardsOf(table);
  EXPECT_EQ(std::count_if(shards.begin(), shards.end(),
                          [](const ShardState& shard) { return !shard.until; }),
            kPartitionsMax);
}

TEST_F(StreamsTest, AChangeOfATableOutlivesItsOldStreams) {
  CreateStreaming();
  const auto stream = [&](bool enabled) {
    TableUpdate update;
    update.stream_enabled = enabled;
    if (enabled) update.view = ViewType::kNewImage;
    service_.catalog().Update(service_.scope(), "music", update).value();
  };
  stream(false);
  service_.Sleep(hours(25));
  stream(true);
  const TableState& table = service_.Table("music");
  ASSERT_EQ(table.streams.size(), 1u);
  arn_ = table.StreamArn(*table.stream());
  Write(0, 20);
  EXPECT_EQ(ReadAll().size(), 20u);
}

TEST_F(StreamsTest, ADeletedTablesStreamIsListedAndReadToItsEnd) {
  CreateStreaming();
  Write(0, 40);
  service_.catalog().Delete(service_.scope(), "music").value();
  service_.store()->EndTurn();
  service_.Restart();
  bool more = false;
  const auto streams = service_.streams().List(service_.scope(), "music", "", 10, &more);
  ASSERT_EQ(streams.size(), 1u);
  EXPECT_EQ(streams[0].arn, arn_);
  EXPECT_FALSE(Describe().enabled);
  EXPECT_EQ(ReadAll().size(), 40u);
  for (const ShardState& shard : Describe().shards) EXPECT_TRUE(shard.until.has_value());
  service_.Sleep(hours(25));
  EXPECT_TRUE(service_.streams().List(service_.scope(), "music", "", 10, &more).empty());
  EXPECT_EQ(service_.streams().Describe(service_.scope(), arn_, "", "", 10).error().kind,
            FailureKind::kResourceNotFound);
}

TEST_F(StreamsTest, StreamsAreListedInPages) {
  CreateStreaming("one");
  CreateStreaming("two");
  bool more = false;
  auto page = service_.streams().List(service_.scope(), "", "", 2, &more);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_TRUE(more);
  page = service_.streams().List(service_.scope(), "", page.back().arn, 2, &more);
  ASSERT_EQ(page.size(), 1u);
  EXPECT_EQ(page[0].table, "two");
  EXPECT_TRUE(service_.streams().List(service_.scope(), "missing", "", 2, &more).empty());
  EXPECT_EQ(service_.streams().Describe(service_.scope(), "x", "", "", 2).error().kind,
            FailureKind::kValidation);
}

TEST_F(StreamsTest, SequenceNumbersOrderAsTextAndAsNumbers) {
  EXPECT_EQ(SequenceNumber(4711), "000000000000000004711");
  EXPECT_EQ(ParseSequenceNumber("000000000000000004711"), 4711u);
  EXPECT_EQ(ParseSequenceNumber("000000000000000000000"), 0u);
  EXPECT_EQ(ParseSequenceNumber("abc"), std::nullopt);
  EXPECT_LT(SequenceNumber(999), SequenceNumber(1000));
}

}  // namespace
}  // namespace kless::dynamodb
