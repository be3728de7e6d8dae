#include "emulator/dynamodb/model/expression/key_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace kless {
namespace {

Error KeyRuleError(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

std::vector<DocumentPath> PathsIn(const ConditionNode& condition) {
  std::vector<DocumentPath> paths;
  VisitConditionPaths(condition, [&](const DocumentPath& path) { paths.push_back(path); });
  return paths;
}

// Keys are looked at in the order of the schema, whatever the order of the paths.
Result<void> CheckScalar(const std::vector<DocumentPath>& paths, const KeySchema& schema,
                         bool is_index) {
  for (const auto& attribute : schema.All()) {
    const bool leads_into = std::any_of(paths.begin(), paths.end(), [&](const DocumentPath& path) {
      return path.size() > 1 && path[0].name == attribute.name;
    });
    if (!leads_into) continue;
    return KeyRuleError(
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not "
        "allowed: " +
        std::string(is_index ? "IndexKey: " : "Key: ") + attribute.name);
  }
  return {};
}

// The type of the value that the action gives to its path; nullopt if the item decides.
std::optional<ValueType> TypeOfResult(const UpdateAction& action) {
  if (action.operands.empty()) return std::nullopt;
  if (action.arithmetic != UpdateAction::Arithmetic::kNone) return ValueType::kNumber;
  const Operand* operand = &action.operands[0];
  while (operand->function == Function::kIfNotExists) operand = &operand->arguments[1];
  if (operand->function == Function::kListAppend) return ValueType::kList;
  if (!operand->IsValue()) return std::nullopt;
  return operand->value->type();
}

}  // namespace

Result<void> CheckFilterKeys(const ConditionNode& filter, const KeySchema& schema,
                             std::string_view parameter) {
  const auto paths = PathsIn(filter);
  for (const auto& attribute : schema.All()) {
    const bool named = std::any_of(paths.begin(), paths.end(), [&](const DocumentPath& path) {
      return path[0].name == attribute.name;
    });
    if (!named) continue;
    return KeyRuleError(
        std::string(parameter) +
        " can only contain non-primary key attributes: Primary key attribute: " + attribute.name);
  }
  return {};
}

Result<void> CheckUpdateKeys(const UpdateExpression& update, const KeySchema& schema) {
  for (const auto& attribute : schema.All()) {
    const bool written = std::any_of(
        update.actions.begin(), update.actions.end(),
        [&](const UpdateAction& action) { return action.path[0].name == attribute.name; });
    if (!written) continue;
    return KeyRuleError("One or more parameter values were invalid: Cannot update attribute " +
                        attribute.name + ". This attribute is part of the key");
  }
  return {};
}

Result<void> CheckIndexTypes(const UpdateExpression& update, const KeySchema& schema,
                             std::string_view index_name) {
  for (const auto& attribute : schema.All()) {
    for (const auto& action : update.actions) {
      if (action.path.size() > 1 || action.path[0].name != attribute.name) continue;
      const auto type = TypeOfResult(action);
      if (!type || *type == ValueTypeOf(attribute.type)) continue;
      return IndexTypeError(attribute, *type, index_name);
    }
  }
  return {};
}

Result<void> CheckIndexValuesNotEmpty(const UpdateExpression& update, const KeySchema& schema,
                                      std::string_view index_name) {
  AttributeMap values;
  for (const auto& action : update.actions) {
    if (action.path.size() > 1 || action.operands.size() != 1) continue;
    if (!action.operands[0].IsValue()) continue;
    values.emplace(action.path[0].name, *action.operands[0].value);
  }
  return CheckIndexKeyNotEmpty(schema, index_name, values, ItemOrigin::kUpdate);
}

Result<void> CheckKeyPaths(const ConditionNode& condition, const KeySchema& schema, bool is_index) {
  return CheckScalar(PathsIn(condition), schema, is_index);
}

Result<void> CheckKeyPaths(const UpdateExpression& update, const KeySchema& schema, bool is_index) {
  std::vector<DocumentPath> paths;
  for (const auto& action : update.actions) {
    paths.push_back(action.path);
    for (const auto& operand : action.operands) {
      VisitOperandPaths(operand, [&](const DocumentPath& path) { paths.push_back(path); });
    }
  }
  return CheckScalar(paths, schema, is_index);
}

Result<void> CheckKeyPaths(const Projection& projection, const KeySchema& schema, bool is_index) {
  return CheckScalar(projection.paths, schema, is_index);
}

}  // namespace kless
