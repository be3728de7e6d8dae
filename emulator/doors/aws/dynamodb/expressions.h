// The expressions of a request, compiled, and what operations do with conditions and projections.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/doors/aws/dynamodb/context.h"
#include "emulator/dynamodb/model/expression/key_condition.h"
#include "emulator/dynamodb/model/expression/syntax.h"

namespace kless::doors::aws {

// Each is set if the request has it, as an expression or as a legacy parameter.
struct Expressions {
  std::optional<UpdateExpression> update;
  std::optional<ConditionNode> condition;
  std::optional<KeyConditions> key;
  std::optional<ConditionNode> filter;
  std::optional<Projection> projection;
};

// The names of a request's parameters, in the order of AWS's messages.
struct ExpressionParameters {
  std::vector<std::string_view> expressions;  // "ConditionExpression"
  std::vector<std::string_view> legacy;       // "Expected"
};
// Whether expressions and legacy parameters are mixed, or names are given without an expression.
AwsResult<void> CheckMix(const Input& input, const ExpressionParameters& parameters,
                         ErrorTexts texts);
// Compiles those of the expressions `names` ("ConditionExpression") that `input` has, and checks
// that all names and values are used.  An expression that the operation does not have is ignored,
// as every unknown member is.
AwsResult<Expressions> CompileExpressions(const Input& input,
                                          const std::vector<std::string_view>& names,
                                          ErrorTexts texts);

// The legacy parameters; nullopt if the request does not have the parameter.
AwsResult<std::optional<Projection>> ReadAttributesToGet(const Input& input);
AwsResult<std::optional<ConditionNode>> ReadExpected(const Input& input, ErrorTexts texts);
AwsResult<std::optional<UpdateExpression>> ReadAttributeUpdates(const Input& input,
                                                                ErrorTexts texts);
// `name`: "QueryFilter" or "ScanFilter".
AwsResult<std::optional<ConditionNode>> ReadFilter(const Input& input, std::string_view name,
                                                   ErrorTexts texts);
AwsResult<std::optional<KeyConditions>> ReadKeyConditionsMap(const Input& input, ErrorTexts texts);

// Whether the item (null: none) meets the condition.
bool Meets(const ConditionNode& condition, const ItemLayout& layout, const ItemPtr& item,
           PaddedParser& parser);
// Appends the item as a JSON object; with a projection, only what it names.
void AppendItem(const ItemLayout& layout, const Item& item,
                const std::optional<Projection>& projection, PaddedParser& parser,
                std::string& out);
// Paths must not lead into key attributes of the table or of its indexes.
template <class Tree>
AwsResult<void> CheckPathsInKeys(const dynamodb::TableState& table, const Tree& tree);

}  // namespace kless::doors::aws
