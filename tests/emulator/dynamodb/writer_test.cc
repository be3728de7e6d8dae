#include "emulator/dynamodb/writer.h"

#include <gtest/gtest.h>

#include "tests/emulator/dynamodb/service_fixture.h"

namespace kless::dynamodb {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::string SongText(int c, const std::string& more = "") {
  return R"({"p":{"S":"a"},"c":{"N":")" + std::to_string(c) + "\"}" + more + "}";
}

WriteRequest PutOf(const TableState& table, const std::string& json) {
  WriteRequest request;
  request.table = &table;
  request.item = ServiceFixture::ItemOf(table, json);
  return request;
}

std::function<Outcome<bool>(const ItemPtr&)> IfMissing() {
  return [](const ItemPtr& current) -> Outcome<bool> { return current == nullptr; };
}

TEST(WriterTest, AWriteReturnsBothImagesAndMakesOneRecord) {
  ServiceFixture service;
  const TableState& table = service.Create(ServiceFixture::Request("music"));
  const WriteOutcome first = service.Put(table, SongText(1, R"(,"t":{"S":"x"})")).value();
  EXPECT_EQ(first.old_item, nullptr);
  EXPECT_TRUE(first.changed);
  const WriteOutcome same = service.Put(table, SongText(1, R"(,"t":{"S":"x"})")).value();
  EXPECT_FALSE(same.changed);
  const WriteOutcome second = service.Put(table, SongText(1, R"(,"t":{"S":"y"})")).value();
  EXPECT_EQ(ServiceFixture::Json(table, second.old_item), SongText(1, R"(,"t":{"S":"x"})"));
  EXPECT_EQ(ServiceFixture::Json(table, second.new_item), SongText(1, R"(,"t":{"S":"y"})"));
  const WriteOutcome removed = service.Delete(table, SongText(1)).value();
  EXPECT_EQ(removed.new_item, nullptr);
  EXPECT_FALSE(service.Delete(table, SongText(1)).value().changed);
  service.store()->EndTurn();
  EXPECT_EQ(service.store()->feed().Latest(), 3u);
}

TEST(WriterTest, AFailedConditionReturnsTheItemAndWritesNothing) {
  ServiceFixture service;
  const TableState& table = service.Create(ServiceFixture::Request("music"));
  service.Put(table, SongText(1, R"(,"t":{"S":"x"})")).value();
  WriteRequest request = PutOf(table, SongText(1));
  request.condition = IfMissing();
  const Failure failure = service.writer().Write(std::move(request)).error();
  EXPECT_EQ(failure.kind, FailureKind::kConditionalCheckFailed);
  EXPECT_EQ(failure.message, "The conditional request failed");
  EXPECT_EQ(ServiceFixture::Json(table, failure.item), SongText(1, R"(,"t":{"S":"x"})"));
  EXPECT_EQ(service.capacity().StatsOf(table).consumed.table.write, 2);
}

TEST(WriterTest, AnUpdateComputesTheNewItemOrWritesNothing) {
  ServiceFixture service;
  const TableState& table = service.Create(ServiceFixture::Request("music"));
  WriteRequest request = PutOf(table, SongText(1));
  request.kind = WriteRequest::Kind::kUpdate;
  request.update = [](const ItemPtr&) -> Outcome<std::shared_ptr<Item>> {
    return std::shared_ptr<Item>();
  };
  EXPECT_FALSE(service.writer().Write(request).value().changed);
  request.update = [&](const ItemPtr& current) -> Outcome<std::shared_ptr<Item>> {
    EXPECT_EQ(current, nullptr);
    return std::make_shared<Item>(ServiceFixture::ItemOf(table, SongText(1, R"(,"n":{"N":"5"})")));
  };
  const WriteOutcome written = service.writer().Write(request).value();
  EXPECT_EQ(ServiceFixture::Json(table, written.new_item), SongText(1, R"(,"n":{"N":"5"})"));
}

