// Scope: whose queues; each account has its own in each region.
#pragma once

#include <string>
#include <string_view>

namespace kless::sqs {

struct Scope {
  std::string account;  // 12 digits
  std::string region;   // "us-east-1"
};

// "arn:aws:sqs:REGION:ACCOUNT:NAME"
inline std::string QueueArn(const Scope& scope, std::string_view name) {
  return "arn:aws:sqs:" + scope.region + ":" + scope.account + ":" + std::string(name);
}

}  // namespace kless::sqs
