#include "emulator/doors/aws/sqs/moves.h"

#include <algorithm>

#include "emulator/base/strings.h"
#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {
namespace {

AwsResult<std::string> StartMessageMoveTask(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string source, RequiredText(request.input, "SourceArn"));
  KLESS_TRY_VOID(Authorize(request.caller, "sqs:StartMessageMoveTask", source));
  if (request.input.Has("MaxNumberOfMessagesPerSecond")) {
    return ErrorOf(sqs::ServiceError(
        "UnsupportedOperation",
        "MaxNumberOfMessagesPerSecond is not supported here: all messages are moved at once."));
  }
  KLESS_TRY(const std::string handle,
            ForClient(context.queues.Move(source, request.input.TextOr("DestinationArn"))));
  return JsonObjectText().String("TaskHandle", handle).Finish();
}

AwsResult<std::string> CancelMessageMoveTask(SqsContext&, const OperationRequest& request) {
  KLESS_TRY(const std::string handle, RequiredText(request.input, "TaskHandle"));
  if (!Base64Decode(handle)) {
    return ErrorOf(sqs::InvalidParameterValue("Value for parameter TaskHandle is invalid."));
  }
  return ErrorOf(sqs::InvalidParameterValue("Only active tasks can be cancelled."));
}

std::string TaskJson(const sqs::MoveTask& task) {
  JsonObjectText object;
  object.String("Status", task.failure.empty() ? "COMPLETED" : "FAILED")
      .String("SourceArn", task.source);
  if (!task.destination.empty()) object.String("DestinationArn", task.destination);
  object.Integer("ApproximateNumberOfMessagesMoved", task.moved)
      .Integer("ApproximateNumberOfMessagesToMove", task.to_move);
  if (!task.failure.empty()) object.String("FailureReason", task.failure);
  return object.Integer("StartedTimestamp", task.started_nanos / 1'000'000).Finish();
}

AwsResult<std::string> ListMessageMoveTasks(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string source, RequiredText(request.input, "SourceArn"));
  KLESS_TRY_VOID(Authorize(request.caller, "sqs:ListMessageMoveTasks", source));
  const std::int64_t limit = request.input.Integer("MaxResults").value_or(1);
  if (limit < 1 || limit > static_cast<std::int64_t>(sqs::kMoveTasksMax)) {
    return ErrorOf(sqs::InvalidParameter(std::to_string(limit), "MaxResults",
                                         "Must be between 1 and 10, if provided."));
  }
  KLESS_TRY(auto tasks, ForClient(context.queues.MoveTasks(source)));
  tasks.resize(std::min(tasks.size(), static_cast<std::size_t>(limit)));
  std::string list = "[";
  for (const sqs::MoveTask& task : tasks) AppendElement(list, TaskJson(task));
  return JsonObjectText().Raw("Results", list + "]").Finish();
}

}  // namespace

std::vector<SqsOperation> SqsMoveOperations() {
  return {{"CancelMessageMoveTask", CancelMessageMoveTask, "CancelMessageMoveTaskOutput"},
          {"ListMessageMoveTasks", ListMessageMoveTasks, "ListMessageMoveTasksOutput"},
          {"StartMessageMoveTask", StartMessageMoveTask, "StartMessageMoveTaskOutput"}};
}

}  // namespace kless::doors::aws
