// Every check is a pass of its own over the tree, since the order of DynamoDB's messages is by kind
// of mistake first and by place second.

#include "emulator/dynamodb/model/expression/bind.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/dynamodb/model/expression/checks.h"
#include "emulator/dynamodb/model/expression/reserved_words.h"

namespace kless {
namespace {

Error BindError(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

bool IsReferenceName(const PathStep& step) { return !step.is_index() && step.name[0] == '#'; }

Result<void> CheckReserved(const DocumentPath& path) {
  for (const auto& step : path) {
    if (step.is_index() || IsReferenceName(step) || !IsReservedWord(step.name)) continue;
    return BindError("Attribute name is a reserved keyword; reserved keyword: " + step.name);
  }
  return {};
}

Result<void> CheckReserved(const Operand& operand) {
  if (operand.IsPath()) return CheckReserved(operand.path);
  for (const auto& argument : operand.arguments) {
    KLESS_TRY_VOID(CheckReserved(argument));
  }
  return {};
}

Result<void> BindNames(DocumentPath& path, Placeholders& placeholders) {
  for (auto& step : path) {
    if (!IsReferenceName(step)) continue;
    const std::string* const name = placeholders.UseName(step.name);
    if (!name) {
      return BindError(
          "An expression attribute name used in the document path is not defined; attribute "
          "name: " +
          step.name);
    }
    step.name = *name;
  }
  return CheckPathLength(path);
}

Result<void> BindNames(Operand& operand, Placeholders& placeholders) {
  if (operand.IsPath()) return BindNames(operand.path, placeholders);
  for (auto& argument : operand.arguments) {
    KLESS_TRY_VOID(BindNames(argument, placeholders));
  }
  return {};
}

Result<void> BindValues(Operand& operand, Placeholders& placeholders) {
  if (operand.IsValue()) {
    operand.value = placeholders.UseValue(operand.name);
    if (operand.value) return {};
    return BindError(
        "An expression attribute value used in expression is not defined; attribute value: " +
        operand.name);
  }
  for (auto& argument : operand.arguments) {
    KLESS_TRY_VOID(BindValues(argument, placeholders));
  }
  return {};
}

// Names and values as they come.
Result<void> BindOperand(Operand& operand, Placeholders& placeholders) {
  if (operand.IsPath()) return BindNames(operand.path, placeholders);
  if (operand.IsValue()) return BindValues(operand, placeholders);
  for (auto& argument : operand.arguments) {
    KLESS_TRY_VOID(BindOperand(argument, placeholders));
  }
  return {};
}

// Calls `check` for every call within the operand, inner ones first.
Result<void> CheckCalls(const Operand& operand,
                        const std::function<Result<void>(const Operand&)>& check) {
  if (!operand.IsFunction()) return {};
  for (const auto& argument : operand.arguments) {
    KLESS_TRY_VOID(CheckCalls(argument, check));
  }
  return check(operand);
}

// Calls `check` for every test of the tree, in order.
template <class Node>
Result<void> CheckTests(Node& node, const std::function<Result<void>(Node&)>& check) {
  if (node.conditions.empty()) return check(node);
  for (auto& condition : node.conditions) {
    KLESS_TRY_VOID(CheckTests(condition, check));
  }
  return {};
}

bool IsUpdateFunction(Function function) {
  return function == Function::kIfNotExists || function == Function::kListAppend;
}

Result<void> CheckConditionFunction(const Operand& call) {
  if (call.function == Function::kUnknown) {
    return BindError("Invalid function name; function: " + call.name);
  }
  if (!IsUpdateFunction(call.function)) return {};
  return BindError("The function is not allowed in a condition expression; function: " + call.name);
}

Result<void> CheckUpdateFunction(const Operand& call) {
  if (call.function == Function::kUnknown) {
    return BindError("Invalid function name; function: " + call.name);
  }
  if (IsUpdateFunction(call.function)) return {};
  return BindError("The function is not allowed in an update expression; function: " + call.name);
}

Error Misused(const Operand& call) {
  return BindError("The function is not allowed to be used this way in an expression; function: " +
                   call.name);
}

// A function that is true or false is a condition, one that has a value is an operand.
Result<void> CheckConditionUse(const ConditionNode& test) {
  const auto only_size = [](const std::vector<Operand>& operands) -> Result<void> {
    for (const auto& operand : operands) {
      if (operand.IsFunction() && operand.function != Function::kSize) return Misused(operand);
    }
    return {};
  };
  for (const auto& operand : test.operands) {
    KLESS_TRY_VOID(
        CheckCalls(operand, [&](const Operand& call) { return only_size(call.arguments); }));
  }
  if (test.kind != ConditionNode::Kind::kFunction) return only_size(test.operands);
  if (test.operands[0].function == Function::kSize) return Misused(test.operands[0]);
  return {};
}

Result<void> CheckUpdateUse(const Operand& call) {
  for (const auto& argument : call.arguments) {
    if (argument.function == Function::kListAppend) return Misused(argument);
  }
  return {};
}

template <class Visit>
Result<void> VisitOperands(UpdateExpression& update, Visit visit) {
  for (auto& action : update.actions) {
    for (auto& operand : action.operands) {
      KLESS_TRY_VOID(visit(operand));
    }
  }
  return {};
}

}  // namespace

Result<void> BindCondition(ParsedCondition& parsed, Placeholders& placeholders) {
  ConditionNode& root = parsed.root;
  if (parsed.redundant) return BindError("The expression has redundant parentheses;");
  const auto each_operand = [&](const auto& check) {
    return CheckTests<const ConditionNode>(root, [&](const ConditionNode& test) -> Result<void> {
      for (const auto& operand : test.operands) {
        KLESS_TRY_VOID(check(operand));
      }
      return {};
    });
  };
  KLESS_TRY_VOID(each_operand(
      [](const Operand& operand) { return CheckCalls(operand, CheckConditionFunction); }));
  KLESS_TRY_VOID(CheckTests<const ConditionNode>(root, CheckConditionUse));
  KLESS_TRY_VOID(each_operand([](const Operand& operand) { return CheckReserved(operand); }));
  return CheckTests<ConditionNode>(root, [&](ConditionNode& test) -> Result<void> {
    for (auto& operand : test.operands) {
      KLESS_TRY_VOID(BindOperand(operand, placeholders));
    }
    return CheckTest(test);
  });
}

Result<void> BindUpdate(ParsedUpdate& parsed, Placeholders& placeholders) {
  UpdateExpression& update = parsed.update;
  for (const auto& action : update.actions) {
    KLESS_TRY_VOID(CheckReserved(action.path));
    for (const auto& operand : action.operands) {
      KLESS_TRY_VOID(CheckReserved(operand));
    }
  }
  KLESS_TRY_VOID(VisitOperands(
      update, [](const Operand& operand) { return CheckCalls(operand, CheckUpdateFunction); }));
  KLESS_TRY_VOID(VisitOperands(
      update, [](const Operand& operand) { return CheckCalls(operand, CheckUpdateUse); }));
  if (parsed.repeated) {
    return BindError("The \"" + std::string(SectionName(*parsed.repeated)) +
                     "\" section can only be used once in an update expression;");
  }
  for (auto& action : update.actions) {
    KLESS_TRY_VOID(BindNames(action.path, placeholders));
    for (auto& operand : action.operands) {
      KLESS_TRY_VOID(BindNames(operand, placeholders));
    }
  }
  KLESS_TRY_VOID(
      VisitOperands(update, [&](Operand& operand) { return BindValues(operand, placeholders); }));
  return CheckActions(update);
}

Result<void> BindProjection(Projection& projection, Placeholders& placeholders) {
  for (const auto& path : projection.paths) {
    KLESS_TRY_VOID(CheckReserved(path));
  }
  for (auto& path : projection.paths) {
    KLESS_TRY_VOID(BindNames(path, placeholders));
  }
  return CheckDistinctPaths(projection.paths);
}

}  // namespace kless
