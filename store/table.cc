#include "store/table.h"

#include <utility>

#include "store/item/key_number.h"

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

Result<std::string> EncodeKeyValue(KeyType type, std::string_view text, bool is_partition) {
  if (type == KeyType::kNumber) return EncodeNumber(text);
  const char* const part = is_partition ? "partition" : "sort";
  if (text.empty()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     std::string("a ") + part + " key must not be empty");
  }
  const std::size_t bytes_max = is_partition ? kPartitionKeyBytesMax : kSortKeyBytesMax;
  if (text.size() > bytes_max) {
    return MakeError(ErrorCode::kInvalidArgument,
                     std::string("a ") + part + " key of " + std::to_string(text.size()) +
                         " bytes; there can be " + std::to_string(bytes_max));
  }
  return std::string(text);
}

Result<void> CheckLimit(int limit) {
  if (limit >= 1 && limit <= kPageItemsMax) return {};
  return MakeError(
      ErrorCode::kInvalidArgument,
      "limit " + std::to_string(limit) + " is not between 1 and " + std::to_string(kPageItemsMax));
}

std::string DecodeKeyValue(KeyType type, std::string_view bytes) {
  return type == KeyType::kNumber ? DecodeNumber(bytes) : std::string(bytes);
}

}  // namespace kless
