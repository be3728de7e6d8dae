#include "emulator/dynamodb/model/legacy/legacy_parameters.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "emulator/dynamodb/model/value_json.h"

namespace kless {
namespace {

using simdjson::dom::element;

Error LegacyError(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

Error InvalidParameter(const std::string& what) {
  return LegacyError("One or more parameter values were invalid: " + what);
}

// A member that is null is absent.
std::optional<element> MemberIn(element object, std::string_view name) {
  element member;
  if (!object.is_object() || object[name].get(member) != simdjson::SUCCESS || member.is_null()) {
    return std::nullopt;
  }
  return member;
}

std::string_view TextIn(element object, std::string_view name) {
  const auto member = MemberIn(object, name);
  return member && member->is_string() ? member->get_string().value_unsafe() : std::string_view();
}

// ---- Conditions: an attribute, a ComparisonOperator and the values that it takes.

constexpr std::size_t kAnyNumber = 1'000;  // at least one

// What values an operator takes.
enum class Operands { kAll, kScalars, kContained, kPrefixes };

struct ComparisonOperator {
  std::string_view name;
  std::size_t values;
  Operands operands;
  KeyCondition::Operator of_key;
};
using KeyOp = KeyCondition::Operator;

constexpr std::array<ComparisonOperator, 13> kComparisonOperators = {{
    {"EQ", 1, Operands::kAll, KeyOp::kEqual},
    {"NE", 1, Operands::kAll, KeyOp::kNotIndexable},
    {"LE", 1, Operands::kScalars, KeyOp::kLessOrEqual},
    {"LT", 1, Operands::kScalars, KeyOp::kLess},
    {"GE", 1, Operands::kScalars, KeyOp::kGreaterOrEqual},
    {"GT", 1, Operands::kScalars, KeyOp::kGreater},
    {"CONTAINS", 1, Operands::kContained, KeyOp::kNotIndexable},
    {"NOT_CONTAINS", 1, Operands::kContained, KeyOp::kNotIndexable},
    {"BEGINS_WITH", 1, Operands::kPrefixes, KeyOp::kBeginsWith},
    {"IN", kAnyNumber, Operands::kScalars, KeyOp::kNotIndexable},
    {"BETWEEN", 2, Operands::kScalars, KeyOp::kBetween},
    {"NULL", 0, Operands::kAll, KeyOp::kNotIndexable},
    {"NOT_NULL", 0, Operands::kAll, KeyOp::kNotIndexable},
}};

Result<const ComparisonOperator*> FindOperator(std::string_view name) {
  const auto* const found =
      std::find_if(kComparisonOperators.begin(), kComparisonOperators.end(),
                   [&](const ComparisonOperator& each) { return each.name == name; });
  if (found != kComparisonOperators.end()) return found;
  return LegacyError("Unsupported comparison operator: " + std::string(name));
}

bool Accepts(Operands operands, ValueType type) {
  const bool is_text = type == ValueType::kString || type == ValueType::kBinary;
  const bool is_scalar = is_text || type == ValueType::kNumber;
  switch (operands) {
    case Operands::kAll:
      return true;
    case Operands::kScalars:
      return is_scalar;
    case Operands::kContained:
      return is_scalar || type == ValueType::kBool || type == ValueType::kNull;
    case Operands::kPrefixes:
      return is_text;
  }
  return false;
}

Result<std::vector<AttributeValue>> ReadValues(std::optional<element> list, ErrorTexts texts) {
  std::vector<AttributeValue> values;
  if (!list || !list->is_array()) return values;
  for (const element each : simdjson::dom::array(*list)) {
    KLESS_TRY(auto value, ReadValue(each, texts));
    values.push_back(std::move(value));
  }
  return values;
}

Result<void> CheckComparison(const ComparisonOperator& comparison,
                             const std::vector<AttributeValue>& values) {
  const std::string name(comparison.name);
  const bool right_number =
      comparison.values == kAnyNumber ? !values.empty() : values.size() == comparison.values;
  if (!right_number) {
    return InvalidParameter("Invalid number of argument(s) for the " + name +
                            " ComparisonOperator");
  }
  for (const auto& value : values) {
    if (value.type() == values[0].type()) continue;
    return InvalidParameter("AttributeValues inside AttributeValueList must be of same type");
  }
  for (const auto& value : values) {
    if (Accepts(comparison.operands, value.type())) continue;
    return InvalidParameter("ComparisonOperator " + name + " is not valid for " +
                            std::string(ValueTypeName(value.type())) + " AttributeValue type");
  }
  if (comparison.name == "BETWEEN" && *Compare(values[0], values[1]) > 0) {
    return LegacyError(
        "The BETWEEN condition was provided a range where the lower bound is greater than the "
        "upper bound");
  }
  return {};
}

ConditionNode Exists(const std::string& name) {
  return CallTest(Function::kAttributeExists, {PathOperand(PathOf(name))});
}

ConditionNode NotExists(const std::string& name) {
  return CallTest(Function::kAttributeNotExists, {PathOperand(PathOf(name))});
}

ConditionNode ComparisonNode(const std::string& attribute, std::string_view comparison,
                             std::vector<AttributeValue> values) {
  using Kind = ConditionNode::Kind;
  std::vector<Operand> operands;
  operands.push_back(PathOperand(PathOf(attribute)));
  for (auto& value : values) operands.push_back(ValueOperand(std::move(value)));
  if (comparison == "EQ") return Test(Kind::kEqual, std::move(operands));
  if (comparison == "NE") return Test(Kind::kNotEqual, std::move(operands));
  if (comparison == "LE") return Test(Kind::kLessOrEqual, std::move(operands));
  if (comparison == "LT") return Test(Kind::kLess, std::move(operands));
  if (comparison == "GE") return Test(Kind::kGreaterOrEqual, std::move(operands));
  if (comparison == "GT") return Test(Kind::kGreater, std::move(operands));
  if (comparison == "BETWEEN") return Test(Kind::kBetween, std::move(operands));
  if (comparison == "IN") return Test(Kind::kIn, std::move(operands));
  if (comparison == "NULL") return NotExists(attribute);
  if (comparison == "NOT_NULL") return Exists(attribute);
  if (comparison == "BEGINS_WITH") return CallTest(Function::kBeginsWith, std::move(operands));
  ConditionNode contains = CallTest(Function::kContains, std::move(operands));
  if (comparison == "CONTAINS") return contains;
  // NOT_CONTAINS is false if the attribute does not exist.
  return Combine(Kind::kAnd, {Exists(attribute), Negated(std::move(contains))});
}

Result<ConditionNode> ReadCondition(const std::string& attribute, element condition,
                                    ErrorTexts texts) {
  KLESS_TRY(const auto* comparison, FindOperator(TextIn(condition, "ComparisonOperator")));
  KLESS_TRY(auto values, ReadValues(MemberIn(condition, "AttributeValueList"), texts));
  KLESS_TRY_VOID(CheckComparison(*comparison, values));
  return ComparisonNode(attribute, comparison->name, std::move(values));
}

// An element of Expected with Value and Exists instead of an operator.
Result<ConditionNode> ReadExpectedValue(const std::string& attribute, element condition,
                                        ErrorTexts texts) {
  const auto value = MemberIn(condition, "Value");
  const auto exists_member = MemberIn(condition, "Exists");
  const bool exists = !exists_member || !exists_member->is_bool() || bool(*exists_member);
  if (exists && !value) {
    return InvalidParameter("Value must be provided when Exists is " +
                            std::string(exists_member ? "true" : "null") +
                            " for Attribute: " + attribute);
  }
  if (!exists && value) {
    return InvalidParameter("Value cannot be used when Exists is false for Attribute: " +
                            attribute);
  }
  if (!exists) return NotExists(attribute);
  KLESS_TRY(auto expected, ReadValue(*value, texts));
  return ComparisonNode(attribute, "EQ", {std::move(expected)});
}

Result<ConditionNode> ReadExpected(const std::string& attribute, element condition,
                                   ErrorTexts texts) {
  const auto list = MemberIn(condition, "AttributeValueList");
  const auto value = MemberIn(condition, "Value");
  if (list && value) {
    return InvalidParameter("Value and AttributeValueList cannot be used together for Attribute: " +
                            attribute);
  }
  const std::string_view comparison_name = TextIn(condition, "ComparisonOperator");
  if (comparison_name.empty()) {
    if (!list) return ReadExpectedValue(attribute, condition, texts);
    return InvalidParameter(
        "AttributeValueList can only be used with a ComparisonOperator for Attribute: " +
        attribute);
  }
  if (MemberIn(condition, "Exists")) {
    return InvalidParameter(
        "Exists and ComparisonOperator cannot be used together for Attribute: " + attribute);
  }
  KLESS_TRY(const auto* comparison, FindOperator(comparison_name));
  if (comparison->values > 0 && !list && !value) {
    return InvalidParameter("Value or AttributeValueList must be used with ComparisonOperator: " +
                            std::string(comparison_name) + " for Attribute: " + attribute);
  }
  KLESS_TRY(auto values, ReadValues(list, texts));
  if (value) {
    KLESS_TRY(auto only, ReadValue(*value, texts));
    values.push_back(std::move(only));
  }
  KLESS_TRY_VOID(CheckComparison(*comparison, values));
  return ComparisonNode(attribute, comparison->name, std::move(values));
}

template <class Read>
Result<std::optional<ConditionNode>> ReadAll(std::optional<element> conditions,
                                             std::string_view conditional_operator,
                                             ErrorTexts texts, Read read) {
  std::vector<ConditionNode> all;
  if (conditions && conditions->is_object()) {
    for (const auto [name, condition] : simdjson::dom::object(*conditions)) {
      if (condition.is_null()) continue;
      KLESS_TRY_VOID(CheckAttributeName(name));
      KLESS_TRY(auto node, read(std::string(name), condition, texts));
      all.push_back(std::move(node));
    }
  }
  if (all.empty()) {
    if (conditional_operator.empty()) return std::optional<ConditionNode>();
    return LegacyError("ConditionalOperator cannot be used without Filter or Expected");
  }
  if (all.size() == 1 && !conditional_operator.empty()) {
    return LegacyError(
        "ConditionalOperator can only be used when Filter or Expected has two or more elements");
  }
  const auto kind =
      conditional_operator == "OR" ? ConditionNode::Kind::kOr : ConditionNode::Kind::kAnd;
  return std::optional(Combine(kind, std::move(all)));
}

// ---- AttributeUpdates.

Result<UpdateAction> ReadUpdate(const std::string& attribute, element update, ErrorTexts texts) {
  std::string_view action_name = TextIn(update, "Action");
  if (action_name.empty()) action_name = "PUT";
  const auto member = MemberIn(update, "Value");
  UpdateAction action;
  action.path = PathOf(attribute);
  if (!member) {
    if (action_name != "DELETE") {
      return InvalidParameter("Only DELETE action is allowed when no attribute value is specified");
    }
    action.kind = UpdateAction::Kind::kRemove;
    return action;
  }
  KLESS_TRY(auto value, ReadValue(*member, texts));
  const ValueType type = value.type();
  const std::string type_name(ValueTypeName(type));
  if (action_name == "DELETE") {
    if (!IsSetType(type)) {
      return InvalidParameter("DELETE action with value is not supported for the type " +
                              type_name);
    }
    action.kind = UpdateAction::Kind::kDelete;
  } else if (action_name == "ADD") {
    if (!IsSetType(type) && type != ValueType::kNumber && type != ValueType::kList) {
      return InvalidParameter("ADD action is not supported for the type " + type_name);
    }
    action.kind = UpdateAction::Kind::kAdd;
  } else {
    action.kind = UpdateAction::Kind::kSet;
  }
  action.operands.push_back(ValueOperand(std::move(value)));
  return action;
}

}  // namespace

Result<std::optional<ConditionNode>> ConditionOfExpected(std::optional<element> expected,
                                                         std::string_view conditional_operator,
                                                         ErrorTexts texts) {
  return ReadAll(expected, conditional_operator, texts, ReadExpected);
}

Result<std::optional<ConditionNode>> ConditionOfFilter(std::optional<element> filter,
                                                       std::string_view conditional_operator,
                                                       ErrorTexts texts) {
  return ReadAll(filter, conditional_operator, texts, ReadCondition);
}

Result<KeyConditions> KeyConditionsOf(element key_conditions, ErrorTexts texts) {
  KeyConditions conditions;
  if (!key_conditions.is_object()) return conditions;
  for (const auto [name, member] : simdjson::dom::object(key_conditions)) {
    if (member.is_null()) continue;
    KLESS_TRY_VOID(CheckAttributeName(name));
    KLESS_TRY(const auto* comparison, FindOperator(TextIn(member, "ComparisonOperator")));
    KLESS_TRY(auto values, ReadValues(MemberIn(member, "AttributeValueList"), texts));
    KLESS_TRY_VOID(CheckComparison(*comparison, values));
    KeyCondition condition;
    condition.attribute = name;
    condition.op = comparison->of_key;
    for (auto& value : values) {
      condition.values.push_back(std::make_shared<const AttributeValue>(std::move(value)));
    }
    conditions.push_back(std::move(condition));
  }
  // How many there may be depends on the key: see MakePartitionRange.
  if (conditions.empty()) {
    return LegacyError("Conditions can be of length 1 or 2 only");
  }
  return conditions;
}

Result<UpdateExpression> UpdateOf(element attribute_updates, ErrorTexts texts) {
  UpdateExpression update;
  update.is_legacy = true;
  if (!attribute_updates.is_object()) return update;
  for (const auto [name, member] : simdjson::dom::object(attribute_updates)) {
    if (member.is_null()) continue;
    KLESS_TRY_VOID(CheckAttributeName(name));
    KLESS_TRY(auto action, ReadUpdate(std::string(name), member, texts));
    update.actions.push_back(std::move(action));
  }
  return update;
}

Result<Projection> ProjectionOf(element attributes_to_get) {
  Projection projection;
  if (!attributes_to_get.is_array()) return projection;
  for (const element each : simdjson::dom::array(attributes_to_get)) {
    if (!each.is_string()) continue;
    const std::string name(each.get_string().value_unsafe());
    KLESS_TRY_VOID(CheckAttributeName(name));
    projection.paths.push_back(PathOf(name));
  }
  std::vector<std::string_view> names;
  for (const auto& path : projection.paths) names.push_back(path[0].name);
  std::sort(names.begin(), names.end());
  const auto duplicate = std::adjacent_find(names.begin(), names.end());
  if (duplicate != names.end()) {
    return InvalidParameter("Duplicate value in attribute name: " + std::string(*duplicate));
  }
  return projection;
}

}  // namespace kless
