// The operations of SQS on queues: create, find, list, attributes, tags, purge, delete.
#pragma once

#include <vector>

#include "emulator/doors/aws/sqs/context.h"

namespace kless::doors::aws {

std::vector<SqsOperation> SqsQueueOperations();

}  // namespace kless::doors::aws
