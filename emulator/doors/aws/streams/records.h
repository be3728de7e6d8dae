// Records of streams as DynamoDB Streams sends them.
#pragma once

#include <string>

#include "emulator/dynamodb/streams.h"
#include "store/item/item.h"

namespace kless::doors::aws {

// The record with the images of the stream's view type.
std::string RecordJson(const dynamodb::StreamRecords& page, const ChangeRecord& record);

}  // namespace kless::doors::aws
