// SQS as a service of the door: JSON 1.0 and the Query protocol.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/
#pragma once

#include "emulator/doors/aws/sqs/context.h"

namespace kless::doors::aws {

// The context must outlive the service.
Service MakeSqsService(SqsContext& context);

}  // namespace kless::doors::aws