TEST(WriterTest, ItemsOf400KilobytesAreTakenToTheByte) {
  ServiceFixture service;
  const TableState& table = service.Create(ServiceFixture::Request("music"));
  // p=a is 2 bytes, c=1 is 3, the name t is 1.
  const auto text = [](std::size_t bytes) {
    return SongText(1, R"(,"t":{"S":")" + std::string(bytes, 'x') + "\"}");
  };
  EXPECT_EQ(service.Put(table, text(409'600 - 6)).value().consumed.table.write, 400);
  EXPECT_EQ(service.Put(table, text(409'600 - 5)).error().message,
            "Item size has exceeded the maximum allowed size");
}

TEST(WriterTest, IndexKeysOfTheWrongTypeAreRefusedAndIndexesCost) {
  ServiceFixture service;
  const TableState& table =
      service.Create(ServiceFixture::Request("music", {ServiceFixture::Index("by-g", "g")}));
  EXPECT_EQ(service.Put(table, SongText(1, R"(,"g":{"N":"1"})")).error().kind,
            FailureKind::kValidation);
  EXPECT_EQ(service.Put(table, SongText(1)).value().consumed.Total().write, 1);
  EXPECT_EQ(
      service.Put(table, SongText(1, R"(,"g":{"S":"x"})")).value().consumed.global.at("by-g").write,
      1);
  EXPECT_EQ(
      service.Put(table, SongText(1, R"(,"g":{"S":"y"})")).value().consumed.global.at("by-g").write,
      2);
  EXPECT_TRUE(service.Put(table, SongText(1, R"(,"g":{"S":"y"})")).value().consumed.global.empty());
}

TEST(WriterTest, ATransactionIsCarriedOutWholeOrCancelledWithAReasonForEachAction) {
  ServiceFixture service;
  const TableState& table = service.Create(ServiceFixture::Request("music"));
  service.Put(table, SongText(2)).value();
  std::vector<WriteRequest> actions = {PutOf(table, SongText(1)), PutOf(table, SongText(2)),
                                       PutOf(table, SongText(3))};
  actions[1].condition = actions[2].condition = IfMissing();
  const Failure failure = service.writer().Transact(actions, service.scope(), "", 0).error();
  EXPECT_EQ(failure.kind, FailureKind::kTransactionCanceled);
  EXPECT_EQ(failure.message,
            "Transaction cancelled, please refer cancellation reasons for specific reasons [None, "
            "ConditionalCheckFailed, None]");
  ASSERT_EQ(failure.reasons.size(), 3u);
  EXPECT_NE(failure.reasons[1].item, nullptr);
  EXPECT_EQ(table.table->CountItems(), 1u);
  actions[1].condition = nullptr;
  const TransactionOutcome outcome =
      service.writer().Transact(actions, service.scope(), "", 0).value();
  EXPECT_EQ(outcome.writes.size(), 3u);
  EXPECT_EQ(outcome.consumed.at("music").table.write, 6);
  EXPECT_EQ(table.table->CountItems(), 3u);
}

TEST(WriterTest, ATransactionNamesEachItemOnce) {
  ServiceFixture service;
  const TableState& table = service.Create(ServiceFixture::Request("music"));
  std::vector<WriteRequest> actions = {PutOf(table, SongText(1)), PutOf(table, SongText(1))};
  actions[1].kind = WriteRequest::Kind::kCheck;
  EXPECT_EQ(service.writer().Transact(actions, service.scope(), "", 0).error().message,
            "Transaction request cannot include multiple operations on one item");
}

TEST(WriterTest, ATokenIsGoodForTenMinutesAndSurvivesARestart) {
  TemporaryFolder folder;
  ServiceFixture service({}, StoreFixture::File(folder.File("kless.db")));
  service.Create(ServiceFixture::Request("music"));
  const auto transact = [&](int c, std::uint64_t fingerprint) {
    std::vector<WriteRequest> actions = {PutOf(service.Table("music"), SongText(c))};
    actions[0].condition = IfMissing();
    return service.writer().Transact(std::move(actions), service.scope(), "token", fingerprint);
  };
  EXPECT_FALSE(transact(1, 7).value().repeated);
  service.store()->EndTurn();
  service.Restart();
  EXPECT_TRUE(transact(1, 7).value().repeated);
  EXPECT_EQ(transact(2, 8).error().kind, FailureKind::kIdempotentParameterMismatch);
  service.Sleep(minutes(10));
  EXPECT_FALSE(transact(2, 8).value().repeated);
}

TEST(WriterTest, ATransactionKeepsItsItemsFromOthersForItsTime) {
  TestOptions options;
  options.transaction_time = seconds(1);
  ServiceFixture service(options);
  const TableState& table = service.Create(ServiceFixture::Request("music"));
  service.writer().Transact({PutOf(table, SongText(1))}, service.scope(), "", 0).value();
  EXPECT_EQ(service.Put(table, SongText(1)).error().kind, FailureKind::kTransactionConflict);
  EXPECT_TRUE(service.Put(table, SongText(2)).has_value());
  const Failure failure =
      service.writer().Transact({PutOf(table, SongText(1))}, service.scope(), "", 0).error();
  EXPECT_EQ(failure.reasons.at(0).code, "TransactionConflict");
  service.Sleep(seconds(1));
  EXPECT_TRUE(service.Put(table, SongText(1)).has_value());
}

}  // namespace
}  // namespace kless::dynamodb
