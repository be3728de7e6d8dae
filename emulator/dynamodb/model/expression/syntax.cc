#include "emulator/dynamodb/model/expression/syntax.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace kless {
namespace {

// In the order of Function.
constexpr std::array<std::string_view, 9> kFunctionNames = {
    "",     "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains",
    "size", "if_not_exists",    "list_append"};

// In the order of ConditionNode::Kind.
constexpr std::array<std::string_view, 12> kOperatorNames = {
    "AND", "OR", "NOT", "=", "<>", "<", "<=", ">", ">=", "BETWEEN", "IN", ""};

}  // namespace

std::string ShowPath(const DocumentPath& path) {
  std::string text = "[";
  for (const auto& step : path) {
    if (text.size() > 1) text += ", ";
    text += step.is_index() ? "[" + std::to_string(step.index) + "]" : step.name;
  }
  return text + "]";
}

DocumentPath PathOf(std::string name) {
  DocumentPath path(1);
  path[0].name = std::move(name);
  return path;
}

Function FunctionFromName(std::string_view name) {
  const auto* const found = std::find(kFunctionNames.begin() + 1, kFunctionNames.end(), name);
  if (found == kFunctionNames.end()) return Function::kUnknown;
  return static_cast<Function>(found - kFunctionNames.begin());
}

std::string_view FunctionName(Function function) {
  return kFunctionNames[static_cast<std::size_t>(function)];
}

Operand PathOperand(DocumentPath path) {
  Operand operand;
  operand.kind = Operand::Kind::kPath;
  operand.path = std::move(path);
  return operand;
}

Operand ValueOperand(AttributeValue value) {
  Operand operand;
  operand.kind = Operand::Kind::kValue;
  operand.value = std::make_shared<const AttributeValue>(std::move(value));
  return operand;
}

Operand FunctionOperand(Function function, std::vector<Operand> arguments) {
  Operand operand;
  operand.kind = Operand::Kind::kFunction;
  operand.function = function;
  operand.name = FunctionName(function);
  operand.arguments = std::move(arguments);
  return operand;
}

std::string_view OperatorName(ConditionNode::Kind kind) {
  return kOperatorNames[static_cast<std::size_t>(kind)];
}

ConditionNode Combine(ConditionNode::Kind kind, std::vector<ConditionNode> conditions) {
  return {kind, std::move(conditions), {}};
}

ConditionNode Test(ConditionNode::Kind kind, std::vector<Operand> operands) {
  return {kind, {}, std::move(operands)};
}

ConditionNode CallTest(Function function, std::vector<Operand> arguments) {
  std::vector<Operand> operands;
  operands.push_back(FunctionOperand(function, std::move(arguments)));
  return Test(ConditionNode::Kind::kFunction, std::move(operands));
}

ConditionNode Negated(ConditionNode condition) {
  std::vector<ConditionNode> conditions;
  conditions.push_back(std::move(condition));
  return Combine(ConditionNode::Kind::kNot, std::move(conditions));
}

std::string_view SectionName(UpdateAction::Kind kind) {
  constexpr std::array<std::string_view, 4> kNames = {"SET", "REMOVE", "ADD", "DELETE"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace kless
