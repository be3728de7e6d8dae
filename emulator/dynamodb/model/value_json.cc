#include "emulator/dynamodb/model/value_json.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

Error Refuse(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

Error RefuseParameter(const std::string& what) {
  return Refuse("One or more parameter values were invalid: " + what);
}

// ---- The JSON types of values.

// "NUMBER_VALUE cannot be converted to String": how the service names a scalar of the wrong type.
Error WrongScalar(element value, std::string_view wanted) {
  const std::string type(wanted);
  switch (value.type()) {
    case element_type::BOOL:
      return Refuse((bool(value) ? "TRUE_VALUE" : "FALSE_VALUE") +
                    (" cannot be converted to " + type));
    case element_type::INT64:
    case element_type::UINT64:
      return Refuse("NUMBER_VALUE cannot be converted to " + type);
    case element_type::DOUBLE: {
      const double number = value;
      return Refuse((number == std::floor(number) ? "NUMBER_VALUE" : "DECIMAL_VALUE") +
                    (" cannot be converted to " + type));
    }
    case element_type::STRING:
      return Refuse("STRING_VALUE cannot be converted to " + type);
    case element_type::ARRAY:
      return Refuse("Unrecognized collection type class java.lang." + type);
    default:
      return Refuse("Start of structure or map found where not expected");
  }
}

// The value of a Base64 character, or -1.
int SextetOf(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

// Only canonical text is accepted: padded, nothing after the padding, unused bits 0.
Result<std::string> DecodeBinary(std::string_view text) {
  if (text.size() % 4 != 0) {
    return Refuse("Base64 encoded length is expected a multiple of 4 bytes but found: " +
                  std::to_string(text.size()));
  }
  std::size_t significant = text.size();
  while (significant > 0 && text.size() - significant < 2 && text[significant - 1] == '=') {
    --significant;
  }
  std::string bytes;
  bytes.reserve(significant * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text.substr(0, significant)) {
    const int sextet = SextetOf(c);
    if (sextet < 0) return Refuse("Invalid Base64 character detected");
    bits = bits << 6 | static_cast<std::uint32_t>(sextet);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>(bits >> count & 0xff));
    }
  }
  if ((bits & ((1u << count) - 1)) != 0) {
    return Refuse("Invalid last non-pad Base64 character dectected");  // sic
  }
  return bytes;
}

Result<void> CheckBinaryType(element value) {
  switch (value.type()) {
    case element_type::STRING: {
      KLESS_TRY_VOID(DecodeBinary(value.get_string().value_unsafe()));
      return {};
    }
    case element_type::ARRAY:
      return Refuse("Unrecognized collection type class java.nio.ByteBuffer");
    case element_type::OBJECT:
      return Refuse("Start of structure or map found where not expected");
    default:
      return Refuse("only base-64-encoded strings are convertible to bytes");
  }
}

Result<void> CheckStringType(element value) {
  if (value.is_string()) return {};
  return WrongScalar(value, "String");
}

// Booleans may be spelled as strings.
std::optional<bool> ReadBoolean(element value) {
  if (value.is_bool()) return bool(value);
  if (!value.is_string()) return std::nullopt;
  const std::string text = LowerCase(std::string(value.get_string().value_unsafe()));
  if (text == "true" || text == "1" || text == "yes") return true;
  if (text == "false" || text == "0" || text == "no") return false;
  return std::nullopt;
}

Result<void> CheckBooleanType(element value) {
  if (ReadBoolean(value)) return {};
  if (value.is_string()) return Refuse("Unexpected token received from parser");
  return WrongScalar(value, "Boolean");
}

template <class Check>
Result<void> CheckListType(element value, Check check) {
  if (value.is_object()) return Refuse("Start of structure or map found where not expected");
  if (!value.is_array()) return Refuse("Unexpected field type");
  for (const element each : simdjson::dom::array(value)) {
    if (each.is_null()) continue;
    KLESS_TRY_VOID(check(each));
  }
  return {};
}

// A parser bounds the depth of what arrives here, so the recursion is bounded, too.
Result<void> CheckMapType(element value) {
  if (value.is_array()) {
    return Refuse(
        "Unrecognized collection type java.util.Map<java.lang.String, "
        "com.amazonaws.dynamodb.v20120810.AttributeValue>");
  }
  if (!value.is_object()) return Refuse("Unexpected field type");
  for (const auto [name, member] : simdjson::dom::object(value)) {
    if (member.is_null()) continue;
    KLESS_TRY_VOID(CheckValueTypes(member));
  }
  return {};
}

