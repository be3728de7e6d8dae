// Applied in two steps: first all new values are computed from the old item, then they are put into
// a copy along a tree of the actions' paths, so that the positions in a list are those before the
// update.

#include "emulator/dynamodb/model/expression/update.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "emulator/dynamodb/model/expression/evaluator.h"
#include "emulator/dynamodb/model/item_size.h"
#include "emulator/dynamodb/model/stored_item.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless {
namespace {

Error UpdateError(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

Error WrongOperandType() {
  return UpdateError("An operand in the update expression has an incorrect data type");
}

Error WrongPresentType(bool is_legacy) {
  return is_legacy ? UpdateError("Type mismatch for attribute to update") : WrongOperandType();
}

Error InvalidPath() {
  return UpdateError("The document path provided in the update expression is invalid for update");
}

Result<AttributeValue> ComputeOperand(const Operand& operand, const AttributeSource& item);

Result<AttributeValue> ComputeCall(const Operand& call, const AttributeSource& item) {
  if (call.function == Function::kIfNotExists) {
    const AttributeValue* const present = ValueAt(call.arguments[0].path, item);
    if (present) return *present;
    return ComputeOperand(call.arguments[1], item);
  }
  KLESS_TRY(auto first, ComputeOperand(call.arguments[0], item));
  KLESS_TRY(auto second, ComputeOperand(call.arguments[1], item));
  if (!first.Is(ValueType::kList) || !second.Is(ValueType::kList)) return WrongOperandType();
  for (auto& element : second.list()) first.list().push_back(std::move(element));
  return first;
}

Result<AttributeValue> ComputeOperand(const Operand& operand, const AttributeSource& item) {
  if (operand.IsValue()) return *operand.value;
  if (operand.IsFunction()) return ComputeCall(operand, item);
  const AttributeValue* const value = ValueAt(operand.path, item);
  if (value) return *value;
  return UpdateError(
      "The provided expression refers to an attribute that does not exist in the item");
}

Result<AttributeValue> ComputeSet(const UpdateAction& action, const AttributeSource& item) {
  KLESS_TRY(auto left, ComputeOperand(action.operands[0], item));
  if (action.arithmetic == UpdateAction::Arithmetic::kNone) return left;
  if (!left.Is(ValueType::kNumber)) return WrongOperandType();
  KLESS_TRY(const auto right, ComputeOperand(action.operands[1], item));
  if (!right.Is(ValueType::kNumber)) return WrongOperandType();
  KLESS_TRY(const auto result, action.arithmetic == UpdateAction::Arithmetic::kPlus
                                   ? Add(left.number(), right.number())
                                   : Subtract(left.number(), right.number()));
  return AttributeValue::Number(result);
}

// What ADD makes of `present`, which is null if there is nothing yet: then a number is added to 0
// and a set to the empty set.
Result<AttributeValue> ComputeAdd(const AttributeValue& operand, const AttributeValue* present,
                                  bool is_legacy) {
  if (!present) return operand;
  if (present->type() != operand.type()) return WrongPresentType(is_legacy);
  if (operand.Is(ValueType::kNumber)) {
    KLESS_TRY(const auto sum, Add(present->number(), operand.number()));
    return AttributeValue::Number(sum);
  }
  if (!operand.Is(ValueType::kList)) return UnionOf(*present, operand);
  AttributeValue all = *present;
  all.list().insert(all.list().end(), operand.list().begin(), operand.list().end());
  return all;
}

// What becomes of a path: a new value, or nothing (it is removed).
struct Change {
  std::optional<AttributeValue> value;
};

// nullopt: the action changes nothing.
Result<std::optional<Change>> ComputeChange(const UpdateAction& action, const AttributeSource& item,
                                            bool is_legacy) {
  switch (action.kind) {
    case UpdateAction::Kind::kSet: {
      KLESS_TRY(auto value, ComputeSet(action, item));
      return std::optional(Change{std::move(value)});
    }
    case UpdateAction::Kind::kRemove:
      return std::optional(Change{});
    case UpdateAction::Kind::kAdd: {
      KLESS_TRY(auto value,
                ComputeAdd(*action.operands[0].value, ValueAt(action.path, item), is_legacy));
      return std::optional(Change{std::move(value)});
    }
    case UpdateAction::Kind::kDelete:
      break;
  }
  const AttributeValue* const present = ValueAt(action.path, item);
  if (!present) return std::optional<Change>();
  const AttributeValue& operand = *action.operands[0].value;
  if (present->type() != operand.type()) return WrongPresentType(is_legacy);
  return std::optional(Change{DifferenceOf(*present, operand)});
}

// All new values become parts of the item.  They are counted while they are computed: a short
// expression can copy a large attribute a thousand times.
Result<void> CheckNewBytes(const Change& change, std::size_t* bytes) {
  if (change.value) *bytes += SizeOf(*change.value);
  if (*bytes <= kItemBytesMax) return {};
  return UpdateError("Item size to update has exceeded the maximum allowed size");
}

Result<void> CheckDepth(const UpdateAction& action, const Change& change) {
  const int around = static_cast<int>(action.path.size()) - 1;
  if (!change.value || around + CountLevels(*change.value) <= kValueNestingMax) return {};
  return UpdateError("Nesting Levels have exceeded supported limits");
}

// The changes as a tree of the steps that lead to them.
struct ChangeTree {
  std::map<std::string, ChangeTree> names;
  std::map<int, ChangeTree> indexes;
  std::optional<Change> change;
};

Result<void> ApplyTree(ChangeTree& tree, AttributeValue& value);

Result<void> ApplyToMap(std::map<std::string, ChangeTree>& names, AttributeMap& map) {
  for (auto& [name, tree] : names) {
    if (!tree.change) {
      const auto found = map.find(name);
      if (found == map.end()) return InvalidPath();
      KLESS_TRY_VOID(ApplyTree(tree, found->second));
    } else if (tree.change->value) {
      map.insert_or_assign(name, std::move(*tree.change->value));
    } else {
      map.erase(name);
    }
  }
  return {};
}

Result<void> ApplyToList(std::map<int, ChangeTree>& indexes, AttributeValue::List& list) {
  const std::size_t size = list.size();
  std::vector<std::size_t> removed;
  for (auto& [index, tree] : indexes) {
    const auto at = static_cast<std::size_t>(index);
    if (!tree.change) {
      if (at >= size) return InvalidPath();
      KLESS_TRY_VOID(ApplyTree(tree, list[at]));
    } else if (!tree.change->value) {
      if (at < size) removed.push_back(at);
    } else if (at < size) {
      list[at] = std::move(*tree.change->value);
    } else {
      list.push_back(std::move(*tree.change->value));
    }
  }
  std::size_t kept = 0;
  std::size_t next_removed = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (next_removed < removed.size() && removed[next_removed] == i) {
      ++next_removed;
      continue;
    }
    if (kept != i) list[kept] = std::move(list[i]);
    ++kept;
  }
  list.resize(kept);
  return {};
}

Result<void> ApplyTree(ChangeTree& tree, AttributeValue& value) {
  if (!tree.names.empty()) {
    if (!value.Is(ValueType::kMap)) return InvalidPath();
    return ApplyToMap(tree.names, value.map());
  }
  if (!value.Is(ValueType::kList)) return InvalidPath();
  return ApplyToList(tree.indexes, value.list());
}

// An action that changes nothing still needs a path that leads somewhere.
Result<void> CheckParent(const DocumentPath& path, const AttributeSource& item) {
  if (path.size() == 1) return {};
  const DocumentPath parent_path(path.begin(), path.end() - 1);
  const AttributeValue* const parent = ValueAt(parent_path, item);
  const ValueType needed = path.back().is_index() ? ValueType::kList : ValueType::kMap;
  if (!parent || !parent->Is(needed)) return InvalidPath();
  return {};
}

bool OnlyRemoves(const UpdateExpression& update) {
  return !update.actions.empty() &&
         std::all_of(update.actions.begin(), update.actions.end(), [](const auto& action) {
           return action.kind == UpdateAction::Kind::kRemove ||
                  action.kind == UpdateAction::Kind::kDelete;
         });
}

}  // namespace

