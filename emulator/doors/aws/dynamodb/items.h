// GetItem, PutItem, UpdateItem and DeleteItem.
#pragma once

#include <vector>

#include "emulator/doors/aws/dynamodb/context.h"

namespace kless::doors::aws {

std::vector<DynamoDbOperation> ItemOperations();

}  // namespace kless::doors::aws
