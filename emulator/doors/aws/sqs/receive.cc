#include "emulator/doors/aws/sqs/receive.h"

#include <algorithm>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {
namespace {

// Which attributes of the messages the client wants.
struct Wanted {
  std::vector<std::string> system;
  std::vector<std::string> attributes;
};

bool WantsSystem(const Wanted& wanted, const std::string& name) {
  return std::any_of(wanted.system.begin(), wanted.system.end(),
                     [&](const std::string& each) { return each == name || each == "All"; });
}

// "All", ".*" or "*", a name, or a prefix: "foo.*".
bool WantsAttribute(const Wanted& wanted, const std::string& name) {
  return std::any_of(wanted.attributes.begin(), wanted.attributes.end(),
                     [&](const std::string& each) {
                       if (each == "All" || each == ".*" || each == "*" || each == name)
                         return true;
                       return each.ends_with(".*") &&
                              name.starts_with(std::string_view(each).substr(0, each.size() - 1));
                     });
}

std::string SystemAttributesJson(const sqs::Receipt& receipt, const Wanted& wanted) {
  const sqs::Message& message = receipt.message;
  std::map<std::string, std::string> values = {
      {"ApproximateFirstReceiveTimestamp",
       std::to_string(receipt.first_received_nanos / 1'000'000)},
      {"ApproximateReceiveCount", std::to_string(receipt.receives)},
      {"SenderId", message.sender},
      {"SentTimestamp", std::to_string(message.sent_nanos / 1'000'000)},
      {"AWSTraceHeader", message.trace_header},
      {"DeadLetterQueueSourceArn", message.source_arn},
      {"MessageDeduplicationId", message.deduplication},
      {"MessageGroupId", message.group},
      {"SequenceNumber", message.sequence_number}};
  std::erase_if(values, [&](const auto& each) {
    return each.second.empty() || !WantsSystem(wanted, each.first);
  });
  return values.empty() ? std::string() : TextMapJson(values);
}

std::string AttributesJson(const sqs::MessageAttributes& attributes) {
  std::string object = "{";
  for (const auto& [name, attribute] : attributes) {
    JsonObjectText value;
    if (attribute.is_binary) {
      value.String("BinaryValue", Base64Encode(attribute.value));
    } else {
      value.String("StringValue", attribute.value);
    }
    value.String("DataType", attribute.type);
    std::string member;
    AppendJsonString(member, name);
    AppendElement(object, member + ":" + value.Finish());
  }
  return object + "}";
}

std::string MessageJson(const sqs::Receipt& receipt, const Wanted& wanted) {
  const sqs::Message& message = receipt.message;
  JsonObjectText object;
  object.String("MessageId", message.id)
      .String("ReceiptHandle", receipt.handle)
      .String("MD5OfBody", sqs::Md5Hex(message.body))
      .String("Body", message.body);
  const std::string system = SystemAttributesJson(receipt, wanted);
  if (!system.empty()) object.Raw("Attributes", system);
  sqs::MessageAttributes shown = message.attributes;
  std::erase_if(shown, [&](const auto& each) { return !WantsAttribute(wanted, each.first); });
  if (!shown.empty()) {
    object.String("MD5OfMessageAttributes", sqs::Md5OfAttributes(shown));
    object.Raw("MessageAttributes", AttributesJson(shown));
  }
  return object.Finish();
}

Task<AwsResult<std::string>> Receive(sqs::Queues& queues, std::string arn,
                                     sqs::ReceiveRequest request, TimePoint deadline,
                                     Wanted wanted) {
  const auto received = co_await queues.Receive(std::move(arn), std::move(request), deadline);
  if (received.has_error()) co_return ErrorOf(received.error());
  if (received.value().empty()) co_return std::string("{}");
  std::string list = "[";
  for (const sqs::Receipt& receipt : received.value()) {
    AppendElement(list, MessageJson(receipt, wanted));
  }
  co_return JsonObjectText().Raw("Messages", list + "]").Finish();
}

AwsResult<void> CheckRange(std::int64_t value, std::int64_t low, std::int64_t high,
                           const char* name, const std::string& reason) {
  if (value >= low && value <= high) return {};
  return ErrorOf(sqs::InvalidParameter(std::to_string(value), name, reason));
}

}  // namespace

WaitingReply BeginReceive(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  const Input& input = request.input;
  const sqs::QueueAttributes& attributes = context.queues.Find(arn)->description().attributes;
  const std::int64_t count = input.Integer("MaxNumberOfMessages").value_or(1);
  KLESS_TRY_VOID(
      CheckRange(count, 1, 10, "MaxNumberOfMessages", "Must be between 1 and 10, if provided."));
  const std::int64_t wait = input.Integer("WaitTimeSeconds").value_or(attributes.wait_seconds());
  KLESS_TRY_VOID(
      CheckRange(wait, 0, 20, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided."));
  sqs::ReceiveRequest receive;
  receive.count = static_cast<int>(count);
  receive.visibility_seconds = input.Integer("VisibilityTimeout");
  KLESS_TRY_VOID(CheckRange(receive.visibility_seconds.value_or(0), 0, sqs::kVisibilitySecondsMax,
                            "VisibilityTimeout", "Must be >= 0 and <= 43200, if provided."));
  receive.attempt = input.TextOr("ReceiveRequestAttemptId");
  if (!receive.attempt.empty() && !context.queues.Find(arn)->description().is_fifo) {
    return ErrorOf(sqs::InvalidParameter(receive.attempt, "ReceiveRequestAttemptId",
                                         "The request includes a parameter that is not valid for "
                                         "this queue type."));
  }
  Wanted wanted{TextList(input, "AttributeNames"), TextList(input, "MessageAttributeNames")};
  for (std::string& name : TextList(input, "MessageSystemAttributeNames")) {
    wanted.system.push_back(std::move(name));
  }
  return Receive(context.queues, arn, std::move(receive),
                 context.event_loop.Now() + std::chrono::seconds(wait), std::move(wanted));
}

}  // namespace kless::doors::aws
