// FilterPattern: which events FilterLogEvents returns.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
//
//   ERROR "out of memory" -DEBUG      all terms, none that begins with '-'
//   ?ERROR ?WARN                      any of these terms; together with others these count for
//                                     nothing, as on AWS
//   %[45]\d\d%                        a regular expression (RE2)
//   { $.level = "error" && ($.n >= 5 || $.user.id NOT EXISTS) }
//                                     events that are JSON objects: = != < <= > >= (texts with
//                                     '*'), IS NULL, IS TRUE, IS FALSE, NOT EXISTS; a[0] and a[*]
//
// Terms are parts of the message, and their case matters.  Patterns of columns, "[a, b]", are
// refused.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "emulator/logs/failure.h"

namespace kless::logs {

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
constexpr std::size_t kFilterPatternMax = 1024;

class FilterPattern {
 public:
  // "" matches every message.  Errors: InvalidParameterException.
  static Outcome<FilterPattern> Parse(std::string_view text);
  FilterPattern(FilterPattern&&) noexcept;
  FilterPattern& operator=(FilterPattern&&) noexcept;
  ~FilterPattern();

  bool Matches(std::string_view message) const;

 private:
  struct Parts;
  explicit FilterPattern(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace kless::logs
