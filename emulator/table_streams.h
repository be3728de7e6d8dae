// TableStreams: the streams of DynamoDB tables as sources of event source mappings.
#pragma once

#include "emulator/dynamodb/service.h"
#include "functions/pool/function_event.h"

namespace kless {

// Shows each record as the stream that has it does: its ARN, its view type and its shard.  The
// service must outlive the source.
RecordSourcePtr TableStreams(dynamodb::Service& service);

}  // namespace kless
