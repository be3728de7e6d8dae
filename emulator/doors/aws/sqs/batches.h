// The operations of SQS on up to ten messages: each entry succeeds or fails on its own.
#pragma once

#include <vector>

#include "emulator/doors/aws/sqs/context.h"

namespace kless::doors::aws {

std::vector<SqsOperation> SqsBatchOperations();

}  // namespace kless::doors::aws