Result<void> CheckMemberType(ValueType type, element value) {
  switch (type) {
    case ValueType::kString:
    case ValueType::kNumber:
      return CheckStringType(value);
    case ValueType::kBinary:
      return CheckBinaryType(value);
    case ValueType::kBool:
    case ValueType::kNull:
      return CheckBooleanType(value);
    case ValueType::kStringSet:
    case ValueType::kNumberSet:
      return CheckListType(value, CheckStringType);
    case ValueType::kBinarySet:
      return CheckListType(value, CheckBinaryType);
    case ValueType::kList:
      return CheckListType(value, CheckValueTypes);
    case ValueType::kMap:
      return CheckMapType(value);
  }
  return {};
}

// ---- What values say.

// Where a value stands, and how its errors are worded.
struct Reading {
  int level = 1;  // 1 for an attribute, 2 for an element of its list or map, and so on
  ErrorTexts texts = ErrorTexts::kOlder;

  Reading Deeper() const { return {level + 1, texts}; }
};

Result<AttributeValue> ReadAtLevel(element value, Reading reading);

// "[a, a]": how messages show what a client sent.
std::string ShowTexts(const AttributeValue::Strings& texts, std::string_view quote,
                      std::string_view separator) {
  std::string shown = "[";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) shown += separator;
    shown += quote;
    shown += texts[i];
    shown += quote;
  }
  return shown + "]";
}

// The current code collects the elements in an ordered set until one is there already: it shows
// that set, the element, and the rest as the client listed it.
AttributeValue::Strings CollectedUpToTheRepeat(const AttributeValue::Strings& elements) {
  std::set<std::string> collected;
  std::size_t repeat = 0;
  while (repeat < elements.size() && collected.insert(elements[repeat]).second) ++repeat;
  AttributeValue::Strings shown(collected.begin(), collected.end());
  shown.insert(shown.end(), elements.begin() + static_cast<std::ptrdiff_t>(repeat), elements.end());
  return shown;
}

Result<Decimal> ReadNumber(std::string_view text, ErrorTexts texts) {
  auto number = Decimal::Parse(text);
  if (number.has_error() && text.empty() && texts == ErrorTexts::kCurrent) {
    return Refuse(number.error().message + ": ");
  }
  return number;
}

std::vector<std::string_view> ReadTexts(element value) {
  std::vector<std::string_view> texts;
  const auto array = value.get_array().value_unsafe();
  texts.reserve(array.size());
  for (const element each : array) {
    // An element that is null has no text: the empty string stands for it.
    texts.push_back(each.is_string() ? each.get_string().value_unsafe() : std::string_view());
  }
  return texts;
}

bool HasNull(element set) {
  const auto array = set.get_array().value_unsafe();
  return std::any_of(array.begin(), array.end(), [](element each) { return each.is_null(); });
}

template <class Elements>
bool HasDuplicates(Elements elements) {
  std::sort(elements.begin(), elements.end());
  return std::adjacent_find(elements.begin(), elements.end()) != elements.end();
}

Result<AttributeValue> ReadStringSet(element value, ErrorTexts wording) {
  const auto texts = ReadTexts(value);
  if (texts.empty()) return RefuseParameter("An string set  may not be empty");
  KLESS_TRY(auto set, StringSetOf({texts.begin(), texts.end()}, wording));
  if (HasNull(value))
    return RefuseParameter("An string set may not have a null string as a member");
  return set;
}

Result<AttributeValue> ReadNumberSet(element value, ErrorTexts wording) {
  const auto texts = ReadTexts(value);
  if (texts.empty()) return RefuseParameter("An number set  may not be empty");
  AttributeValue::Numbers numbers;
  numbers.reserve(texts.size());
  for (const auto text : texts) {
    KLESS_TRY(const auto number, ReadNumber(text, wording));
    numbers.push_back(number);
  }
  return NumberSetOf(std::move(numbers), wording);
}

Result<AttributeValue> ReadBinarySet(element value, ErrorTexts wording) {
  const auto texts = ReadTexts(value);
  if (texts.empty()) return RefuseParameter("Binary sets should not be empty");
  AttributeValue::Strings elements;
  elements.reserve(texts.size());
  for (const auto text : texts) {
    KLESS_TRY(auto bytes, DecodeBinary(text));
    elements.push_back(std::move(bytes));
  }
  KLESS_TRY(auto set, BinarySetOf(std::move(elements), wording));
  if (HasNull(value)) return RefuseParameter("Binary sets may not contain null or empty values");
  return set;
}

Result<AttributeValue> ReadList(element value, Reading reading) {
  AttributeValue::List list;
  const auto array = value.get_array().value_unsafe();
  list.reserve(array.size());
  for (const element each : array) {
    KLESS_TRY(auto read, ReadAtLevel(each, reading));
    list.push_back(std::move(read));
  }
  return AttributeValue::OfList(std::move(list));
}

