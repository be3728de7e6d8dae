// The operations of SQS that add statements to a queue's policy and remove them.
#pragma once

#include <vector>

#include "emulator/doors/aws/sqs/context.h"

namespace kless::doors::aws {

std::vector<SqsOperation> SqsPermissionOperations();

}  // namespace kless::doors::aws
