// ExecuteStatement, BatchExecuteStatement and ExecuteTransaction: PartiQL.
#pragma once

#include <vector>

#include "emulator/doors/aws/dynamodb/context.h"

namespace kless::doors::aws {

std::vector<DynamoDbOperation> StatementOperations();

}  // namespace kless::doors::aws
