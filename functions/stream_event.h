// Change records as Lambda hands them to a function: the JSON event of a DynamoDB stream.
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html (2026-11).  No I/O.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "store/item.h"
#include "store/table.h"

namespace kless {

class Store;

constexpr const char* kAwsRegion = "us-east-1";
constexpr const char* kAwsAccount = "000000000000";

// "arn:aws:dynamodb:us-east-1:000000000000:table/T/stream/...".
std::string StreamArn(const TableDescription& table);
// {"eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb":
//  {"ApproximateCreationDateTime", "Keys", "NewImage", "OldImage", "SequenceNumber", "SizeBytes",
//   "StreamViewType"}, "eventSourceARN"}; an image that there is not is left out.  SequenceNumber
// is the record's, with zeros up to the 21 digits that DynamoDB's have at least.
nlohmann::json StreamRecordToJson(const TableDescription& table, const ChangeRecord& record);
// {"Records": [...]} in the order given.  The records' tables are the store's.
std::string StreamEventText(Store& store, const std::vector<RecordPtr>& records);

}  // namespace kless
