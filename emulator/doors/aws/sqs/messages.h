// The operations of SQS on one message: send, delete, change the visibility.
#pragma once

#include <vector>

#include "emulator/doors/aws/sqs/context.h"
#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {

std::vector<SqsOperation> SqsMessageOperations();

// The parts of SendMessage and of an entry of SendMessageBatch.
AwsResult<sqs::SendRequest> ReadSendRequest(const OperationRequest& request, const Input& input);
// Adds MessageId, the digests and SequenceNumber to the reply.
void AddSent(const sqs::SendRequest& request, const sqs::SentMessage& sent, JsonObjectText& reply);

}  // namespace kless::doors::aws