Result<AttributeMap> ReadMembers(element value, Reading reading) {
  AttributeMap map;
  for (const auto [name, member] : simdjson::dom::object(value)) {
    if (member.is_null()) continue;
    KLESS_TRY_VOID(CheckAttributeName(name));
    KLESS_TRY(auto read, ReadAtLevel(member, reading));
    // Clients mostly send sorted names.  Of two members with one name the last one counts.
    map.insert_or_assign(map.end(), std::string(name), std::move(read));
  }
  return map;
}

Result<AttributeValue> ReadMember(ValueType type, element value, Reading reading) {
  switch (type) {
    case ValueType::kString:
      return AttributeValue::String(std::string(value.get_string().value_unsafe()));
    case ValueType::kNumber: {
      KLESS_TRY(const auto number, ReadNumber(value.get_string().value_unsafe(), reading.texts));
      return AttributeValue::Number(number);
    }
    case ValueType::kBinary: {
      KLESS_TRY(auto bytes, DecodeBinary(value.get_string().value_unsafe()));
      return AttributeValue::Binary(std::move(bytes));
    }
    case ValueType::kBool:
      return AttributeValue::Bool(*ReadBoolean(value));
    case ValueType::kNull:
      if (!*ReadBoolean(value)) {
        return RefuseParameter("Null attribute value types must have the value of true");
      }
      return AttributeValue::Null();
    case ValueType::kStringSet:
      return ReadStringSet(value, reading.texts);
    case ValueType::kNumberSet:
      return ReadNumberSet(value, reading.texts);
    case ValueType::kBinarySet:
      return ReadBinarySet(value, reading.texts);
    case ValueType::kList:
      return ReadList(value, reading.Deeper());
    case ValueType::kMap: {
      KLESS_TRY(auto map, ReadMembers(value, reading.Deeper()));
      return AttributeValue::OfMap(std::move(map));
    }
  }
  return AttributeValue();
}

// Whether the members of the value's type can be read as that type.  Lists and maps are checked as
// far as this value is concerned; their elements are read, and checked, one by one.
Result<void> CheckShallowType(ValueType type, element value) {
  switch (type) {
    case ValueType::kList:
      return value.is_array() ? Result<void>() : CheckMemberType(type, value);
    case ValueType::kMap:
      return value.is_object() ? Result<void>() : CheckMemberType(type, value);
    case ValueType::kBinary:
      return value.is_string() ? Result<void>() : CheckBinaryType(value);
    default:
      return CheckMemberType(type, value);
  }
}

Error EmptyValue() {
  return Refuse(
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
}

Result<AttributeValue> ReadAtLevel(element value, Reading reading) {
  if (!value.is_object()) {
    KLESS_TRY_VOID(CheckValueTypes(value));
    return EmptyValue();
  }
  if (reading.level > kValueNestingMax) return NestingError();
  const simdjson::dom::object object(value);
  if (object.size() == 1) {
    // Most values are strings.
    const auto only = object.begin();
    if (only.key() == "S" && only.value().is_string()) {
      return AttributeValue::String(std::string(only.value().get_string().value_unsafe()));
    }
  }
  std::optional<AttributeValue> read;
  bool several = false;
  for (const auto [name, member] : object) {
    const auto type = ValueTypeFromName(name);
    if (!type || member.is_null()) continue;
    KLESS_TRY_VOID(CheckShallowType(*type, member));
    KLESS_TRY(auto of_member, ReadMember(*type, member, reading));
    several = several || read.has_value();
    read = std::move(of_member);
  }
  if (!read) return EmptyValue();
  if (several) {
    return Refuse(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
        "supported datatypes");
  }
  return std::move(*read);
}

// ---- Writing.

template <class Elements, class Append>
void AppendArray(const Elements& elements, std::string& out, Append append) {
  out += '[';
  bool first = true;
  for (const auto& each : elements) {
    if (!first) out += ',';
    first = false;
    append(each);
  }
  out += ']';
}

void AppendNumber(const Decimal& number, std::string& out) {
  out += '"';
  number.AppendText(out);
  out += '"';
}

void AppendBinary(const std::string& bytes, std::string& out) {
  out += '"';
  out += Base64Encode(bytes);
  out += '"';
}

void AppendContents(const AttributeValue& value, std::string& out) {
  switch (value.type()) {
    case ValueType::kString:
      return AppendJsonString(out, value.bytes());
    case ValueType::kNumber:
      return AppendNumber(value.number(), out);
    case ValueType::kBinary:
      return AppendBinary(value.bytes(), out);
    case ValueType::kBool:
      out += value.boolean() ? "true" : "false";
      return;
    case ValueType::kNull:
      out += "true";
      return;
    case ValueType::kStringSet:
      return AppendArray(value.strings(), out,
                         [&](const auto& each) { AppendJsonString(out, each); });
    case ValueType::kNumberSet:
      return AppendArray(value.numbers(), out, [&](const auto& each) { AppendNumber(each, out); });
    case ValueType::kBinarySet:
      return AppendArray(value.strings(), out, [&](const auto& each) { AppendBinary(each, out); });
    case ValueType::kList:
      return AppendArray(value.list(), out, [&](const auto& each) { AppendJson(each, out); });
    case ValueType::kMap:
      return AppendJson(value.map(), out);
  }
}

Error NotNormalised(std::string_view text) {
  return MakeError(ErrorCode::kInternal,
                   "stored text is not a DynamoDB value: " + std::string(text.substr(0, 80)));
}

}  // namespace