Result<std::optional<AttributeMap>> ApplyUpdate(const UpdateExpression& update,
                                                const AttributeMap* item) {
  if (!item && OnlyRemoves(update)) return std::optional<AttributeMap>();
  const MapSource source(item);
  ChangeTree tree;
  std::size_t new_bytes = 0;
  for (const auto& action : update.actions) {
    KLESS_TRY(auto change, ComputeChange(action, source, update.is_legacy));
    if (!change) {
      KLESS_TRY_VOID(CheckParent(action.path, source));
      continue;
    }
    // Nothing is there to be removed from an item that does not exist.
    if (!item && !change->value) continue;
    KLESS_TRY_VOID(CheckDepth(action, *change));
    KLESS_TRY_VOID(CheckNewBytes(*change, &new_bytes));
    ChangeTree* node = &tree;
    for (const auto& step : action.path) {
      node = step.is_index() ? &node->indexes[step.index] : &node->names[step.name];
    }
    node->change = std::move(change);
  }
  AttributeMap changed = item ? *item : AttributeMap();
  KLESS_TRY_VOID(ApplyToMap(tree.names, changed));
  return std::optional<AttributeMap>(std::move(changed));
}

Projection PathsOf(const UpdateExpression& update) {
  Projection projection;
  projection.paths.reserve(update.actions.size());
  for (const auto& action : update.actions) projection.paths.push_back(action.path);
  return projection;
}

}  // namespace kless
