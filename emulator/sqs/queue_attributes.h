// QueueAttributes: the attributes of a queue, their ranges and their defaults.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/sqs/failure.h"

namespace kless::sqs {

struct RedrivePolicy {
  std::string target;             // the ARN of the dead-letter queue; "": there is none
  std::int64_t receives_max = 0;  // 1..1000
};

class QueueAttributes {
 public:
  using Values = std::map<std::string, std::string>;

  // Whether it is the name of an attribute, settable or not, or "All".
  static bool IsName(std::string_view name);
  // Checks `values` for a queue and sets them; nothing is set if one of them is refused.  Errors:
  // InvalidAttributeName, InvalidAttributeValue, InvalidParameterValue.
  Outcome<void> Set(const Values& values, bool is_fifo);
  // What was set or has a default; FifoQueue included.
  Values Shown(bool is_fifo) const;
  const Values& given() const { return values_; }
  // The value that was set, or the default; "" if there is none.
  std::string ValueOf(const std::string& name) const;

  std::int64_t delay_seconds() const { return Number("DelaySeconds"); }
  std::int64_t bytes_max() const { return Number("MaximumMessageSize"); }
  std::int64_t retention_seconds() const { return Number("MessageRetentionPeriod"); }
  std::int64_t wait_seconds() const { return Number("ReceiveMessageWaitTimeSeconds"); }
  std::int64_t visibility_seconds() const { return Number("VisibilityTimeout"); }
  bool deduplicates_by_content() const { return ValueOf("ContentBasedDeduplication") == "true"; }
  bool deduplicates_by_group() const { return ValueOf("DeduplicationScope") == "messageGroup"; }
  RedrivePolicy redrive() const;
  // Whether the queue with that ARN may have this one as its dead-letter queue.
  bool AllowsSource(const std::string& arn) const;

 private:
  std::int64_t Number(const char* name) const;

  Values values_;
};

// Checks the text of RedrivePolicy.
Outcome<RedrivePolicy> ParseRedrivePolicy(const std::string& text);

}  // namespace kless::sqs
