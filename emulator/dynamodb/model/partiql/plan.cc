#include "emulator/dynamodb/model/partiql/plan.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace kless {
namespace {

using Kind = ConditionNode::Kind;
using KeyOperator = KeyCondition::Operator;

// The partitions that a SELECT may read: by IN, and by combinations of several IN.
constexpr std::size_t kRangesMax = 50;

Error PlanError(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

Error IncompleteKey() {
  return PlanError("Where clause does not contain a mandatory equality on all key attributes");
}

// The conditions that must all hold.
void CollectConjuncts(const ConditionNode& node, std::vector<const ConditionNode*>& conjuncts) {
  if (node.kind != Kind::kAnd) {
    conjuncts.push_back(&node);
    return;
  }
  for (const auto& condition : node.conditions) CollectConjuncts(condition, conjuncts);
}

std::vector<const ConditionNode*> ConjunctsOf(const Statement& statement) {
  std::vector<const ConditionNode*> conjuncts;
  if (statement.where) CollectConjuncts(*statement.where, conjuncts);
  return conjuncts;
}

bool IsAttribute(const Operand& operand, const std::string& name) {
  return operand.IsPath() && operand.path.size() == 1 && operand.path[0].name == name;
}

// The value that the test wants the attribute to equal; null if it is another test.
const AttributeValue* EqualityOn(const ConditionNode& test, const std::string& name) {
  if (test.kind != Kind::kEqual) return nullptr;
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    if (IsAttribute(test.operands[i], name) && test.operands[1 - i].IsValue()) {
      return test.operands[1 - i].value.get();
    }
  }
  return nullptr;
}

// The test as a key condition on the attribute, if it is one: comparisons with values of the
// attribute's type.
std::optional<KeyCondition> KeyConditionOn(const ConditionNode& test,
                                           const KeyAttribute& attribute) {
  const auto op = KeyOperatorOf(test);
  if (!op) return std::nullopt;
  const bool begins = *op == KeyOperator::kBeginsWith;
  const auto& operands = begins ? test.operands[0].arguments : test.operands;
  const bool mirrored = operands.size() == 2 && IsAttribute(operands[1], attribute.name);
  if (!IsAttribute(operands[mirrored ? 1 : 0], attribute.name)) return std::nullopt;
  if (begins && mirrored) return std::nullopt;
  KeyCondition condition;
  condition.attribute = attribute.name;
  condition.op = mirrored ? Mirrored(*op) : *op;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (i == (mirrored ? 1u : 0u)) continue;
    const bool fits = operands[i].IsValue() && operands[i].value->Is(ValueTypeOf(attribute.type)) &&
                      !IsEmptyKeyValue(*operands[i].value);
    if (!fits) return std::nullopt;
    condition.values.push_back(operands[i].value);
  }
  return condition;
}

// The values that WHERE allows for a key attribute, by = or IN; none: it allows any.
std::vector<ValuePtr> AllowedValues(const std::vector<const ConditionNode*>& conjuncts,
                                    const KeyAttribute& attribute) {
  std::vector<ValuePtr> values;
  for (const ConditionNode* const test : conjuncts) {
    if (const auto equal = KeyConditionOn(*test, attribute);
        equal && equal->op == KeyOperator::kEqual) {
      return {equal->values[0]};
    }
    if (test->kind != Kind::kIn || !IsAttribute(test->operands[0], attribute.name)) continue;
    for (std::size_t i = 1; i < test->operands.size(); ++i) {
      const Operand& operand = test->operands[i];
      if (!operand.IsValue() || !operand.value->Is(ValueTypeOf(attribute.type))) continue;
      const bool known = std::any_of(values.begin(), values.end(),
                                     [&](const ValuePtr& each) { return *each == *operand.value; });
      if (!known) values.push_back(operand.value);
    }
  }
  return values;
}

// The conditions on sort attributes that narrow the range, from the left.
KeyConditions SortConditions(const std::vector<const ConditionNode*>& conjuncts,
                             const KeySchema& schema) {
  KeyConditions conditions;
  for (const auto& attribute : schema.sort) {
    std::optional<KeyCondition> found;
    for (const ConditionNode* const test : conjuncts) {
      auto condition = KeyConditionOn(*test, attribute);
      // BEGINS_WITH needs text; an equality narrows most.
      if (!condition) continue;
      if (!found || condition->op == KeyOperator::kEqual) found = std::move(condition);
    }
    if (!found) break;
    const bool last = found->op != KeyOperator::kEqual;
    conditions.push_back(std::move(*found));
    if (last) break;
  }
  return conditions;
}

