// Scope: whose log groups; each account has its own in each region.
#pragma once

#include <compare>
#include <string>

namespace kless::logs {

struct Scope {
  std::string account;  // 12 digits
  std::string region;   // "us-east-1"
  auto operator<=>(const Scope&) const = default;
};

}  // namespace kless::logs
