#include "emulator/dynamodb/model/expression/checks.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "emulator/base/strings.h"

namespace kless {
namespace {

Error CheckError(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

// The type of an operand as far as it is known without an item.
std::optional<ValueType> TypeOf(const Operand& operand) {
  if (operand.IsValue()) return operand.value->type();
  if (operand.IsPath()) return std::nullopt;
  switch (operand.function) {
    case Function::kSize:
      return ValueType::kNumber;
    case Function::kIfNotExists:
    case Function::kListAppend:
    case Function::kUnknown:
      return std::nullopt;
    default:
      return ValueType::kBool;
  }
}

Error WrongType(std::string_view what, std::string_view name, std::string_view type) {
  return CheckError("Incorrect operand type for operator or function; " + std::string(what) + ": " +
                    std::string(name) + ", operand type: " + std::string(type));
}

Error WrongFunctionType(const Operand& call, ValueType type) {
  return WrongType("operator or function", call.name, ValueTypeName(type));
}

Error WrongCount(std::string_view name, std::size_t count) {
  return CheckError(
      "Incorrect number of operands for operator or function; operator or function: " +
      std::string(name) + ", number of operands: " + std::to_string(count));
}

Error NeedsPath(const Operand& call) {
  return CheckError("Operator or function requires a document path; operator or function: " +
                    call.name);
}

std::size_t ArgumentsOf(Function function) {
  switch (function) {
    case Function::kAttributeExists:
    case Function::kAttributeNotExists:
    case Function::kSize:
      return 1;
    default:
      return 2;
  }
}

Result<void> CheckCounts(const Operand& operand) {
  if (!operand.IsFunction()) return {};
  for (const auto& argument : operand.arguments) {
    KLESS_TRY_VOID(CheckCounts(argument));
  }
  if (operand.arguments.size() == ArgumentsOf(operand.function)) return {};
  return WrongCount(operand.name, operand.arguments.size());
}

Result<void> CheckDistinctOperands(std::string_view name, const std::vector<Operand>& operands) {
  if (operands.empty() || !operands[0].IsPath()) return {};
  const bool repeated = std::any_of(
      operands.begin() + 1, operands.end(),
      [&](const Operand& operand) { return operand.IsPath() && operand.path == operands[0].path; });
  if (!repeated) return {};
  return CheckError(
      "The first operand must be distinct from the remaining operands for this operator or "
      "function; operator: " +
      std::string(name) + ", first operand: " + ShowPath(operands[0].path));
}

Result<void> CheckDistinctArguments(const Operand& operand) {
  if (!operand.IsFunction()) return {};
  for (const auto& argument : operand.arguments) {
    KLESS_TRY_VOID(CheckDistinctArguments(argument));
  }
  return CheckDistinctOperands(operand.name, operand.arguments);
}

Result<void> CheckAttributeType(const Operand& call) {
  const Operand& type = call.arguments[1];
  if (!TypeOf(type)) {
    return WrongType("operator or function", call.name, "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
  }
  if (*TypeOf(type) != ValueType::kString) return WrongFunctionType(call, *TypeOf(type));
  if (ValueTypeFromName(type.value->bytes())) return {};
  return CheckError("Invalid attribute type name found; type: " + type.value->bytes() +
                    ", valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
}

// Refuses arguments whose known type `allowed` does not accept.
template <class Allowed>
Result<void> CheckArgumentTypes(const Operand& call, Allowed allowed) {
  for (const auto& argument : call.arguments) {
    const auto type = TypeOf(argument);
    if (type && !allowed(*type)) return WrongFunctionType(call, *type);
  }
  return {};
}

Result<void> CheckTypes(const Operand& operand) {
  if (!operand.IsFunction()) return {};
  for (const auto& argument : operand.arguments) {
    KLESS_TRY_VOID(CheckTypes(argument));
  }
  switch (operand.function) {
    case Function::kAttributeExists:
    case Function::kAttributeNotExists:
    case Function::kIfNotExists:
      if (!operand.arguments[0].IsPath()) return NeedsPath(operand);
      return {};
    case Function::kAttributeType:
      return CheckAttributeType(operand);
    case Function::kBeginsWith:
      return CheckArgumentTypes(operand, [](ValueType type) {
        return type == ValueType::kString || type == ValueType::kBinary;
      });
    case Function::kSize:
      return CheckArgumentTypes(operand, [](ValueType type) {
        return type != ValueType::kNumber && type != ValueType::kBool && type != ValueType::kNull;
      });
    case Function::kListAppend:
      return CheckArgumentTypes(operand, [](ValueType type) { return type == ValueType::kList; });
    case Function::kContains:
    case Function::kUnknown:
      return {};
  }
  return {};
}

bool IsOrdered(ValueType type) {
  return type == ValueType::kString || type == ValueType::kNumber || type == ValueType::kBinary;
}

Result<void> CheckOrdered(const ConditionNode& test) {
  for (const auto& operand : test.operands) {
    const auto type = TypeOf(operand);
    if (type && !IsOrdered(*type)) {
      return WrongType("operator or function", OperatorName(test.kind), ValueTypeName(*type));
    }
  }
  return {};
}

// "{N:1}"
std::string ShowValue(const AttributeValue& value) {
  std::string text;
  if (value.Is(ValueType::kString)) text = value.bytes();
  if (value.Is(ValueType::kNumber)) text = value.number().ToText();
  if (value.Is(ValueType::kBinary)) {
    // The service shows the Java object that holds the bytes.
    const std::string size = std::to_string(value.bytes().size());
    text = "java.nio.HeapByteBuffer[pos=0 lim=" + size + " cap=" + size + "]";
  }
  return "{" + std::string(ValueTypeName(value.type())) + ":" + text + "}";
}

Result<void> CheckBounds(const ConditionNode& test) {
  if (!test.operands[1].IsValue() || !test.operands[2].IsValue()) return CheckOrdered(test);
  const AttributeValue& lower = *test.operands[1].value;
  const AttributeValue& upper = *test.operands[2].value;
  const std::string bounds = "; lower bound operand: AttributeValue: " + ShowValue(lower) +
                             ", upper bound operand: AttributeValue: " + ShowValue(upper);
  if (lower.type() != upper.type()) {
    return CheckError("The BETWEEN operator requires same data type for lower and upper bounds" +
                      bounds);
  }
  KLESS_TRY_VOID(CheckOrdered(test));
  if (*Compare(lower, upper) <= 0) return {};
  return CheckError(
      "The BETWEEN operator requires upper bound to be greater than or equal to lower bound" +
      bounds);
}

// ---- Updates.

// How messages on ADD and DELETE name types.
std::string_view LongTypeName(ValueType type) {
  switch (type) {
    case ValueType::kString:
      return "STRING";
    case ValueType::kNumber:
      return "NUMBER";
    case ValueType::kBinary:
      return "BINARY";
    case ValueType::kBool:
      return "BOOLEAN";
    case ValueType::kNull:
      return "NULL";
    case ValueType::kMap:
      return "MAP";
    case ValueType::kList:
      return "LIST";
    default:
      return ValueTypeName(type);
  }
}

Result<void> CheckSetOperation(const UpdateAction& action) {
  const ValueType type = action.operands[0].value->type();
  if (IsSetType(type)) return {};
  if (action.kind == UpdateAction::Kind::kAdd && type == ValueType::kNumber) return {};
  const std::string section(SectionName(action.kind));
  return WrongType(
      "operator", section,
      std::string(LongTypeName(type)) + ", typeSet: ALLOWED_FOR_" + section + "_OPERAND");
}

Result<void> CheckArithmetic(const UpdateAction& action) {
  if (action.arithmetic == UpdateAction::Arithmetic::kNone) return {};
  for (const auto& operand : action.operands) {
    if (!operand.IsValue() || operand.value->Is(ValueType::kNumber)) continue;
    return WrongType("operator or function",
                     action.arithmetic == UpdateAction::Arithmetic::kPlus ? "+" : "-",
                     ValueTypeName(operand.value->type()));
  }
  return {};
}

enum class PathRelation { kApart, kOverlap, kConflict };

PathRelation Relate(const DocumentPath& a, const DocumentPath& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a[i].is_index() != b[i].is_index()) return PathRelation::kConflict;
    if (a[i] != b[i]) return PathRelation::kApart;
  }
  return PathRelation::kOverlap;
}

Error PathError(const std::string& relation, const DocumentPath& a, const DocumentPath& b) {
  return CheckError("Two document paths " + relation +
                    " with each other; must remove or rewrite one of these paths; path one: " +
                    ShowPath(a) + ", path two: " + ShowPath(b));
}

}  // namespace

Result<PathStep> IndexStep(std::string_view digits) {
  const auto index = ParseUnsigned(digits);
  if (!index || *index > std::numeric_limits<int>::max()) {
    return CheckError("List index is not within the allowable range; index: [" +
                      std::string(digits) + "]");
  }
  PathStep step;
  step.index = static_cast<int>(*index);
  return step;
}

Result<void> CheckPathLength(const DocumentPath& path) {
  if (path.size() <= kPathStepsMax) return {};
  return CheckError("The document path has too many nesting levels; nesting levels: " +
                    std::to_string(path.size()));
}

Result<void> CheckTest(const ConditionNode& test) {
  for (const auto& operand : test.operands) {
    KLESS_TRY_VOID(CheckCounts(operand));
  }
  if (test.kind == ConditionNode::Kind::kIn && test.operands.size() - 1 > kInOperandsMax) {
    return CheckError("The IN operator is provided with too many operands; number of operands: " +
                      std::to_string(test.operands.size() - 1));
  }
  for (const auto& operand : test.operands) {
    KLESS_TRY_VOID(CheckDistinctArguments(operand));
  }
  if (test.kind != ConditionNode::Kind::kFunction) {
    KLESS_TRY_VOID(CheckDistinctOperands(OperatorName(test.kind), test.operands));
  }
  for (const auto& operand : test.operands) {
    KLESS_TRY_VOID(CheckTypes(operand));
  }
  switch (test.kind) {
    case ConditionNode::Kind::kLess:
    case ConditionNode::Kind::kLessOrEqual:
    case ConditionNode::Kind::kGreater:
    case ConditionNode::Kind::kGreaterOrEqual:
      return CheckOrdered(test);
    case ConditionNode::Kind::kBetween:
      return CheckBounds(test);
    default:
      return {};
  }
}

Result<void> CheckActions(const UpdateExpression& update) {
  std::vector<DocumentPath> paths;
  paths.reserve(update.actions.size());
  for (const auto& action : update.actions) paths.push_back(action.path);
  KLESS_TRY_VOID(CheckDistinctPaths(paths));
  for (const auto& action : update.actions) {
    if (action.kind != UpdateAction::Kind::kAdd && action.kind != UpdateAction::Kind::kDelete) {
      continue;
    }
    KLESS_TRY_VOID(CheckSetOperation(action));
  }
  for (const auto& action : update.actions) {
    for (const auto& operand : action.operands) {
      KLESS_TRY_VOID(CheckCounts(operand));
      KLESS_TRY_VOID(CheckTypes(operand));
    }
    KLESS_TRY_VOID(CheckArithmetic(action));
  }
  return {};
}

Result<void> CheckDistinctPaths(const std::vector<DocumentPath>& paths) {
  std::optional<Error> conflict;
  for (std::size_t i = 1; i < paths.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const PathRelation relation = Relate(paths[j], paths[i]);
      if (relation == PathRelation::kOverlap) return PathError("overlap", paths[j], paths[i]);
      if (relation == PathRelation::kConflict && !conflict) {
        conflict = PathError("conflict", paths[j], paths[i]);
      }
    }
  }
  if (conflict) return *conflict;
  return {};
}

}  // namespace kless
