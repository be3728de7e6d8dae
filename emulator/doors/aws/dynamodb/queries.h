// Query and Scan.
#pragma once

#include <vector>

#include "emulator/doors/aws/dynamodb/context.h"

namespace kless::doors::aws {

std::vector<DynamoDbOperation> QueryOperations();

}  // namespace kless::doors::aws
