// Partial batch responses, with the numbers of calls that were recorded on AWS.
#include "functions/pool/batch_response.h"

#include <gtest/gtest.h>

#include "tests/functions/pool/mapping/mapping_world.h"

namespace kless {
namespace {

EventSourceMappingConfig Partial(int batch_size, int retries) {
  EventSourceMappingConfig config;
  config.batch_size = batch_size;
  config.maximum_retry_attempts = retries;
  config.report_batch_item_failures = true;
  return config;
}

std::string Failed(std::uint64_t sequence) {
  return R"({"batchItemFailures":[{"itemIdentifier":")" + std::to_string(sequence) + R"("}]})";
}

TEST(PartialResponseTest, g16_NothingReportedIsSuccessAndTheFunctionIsCalledOnce) {
  for (const char* payload : {"[]", "null", "{}", "", R"({"batchItemFailures":[]})",
                              R"({"batchItemFailures":null})", R"("text")", R"({"a":1})"}) {
    MappingWorld world(Partial(1, 3));
    *world.respond = [&](const Call&) { return Answer{Duration::zero(), std::string(payload)}; };
    world.Start();
    world.PutMany(1);
    world.RunUntil(hours(1));
    EXPECT_EQ(world.calls->size(), 1U) << payload;
    EXPECT_EQ(world.mapping->Status().delivered, 1U) << payload;
    EXPECT_EQ(world.Rows()[0].outcome, "ok") << payload;
  }
}

TEST(PartialResponseTest, g18_AnIdentifierThatNamesNoRecordRepeatsTheWholeBatch) {
  for (const char* payload :
       {R"({"batchItemFailures":[{"itemIdentifier":"4711"}]})",
        R"({"batchItemFailures":[{"itemIdentifier":""}]})",
        R"({"batchItemFailures":[{"itemIdentifier":null}]})",
        R"({"batchItemFailures":[{"foo":"1"}]})", R"({"batchItemFailures":[{"itemIdentifier":1}]})",
        R"({"batchItemFailures":[1]})", R"({"batchItemFailures":"1"})"}) {
    MappingWorld world(Partial(1, 3));
    *world.respond = [&](const Call&) { return Answer{Duration::zero(), std::string(payload)}; };
    world.Start();
    world.PutMany(1);
    world.RunUntil(hours(1));
    EXPECT_EQ(world.calls->size(), 4U) << payload;
    EXPECT_EQ(world.mapping->Status().discarded, 1U) << payload;
    EXPECT_EQ(world.Rows()[0].outcome, "partial") << payload;
    EXPECT_NE(world.Rows()[0].error, "") << payload;
  }
}

TEST(PartialResponseTest, g17_ProgressResetsTheCountOfAttempts) {
  EventSourceMappingConfig config = Partial(3, 3);
  std::vector<std::uint64_t> given_up;
  config.on_failure = [&](const FailedBatch& batch) {
    EXPECT_EQ(batch.condition, "RetryAttemptsExhausted");
    EXPECT_EQ(batch.invocations, 4);
    EXPECT_FALSE(batch.function_error);
    for (const auto& record : batch.records) given_up.push_back(record->sequence);
  };
  MappingWorld world(config);
  *world.respond = [](const Call& call) {
    if (call.keys.back() != "5") return Answer{};
    return Answer{Duration::zero(), Failed(call.sequences.back())};
  };
  world.Start();
  world.PutMany(6);
  world.RunUntil(hours(1));
  EXPECT_EQ(
      world.DeliveriesPerKey(),
      (std::map<std::string, int>{{"0", 1}, {"1", 1}, {"2", 1}, {"3", 1}, {"4", 1}, {"5", 5}}));
  EXPECT_EQ(given_up, (std::vector<std::uint64_t>{6}));
}

TEST(PartialResponseTest, TheLowestSequenceNumberListedIsWhereTheBatchIsTakenUpAgain) {
  MappingWorld world(Partial(5, -1));
  bool first = true;
  *world.respond = [&](const Call&) {
    if (!std::exchange(first, false)) return Answer{};
    return Answer{Duration::zero(), std::string(R"({"batchItemFailures":[{"itemIdentifier":"5"},)"
                                                R"({"itemIdentifier":"3"}]})")};
  };
  world.Start();
  world.PutMany(5);
  world.RunUntil(hours(1));
  EXPECT_EQ(world.Keys(),
            (std::vector<std::vector<std::string>>{{"0", "1", "2", "3", "4"}, {"2", "3", "4"}}));
}

TEST(PartialResponseTest, g19_AnErrorRepeatsTheWholeBatch) {
  MappingWorld world(Partial(3, 1));
  *world.respond = [](const Call&) { return Failure(); };
  world.Start();
  world.PutMany(3);
  world.RunUntil(hours(1));
  EXPECT_EQ(world.calls->size(), 2U);
  EXPECT_EQ(world.calls->at(1).keys.size(), 3U);
  EXPECT_EQ(world.Rows()[0].outcome, "error");
}

TEST(PartialResponseTest, WithoutReportingThePayloadMeansNothing) {
  EventSourceMappingConfig config = Partial(1, 3);
  config.report_batch_item_failures = false;
  MappingWorld world(config);
  *world.respond = [](const Call& call) {
    return Answer{Duration::zero(), Failed(call.sequences.back())};
  };
  world.Start();
  world.PutMany(1);
  world.RunUntil(hours(1));
  EXPECT_EQ(world.calls->size(), 1U);
}

}  // namespace
}  // namespace kless
