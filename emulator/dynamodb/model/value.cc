#include "emulator/dynamodb/model/value.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "emulator/base/check.h"

namespace kless {
namespace {

constexpr std::array<std::string_view, 10> kTypeNames = {"S", "N", "B",  "BOOL", "NULL",
                                                         "M", "L", "SS", "NS",   "BS"};

template <class Elements>
Elements SetUnion(const Elements& a, const Elements& b) {
  Elements all;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  return all;
}

template <class Elements>
Elements SetDifference(const Elements& a, const Elements& b) {
  Elements rest;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(rest));
  return rest;
}

}  // namespace

std::string_view ValueTypeName(ValueType type) {
  return kTypeNames[static_cast<std::size_t>(type)];
}

std::optional<ValueType> ValueTypeFromName(std::string_view name) {
  const auto* const found = std::find(kTypeNames.begin(), kTypeNames.end(), name);
  if (found == kTypeNames.end()) return std::nullopt;
  return static_cast<ValueType>(found - kTypeNames.begin());
}

bool IsSetType(ValueType type) {
  return type == ValueType::kStringSet || type == ValueType::kNumberSet ||
         type == ValueType::kBinarySet;
}

AttributeValue AttributeValue::String(std::string utf8) {
  return {ValueType::kString, std::move(utf8)};
}

AttributeValue AttributeValue::Number(const Decimal& number) {
  return {ValueType::kNumber, number};
}

AttributeValue AttributeValue::Binary(std::string bytes) {
  return {ValueType::kBinary, std::move(bytes)};
}

AttributeValue AttributeValue::Bool(bool value) { return {ValueType::kBool, value}; }

AttributeValue AttributeValue::OfList(List list) { return {ValueType::kList, std::move(list)}; }

AttributeValue AttributeValue::OfMap(Map map) { return {ValueType::kMap, std::move(map)}; }

AttributeValue AttributeValue::StringSet(Strings elements) {
  std::sort(elements.begin(), elements.end());
  return {ValueType::kStringSet, std::move(elements)};
}

AttributeValue AttributeValue::NumberSet(Numbers elements) {
  std::sort(elements.begin(), elements.end());
  return {ValueType::kNumberSet, std::move(elements)};
}

AttributeValue AttributeValue::BinarySet(Strings elements) {
  std::sort(elements.begin(), elements.end());
  return {ValueType::kBinarySet, std::move(elements)};
}

std::size_t AttributeValue::CountElements() const {
  switch (type_) {
    case ValueType::kMap:
      return map().size();
    case ValueType::kList:
      return list().size();
    case ValueType::kStringSet:
    case ValueType::kBinarySet:
      return strings().size();
    case ValueType::kNumberSet:
      return numbers().size();
    default:
      return 0;
  }
}

int CountLevels(const AttributeValue& value) {
  int below = 0;
  if (value.Is(ValueType::kMap)) {
    for (const auto& [name, member] : value.map()) below = std::max(below, CountLevels(member));
  } else if (value.Is(ValueType::kList)) {
    for (const auto& element : value.list()) below = std::max(below, CountLevels(element));
  }
  return below + 1;
}

bool operator==(const AttributeValue& a, const AttributeValue& b) {
  return a.type_ == b.type_ && a.data_ == b.data_;
}

std::optional<std::strong_ordering> Compare(const AttributeValue& a, const AttributeValue& b) {
  if (a.type() != b.type()) return std::nullopt;
  switch (a.type()) {
    case ValueType::kString:
    case ValueType::kBinary:
      // char_traits<char> compares as unsigned char.
      return a.bytes() <=> b.bytes();
    case ValueType::kNumber:
      return a.number() <=> b.number();
    default:
      return std::nullopt;
  }
}

AttributeValue UnionOf(const AttributeValue& a, const AttributeValue& b) {
  KLESS_CHECK(a.type() == b.type() && IsSetType(a.type()), "not two sets of one type");
  switch (a.type()) {
    case ValueType::kNumberSet:
      return AttributeValue::NumberSet(SetUnion(a.numbers(), b.numbers()));
    case ValueType::kStringSet:
      return AttributeValue::StringSet(SetUnion(a.strings(), b.strings()));
    default:
      return AttributeValue::BinarySet(SetUnion(a.strings(), b.strings()));
  }
}

std::optional<AttributeValue> DifferenceOf(const AttributeValue& a, const AttributeValue& b) {
  KLESS_CHECK(a.type() == b.type() && IsSetType(a.type()), "not two sets of one type");
  if (a.type() == ValueType::kNumberSet) {
    auto rest = SetDifference(a.numbers(), b.numbers());
    if (rest.empty()) return std::nullopt;
    return AttributeValue::NumberSet(std::move(rest));
  }
  auto rest = SetDifference(a.strings(), b.strings());
  if (rest.empty()) return std::nullopt;
  if (a.type() == ValueType::kStringSet) return AttributeValue::StringSet(std::move(rest));
  return AttributeValue::BinarySet(std::move(rest));
}

}  // namespace kless