Error NestingError() {
  return Refuse(
      "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels "
      "beyond supported limit");
}

Result<void> CheckValueTypes(element value) {
  if (value.is_array()) {
    return Refuse(
        "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue");
  }
  if (value.is_null()) return {};
  if (!value.is_object()) return Refuse("Unexpected value type in payload");
  for (const auto [name, member] : simdjson::dom::object(value)) {
    const auto type = ValueTypeFromName(name);
    if (!type || member.is_null()) continue;
    KLESS_TRY_VOID(CheckMemberType(*type, member));
  }
  return {};
}

Result<void> CheckItemTypes(element item) { return CheckMapType(item); }

Result<AttributeValue> ReadValue(element value, ErrorTexts texts) {
  return ReadAtLevel(value, {.texts = texts});
}

Result<AttributeMap> ReadItem(element item, ErrorTexts texts) {
  if (!item.is_object()) {
    KLESS_TRY_VOID(CheckMapType(item));
  }
  return ReadMembers(item, {.texts = texts});
}

Result<AttributeValue> StringSetOf(AttributeValue::Strings elements, ErrorTexts texts) {
  if (HasDuplicates(elements)) {
    const std::string shown = texts == ErrorTexts::kCurrent
                                  ? ShowTexts(CollectedUpToTheRepeat(elements), "\"", ", ")
                                  : ShowTexts(elements, "", ", ");
    return RefuseParameter("Input collection " + shown + " contains duplicates.");
  }
  return AttributeValue::StringSet(std::move(elements));
}

Result<AttributeValue> NumberSetOf(AttributeValue::Numbers elements, ErrorTexts texts) {
  if (HasDuplicates(elements)) {
    if (texts == ErrorTexts::kOlder) return Refuse("Input collection contains duplicates");
    return RefuseParameter("Input collection contains duplicates.");
  }
  return AttributeValue::NumberSet(std::move(elements));
}

Result<AttributeValue> BinarySetOf(AttributeValue::Strings elements, ErrorTexts texts) {
  if (HasDuplicates(elements)) {
    const bool is_current = texts == ErrorTexts::kCurrent;
    if (is_current) elements = CollectedUpToTheRepeat(elements);
    for (std::string& element : elements) element = Base64Encode(element);
    const std::string shown =
        is_current ? ShowTexts(elements, "\"", ",") : ShowTexts(elements, "", ", ");
    return RefuseParameter("Input collection " + shown + "of type BS contains duplicates.");  // sic
  }
  return AttributeValue::BinarySet(std::move(elements));
}

Result<void> CheckAttributeName(std::string_view name) {
  if (name.empty()) return Refuse("Empty attribute name");
  if (name.size() <= kAttributeNameBytesMax) return {};
  return RefuseParameter("Attribute name is too large, must be less than 65536 bytes");
}

void AppendJson(const AttributeValue& value, std::string& out) {
  out += "{\"";
  out += ValueTypeName(value.type());
  out += "\":";
  AppendContents(value, out);
  out += '}';
}

void AppendJson(const AttributeMap& item, std::string& out) {
  out += '{';
  bool first = true;
  for (const auto& [name, value] : item) {
    if (!first) out += ',';
    first = false;
    AppendJsonString(out, name);
    out += ':';
    AppendJson(value, out);
  }
  out += '}';
}

std::string ToJson(const AttributeValue& value) {
  std::string text;
  AppendJson(value, text);
  return text;
}

std::string ToJson(const AttributeMap& item) {
  std::string text;
  AppendJson(item, text);
  return text;
}

Result<AttributeValue> ParseValue(std::string_view text, PaddedParser& parser) {
  element root;
  if (!parser.Parse(text, root)) return NotNormalised(text);
  auto value = ReadValue(root);
  if (value.has_error()) return NotNormalised(text);
  return value;
}

Result<AttributeMap> ParseItem(std::string_view text, PaddedParser& parser) {
  if (text.empty()) return AttributeMap();
  element root;
  if (!parser.Parse(text, root)) return NotNormalised(text);
  auto item = ReadItem(root);
  if (item.has_error()) return NotNormalised(text);
  return item;
}

}  // namespace kless
