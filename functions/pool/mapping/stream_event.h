// Change records in the form in which Lambda passes them to a function: the JSON event of a
// DynamoDB stream. https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html (2026-11).  No I/O.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "store/item/item.h"
#include "store/table.h"

namespace kless {

class Store;

constexpr const char* kAwsRegion = "us-east-1";
constexpr const char* kAwsAccount = "000000000000";

// The ARN of the stream that a record belongs to; "" if it is in none.
using StreamArnOf = std::function<std::string(const ChangeRecord& record)>;

// Returns "arn:aws:dynamodb:us-east-1:000000000000:table/T/stream/...", the ARN in the event of a
// record that is in no stream.
std::string StreamArn(const TableDescription& table);
// {"eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb":
//  {"ApproximateCreationDateTime", "Keys", "NewImage", "OldImage", "SequenceNumber", "SizeBytes",
//   "StreamViewType"}, "eventSourceARN"}; a missing image is left out.  SequenceNumber is the
//   record's, padded with zeros to 21 digits, the minimum length of DynamoDB's.  awsRegion is that
//   of the ARN.
nlohmann::json StreamRecordToJson(const TableDescription& table, const ChangeRecord& record,
                                  const StreamArnOf& arn_of = nullptr);
// Returns {"Records": [...]} in the given order.  The records must be of tables in the store.
std::string StreamEventText(Store& store, const std::vector<RecordPtr>& records,
                            const StreamArnOf& arn_of = nullptr);

}  // namespace kless
