// Change records in the form in which Lambda passes them to a function: the JSON event of a
// DynamoDB stream. https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html (2026-11).  No I/O.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/pool/function_event.h"
#include "store/item/item.h"
#include "store/table.h"

namespace kless {

class Store;

constexpr const char* kAwsRegion = "us-east-1";
constexpr const char* kAwsAccount = "000000000000";

// Returns "arn:aws:dynamodb:us-east-1:000000000000:table/T/stream/...", the ARN in the event of a
// record that is in no stream.
std::string StreamArn(const TableDescription& table);
// 21 digits, the minimum length of DynamoDB's sequence numbers.
std::string StreamSequenceNumber(std::uint64_t sequence);
// What the source says of the record; where it says nothing, the stream of StreamArn, with both
// images, and a shard for each of the table's.  `source` may be null.
StreamView StreamViewOf(const RecordSourcePtr& source, const TableDescription& table,
                        const ChangeRecord& record);
std::string ShardIdOf(const RecordSourcePtr& source, const TableDescription& table,
                      const ChangeRecord& record);

// {"eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb":
//  {"ApproximateCreationDateTime", "Keys", "NewImage", "OldImage", "SequenceNumber", "SizeBytes",
//   "StreamViewType"}, "eventSourceARN"}; an image that is missing, or that the view leaves out, is
//   left out.  awsRegion is that of the ARN.
nlohmann::json StreamRecordToJson(const TableDescription& table, const ChangeRecord& record,
                                  const RecordSourcePtr& source = nullptr);
// Returns the text that the function gets.  Records: {"Records": [...]} in the given order, with
// {"window": {"start", "end"}, "state", "shardId", "eventSourceARN", "isFinalInvokeForWindow",
// "isWindowTerminatedEarly"} if they are of a tumbling window.  Otherwise the payload, or {}.
// The records must be of tables in the store.
std::string EventText(Store& store, const FunctionEvent& event);

}  // namespace kless
