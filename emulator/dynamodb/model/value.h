// AttributeValue: a value of an attribute, as a tree.
//
// Equality and order are those of DynamoDB: numbers compare as numbers, sets without order, values
// of different types are never equal.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "emulator/dynamodb/model/decimal.h"

namespace kless {

enum class ValueType {
  kString,
  kNumber,
  kBinary,
  kBool,
  kNull,
  kMap,
  kList,
  kStringSet,
  kNumberSet,
  kBinarySet,
};
// "S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS".
std::string_view ValueTypeName(ValueType type);
std::optional<ValueType> ValueTypeFromName(std::string_view name);
bool IsSetType(ValueType type);

class AttributeValue {
 public:
  using List = std::vector<AttributeValue>;
  using Map = std::map<std::string, AttributeValue, std::less<>>;
  using Strings = std::vector<std::string>;
  using Numbers = std::vector<Decimal>;

  // {"NULL": true}
  AttributeValue() = default;
  static AttributeValue String(std::string utf8);
  static AttributeValue Number(const Decimal& number);
  static AttributeValue Binary(std::string bytes);
  static AttributeValue Bool(bool value);
  static AttributeValue Null() { return {}; }
  static AttributeValue OfList(List list);
  static AttributeValue OfMap(Map map);
  // The elements may come in any order; they are kept sorted.  There must be no duplicates (see
  // value_json.h, which checks what clients send) and at least one element.
  static AttributeValue StringSet(Strings elements);
  static AttributeValue NumberSet(Numbers elements);
  static AttributeValue BinarySet(Strings elements);

  ValueType type() const { return type_; }
  bool Is(ValueType type) const { return type_ == type; }

  // Each accessor requires its type.
  const std::string& bytes() const { return std::get<std::string>(data_); }  // S, B: not base64
  const Decimal& number() const { return std::get<Decimal>(data_); }         // N
  bool boolean() const { return std::get<bool>(data_); }                     // BOOL
  const List& list() const { return std::get<List>(data_); }                 // L
  List& list() { return std::get<List>(data_); }
  const Map& map() const { return std::get<Map>(data_); }  // M
  Map& map() { return std::get<Map>(data_); }
  const Strings& strings() const { return std::get<Strings>(data_); }  // SS, BS: sorted
  const Numbers& numbers() const { return std::get<Numbers>(data_); }  // NS: sorted

  // The number of elements of a set, list or map.
  std::size_t CountElements() const;

  friend bool operator==(const AttributeValue&, const AttributeValue&);

 private:
  using Data =
      std::variant<std::monostate, bool, std::string, Decimal, Strings, Numbers, List, Map>;

  AttributeValue(ValueType type, Data data) : type_(type), data_(std::move(data)) {}

  ValueType type_ = ValueType::kNull;
  Data data_;
};

// An item, or the attributes of a map: sorted by the bytes of their names.
using AttributeMap = AttributeValue::Map;

// The levels of a document: one, and one more around the elements of an L or M.
int CountLevels(const AttributeValue& value);

// Order exists within S (UTF-8 bytes), N and B (unsigned bytes); for all else this is nullopt.
std::optional<std::strong_ordering> Compare(const AttributeValue& a, const AttributeValue& b);

// Both take two sets of one type.  The difference has the elements of `a` that `b` does not have;
// if there are none it is nullopt, since no set is empty.
AttributeValue UnionOf(const AttributeValue& a, const AttributeValue& b);
std::optional<AttributeValue> DifferenceOf(const AttributeValue& a, const AttributeValue& b);

}  // namespace kless
