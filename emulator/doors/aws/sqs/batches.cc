#include "emulator/doors/aws/sqs/batches.h"

#include <set>

#include "emulator/doors/aws/sqs/messages.h"

namespace kless::doors::aws {
namespace {

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
constexpr std::size_t kEntriesMax = 10;
constexpr std::size_t kIdMax = 80;

bool IsEntryId(std::string_view id) {
  return !id.empty() && id.size() <= kIdMax &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
             std::string_view::npos;
}

struct Entry {
  std::string id;
  Input input;
};

// The entries of a batch whose ids are valid and distinct; `member` is their name in the error of
// an empty batch.
AwsResult<std::vector<Entry>> ReadEntries(const OperationRequest& request,
                                          const std::string& member) {
  std::vector<Entry> entries;
  const auto list = request.input.List("Entries");
  if (list) {
    for (const simdjson::dom::element each : *list) {
      if (!each.is_object()) continue;
      const Input input(each.get_object().value_unsafe());
      entries.push_back({input.TextOr("Id"), input});
    }
  }
  if (entries.empty()) {
    return ErrorOf(sqs::ServiceError(
        "EmptyBatchRequest", "There should be at least one " + member + " in the request."));
  }
  if (entries.size() > kEntriesMax) {
    return ErrorOf(sqs::ServiceError("TooManyEntriesInBatchRequest",
                                     "Maximum number of entries per request are 10. You have "
                                     "sent " +
                                         std::to_string(entries.size()) + "."));
  }
  std::set<std::string> ids;
  for (const Entry& entry : entries) {
    if (!IsEntryId(entry.id)) {
      return ErrorOf(sqs::ServiceError(
          "InvalidBatchEntryId",
          "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It "
          "can be at most 80 letters long."));
    }
    if (!ids.insert(entry.id).second) {
      return ErrorOf(
          sqs::ServiceError("BatchEntryIdsNotDistinct", "Id " + entry.id + " repeated."));
    }
  }
  return entries;
}

// The two lists of a batch's reply.
class BatchReply {
 public:
  void AddDone(const std::string& object) { AppendElement(done_, object); }
  void AddFailed(const std::string& id, const AwsError& error) {
    AppendElement(failed_,
                  JsonObjectText()
                      .String("Id", id)
                      .Flag("SenderFault", error.status < 500)
                      .String("Code", error.query_code.empty() ? error.type : error.query_code)
                      .String("Message", error.message)
                      .Finish());
  }
  // Both lists are required members of the shapes, but AWS leaves out an empty list of failures.
  std::string Finish() {
    JsonObjectText reply;
    reply.Raw("Successful", done_ + "]");
    if (failed_.size() > 1) reply.Raw("Failed", failed_ + "]");
    return reply.Finish();
  }

 private:
  std::string done_ = "[";
  std::string failed_ = "[";
};

std::string DoneEntry(const std::string& id) { return JsonObjectText().String("Id", id).Finish(); }

AwsResult<std::string> SendMessageBatch(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  KLESS_TRY(const auto entries, ReadEntries(request, "SendMessageBatchRequestEntry"));
  std::vector<AwsResult<sqs::SendRequest>> messages;
  std::size_t bytes = 0;
  for (const Entry& entry : entries) {
    messages.push_back(ReadSendRequest(request, entry.input));
    if (messages.back().has_value()) bytes += sqs::MessageBytes(messages.back().value());
  }
  if (bytes > sqs::kMessageBytesMax) {
    return ErrorOf(sqs::ServiceError(
        "BatchRequestTooLong", "Batch requests cannot be longer than " +
                                   std::to_string(sqs::kMessageBytesMax) +
                                   " bytes. You have sent " + std::to_string(bytes) + " bytes."));
  }
  BatchReply reply;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (messages[i].has_error()) {
      reply.AddFailed(entries[i].id, messages[i].error());
      continue;
    }
    const sqs::SendRequest& message = messages[i].value();
    const auto sent = context.queues.Send(arn, message);
    if (sent.has_error()) {
      reply.AddFailed(entries[i].id, ErrorOf(sent.error()));
      continue;
    }
    JsonObjectText object;
    object.String("Id", entries[i].id);
    AddSent(message, sent.value(), object);
    reply.AddDone(object.Finish());
  }
  return reply.Finish();
}

AwsResult<std::string> DeleteMessageBatch(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  KLESS_TRY(const auto entries, ReadEntries(request, "DeleteMessageBatchRequestEntry"));
  BatchReply reply;
  for (const Entry& entry : entries) {
    const auto done =
        ForClient(context.queues.DeleteMessage(arn, entry.input.TextOr("ReceiptHandle")));
    if (done.has_error()) {
      reply.AddFailed(entry.id, done.error());
    } else {
      reply.AddDone(DoneEntry(entry.id));
    }
  }
  return reply.Finish();
}

AwsResult<std::string> ChangeMessageVisibilityBatch(SqsContext& context,
                                                    const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  KLESS_TRY(const auto entries, ReadEntries(request, "ChangeMessageVisibilityBatchRequestEntry"));
  BatchReply reply;
  for (const Entry& entry : entries) {
    const auto seconds = entry.input.Integer("VisibilityTimeout");
    const auto done = seconds
                          ? ForClient(context.queues.ChangeVisibility(
                                arn, entry.input.TextOr("ReceiptHandle"), *seconds))
                          : AwsResult<void>(ErrorOf(sqs::MissingParameter("VisibilityTimeout")));
    if (done.has_error()) {
      reply.AddFailed(entry.id, done.error());
    } else {
      reply.AddDone(DoneEntry(entry.id));
    }
  }
  return reply.Finish();
}

}  // namespace

std::vector<SqsOperation> SqsBatchOperations() {
  return {{"ChangeMessageVisibilityBatch", ChangeMessageVisibilityBatch,
           "ChangeMessageVisibilityBatchOutput"},
          {"DeleteMessageBatch", DeleteMessageBatch, "DeleteMessageBatchOutput"},
          {"SendMessageBatch", SendMessageBatch, "SendMessageBatchOutput"}};
}

}  // namespace kless::doors::aws
