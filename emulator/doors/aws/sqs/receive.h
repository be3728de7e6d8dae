// ReceiveMessage: reads its input in the step of the request and then waits for messages by the
// emulated clock, as long as WaitTimeSeconds says.
#pragma once

#include "emulator/doors/aws/sqs/context.h"

namespace kless::doors::aws {

WaitingReply BeginReceive(SqsContext& context, const OperationRequest& request);

}  // namespace kless::doors::aws
