// FailedBatch: records that a mapping has given up, and the JSON that Lambda sends to the
// destination on failure for them (reference aws.md g14, g15).  No I/O.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/pool/function_event.h"
#include "store/table.h"

namespace kless {

struct FailedBatch {
  std::vector<RecordPtr> records;  // oldest first, at least one, of one shard
  std::string condition;           // "RetryAttemptsExhausted", "RecordAgeExceeded"
  // Invocations since the batch was cut, split or last made progress; 0: it was never invoked.
  int invocations = 0;
  std::string request_id;  // of the last one
  // Whether that one ended with an error of the function; false for a partial response.
  bool function_error = false;
};

// The function as the record names it.
struct InvokedFunction {
  std::string arn;
  std::string version = "$LATEST";
};

// {"requestContext": {"requestId", "functionArn", "condition", "approximateInvokeCount"},
//  "responseContext": {"statusCode", "executedVersion", "functionError"}, "version", "timestamp",
//  "DDBStreamBatchInfo": {"shardId", "startSequenceNumber", "endSequenceNumber",
//   "approximateArrivalOfFirstRecord", "approximateArrivalOfLastRecord", "batchSize", "streamArn"}}
// There is no responseContext if the batch was never invoked.  A destination in S3 has the member
// "payload", too: the event as text.
nlohmann::json FailureRecord(const FailedBatch& batch, const TableDescription& table,
                             const RecordSourcePtr& source, const InvokedFunction& function,
                             std::int64_t unix_nanos);

}  // namespace kless