Result<void> CheckOrder(const Statement& statement, const KeySchema& schema,
                        std::size_t partitions) {
  if (statement.order.empty()) return {};
  if (!statement.where) {
    return PlanError("Must have WHERE clause in the statement when using ORDER BY clause.");
  }
  if (partitions == 0) {
    return PlanError(
        "Must have at least one non-optional hash key condition in WHERE clause when using ORDER "
        "BY clause.");
  }
  const bool by_partition = std::any_of(
      statement.order.begin(), statement.order.end(),
      [&](const OrderTerm& term) { return term.attribute == schema.partition[0].name; });
  if (partitions > 1 && !by_partition) {
    return PlanError(
        "Must have hash key in ORDER BY clause when more than one hash key condition specified in "
        "WHERE clause.");
  }
  for (const auto& term : statement.order) {
    if (schema.Contains(term.attribute)) continue;
    return PlanError("Variable reference " + term.attribute +
                     " in ORDER BY clause must be part of the primary key");
  }
  return {};
}

ConditionNode ExistenceOf(Function function, const KeySchema& schema) {
  return CallTest(function, {PathOperand(PathOf(schema.partition[0].name))});
}

}  // namespace

bool HasWholeKey(const Statement& statement, const KeySchema& schema) {
  const auto conjuncts = ConjunctsOf(statement);
  const auto keys = schema.All();
  return std::all_of(keys.begin(), keys.end(), [&](const KeyAttribute& attribute) {
    return std::any_of(conjuncts.begin(), conjuncts.end(), [&](const ConditionNode* test) {
      return EqualityOn(*test, attribute.name) != nullptr;
    });
  });
}

Result<ItemPlan> PlanItem(const Statement& statement, const KeySchema& schema) {
  const auto conjuncts = ConjunctsOf(statement);
  AttributeMap key;
  std::vector<ConditionNode> rest;
  for (const ConditionNode* const test : conjuncts) {
    bool is_key = false;
    for (const auto& attribute : schema.All()) {
      const AttributeValue* const value = EqualityOn(*test, attribute.name);
      if (!value) continue;
      is_key = true;
      if (!value->Is(ValueTypeOf(attribute.type))) {
        return PlanError(
            "Key attribute's data type should match its data type in table's schema: Key " +
            attribute.name);
      }
      if (!key.emplace(attribute.name, *value).second) {
        return PlanError("Multiple conditions on same key " + attribute.name +
                         ". Only single item Update/Insert/Delete are supported");
      }
    }
    if (!is_key) rest.push_back(*test);
  }
  if (key.size() != schema.All().size()) return IncompleteKey();
  ItemPlan plan;
  KLESS_TRY(plan.key, KeyOf(schema, key));
  if (statement.kind == Statement::Kind::kUpdate) {
    rest.insert(rest.begin(), ExistenceOf(Function::kAttributeExists, schema));
  }
  if (rest.empty() && statement.kind == Statement::Kind::kExists) {
    return PlanError("EXISTS() must contain a single item read with additional condition");
  }
  if (rest.empty()) return plan;
  plan.condition = Combine(Kind::kAnd, std::move(rest));
  if (statement.kind == Statement::Kind::kDelete) {
    std::vector<ConditionNode> either;
    either.push_back(ExistenceOf(Function::kAttributeNotExists, schema));
    either.push_back(std::move(*plan.condition));
    plan.condition = Combine(Kind::kOr, std::move(either));
  }
  return plan;
}

Result<SelectPlan> PlanSelect(const Statement& statement, const KeySchema& schema) {
  const auto conjuncts = ConjunctsOf(statement);
  SelectPlan plan;
  plan.filter = statement.where;
  // Every combination of values of the partition's attributes; without all of them, a scan.
  std::vector<KeyConditions> partitions(1);
  for (const auto& attribute : schema.partition) {
    const auto values = AllowedValues(conjuncts, attribute);
    std::vector<KeyConditions> extended;
    for (const auto& partition : partitions) {
      for (const auto& value : values) {
        if (extended.size() == kRangesMax) {
          return PlanError("Too many decomposed read operations for a given query.");
        }
        extended.push_back(partition);
        extended.back().push_back({attribute.name, KeyOperator::kEqual, {value}});
      }
    }
    partitions = std::move(extended);
  }
  // DynamoDB reads each value of an IN on the sort key by itself; here a filter has the same
  // result.
  for (const auto& attribute : schema.sort) {
    if (partitions.size() * AllowedValues(conjuncts, attribute).size() > kRangesMax) {
      return PlanError("Too many decomposed read operations for a given query.");
    }
  }
  KLESS_TRY_VOID(CheckOrder(statement, schema, partitions.size()));
  const KeyConditions sort = SortConditions(conjuncts, schema);
  for (auto& conditions : partitions) {
    conditions.insert(conditions.end(), sort.begin(), sort.end());
    KLESS_TRY(auto range, MakePartitionRange(conditions, schema));
    plan.ranges.push_back(std::move(range));
  }
  std::sort(
      plan.ranges.begin(), plan.ranges.end(),
      [](const PartitionRange& a, const PartitionRange& b) { return a.partition < b.partition; });
  for (const auto& term : statement.order) {
    const bool is_partition =
        std::any_of(schema.partition.begin(), schema.partition.end(),
                    [&](const auto& attribute) { return attribute.name == term.attribute; });
    if (!is_partition) {
      plan.descending = term.descending;
    } else if (term.descending) {
      std::reverse(plan.ranges.begin(), plan.ranges.end());
    }
  }
  return plan;
}

}  // namespace kless
