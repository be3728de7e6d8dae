// Key attributes: their types, and their values as bytes whose order is the order of the values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/value.h"

namespace kless {

enum class KeyType { kString, kNumber, kBinary };  // "S", "N", "B"

// Convert a key type to the letter 'S', 'N' or 'B' and back.
char KeyTypeLetter(KeyType type);
std::optional<KeyType> KeyTypeFromLetter(std::string_view letter);
ValueType ValueTypeOf(KeyType type);

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
constexpr std::size_t kPartitionKeyBytesMax = 2048;
constexpr std::size_t kSortKeyBytesMax = 1024;

// The bytes of an S, N or B: S and B as they are, N as in Decimal::ToKeyBytes.
std::string KeyBytes(const AttributeValue& value);
// The value of such bytes; nullopt if they are not those of a number.
std::optional<AttributeValue> KeyValueFromBytes(KeyType type, std::string_view bytes);

}  // namespace kless
