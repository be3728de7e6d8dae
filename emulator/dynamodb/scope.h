// Scope: an account and a region of AWS.
#pragma once

#include <compare>
#include <string>

namespace kless::dynamodb {

// The account and region of a request, or of a table's creator.  Isolated tables are found only in
// the scope that they were made in.
struct Scope {
  std::string account;  // 12 digits
  std::string region;   // "us-east-1"
  auto operator<=>(const Scope&) const = default;
};

}  // namespace kless::dynamodb
