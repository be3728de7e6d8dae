// What a table has besides its description: tags, time to live, resource policies, and the features
// that are only described because SDKs and Terraform ask for them.
#pragma once

#include <vector>

#include "emulator/doors/aws/dynamodb/context.h"

namespace kless::doors::aws {

std::vector<DynamoDbOperation> TableSettingOperations();

}  // namespace kless::doors::aws
