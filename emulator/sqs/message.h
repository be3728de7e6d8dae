// Message: what a client sends, its checks, its digests and its saved text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/error.h"
#include "emulator/sqs/failure.h"

namespace kless::sqs {

// Since August 2025; before, it was 256 KiB.  Bodies and attributes together, of a message and of a
// batch.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
constexpr std::size_t kMessageBytesMax = 1'048'576;
constexpr std::size_t kMessageAttributesMax = 10;

struct MessageAttribute {
  std::string type;   // "String", "Number", "Binary", also with a label: "Number.int"
  std::string value;  // text, or bytes
  bool is_binary = false;
};
using MessageAttributes = std::map<std::string, MessageAttribute>;

struct SendRequest {
  std::string body;
  MessageAttributes attributes;
  MessageAttributes system_attributes;        // AWSTraceHeader only
  std::optional<std::int64_t> delay_seconds;  // the queue's own by default
  std::optional<std::string> group;           // MessageGroupId
  std::optional<std::string> deduplication;   // MessageDeduplicationId
  std::string sender;                         // SenderId
};

struct Message {
  std::string id;
  std::string body;
  MessageAttributes attributes;
  std::string trace_header;
  std::string sender;
  std::string group;
  std::string deduplication;
  std::string sequence_number;  // of FIFO queues
  std::string source_arn;       // of a message in a dead-letter queue
  std::int64_t sent_nanos = 0;
};

// Checks body, attributes and identifiers, whatever the queue: characters, names, types, sizes.
Outcome<void> CheckMessage(const SendRequest& request, std::size_t bytes_max);
// Counts the bytes of the body and of the names, types and values of the attributes.
std::size_t MessageBytes(const SendRequest& request);

std::string Md5Hex(std::string_view bytes);
// The digest of the attributes by name; "" if there are none.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
std::string Md5OfAttributes(const MessageAttributes& attributes);

std::string MessageToText(const Message& message);
Result<Message> MessageFromText(const std::string& text);

}  // namespace kless::sqs
