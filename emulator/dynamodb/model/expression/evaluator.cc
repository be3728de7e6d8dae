#include "emulator/dynamodb/model/expression/evaluator.h"

#include <string.h>  // memmem

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kless {
namespace {

// The value of an operand: one of the item or of the expression, or a computed one.
class OperandValue {
 public:
  OperandValue(const Operand& operand, const AttributeSource& item);
  const AttributeValue* get() const { return computed_ ? &*computed_ : found_; }

 private:
  const AttributeValue* found_ = nullptr;
  std::optional<AttributeValue> computed_;
};

// The length of UTF-8 text as the service counts it, in UTF-16 code units: characters beyond the
// basic plane, which have four bytes, count twice.
std::size_t CountUtf16Units(std::string_view utf8) {
  std::size_t units = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

// Numbers, booleans and NULL have no size.
std::optional<std::size_t> SizeFunction(const AttributeValue& value) {
  switch (value.type()) {
    case ValueType::kString:
      return CountUtf16Units(value.bytes());
    case ValueType::kBinary:
      return value.bytes().size();
    case ValueType::kMap:
    case ValueType::kList:
    case ValueType::kStringSet:
    case ValueType::kNumberSet:
    case ValueType::kBinarySet:
      return value.CountElements();
    default:
      return std::nullopt;
  }
}

OperandValue::OperandValue(const Operand& operand, const AttributeSource& item) {
  switch (operand.kind) {
    case Operand::Kind::kPath:
      found_ = ValueAt(operand.path, item);
      return;
    case Operand::Kind::kValue:
      found_ = operand.value.get();
      return;
    case Operand::Kind::kFunction:
      break;
  }
  // Only size is a function with a value.
  const OperandValue argument(operand.arguments[0], item);
  if (!argument.get()) return;
  const auto size = SizeFunction(*argument.get());
  if (size) computed_ = AttributeValue::Number(Decimal(*size));
}

bool BeginsWith(const AttributeValue& value, const AttributeValue& prefix) {
  const bool is_text = value.Is(ValueType::kString) || value.Is(ValueType::kBinary);
  return is_text && value.type() == prefix.type() && value.bytes().starts_with(prefix.bytes());
}

// std::string::find takes the product of both lengths for texts such as "aaa..ab"; the C library's
// search takes their sum, so that no request of a few hundred kB occupies the loop for minutes.
bool HasPart(const std::string& whole, const std::string& part) {
  return memmem(whole.data(), whole.size(), part.data(), part.size()) != nullptr;
}

bool Contains(const AttributeValue& container, const AttributeValue& value) {
  switch (container.type()) {
    case ValueType::kString:
    case ValueType::kBinary:
      return container.type() == value.type() && HasPart(container.bytes(), value.bytes());
    case ValueType::kStringSet:
    case ValueType::kBinarySet: {
      const bool fits = container.Is(ValueType::kStringSet) ? value.Is(ValueType::kString)
                                                            : value.Is(ValueType::kBinary);
      return fits && std::binary_search(container.strings().begin(), container.strings().end(),
                                        value.bytes());
    }
    case ValueType::kNumberSet:
      return value.Is(ValueType::kNumber) &&
             std::binary_search(container.numbers().begin(), container.numbers().end(),
                                value.number());
    case ValueType::kList:
      return std::find(container.list().begin(), container.list().end(), value) !=
             container.list().end();
    default:
      return false;
  }
}

bool CallHolds(const Operand& call, const AttributeSource& item) {
  const OperandValue first(call.arguments[0], item);
  if (call.function == Function::kAttributeExists) return first.get() != nullptr;
  if (call.function == Function::kAttributeNotExists) return first.get() == nullptr;
  if (!first.get()) return false;
  const OperandValue second(call.arguments[1], item);
  if (!second.get()) return false;
  switch (call.function) {
    case Function::kAttributeType:
      return second.get()->Is(ValueType::kString) &&
             ValueTypeName(first.get()->type()) == second.get()->bytes();
    case Function::kBeginsWith:
      return BeginsWith(*first.get(), *second.get());
    case Function::kContains:
      return Contains(*first.get(), *second.get());
    default:
      return false;
  }
}

// Whether `a` is less than, equal to, or greater than `b`, as the operator asks.
bool OrderHolds(ConditionNode::Kind kind, const AttributeValue& a, const AttributeValue& b) {
  const auto order = Compare(a, b);
  if (!order) return false;
  switch (kind) {
    case ConditionNode::Kind::kLess:
      return *order < 0;
    case ConditionNode::Kind::kLessOrEqual:
      return *order <= 0;
    case ConditionNode::Kind::kGreater:
      return *order > 0;
    case ConditionNode::Kind::kGreaterOrEqual:
      return *order >= 0;
    default:
      return false;
  }
}

bool BetweenHolds(const ConditionNode& test, const AttributeSource& item) {
  const OperandValue value(test.operands[0], item);
  const OperandValue lower(test.operands[1], item);
  const OperandValue upper(test.operands[2], item);
  return value.get() && lower.get() && upper.get() &&
         OrderHolds(ConditionNode::Kind::kGreaterOrEqual, *value.get(), *lower.get()) &&
         OrderHolds(ConditionNode::Kind::kLessOrEqual, *value.get(), *upper.get());
}

bool InHolds(const ConditionNode& test, const AttributeSource& item) {
  const OperandValue value(test.operands[0], item);
  if (!value.get()) return false;
  return std::any_of(test.operands.begin() + 1, test.operands.end(), [&](const Operand& operand) {
    const OperandValue other(operand, item);
    return other.get() && *other.get() == *value.get();
  });
}

bool ComparisonHolds(const ConditionNode& test, const AttributeSource& item) {
  const OperandValue left(test.operands[0], item);
  const OperandValue right(test.operands[1], item);
  if (!left.get() || !right.get()) return test.kind == ConditionNode::Kind::kNotEqual;
  if (test.kind == ConditionNode::Kind::kEqual) return *left.get() == *right.get();
  if (test.kind == ConditionNode::Kind::kNotEqual) return *left.get() != *right.get();
  return OrderHolds(test.kind, *left.get(), *right.get());
}

}  // namespace

const AttributeValue* ValueAt(const DocumentPath& path, const AttributeSource& item) {
  const AttributeValue* value = item.Find(path[0].name);
  for (std::size_t i = 1; i < path.size() && value; ++i) {
    const PathStep& step = path[i];
    if (step.is_index()) {
      const auto index = static_cast<std::size_t>(step.index);
      const bool has = value->Is(ValueType::kList) && index < value->list().size();
      value = has ? &value->list()[index] : nullptr;
    } else {
      if (!value->Is(ValueType::kMap)) return nullptr;
      const auto found = value->map().find(step.name);
      value = found == value->map().end() ? nullptr : &found->second;
    }
  }
  return value;
}

bool Holds(const ConditionNode& condition, const AttributeSource& item) {
  const auto holds = [&](const ConditionNode& each) { return Holds(each, item); };
  switch (condition.kind) {
    case ConditionNode::Kind::kAnd:
      return std::all_of(condition.conditions.begin(), condition.conditions.end(), holds);
    case ConditionNode::Kind::kOr:
      return std::any_of(condition.conditions.begin(), condition.conditions.end(), holds);
    case ConditionNode::Kind::kNot:
      return !holds(condition.conditions[0]);
    case ConditionNode::Kind::kBetween:
      return BetweenHolds(condition, item);
    case ConditionNode::Kind::kIn:
      return InHolds(condition, item);
    case ConditionNode::Kind::kFunction:
      return CallHolds(condition.operands[0], item);
    default:
      return ComparisonHolds(condition, item);
  }
}

}  // namespace kless
