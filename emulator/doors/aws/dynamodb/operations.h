// The operations of DynamoDB as a service.
#pragma once

#include "emulator/doors/aws/dynamodb/context.h"
#include "emulator/doors/aws/wire/service.h"

namespace kless::doors::aws {

// The context must outlive the service.
Service MakeDynamoDbService(DynamoDbContext& context);

}  // namespace kless::doors::aws
