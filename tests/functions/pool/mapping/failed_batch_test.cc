#include "functions/pool/mapping/failed_batch.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace kless {
namespace {

using nlohmann::json;

RecordPtr RecordAt(std::uint64_t sequence, std::int64_t unix_nanos) {
  auto record = std::make_shared<ChangeRecord>();
  record->sequence = sequence;
  record->unix_nanos = unix_nanos;
  return record;
}

constexpr std::int64_t kStart = 1'767'225'600'000'000'000;

TEST(FailedBatchTest, g14_TheRecordOfFailureNamesTheBatchButHasNoPayload) {
  TableDescription table;
  table.name = "notes";
  FailedBatch batch;
  batch.records = {RecordAt(7, kStart), RecordAt(9, kStart + 2'500'000'000)};
  batch.condition = "RetryAttemptsExhausted";
  batch.invocations = 4;
  batch.request_id = "11111111-2222-3333-4444-555555555555";
  RecordSource source;
  source.view = [](const ChangeRecord&) { return StreamView{"the-arn", "KEYS_ONLY"}; };
  source.shard_id = [](const ChangeRecord&) { return std::string("the-shard"); };
  const auto shared = std::make_shared<RecordSource>(source);
  const json record =
      FailureRecord(batch, table, shared, {"the-function", "3"}, kStart + 61'250'000'000);
  EXPECT_EQ(record, json::parse(R"({
    "requestContext": {"requestId": "11111111-2222-3333-4444-555555555555",
      "functionArn": "the-function", "condition": "RetryAttemptsExhausted",
      "approximateInvokeCount": 4},
    "responseContext": {"statusCode": 200, "executedVersion": "3", "functionError": null},
    "version": "1.0", "timestamp": "2026-01-01T00:01:01.250Z",
    "DDBStreamBatchInfo": {"shardId": "the-shard", "batchSize": 2, "streamArn": "the-arn",
      "startSequenceNumber": "000000000000000000007",
      "endSequenceNumber": "000000000000000000009",
      "approximateArrivalOfFirstRecord": "2026-01-01T00:00:00Z",
      "approximateArrivalOfLastRecord": "2026-01-01T00:00:02Z"}})"));
  batch.function_error = true;
  EXPECT_EQ(FailureRecord(batch, table, shared, {}, 0)["responseContext"]["functionError"],
            "Unhandled");
}

TEST(FailedBatchTest, ABatchThatWasNeverInvokedHasNoResponse) {
  FailedBatch batch;
  batch.records = {RecordAt(7, kStart)};
  batch.condition = "RecordAgeExceeded";
  const json record = FailureRecord(batch, {}, nullptr, {}, kStart);
  EXPECT_FALSE(record.contains("responseContext"));
  EXPECT_EQ(record["requestContext"]["approximateInvokeCount"], 0);
}

}  // namespace
}  // namespace kless
