#include "functions/pool/mapping/failed_batch.h"

#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/pool/mapping/stream_event.h"

namespace kless {
namespace {

// "2026-01-01T00:00:00.123Z"
std::string MillisecondTime(std::int64_t unix_nanos) {
  std::string text = FormatMicroTime(unix_nanos);
  text.resize(text.size() - 4);
  return text + "Z";
}

}  // namespace

nlohmann::json FailureRecord(const FailedBatch& batch, const TableDescription& table,
                             const RecordSourcePtr& source, const InvokedFunction& function,
                             std::int64_t unix_nanos) {
  const ChangeRecord& first = *batch.records.front();
  const ChangeRecord& last = *batch.records.back();
  nlohmann::json record = {{"requestContext",
                            {{"requestId", batch.request_id},
                             {"functionArn", function.arn},
                             {"condition", batch.condition},
                             {"approximateInvokeCount", batch.invocations}}},
                           {"version", "1.0"},
                           {"timestamp", MillisecondTime(unix_nanos)},
                           {"DDBStreamBatchInfo",
                            {{"shardId", ShardIdOf(source, table, first)},
                             {"startSequenceNumber", StreamSequenceNumber(first.sequence)},
                             {"endSequenceNumber", StreamSequenceNumber(last.sequence)},
                             {"approximateArrivalOfFirstRecord", FormatTime(first.unix_nanos)},
                             {"approximateArrivalOfLastRecord", FormatTime(last.unix_nanos)},
                             {"batchSize", batch.records.size()},
                             {"streamArn", StreamViewOf(source, table, first).arn}}}};
  if (batch.invocations > 0) {
    record["responseContext"] = {
        {"statusCode", 200},
        {"executedVersion", function.version},
        {"functionError",
         batch.function_error ? nlohmann::json("Unhandled") : nlohmann::json(nullptr)}};
  }
  return record;
}

}  // namespace kless
