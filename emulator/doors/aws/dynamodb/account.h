// DescribeEndpoints and DescribeLimits.
#pragma once

#include <vector>

#include "emulator/doors/aws/dynamodb/context.h"

namespace kless::doors::aws {

std::vector<DynamoDbOperation> AccountOperations();

}  // namespace kless::doors::aws
