// Filter patterns of event source mappings, with Lambda's syntax.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html (2026-11).  No I/O.
//
//   {"eventName": ["INSERT", "MODIFY"],
//    "dynamodb": {"NewImage": {"resource-name": {"S": [{"prefix": "default/"}]}}}}
//
// All members must match, of {"$or": [PATTERN, ...]} one pattern; in a list, one element must.  An
// element is a value, or {"prefix": "a"},
// {"suffix": "a"}, {"equals-ignore-case": "a"}, {"anything-but": "a" | [...] | {"prefix": "a"}},
// {"exists": true | false} (of the member itself), {"numeric": [">", 0, "<=", 5]} (of JSON numbers:
// DynamoDB's N values are strings).
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>

#include "emulator/base/error.h"

namespace kless {

constexpr std::size_t kFilterPatternsMax = 10;
constexpr std::size_t kFilterPatternBytesMax = 4096;

// kInvalidArgument names the place in the pattern and what is allowed there.
Result<void> CheckFilterPattern(const nlohmann::json& pattern);
// `pattern` must have been checked.
bool MatchesFilterPattern(const nlohmann::json& pattern, const nlohmann::json& record);

}  // namespace kless
