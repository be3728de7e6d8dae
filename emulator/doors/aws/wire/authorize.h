// The seam where verification of signatures and policies go.
#pragma once

#include <string>
#include <string_view>

#include "emulator/doors/aws/wire/aws_error.h"

namespace kless::doors::aws {

// The client, as its signature names it.
struct Caller {
  std::string access_key;
  std::string account;  // 12 digits
  std::string region;   // "us-east-1"
};

// Called by each operation for each resource, before it looks the resource up.  `action` is like
// "dynamodb:PutItem", `resource` an ARN.  Every caller may do everything.
AwsResult<void> Authorize(const Caller& caller, std::string_view action, std::string_view resource);

}  // namespace kless::doors::aws
