#include "emulator/doors/aws/sqs/operations.h"

#include "emulator/doors/aws/sqs/batches.h"
#include "emulator/doors/aws/sqs/messages.h"
#include "emulator/doors/aws/sqs/moves.h"
#include "emulator/doors/aws/sqs/permissions.h"
#include "emulator/doors/aws/sqs/queues.h"
#include "emulator/doors/aws/sqs/receive.h"
#include "emulator/doors/aws/sqs/shapes.h"

namespace kless::doors::aws {

Service MakeSqsService(SqsContext& context) {
  Service service;
  service.target_prefix = "AmazonSQS";
  service.signing_name = "sqs";
  service.java_package = "com.amazonaws.sqs";
  service.shapes = kSqsShapes;
  service.query = {"2012-11-05", "http://queue.amazonaws.com/doc/2012-11-05/"};
  service.is_query_compatible = true;
  for (const auto topic : {SqsQueueOperations, SqsMessageOperations, SqsBatchOperations,
                           SqsMoveOperations, SqsPermissionOperations}) {
    for (const SqsOperation& operation : topic()) {
      Operation added;
      added.name = operation.name;
      added.input = std::string(operation.name) + "Input";
      added.run = [&context, run = operation.run](const OperationRequest& request) {
        return run(context, request);
      };
      added.output = operation.output;
      service.operations.push_back(std::move(added));
    }
  }
  Operation receive;
  receive.name = "ReceiveMessage";
  receive.input = "ReceiveMessageInput";
  receive.wait = [&context](const OperationRequest& request) {
    return BeginReceive(context, request);
  };
  receive.output = "ReceiveMessageOutput";
  service.operations.push_back(std::move(receive));
  return service;
}

}  // namespace kless::doors::aws
