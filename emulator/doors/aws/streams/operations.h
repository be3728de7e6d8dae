// The operations of DynamoDB Streams.
#pragma once

#include "emulator/doors/aws/dynamodb/context.h"
#include "emulator/doors/aws/wire/service.h"

namespace kless::doors::aws {

// The context must outlive the service.
Service MakeStreamsService(DynamoDbContext& context);

}  // namespace kless::doors::aws
