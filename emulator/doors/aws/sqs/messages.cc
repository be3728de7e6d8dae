#include "emulator/doors/aws/sqs/messages.h"

#include "emulator/base/strings.h"

namespace kless::doors::aws {
namespace {

AwsResult<sqs::MessageAttributes> ReadAttributes(const Input& input, const char* name) {
  sqs::MessageAttributes attributes;
  const auto map = input.Map(name);
  if (!map) return attributes;
  for (const auto& [key, value] : *map) {
    if (!value.is_object()) continue;
    const Input parts(value.get_object().value_unsafe());
    sqs::MessageAttribute& attribute = attributes[std::string(key)];
    attribute.type = parts.TextOr("DataType");
    if (attribute.type.empty()) {
      return ErrorOf(sqs::InvalidParameterValue("The message attribute '" + std::string(key) +
                                                "' must contain a non-empty data type."));
    }
    if (parts.Has("StringListValues") || parts.Has("BinaryListValues")) {
      return ErrorOf(sqs::Failure{"UnsupportedOperation",
                                  "AWS.SimpleQueueService.UnsupportedOperation",
                                  "Message attribute list values in SendMessage operation are not "
                                  "supported."});
    }
    if (const auto bytes = parts.Text("BinaryValue")) {
      attribute.is_binary = true;
      attribute.value = Base64Decode(*bytes).value_or("");
    } else {
      attribute.value = parts.TextOr("StringValue");
    }
  }
  return attributes;
}

std::optional<std::string> OptionalText(const Input& input, const char* name) {
  const auto text = input.Text(name);
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

AwsResult<std::string> SendMessage(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  KLESS_TRY(const sqs::SendRequest message, ReadSendRequest(request, request.input));
  KLESS_TRY(const sqs::SentMessage sent, ForClient(context.queues.Send(arn, message)));
  JsonObjectText reply;
  AddSent(message, sent, reply);
  return reply.Finish();
}

AwsResult<std::string> DeleteMessage(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  KLESS_TRY(const std::string handle, RequiredText(request.input, "ReceiptHandle"));
  KLESS_TRY_VOID(ForClient(context.queues.DeleteMessage(arn, handle)));
  return std::string("{}");
}

AwsResult<std::string> ChangeMessageVisibility(SqsContext& context,
                                               const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  KLESS_TRY(const std::string handle, RequiredText(request.input, "ReceiptHandle"));
  const auto seconds = request.input.Integer("VisibilityTimeout");
  if (!seconds) return ErrorOf(sqs::MissingParameter("VisibilityTimeout"));
  KLESS_TRY_VOID(ForClient(context.queues.ChangeVisibility(arn, handle, *seconds)));
  return std::string("{}");
}

}  // namespace

AwsResult<sqs::SendRequest> ReadSendRequest(const OperationRequest& request, const Input& input) {
  sqs::SendRequest message;
  message.body = input.TextOr("MessageBody");
  KLESS_TRY(message.attributes, ReadAttributes(input, "MessageAttributes"));
  KLESS_TRY(message.system_attributes, ReadAttributes(input, "MessageSystemAttributes"));
  message.delay_seconds = input.Integer("DelaySeconds");
  message.group = OptionalText(input, "MessageGroupId");
  message.deduplication = OptionalText(input, "MessageDeduplicationId");
  message.sender = request.caller.access_key;
  return message;
}

void AddSent(const sqs::SendRequest& request, const sqs::SentMessage& sent, JsonObjectText& reply) {
  reply.String("MD5OfMessageBody", sqs::Md5Hex(request.body));
  if (!request.attributes.empty()) {
    reply.String("MD5OfMessageAttributes", sqs::Md5OfAttributes(request.attributes));
  }
  if (!request.system_attributes.empty()) {
    reply.String("MD5OfMessageSystemAttributes", sqs::Md5OfAttributes(request.system_attributes));
  }
  reply.String("MessageId", sent.id);
  if (!sent.sequence_number.empty()) reply.String("SequenceNumber", sent.sequence_number);
}

std::vector<SqsOperation> SqsMessageOperations() {
  return {{"ChangeMessageVisibility", ChangeMessageVisibility},
          {"DeleteMessage", DeleteMessage},
          {"SendMessage", SendMessage, "SendMessageOutput"}};
}

}  // namespace kless::doors::aws
