// CreateTable, DescribeTable, UpdateTable, DeleteTable and ListTables.
#pragma once

#include <vector>

#include "emulator/doors/aws/dynamodb/context.h"

namespace kless::doors::aws {

std::vector<DynamoDbOperation> TableOperations();

}  // namespace kless::doors::aws
