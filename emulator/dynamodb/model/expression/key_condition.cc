#include "emulator/dynamodb/model/expression/key_condition.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace kless {
namespace {

using KeyOperator = KeyCondition::Operator;

Error KeyConditionError(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

Error InvalidCondition(const std::string& what) {
  return KeyConditionError("Invalid condition in KeyConditionExpression: " + what);
}

Error InvalidOperator(std::string_view name) {
  return KeyConditionError("Invalid operator used in KeyConditionExpression: " + std::string(name));
}

Result<void> ReadTest(const ConditionNode& test, KeyConditions& conditions) {
  const bool is_call = test.kind == ConditionNode::Kind::kFunction;
  const std::string name(is_call ? std::string_view(test.operands[0].name)
                                 : OperatorName(test.kind));
  const auto op = KeyOperatorOf(test);
  if (!op) return InvalidOperator(name);
  const auto& operands = is_call ? test.operands[0].arguments : test.operands;
  if ((is_call || test.kind == ConditionNode::Kind::kBetween) && !operands[0].IsPath()) {
    return InvalidCondition(name + " operator must have the key attribute as its first operand");
  }
  KeyCondition condition;
  condition.op = *op;
  const Operand* attribute = nullptr;
  for (const auto& operand : operands) {
    if (operand.IsFunction()) {
      return KeyConditionError("KeyConditionExpressions cannot contain nested operations");
    }
    if (operand.IsValue()) {
      condition.values.push_back(operand.value);
      continue;
    }
    if (attribute) return InvalidCondition("Multiple attribute names used in one condition");
    if (operand.path.size() > 1) {
      return KeyConditionError(
          "KeyConditionExpressions cannot have conditions on nested attributes");
    }
    attribute = &operand;
  }
  if (!attribute) return InvalidCondition("No key attribute specified");
  if (attribute != &operands[0]) condition.op = Mirrored(condition.op);
  condition.attribute = attribute->path[0].name;
  if (std::any_of(conditions.begin(), conditions.end(),
                  [&](const auto& each) { return each.attribute == condition.attribute; })) {
    return KeyConditionError("KeyConditionExpressions must only contain one condition per key");
  }
  conditions.push_back(std::move(condition));
  return {};
}

// Connectives are AND: CheckConnectives.
Result<void> ReadConditions(const ConditionNode& node, KeyConditions& conditions) {
  if (node.conditions.empty()) return ReadTest(node, conditions);
  for (const auto& condition : node.conditions) {
    KLESS_TRY_VOID(ReadConditions(condition, conditions));
  }
  return {};
}

// OR binds least and NOT most, and DynamoDB looks at the whole expression before its parts.
Result<void> CheckConnectives(const ConditionNode& node) {
  if (node.conditions.empty()) return {};
  if (node.kind != ConditionNode::Kind::kAnd) return InvalidOperator(OperatorName(node.kind));
  for (const auto& condition : node.conditions) {
    KLESS_TRY_VOID(CheckConnectives(condition));
  }
  return {};
}

const KeyCondition* FindCondition(const KeyConditions& conditions, const std::string& attribute) {
  const auto found =
      std::find_if(conditions.begin(), conditions.end(),
                   [&](const KeyCondition& each) { return each.attribute == attribute; });
  return found == conditions.end() ? nullptr : &*found;
}

Error NotSupported() { return KeyConditionError("Query key condition not supported"); }

Error Missed(const std::string& attribute) {
  return KeyConditionError("Query condition missed key schema element: " + attribute);
}

Result<void> CheckValueTypes(const KeyCondition& condition, KeyType type) {
  if (condition.op == KeyOperator::kNotIndexable) {
    return KeyConditionError("Attempted conditional constraint is not an indexable operation");
  }
  for (const auto& value : condition.values) {
    if (value->Is(ValueTypeOf(type))) continue;
    return KeyConditionError(
        "One or more parameter values were invalid: Condition parameter type does not match schema "
        "type");
  }
  return {};
}

bool HasSeveral(const KeySchema& schema) {
  return schema.partition.size() > 1 || schema.sort.size() > 1;
}

// The errors of a schema with one attribute a part.
Result<void> CheckSimple(const KeyConditions& conditions, const KeySchema& schema,
                         const AttributeMap* start) {
  for (const auto& attribute : schema.All()) {
    if (start) {
      KLESS_TRY_VOID(CheckStartValue(schema, attribute, *start));
    }
    if (schema.sort.empty() && conditions.size() > 1) return NotSupported();
    const bool is_partition = attribute.name == schema.partition[0].name;
    const KeyCondition* const condition = FindCondition(conditions, attribute.name);
    if (!condition) {
      if (is_partition || conditions.size() > 1) return Missed(attribute.name);
      continue;
    }
    KLESS_TRY_VOID(CheckValueTypes(*condition, attribute.type));
    if (is_partition && condition->op != KeyOperator::kEqual) return NotSupported();
  }
  return {};
}

Error NeedsHashEquality(const std::string& attribute) {
  return KeyConditionError(
      "Query key condition not supported: all HASH key attributes must have an equality "
      "condition; attribute: " +
      attribute);
}

Error NeedsRangeEquality(const std::string& attribute) {
  return KeyConditionError(
      "Query key condition not supported: RANGE key attributes before the last one with a "
      "condition must have an equality condition; attribute: " +
      attribute);
}

// The errors of a schema with several attributes a part.
Result<void> CheckSeveral(const KeyConditions& conditions, const KeySchema& schema,
                          const AttributeMap* start) {
  if (start) {
    for (const auto& attribute : schema.All()) {
      KLESS_TRY_VOID(CheckStartValue(schema, attribute, *start));
    }
  }
  for (const auto& condition : conditions) {
    const KeyAttribute* const attribute = schema.Find(condition.attribute);
    if (!attribute) return NotSupported();
    KLESS_TRY_VOID(CheckValueTypes(condition, attribute->type));
  }
  for (const auto& attribute : schema.partition) {
    const KeyCondition* const condition = FindCondition(conditions, attribute.name);
    if (!condition || condition->op != KeyOperator::kEqual) {
      return NeedsHashEquality(attribute.name);
    }
  }
  const KeyAttribute* open = nullptr;  // the first one without an equality
  for (const auto& attribute : schema.sort) {
    const KeyCondition* const condition = FindCondition(conditions, attribute.name);
    if (condition && open) return NeedsRangeEquality(open->name);
    if (!open && (!condition || condition->op != KeyOperator::kEqual)) open = &attribute;
  }
  return {};
}

// The sort keys whose attributes begin with `values`, up to and including the last value.
struct Block {
  std::string from;
  std::optional<std::string> to;
};
Block BlockOf(const std::vector<KeyAttribute>& attributes, std::vector<AttributeValue> values) {
  Block block;
  block.from = KeyPartBytes(attributes, values);
  if (attributes.size() == 1) {
    block.to = block.from + '\0';  // the smallest key after it
  } else {
    block.to = AfterPrefix(block.from);
  }
  return block;
}

// Narrows the range to the sort keys that meet the condition, given the values before it.
void Narrow(const std::vector<KeyAttribute>& attributes, std::vector<AttributeValue>& values,
            const KeyCondition& condition, PartitionRange& range) {
  const auto block = [&](std::size_t i) {
    std::vector<AttributeValue> all = values;
    all.push_back(*condition.values[i]);
    return BlockOf(attributes, std::move(all));
  };
  switch (condition.op) {
    case KeyOperator::kEqual: {
      Block equal = block(0);
      range.from = std::move(equal.from);
      range.to = std::move(equal.to);
      values.push_back(*condition.values[0]);
      return;
    }
    case KeyOperator::kLess:
      range.to = block(0).from;
      return;
    case KeyOperator::kLessOrEqual:
      range.to = block(0).to;
      return;
    case KeyOperator::kGreater: {
      // Nothing is after the last possible key: then the range is empty.
      const auto after = block(0).to;
      range.from = after ? *after : range.to.value_or(range.from);
      return;
    }
    case KeyOperator::kGreaterOrEqual:
      range.from = block(0).from;
      return;
    case KeyOperator::kBetween:
      range.from = block(0).from;
      range.to = block(1).to;
      return;
    case KeyOperator::kBeginsWith: {
      std::vector<AttributeValue> all = values;
      all.push_back(*condition.values[0]);
      range.from = KeyPartPrefix(attributes, all);
      const auto after = AfterPrefix(range.from);
      if (after) range.to = after;
      return;
    }
    case KeyOperator::kNotIndexable:
      return;
  }
}

}  // namespace

std::optional<KeyOperator> KeyOperatorOf(const ConditionNode& test) {
  switch (test.kind) {
    case ConditionNode::Kind::kEqual:
      return KeyOperator::kEqual;
    case ConditionNode::Kind::kLess:
      return KeyOperator::kLess;
    case ConditionNode::Kind::kLessOrEqual:
      return KeyOperator::kLessOrEqual;
    case ConditionNode::Kind::kGreater:
      return KeyOperator::kGreater;
    case ConditionNode::Kind::kGreaterOrEqual:
      return KeyOperator::kGreaterOrEqual;
    case ConditionNode::Kind::kBetween:
      return KeyOperator::kBetween;
    case ConditionNode::Kind::kFunction:
      if (test.operands[0].function == Function::kBeginsWith) return KeyOperator::kBeginsWith;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

KeyOperator Mirrored(KeyOperator op) {
  switch (op) {
    case KeyOperator::kLess:
      return KeyOperator::kGreater;
    case KeyOperator::kLessOrEqual:
      return KeyOperator::kGreaterOrEqual;
    case KeyOperator::kGreater:
      return KeyOperator::kLess;
    case KeyOperator::kGreaterOrEqual:
      return KeyOperator::kLessOrEqual;
    default:
      return op;
  }
}

Result<KeyConditions> ReadKeyConditions(const ConditionNode& condition) {
  KLESS_TRY_VOID(CheckConnectives(condition));
  KeyConditions conditions;
  KLESS_TRY_VOID(ReadConditions(condition, conditions));
  return conditions;
}

Result<PartitionRange> MakePartitionRange(const KeyConditions& conditions, const KeySchema& schema,
                                          const AttributeMap* start) {
  if (HasSeveral(schema)) {
    KLESS_TRY_VOID(CheckSeveral(conditions, schema, start));
  } else {
    if (conditions.empty() || conditions.size() > 2) {
      return KeyConditionError("Conditions can be of length 1 or 2 only");
    }
    KLESS_TRY_VOID(CheckSimple(conditions, schema, start));
  }
  for (const auto& condition : conditions) {
    if (condition.op == KeyOperator::kBeginsWith && condition.values[0]->Is(ValueType::kNumber)) {
      return KeyConditionError(
          "One or more parameter values were invalid: ComparisonOperator BEGINS_WITH is not valid "
          "for N AttributeValue type");
    }
    for (const auto& value : condition.values) {
      KLESS_TRY_VOID(CheckKeyValueNotEmpty(condition.attribute, *value));
    }
  }
  std::vector<AttributeValue> partition;
  for (const auto& attribute : schema.partition) {
    partition.push_back(*FindCondition(conditions, attribute.name)->values[0]);
  }
  PartitionRange range;
  range.partition = KeyPartBytes(schema.partition, partition);
  std::vector<AttributeValue> values;
  for (const auto& attribute : schema.sort) {
    const KeyCondition* const condition = FindCondition(conditions, attribute.name);
    if (!condition) break;
    Narrow(schema.sort, values, *condition, range);
  }
  return range;
}

}  // namespace kless
