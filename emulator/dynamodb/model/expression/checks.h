// Checks of operands that are bound: of an expression, of the legacy parameters or of PartiQL.
//
// Errors are kInvalidArgument with DynamoDB's texts, without the name of the expression.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/expression/syntax.h"

namespace kless {

// The operands of IN within its parentheses.
constexpr std::size_t kInOperandsMax = 100;

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
constexpr std::size_t kPathStepsMax = 32;

// The step [12] of a path, out of its digits.
Result<PathStep> IndexStep(std::string_view digits);
Result<void> CheckPathLength(const DocumentPath& path);
// A test, which is a condition without AND, OR and NOT: the number of operands, that they are
// distinct, and the types of those that are values.
Result<void> CheckTest(const ConditionNode& test);
// The paths and the values of an update.
Result<void> CheckActions(const UpdateExpression& update);
// Two paths of one update or projection must not contain each other ("overlap"), nor use one value
// as a map and as a list ("conflict").
Result<void> CheckDistinctPaths(const std::vector<DocumentPath>& paths);

}  // namespace kless
