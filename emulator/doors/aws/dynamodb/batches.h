// BatchGetItem and BatchWriteItem.
#pragma once

#include <vector>

#include "emulator/doors/aws/dynamodb/context.h"

namespace kless::doors::aws {

std::vector<DynamoDbOperation> BatchOperations();

}  // namespace kless::doors::aws
