// The operations of SQS that move the messages of a dead-letter queue.
#pragma once

#include <vector>

#include "emulator/doors/aws/sqs/context.h"

namespace kless::doors::aws {

std::vector<SqsOperation> SqsMoveOperations();

}  // namespace kless::doors::aws
