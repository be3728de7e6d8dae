// Expressions of requests, compiled: parsed, bound to the request's names and values, and checked.
//
// Errors are kInvalidArgument with the whole message, "Invalid ConditionExpression: ..." included.
// If there are several mistakes, it is the one that DynamoDB tells.  What is compiled is a value:
// it keeps what it needs of the placeholders.
#pragma once

#include <string_view>

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/expression/placeholders.h"
#include "emulator/dynamodb/model/expression/syntax.h"

namespace kless {

enum class ConditionUse { kCondition, kFilter, kKeyCondition };

// Evaluate it with Holds (evaluator.h); out of a key condition, MakePartitionRange
// (key_condition.h) takes the range.
Result<ConditionNode> CompileCondition(ConditionUse use, std::string_view text,
                                       Placeholders& placeholders);
// Apply it with ApplyUpdate (update.h).
Result<UpdateExpression> CompileUpdate(std::string_view text, Placeholders& placeholders);
// Apply it with Project (projection.h).
Result<Projection> CompileProjection(std::string_view text, Placeholders& placeholders);

}  // namespace kless
