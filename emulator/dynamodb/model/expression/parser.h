// The parser of expressions: text to syntax tree, one grammar for all kinds.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
//
// Errors are kInvalidArgument with DynamoDB's text but without "Invalid ConditionExpression: ".
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/expression/syntax.h"

namespace kless {

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
constexpr std::size_t kExpressionBytesMax = 4096;
constexpr int kOperatorsMax = 300;

// Names and values of the results are still references.  `redundant` parentheses are an error, but
// one that is told only if the syntax is right, so it comes with the tree.
struct ParsedCondition {
  ConditionNode root;
  bool redundant = false;
};
// `tells_size`: whether the error of a text that is too long has its size.
Result<ParsedCondition> ParseCondition(std::string_view text, bool tells_size);

struct ParsedUpdate {
  UpdateExpression update;
  // The first section that was written twice; nullopt: none was.
  std::optional<UpdateAction::Kind> repeated;
};
Result<ParsedUpdate> ParseUpdate(std::string_view text);

Result<Projection> ParseProjection(std::string_view text);

}  // namespace kless
