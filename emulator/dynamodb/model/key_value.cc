#include "emulator/dynamodb/model/key_value.h"

namespace kless {

char KeyTypeLetter(KeyType type) {
  switch (type) {
    case KeyType::kString:
      return 'S';
    case KeyType::kNumber:
      return 'N';
    case KeyType::kBinary:
      return 'B';
  }
  return 'S';
}

std::optional<KeyType> KeyTypeFromLetter(std::string_view letter) {
  if (letter == "S") return KeyType::kString;
  if (letter == "N") return KeyType::kNumber;
  if (letter == "B") return KeyType::kBinary;
  return std::nullopt;
}

ValueType ValueTypeOf(KeyType type) {
  switch (type) {
    case KeyType::kString:
      return ValueType::kString;
    case KeyType::kNumber:
      return ValueType::kNumber;
    case KeyType::kBinary:
      return ValueType::kBinary;
  }
  return ValueType::kString;
}

std::string KeyBytes(const AttributeValue& value) {
  return value.Is(ValueType::kNumber) ? value.number().ToKeyBytes() : value.bytes();
}

std::optional<AttributeValue> KeyValueFromBytes(KeyType type, std::string_view bytes) {
  switch (type) {
    case KeyType::kString:
      return AttributeValue::String(std::string(bytes));
    case KeyType::kBinary:
      return AttributeValue::Binary(std::string(bytes));
    case KeyType::kNumber:
      break;
  }
  const auto number = Decimal::FromKeyBytes(bytes);
  if (!number) return std::nullopt;
  return AttributeValue::Number(*number);
}

}  // namespace kless
